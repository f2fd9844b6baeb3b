"""What comes in a request, before anything acts on it: its kind, its size, and texts that a database can keep."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn, cast

from django.http import HttpRequest
from ninja.parser import Parser
from ninja.types import DictStrAny

from caselli.doors.api import problems
from caselli.doors.api.problem_kinds import ProblemKind
from caselli.doors.api.problems import Fault, Problem

if TYPE_CHECKING:
    from django.utils.datastructures import MultiValueDict

PREFIX = "/api/v1"
LARGEST_JSON = 1_000_000
LARGEST_JSON_WITH_FILES = 64_000_000
"""Bytes; files stand in base64 in it, a third longer than they are."""
WITH_FILES = frozenset({"/api/v1/faxes"})
DEEPEST = 20
MOST_PARTS = 50_000
"""Commas and brackets: what is small in JSON is twenty times as large in memory."""
_KINDS = {413: ProblemKind.REQUEST_TOO_LARGE, 408: ProblemKind.REQUEST_TOO_SLOW}
_JSON, _MULTIPART = "application/json", "multipart/form-data"


class ReadRequest(HttpRequest):
    """``parsed``: its JSON."""

    parsed: Any


class CheckedParser(Parser):
    """ninja's, of what :func:`read` has read."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        if hasattr(request, "parsed"):
            return cast("DictStrAny", cast("ReadRequest", request).parsed)
        return super().parse_body(request)  # a part of a multipart form, in JSON

    def parse_querydict(
        self, data: "MultiValueDict[str, Any]", list_fields: list[str], request: HttpRequest
    ) -> DictStrAny:
        for name, values in data.lists():
            for one in (name, *values):
                check_text(one if isinstance(one, str) else str(getattr(one, "name", "")), name)
        return super().parse_querydict(data, list_fields, request)


def is_ours(path: str) -> bool:
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def largest(path: str, content_type: str) -> int | None:
    """Bytes of a body at this address of the API; None: as the pages have it (project/body.py)."""
    if not is_ours(path):
        return None
    if content_type.partition(";")[0].strip().lower() == _MULTIPART:
        return None
    return LARGEST_JSON_WITH_FILES if path in WITH_FILES else LARGEST_JSON


def told(path: str, status: int, words: str) -> tuple[str, bytes] | None:
    """How a body that is refused while it comes in is answered."""
    if not is_ours(path):
        return None
    kind = _KINDS.get(status, ProblemKind.UNAVAILABLE)
    if kind is ProblemKind.REQUEST_TOO_LARGE:
        words = f"The body is larger than the {largest(path, _JSON):,} bytes that JSON may have here, or the files are."
    faults = (Fault(kind, words),)
    return problems.MEDIA_TYPE, json.dumps(problems.shape(path, faults, status)).encode()


def read(request: HttpRequest) -> None:
    """JSON is parsed; a form is left to Django's parser, which streams. Raises Problem."""
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if length == 0 or request.content_type == _MULTIPART:
        return
    if request.content_type != _JSON:
        raise Problem(
            ProblemKind.MEDIA_TYPE_UNKNOWN,
            f"The body is {(request.content_type or 'of no kind that is said')[:80]}.",
            headers={"Accept-Post": f"{_JSON}, {_MULTIPART}"},
        )
    most = largest(request.path_info, _JSON)
    assert most is not None
    if length > most:
        raise Problem(ProblemKind.REQUEST_TOO_LARGE, f"JSON may have {most:,} bytes here.")
    body = request.read(length)
    cast("ReadRequest", request).parsed = parse(body)
    request._body = body  # noqa: SLF001 - beyond Django's bound, which is for forms


def parse(body: bytes) -> Any:
    """Raises Problem."""
    if body.count(b",") + body.count(b"[") + body.count(b"{") > MOST_PARTS:
        raise Problem(ProblemKind.REQUEST_TOO_LARGE, f"JSON may have {MOST_PARTS:,} parts.")
    try:
        parsed = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise Problem(ProblemKind.JSON_INVALID, f"The body is not UTF-8: byte {error.start}.") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Problem(ProblemKind.JSON_INVALID, f"The body breaks off as JSON at {place}: {error.msg}.") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:  # a number of thousands of digits, or none
        raise Problem(ProblemKind.JSON_INVALID, f"A number cannot be read: {str(error)[:100]}.") from None
    for text, where in _texts(parsed):
        check_text(text, where)
    return parsed


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _too_deep() -> Problem:
    return Problem(ProblemKind.JSON_INVALID, f"The JSON is nested more than {DEEPEST} levels deep.")


def _texts(parsed: Any) -> Iterator[tuple[str, str]]:
    """All texts with the name of the field they stand in."""
    level: list[tuple[Any, str]] = [(parsed, "")]
    for _ in range(DEEPEST + 1):
        below: list[tuple[Any, str]] = []
        for one, where in level:
            if isinstance(one, str):
                yield one, where
            elif isinstance(one, dict):
                yield from ((name, name) for name in one)
                below += [(value, f"{where}.{name}" if where else name) for name, value in one.items()]
            elif isinstance(one, list):
                below += [(value, f"{where}[{position}]") for position, value in enumerate(one)]
        level = below
    if level:
        raise _too_deep()


def check_text(text: str, field: str) -> None:
    """PostgreSQL keeps no NUL, and half of a surrogate pair is no character."""
    if "\0" in text or (not text.isascii() and any("\ud800" <= one <= "\udfff" for one in text)):
        shown = field if field.isprintable() and "\0" not in field else ""
        raise Problem(
            ProblemKind.FIELD_INVALID,
            "A text holds a character that no text can have: NUL, or half of a surrogate pair.",
            "Leave that character out.",
            shown[:200],
        )
