"""How things are asked, as plans (effects.py): once, page by page, or as a stream that is taken up again."""

import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast
from urllib.parse import quote
from uuid import uuid4

from caselli.client import retry
from caselli.client.effects import Answer, Give, LineLost, Part, Plan, Request, Send, Sleep
from caselli.client.problem import problem_of, unreachable
from caselli.client.reading import plain, read
from caselli.client.retry import Patience

T = TypeVar("T")
PREFIX = "/api/v1"
KEY_HEADER = "Idempotency-Key"
_NAMES = re.compile(r"{(\w+)}")
_SAFE_AGAIN = frozenset({"GET", "PUT", "PATCH", "DELETE"})
"""Done twice they come to the same: our PATCH says what shall be, and never how much more."""


@dataclass(frozen=True)
class Operation(Generic[T]):
    """One operation of the OpenAPI document: ``name`` is its operationId, ``path`` stands below ``/api/v1``.

    ``answer``: what its answer is read as; bytes: a file; None's type: nothing is in it. ``query``: the names of what
    goes into the address of other methods than GET. ``keyed``: repeated with its Idempotency-Key it is done once.
    """

    name: str
    method: str
    path: str
    answer: type[T]
    query: frozenset[str] = frozenset()
    keyed: bool = False

    @property
    def in_path(self) -> tuple[str, ...]:
        return tuple(_NAMES.findall(self.path))

    def request(
        self,
        named: Mapping[str, Any],
        parts: tuple[Part, ...] = (),
        idempotency_key: str | None = None,
        said: Mapping[str, Any] | None = None,
    ) -> Request:
        """``named``: everything by its name in the OpenAPI document; None is left out. ``said``: the body in which
        None says something.
        """
        given = {name: value for name, value in named.items() if value is not None}
        path = _NAMES.sub(lambda found: quote(str(given[found[1]]), safe="*"), self.path)
        rest = {name: value for name, value in given.items() if name not in self.in_path}
        asked = rest if self.method == "GET" else {name: rest[name] for name in rest.keys() & self.query}
        body = {name: plain(value) for name, value in (rest | dict(said or {})).items() if name not in asked}
        headers = {KEY_HEADER: idempotency_key or str(uuid4())} if self.keyed else {}
        return Request(
            self.method,
            PREFIX + path,
            tuple(pair for name in sorted(asked) for pair in _asked(name, asked[name])),
            headers,
            json=body if (body or said is not None) and not parts else None,
            form={name: value if isinstance(value, str) else json.dumps(value) for name, value in body.items()}
            if parts
            else {},
            parts=parts,
        )


def _asked(name: str, value: Any) -> list[tuple[str, str]]:
    value = plain(value)
    if isinstance(value, list):
        return [(name, str(one)) for one in value]
    return [(name, str(value).lower() if isinstance(value, bool) else str(value))]


def ask(
    operation: Operation[T],
    patience: Patience,
    named: Mapping[str, Any],
    parts: tuple[Part, ...] = (),
    idempotency_key: str | None = None,
    said: Mapping[str, Any] | None = None,
) -> Plan[T]:
    """Raises Problem."""
    request = operation.request(named, parts, idempotency_key, said)
    answer = yield from answered(request, patience, repeatable=operation.keyed or operation.method in _SAFE_AGAIN)
    if operation.answer is bytes:
        return cast("T", answer.body)
    if operation.answer is type(None):
        return None
    return read(operation.answer, _json(answer))


def every(
    operation: Operation[Any], patience: Patience, named: Mapping[str, Any], cursor: str = "cursor"
) -> Plan[None]:
    """Gives the items of a list, a page at a time. ``cursor``: what the next of a page is called. Raises Problem."""
    asked = dict(named)
    while True:
        page = yield from ask(operation, patience, asked)
        for item in page.items:
            yield Give(item)
        if page.next is None:
            return
        asked[cursor] = page.next


def answered(request: Request, patience: Patience, *, repeatable: bool) -> Plan[Answer]:
    """A good answer, after as many tries as it takes. Raises Problem."""
    tries = 0
    while True:
        tries += 1
        chance = random.random()  # noqa: S311 - spreads clients, keeps no secret
        try:
            answer: Answer = yield Send(request)
        except LineLost as lost:
            pause = retry.pause_after_loss(lost, tries, patience, chance, repeatable=repeatable)
            if pause is None:
                raise unreachable(str(lost)) from lost
        else:
            if answer.status < 400:
                return answer
            problem = problem_of(answer)
            pause = retry.pause_after_answer(answer, problem.slug, tries, patience, chance, repeatable=repeatable)
            if pause is None:
                raise problem
        yield Sleep(pause)


def _json(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except ValueError:
        raise problem_of(answer) from None
