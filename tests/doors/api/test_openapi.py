"""The OpenAPI document says what is there, and reads well."""

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
