"""Whatever the OpenAPI document allows or forbids, the API answers as the document says: schemathesis tries it.

Each request goes to the whole application, in this process, with real rows behind it, and is taken back afterwards.
``CASELLI_TEST_EXAMPLES=40`` tries more, by hand.
"""

import os

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from doors.api.operations import OPERATIONS
from doors.api.things import objects_of, with_pages
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi import checks

from caselli.directory.scopes import Scope

EXAMPLES = int(os.environ.get("CASELLI_TEST_EXAMPLES", "3"))
"""At random, of each operation; of what schemathesis enumerates four times as many."""
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.missing_required_header,
    checks.unsupported_method,
    checks.allow_header_conformance,
]
SENSIBLE = {
    "extension": "0003*210",
    "organization": "0003",
    "owner": "bob",
    "number": "0299",
    "login": "zoe",
    "email": "zoe@acme.example",
    "host": "sip.example.com",
    "url": "http://127.0.0.1:9/",
    "callback_url": "https://orders.example.com/hook",
    "prefix": "+1901",
    "recipients": [{"to": "+12025550100"}],
    "files": [{"name": "a.txt", "content": "SGVsbG8="}],
    "metadata": {"order": "4711"},
    "uploads": [],
    "recipient": 1,
}
IN_A_FORM = {
    "extension": "0003*210",
    "recipients": ["+12025550100"],
    "metadata": '{"order": "4711"}',
    "uploads": [],
}


@pytest.fixture
def application(db):
    """As a test client has it: after each request Django would close the test's own connection."""
    handler = WSGIHandler()

    def whole(environ, start_response):
        answer = handler(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            answer.close()  # and its file

    signals = (request_started, request_finished)
    for one in signals:
        one.disconnect(close_old_connections)
    yield whole
    for one in signals:
        one.connect(close_old_connections)


@pytest.fixture
def schema(application):
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


@pytest.fixture
def here(cast, make_fax):
    """Of each noun one, to be found at its address."""
    return objects_of(cast.desk, with_pages(make_fax("+12025550100", hold=True)))


def with_key(secret):
    return {"Authorization": f"Bearer {secret}", "Accept": "application/json"}


@pytest.mark.parametrize("name", OPERATIONS)
def test_it_answers_an_administrator_as_its_document_says(name, schema, cast, secret_of, here):
    tried(schema, name, with_key(secret_of(cast.admin)), here)


@pytest.mark.parametrize("name", [name for name, one in OPERATIONS.items() if one.scope is Scope.FAX_SEND])
def test_it_answers_a_sandbox_key_as_its_document_says(name, schema, cast, secret_of, here):
    tried(schema, name, with_key(secret_of(cast.alice, sandbox=True)), here)


def tried(schema, name, headers, here):
    operation = schema.find_operation_by_id(name)
    places = {called: str(here[one]) for called, one in OPERATIONS[name].of.items()}
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    covered = schema.iter_coverage_cases(
        operation, generation_modes=modes, generation_config=schema.config.generation_for(operation=operation)
    )
    every = list(covered)
    for case in every[:: 1 + len(every) // (4 * EXAMPLES)]:
        place(case, places)
        holds(case, headers)

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def at_random(data):
        mode = data.draw(st.sampled_from(modes))
        case = data.draw(operation.as_strategy(generation_mode=mode))
        if data.draw(st.integers(0, 3)):
            place(case, places)
        holds(case, headers)

    at_random()


def place(case, places):
    """What the document cannot know: which objects there are. Where it is wrong on purpose it stays so."""
    parts = case.meta.components
    path, body = parts.get(ParameterLocation.PATH), parts.get(ParameterLocation.BODY)
    if places and (path is None or path.mode.is_positive):
        case.path_parameters = dict(places)
    if body is not None and body.mode.is_positive and isinstance(case.body, dict):
        sensible = IN_A_FORM if case.media_type == "multipart/form-data" else SENSIBLE
        case.body = case.body | {name: sensible[name] for name in case.body if name in sensible}


def holds(case, headers):
    """Of the coverage of schemathesis are keys that open nothing, too."""
    data = case.meta.phase.data
    if getattr(data, "parameter", None) == "Authorization":
        headers = {name: one for name, one in headers.items() if name != "Authorization"}
    with transaction.atomic():
        said(case, headers)
        transaction.set_rollback(True)


def said(case, headers):
    """The answer, once it is what the document says."""
    response = case.call(headers=headers)
    case.validate_response(response, checks=CHECKS, headers=headers)
    return response


def test_what_is_made_is_read_changed_and_gone(schema, cast, secret_of):
    """What was removed is not there any more, and what was made is until then."""
    headers = with_key(secret_of(cast.admin))

    def ask(name, of=None, /, **body):
        operation = schema.find_operation_by_id(name)
        given = {"body": body, "media_type": "application/json"} if body else {}
        response = said(operation.Case(path_parameters=of or {}, **given), headers)
        return response.status_code, response.json() if response.content[:1] == b"{" else None

    files = [{"name": "a.txt", "content": "SGVsbG8="}]
    status, fax = ask("send_fax", extension="0003*210", recipients=[{"to": "+12025550100"}], files=files)
    assert status == 202
    of = {"id": fax["id"]}
    assert ask("get_fax", of)[1]["status"] == "scheduled"
    assert [ask(name, of)[0] for name in ("list_attempts", "get_fax_pdf", "get_report")] == [200, 200, 200]
    assert [ask(name, of)[0] for name in ("cancel_fax", "cancel_fax", "send_held_fax")] == [200, 409, 409]
    assert ask("get_fax", of)[1]["status"] == "canceled"
    for noun, key, name, new in (
        ("trunk", "id", "id", {"name": "New", "host": "127.0.0.1"}),
        ("organization", "number", "number", {"number": "0099", "name": "New"}),
        ("user", "login", "login", {"login": "zoe", "email": "zoe@acme.example", "organization": "0003"}),
    ):
        status, made = ask(f"add_{noun}", **new)
        assert status == 201, made
        of = {key: str(made[name])}
        assert [ask(f"{deed}_{noun}", of)[0] for deed in ("get", "remove", "get", "remove")] == [200, 204, 404, 404]
