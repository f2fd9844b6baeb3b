"""Links of the OpenAPI document: what can be asked after an answer, and with what of it.

Most of them follow from the addresses. An answer that has an object of ``/faxes`` leads to all that is at
``/faxes/{id}`` and below; one about an object leads back to it; a list leads to its first object, and to its next page.
What addresses do not tell, an operation says itself, by :func:`after`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ninja import Schema

Node = dict[str, Any]
_Function = TypeVar("_Function", bound=Callable[..., Any])

_BODY, _PATH, _QUERY = "$response.body#", "$request.path.", "$request.query."
_FIRST = "/items/0"
_TURNS = ("cursor", "after")
"""Parameters that take a list's ``next``."""


@dataclass(frozen=True, slots=True)
class _After:
    """``shape``: whose answers lead there; empty: those with the object of the operation's own address.

    Of ``parameters`` and ``body`` a text that begins with ``/`` is a pointer into that object.
    """

    shape: str
    parameters: Mapping[str, Any]
    body: Any


def after(
    shape: type[Schema] | None = None, *, body: Any = None, **parameters: Any
) -> Callable[[_Function], _Function]:
    """``@after(Upload, body={"uploads": ["/id"]})``: it can be asked after an answer with an upload, with its id.

    Without a shape: so are the parameters and the body filled that its own object's address does not fill.
    """

    def says(function: _Function) -> _Function:
        one = _After(shape.__name__ if shape else "", parameters, body)
        function.linked = (one, *getattr(function, "linked", ()))  # type: ignore[attr-defined]
        return function

    return says


@dataclass(frozen=True, slots=True)
class _Shape:
    """Of an answer. ``at``: where in it the object is."""

    name: str
    fields: frozenset[str]
    at: str = ""


class Links:
    """``document``: changed in place. ``functions``: of the operations, by their id."""

    def __init__(self, document: Node, functions: Mapping[str, Callable[..., Any]]) -> None:
        self._schemas: Node = document["components"]["schemas"]
        self._kept: dict[str, Node] = {}
        self._operations = [
            _Operation(method, path, told, getattr(functions[told["operationId"]], "linked", ()))
            for path, methods in document["paths"].items()
            for method, told in methods.items()
        ]
        self._named = self._who_names()
        self._got = {
            shape.name
            for one in self._operations
            if one.method == "get"
            for _, shape in self._answers(one)
            if shape and not shape.at
        }
        for one in self._operations:
            if one.method != "delete":  # nothing is left to go on with
                self._link(one)
        document["components"]["links"] = dict(sorted(self._kept.items()))

    def _who_names(self) -> set[tuple[str, str]]:
        """Addresses, each with a shape whose fields name an object there."""
        found = set()
        for address in {one.address for one in self._operations}:
            for one in self._operations:
                if one.path in (address, address.rpartition("/")[0]):
                    found |= {(address, shape.name) for _, shape in self._answers(one) if shape}
        return found

    def _answers(self, one: "_Operation") -> Iterator[tuple[Node, _Shape | None]]:
        for status, answer in one.told["responses"].items():
            if status.startswith("2"):
                schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
                yield answer, self._shape(schema)

    def _shape(self, schema: Node) -> _Shape | None:
        if "$ref" not in schema:
            return None
        name = schema["$ref"].rpartition("/")[2]
        fields = self._schemas[name].get("properties", {})
        if "next" in fields and (item := self._shape(fields["items"]["items"])):
            return _Shape(item.name, item.fields, _FIRST)
        return _Shape(name, frozenset(fields))

    def _link(self, source: "_Operation") -> None:
        for answer, shape in self._answers(source):
            links: Node = {}
            for target in self._operations:
                if target is source:
                    if shape and shape.at:
                        links |= self._next_page(source)
                else:
                    links |= self._between(source, shape, target)
            if links:
                answer["links"] = links

    def _next_page(self, one: "_Operation") -> Node:
        turn = next((name for name in one.queried if name in _TURNS), None)
        if turn is None:
            return {}
        same = {name: f"{_PATH}{name}" for name in one.in_path}
        same |= {name: f"{_QUERY}{name}" for name in one.queried if name != turn}
        return self._keep("next", one, ".next", same | {turn: f"{_BODY}/next"}, description="The next page")

    def _between(self, source: "_Operation", shape: _Shape | None, target: "_Operation") -> Node:
        """The link, by its name; none: no way leads there. From a list one goes to the object, and from there on."""
        if shape and shape.at and shape.name in self._got and target.path != target.address:
            return {}
        if shape and (target.address, shape.name) in self._named:
            own = next((said for said in target.said if not said.shape), _After("", {}, None))
            filled = _named_by(shape, source, target.address)
            if filled is None:
                return {}
            return self._keep(target.id, target, ".first" if shape.at else "", *_filled(own, shape, filled))
        for said in target.said:
            if shape and said.shape == shape.name:
                kind = f".{shape.name}.first" if shape.at else f".{shape.name}"
                return self._keep(target.id, target, kind, *_filled(said, shape, {}))
        back = target.method == "get" and target.path == source.address
        if (target.path == source.path and not source.is_collection(self._operations)) or back:
            same = {name: f"{_PATH}{name}" for name in target.in_path}
            return self._keep(target.id, target, ".same" if same else "", same)
        return {}

    def _keep(
        self,
        name: str,
        target: "_Operation",
        kind: str,
        parameters: Node,
        body: Any = None,
        description: str | None = None,
    ) -> Node:
        words = description or target.told["summary"]
        link: Node = {"operationId": target.id, "description": f"{words}: the first" if ".first" in kind else words}
        if parameters:
            link["parameters"] = parameters
        if body is not None:
            link["requestBody"] = body
        key = f"{target.id}{kind}"
        assert self._kept.setdefault(key, link) == link, key
        return {name: {"$ref": f"#/components/links/{key}"}}


