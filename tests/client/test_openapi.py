"""The client knows what the OpenAPI document says: every operation, every parameter, every field, and nothing else."""

import dataclasses
import re
import types
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Literal, Union, Unpack, get_args, get_origin, get_type_hints

import pytest

from caselli.client import Client, File, operations
from caselli.client.effects import Open, Send
from caselli.client.given import Files, Recipients
from caselli.client.plans import KEY_HEADER, PREFIX, Operation
from caselli.client.reading import fields_of
from caselli.client.shapes_events import EventData
from caselli.client.verbs import Group, Listing, Verb
from caselli.doors.api.rest import api

OURS = [one for one in vars(operations).values() if isinstance(one, Operation)]
PLAIN = {"string": str, "integer": int, "number": float, "boolean": bool}
TIMES = {"date-time": datetime, "date": date}
ITERATED = {"cursor"}
"""What the client says by itself: its lists turn the pages."""


@pytest.fixture(scope="module")
def document():
    return api.get_openapi_schema()


@pytest.fixture(scope="module")
def theirs(document):
    return {
        told["operationId"]: (method.upper(), path.removeprefix(PREFIX), told)
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    }


def resolved(document, schema):
    while "$ref" in schema:
        found = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema


def differences(document, kind, schema, where) -> Iterable[str]:
    """Between a type of the client and a schema."""
    schema = resolved(document, schema)
    if "anyOf" in schema or get_origin(kind) in {Union, types.UnionType}:
        yield from differences_of_choice(document, kind, schema, where)
    elif "enum" in schema or "const" in schema:
        wanted = set(schema.get("enum", [schema.get("const")]))
        if get_origin(kind) is not Literal or set(get_args(kind)) != wanted:
            yield f"{where}: {kind} for one of {wanted}"
    elif schema.get("type") == "array":
        if get_origin(kind) is not tuple:
            yield f"{where}: {kind} for a list"
        else:
            yield from differences(document, get_args(kind)[0], schema["items"], f"{where}[]")
    elif schema.get("type") == "object" and "properties" in schema:
        yield from differences_of_object(document, kind, schema, where)
    elif schema.get("type") == "object":
        if get_origin(kind) is not Mapping and kind is not EventData:  # test_caselli.py reads what is in events
            yield f"{where}: {kind} for an object of any names"
    elif kind is not (wanted := TIMES.get(schema.get("format")) or PLAIN.get(schema.get("type"), Any)):
        yield f"{where}: {kind} for {wanted}"


def differences_of_choice(document, kind, schema, where):
    options = schema.get("anyOf", [schema])
    named = [one for one in options if resolved(document, one).get("type") != "null"]
    kinds = [
        one for one in (get_args(kind) if get_origin(kind) is not Literal else [kind]) if one is not types.NoneType
    ]
    is_optional = types.NoneType in get_args(kind)
    if is_optional != (len(named) < len(options)) or len(named) != 1 or len(kinds) != 1:
        yield f"{where}: {kind} for {options}"
    else:
        yield from differences(document, kinds[0], named[0], where)


def differences_of_object(document, kind, schema, where):
    if not dataclasses.is_dataclass(kind):
        yield f"{where}: {kind} for an object"
        return
    known, said = fields_of(kind), schema["properties"]
    yield from (f"{where}.{name}: not known here" for name in said.keys() - known.keys())
    yield from (f"{where}.{name}: not in the document" for name in known.keys() - said.keys())
    for name in known.keys() & said.keys():
        yield from differences(document, known[name], said[name], f"{where}.{name}")


def test_every_operation_is_known_at_its_address(theirs):
    ours = {one.name: (one.method, one.path) for one in OURS}
    assert ours == {name: (method, path) for name, (method, path, _) in theirs.items()}


@pytest.mark.parametrize("ours", OURS, ids=lambda one: f"{one.name}-{one.answer.__name__}")
def test_every_field_of_every_answer_is_known(document, theirs, ours):
    _, _, told = theirs[ours.name]
    answers = {status: answer.get("content", {}) for status, answer in told["responses"].items() if status < "300"}
    if ours.answer is types.NoneType:
        assert answers == {"204": {}}
    elif ours.answer is bytes:
        assert all("application/json" not in content for content in answers.values())
    else:
        found = [
            list(differences(document, ours.answer, content["application/json"]["schema"], ours.answer.__name__))
            for content in answers.values()
        ]
        assert min(found, key=len) == []


@pytest.mark.parametrize("ours", OURS, ids=lambda one: one.name)
def test_what_can_be_repeated_has_its_key(document, theirs, ours):
    _, _, told = theirs[ours.name]
    names = {resolved(document, one)["name"] for one in told["parameters"]}
    assert ours.keyed == (KEY_HEADER in names)


def sample(kind):
    """Some value of a parameter's type."""
    known = {str: "1", int: 1, bool: True, float: 1.0, datetime: datetime.now(UTC), date: date(2026, 11, 26)}
    if kind in {Files, Recipients}:
        return File("a.txt", b"Hello") if kind is Files else "211"
    if kind in known:
        return known[kind]
    if get_origin(kind) is Literal:
        return get_args(kind)[0]
    if get_origin(kind) in {Union, types.UnionType}:
        return sample(next(one for one in get_args(kind) if one in known or get_origin(one) is not None))
    if get_origin(kind) is not None and issubclass(get_origin(kind), Mapping):
        return {"order": "4711"}
    return ["1"]


def groups(client):
    return [client, *(one for one in vars(client).values() if isinstance(one, Group))]


def methods(client):
    for group in groups(client):
        for kind in type(group).__mro__:
            for name, one in vars(kind).items():
                if isinstance(one, Verb | Listing):
                    yield f"{type(group).__name__}.{name}", one.plan, group


def asked_in_full(plan, group):
    """The first request of a method that is given all its parameters."""
    hints = {name: kind for name, kind in get_type_hints(plan).items() if name != "return"}
    for name in [name for name, kind in hints.items() if get_origin(kind) is Unpack]:
        hints |= get_type_hints(get_args(hints.pop(name))[0])
    course = plan(group, **{name: sample(kind) for name, kind in hints.items()})
    effect = next(course)
    while not isinstance(effect, Send | Open):
        effect = course.send(0.0)
    return effect.request


def operation_of(request, theirs):
    for name, (method, path, _) in theirs.items():
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))
        if method == request.method and re.fullmatch(pattern, request.path.removeprefix(PREFIX)):
            return name
    raise AssertionError(f"no operation for {request}")


def names_asked(document, told):
    """Of the query, and of the body."""
    query = {one["name"] for one in (resolved(document, one) for one in told["parameters"]) if one["in"] == "query"}
    bodies = told.get("requestBody", {}).get("content", {})
    schema = bodies.get("multipart/form-data") or bodies.get("application/json") or {"schema": {}}
    return query - ITERATED, set(properties(document, schema["schema"]))


def properties(document, schema):
    schema = resolved(document, schema)
    every = dict(schema.get("properties", {}))
    for one in schema.get("anyOf", []):
        every |= properties(document, one)
    return every


def test_every_parameter_of_every_operation_can_be_said_and_no_other_is(document, theirs):
    said = {name: (set(), set()) for name in theirs}
    with Client("https://fax.example.com", "key") as client:
        for _, plan, group in methods(client):
            request = asked_in_full(plan, group)
            query, body = said[operation_of(request, theirs)]
            query |= {name for name, _ in request.query}
            body |= {*(request.json or {}), *request.form, *(one.field for one in request.parts)}
    assert said == {name: names_asked(document, told) for name, (_, _, told) in theirs.items()}
