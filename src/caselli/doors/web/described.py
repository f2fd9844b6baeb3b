"""The OpenAPI document as a page shows it: operations by subject, and the shapes they speak of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

Node = Mapping[str, Any]
_REF = "#/components/"


@dataclass(frozen=True, slots=True)
class Field:
    """``kind`` in words; ``shape``: the name of the shape it holds, if any; ``place``: path, query, header."""

    name: str
    kind: str
    required: bool
    words: str
    shape: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    words: str
    kind: str = ""
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    words: str
    scopes: tuple[str, ...]
    parameters: tuple[Field, ...]
    bodies: tuple[tuple[str, tuple[Field, ...]], ...]
    answers: tuple[Answer, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    name: str
    words: str
    fields: tuple[Field, ...]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    name: str
    words: str
    operations: tuple[Operation, ...]


class Described:
    def __init__(self, document: Node) -> None:
        self._document = document

    def subjects(self) -> tuple[Subject, ...]:
        every = list(self._operations())
        return tuple(
            Subject(tag["name"], tag["description"], tuple(one for name, one in every if name == tag["name"]))
            for tag in self._document["tags"]
        )

    def shapes(self) -> tuple[Shape, ...]:
        schemas: Node = self._document["components"]["schemas"]
        return tuple(
            Shape(name, str(one.get("description", "")), self._fields(one), tuple(map(str, one.get("enum", ()))))
            for name, one in schemas.items()
        )

    def _operations(self) -> Iterator[tuple[str, Operation]]:
        for path, methods in self._document["paths"].items():
            for method, told in methods.items():
                yield told.get("tags", [""])[0], self._operation(path, method, told)

    def _operation(self, path: str, method: str, told: Node) -> Operation:
        scopes = next((one["OAuth"] for one in told.get("security", ()) if "OAuth" in one), ())
        answers = told["responses"].items()
        return Operation(
            id=told["operationId"],
            method=method.upper(),
            path=path,
            summary=told.get("summary", ""),
            words=told.get("description", "").partition("\n\nScope:")[0],
            scopes=tuple(scopes),
            parameters=tuple(self._parameter(self._at(one)) for one in told.get("parameters", ())),
            bodies=tuple(
                (media, self._fields(self._at(one.get("schema", {}))))
                for media, one in told.get("requestBody", {}).get("content", {}).items()
            ),
            answers=tuple(self._answer(status, self._at(one)) for status, one in answers if status < "4"),
            problems=tuple(status for status, _ in answers if status >= "4"),
        )

    def _answer(self, status: str, one: Node) -> Answer:
        words = one.get("description") or HTTPStatus(int(status)).phrase
        for media, content in one.get("content", {}).items():
            kind, shape = self._kind(content.get("schema", {}))
            return Answer(status, words, kind if media == "application/json" else media, shape)
        return Answer(status, words)

    def _parameter(self, one: Node) -> Field:
        kind, shape = self._kind(one["schema"])
        return Field(one["name"], kind, bool(one.get("required")), _words(one), shape, one["in"])

    def _fields(self, schema: Node) -> tuple[Field, ...]:
        required = schema.get("required", ())
        found = []
        for name, one in schema.get("properties", {}).items():
            kind, shape = self._kind(one)
            found.append(Field(name, kind, name in required, _words(one), shape))
        return tuple(found)

    def _kind(self, schema: Node) -> tuple[str, str]:
        """In words, and the name of the shape."""
        if "$ref" in schema:
            return "", str(schema["$ref"]).rpartition("/")[2]
        for several in ("anyOf", "oneOf", "allOf"):
            if several in schema:
                kinds = [self._kind(one) for one in schema[several]]
                words = " or ".join(dict.fromkeys(kind for kind, shape in kinds if kind and not shape))
                return words, next((shape for _, shape in kinds if shape), "")
        if schema.get("type") == "array":
            kind, shape = self._kind(schema.get("items", {}))
            return f"list of {kind}".strip() if not shape else "list of", shape
        if "enum" in schema:
            return " or ".join(str(one) for one in schema["enum"]), ""
        if "const" in schema:
            return str(schema["const"]), ""
        kind = str(schema.get("type", schema.get("format", "anything")))
        return f"{kind} ({schema['format']})" if "format" in schema and "type" in schema else kind, ""

    def _at(self, one: Node) -> Node:
        """What a reference leads to."""
        while str(one.get("$ref", "")).startswith(_REF):
            part, _, name = one["$ref"].removeprefix(_REF).partition("/")
            one = self._document["components"][part][name]
        return one


def _words(one: Node) -> str:
    return str(one.get("description") or one.get("schema", {}).get("description") or "")