class _Operation:
    """``address``: of the object that it is about, ``/faxes/{id}`` for ``/faxes/{id}/report.pdf``; empty: of none."""

    def __init__(self, method: str, path: str, told: Node, said: Sequence[_After]) -> None:
        self.method, self.path, self.told, self.said = method, path, told, said
        self.id: str = told["operationId"]
        named = [(one["in"], one["name"]) for one in told["parameters"] if "in" in one]
        self.in_path = [name for where, name in named if where == "path"]
        self.queried = [name for where, name in named if where == "query"]
        filled = {name for one in said if not one.shape for name in one.parameters}
        steps = path.split("/")
        ends = [at for at, step in enumerate(steps) if step[:1] == "{" and step[1:-1] not in filled and step[-1] == "}"]
        self.address = "/".join(steps[: ends[-1] + 1]) if ends else ""

    def is_collection(self, every: Sequence["_Operation"]) -> bool:
        return any(one.address.rpartition("/")[0] == self.path for one in every)


def _named_by(shape: _Shape, source: _Operation, address: str) -> Node | None:
    """What fills ``address``: the object itself its end, the former request the rest. None: not all of it."""
    *around, last = (step[1:-1] for step in address.split("/") if step.startswith("{"))
    field = last if last in shape.fields else "id"
    if field not in shape.fields or not set(around) <= set(source.in_path):
        return None
    return {name: f"{_PATH}{name}" for name in around} | {last: f"{_BODY}{shape.at}/{field}"}


def _filled(said: _After, shape: _Shape, parameters: Node) -> tuple[Node, Any]:
    """Parameters and body, with what ``said`` points at."""

    def told(one: Any) -> Any:
        if isinstance(one, Mapping):
            return {name: told(value) for name, value in one.items()}
        if isinstance(one, list):
            return [told(value) for value in one]
        return f"{_BODY}{shape.at}{one}" if isinstance(one, str) and one.startswith("/") else one

    return parameters | told(said.parameters), told(said.body)
