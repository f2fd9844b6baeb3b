"""The OpenAPI document says what is there, and reads well."""

import json
import re

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from caselli.doors.api.openapi import TAGS
from caselli.doors.api.rest import api


@pytest.fixture
def document(db, client):
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def operations(document):
    return [(method, path, told) for path, methods in document["paths"].items() for method, told in methods.items()]


def test_it_is_openapi_3_1(document):
    assert document["openapi"].startswith("3.1")
    assert [str(one.message) for one in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_every_operation_reads_well(document):
    wrong = []
    for method, path, told in operations(document):
        name = f"{method} {path}"
        if not re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", told["operationId"]):
            wrong.append(f"{name}: operationId {told['operationId']}")
        if not told.get("description") or not told.get("summary"):
            wrong.append(f"{name}: no summary or description")
        if told.get("summary", "").endswith("."):
            wrong.append(f"{name}: the summary is a phrase, without a full stop")
        if len(told.get("tags", [])) != 1 or told["tags"][0] not in TAGS:
            wrong.append(f"{name}: one tag of {list(TAGS)}, not {told.get('tags')}")
        if not any(status.startswith("2") for status in told["responses"]):
            wrong.append(f"{name}: no answer when all is well")
        wrong += [f"{name}: no {status}" for status in ("401", "429") if status not in told["responses"]]
        if not {"ApiKey", "OAuth"} <= {scheme for one in told["security"] for scheme in one}:
            wrong.append(f"{name}: not for keys and tokens")
    assert wrong == []


def test_every_operation_has_an_id_of_its_own(document):
    ids = [told["operationId"] for _, _, told in operations(document)]
    assert len(ids) == len(set(ids)) == len([one for one in api.operations() if one.include_in_schema])


def test_names_are_in_snake_case(document):
    names = {name for schema in document["components"]["schemas"].values() for name in schema.get("properties", {})}
    assert [one for one in names if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", one)] == []


def test_whole_numbers_that_are_taken_have_bounds(document):
    """Who reads the document sees what will be refused."""
    bodies = [
        one["schema"]
        for _, _, told in operations(document)
        for one in told.get("requestBody", {}).get("content", {}).values()
    ]
    wrong = []
    for one in bodies:
        for kind in one.get("anyOf", [one]):
            for name, field in resolved(document, kind).get("properties", {}).items():
                numbers = [each for each in field.get("anyOf", [field]) if each.get("type") == "integer"]
                wrong += [(kind, name) for each in numbers if not {"minimum", "maximum"} <= each.keys() | field.keys()]
    assert wrong == []


def test_every_link_can_be_followed(document):
    """It leads to an operation, fills its address, names what it takes, and points at what the answer has."""
    targets = {told["operationId"]: told for _, _, told in operations(document)}
    wrong = []
    for method, path, told in operations(document):
        for answer in told["responses"].values():
            for name, kept in resolved(document, answer).get("links", {}).items():
                link = resolved(document, kept)
                target = targets[link["operationId"]]
                wrong += [f"{method} {path}: {name}: {one}" for one in faults_of(document, told, answer, link, target)]
    assert wrong == []


def faults_of(document, source, answer, link, target):
    takes = {one["name"]: one for one in (resolved(document, one) for one in target["parameters"])}
    given = link.get("parameters", {})
    yield from (f"leaves out {name}" for name, one in takes.items() if one["in"] == "path" and name not in given)
    yield from (f"{name} is no parameter" for name in given.keys() - takes.keys())
    body = link.get("requestBody", {})
    fields = [resolved(document, one["schema"]) for one in target.get("requestBody", {}).get("content", {}).values()]
    fields = [resolved(document, kind) for one in fields for kind in one.get("anyOf", [one])]
    yield from (f"{name} is not in the body" for name in body if not any(name in one["properties"] for one in fields))
    asked = {(one.get("in"), one.get("name")) for one in source["parameters"]}
    for text in re.findall(r'"(\$[^"]+)"', json.dumps(link)):
        part, _, pointer = text.partition("#")
        if part == "$response.body":
            schema = answer["content"]["application/json"]["schema"]
            if not has(document, schema, pointer.split("/")[1:]):
                yield f"{text} is not in the answer"
        elif tuple(part.removeprefix("$request.").split(".")) not in asked:
            yield f"{text} is not in the request"


def has(document, schema, steps):
    kinds = [resolved(document, one) for one in schema.get("anyOf", [schema])]
    if not steps:
        return True
    here, *further = steps
    return any(
        has(document, one.get("properties", {}).get(here) or one["items"], further)
        if here in one.get("properties", {}) or (here == "0" and "items" in one)
        else one.get("additionalProperties") is True
        for one in kinds
    )


def resolved(document, one):
    while "$ref" in one:
        found = document
        for step in one["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        one = found
    return one


def test_some_answer_leads_to_every_object(document):
    led = {link["operationId"] for link in document["components"]["links"].values()}
    assert [path for _, path, told in operations(document) if "{" in path and told["operationId"] not in led] == []


def test_what_is_made_is_found_from_its_answer(document):
    """A program that reads the links finds all that can be done with a fax, and the next page of a list."""
    made = document["paths"]["/api/v1/faxes"]["post"]["responses"]["202"]["links"]
    assert {"get_fax", "list_attempts", "get_fax_pdf", "get_report", "cancel_fax", "resend_fax", "send_held_fax"} <= (
        made.keys()
    )
    links = document["components"]["links"]
    assert links["cancel_fax"]["parameters"] == {"id": "$response.body#/id"}
    assert links["send_fax.Upload"]["requestBody"] == {
        "extension": "$response.body#/extension",
        "uploads": ["$response.body#/id"],
    }
    assert document["paths"]["/api/v1/faxes"]["get"]["responses"]["200"]["links"]["next"] == {
        "$ref": "#/components/links/list_faxes.next"
    }
