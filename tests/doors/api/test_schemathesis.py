"""Whatever the OpenAPI document allows or forbids, the API answers as the document says: schemathesis tries it.

Each request goes to the whole application, in this process, with real rows behind it, and is taken back afterwards:
first each operation by itself, then walks from answer to answer, as the links of the document lead.
``CASELLI_TEST_EXAMPLES=40`` tries more, by hand.
"""

import os
from dataclasses import replace
from ipaddress import ip_network

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.utils import timezone
from doors.api.operations import OPERATIONS
from doors.api.things import awaits_a_yes, ended, objects_of, with_pages
from far_ends import far_end
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.modes import GenerationMode
from schemathesis.generation.stateful.state_machine import normalize_name
from schemathesis.specs.openapi import checks

from caselli.directory.scopes import Scope
from caselli.doors.api.idempotency import HEADER
from caselli.fax.status import DeliveryStatus
from caselli.store.models import Fax

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
STEPS = 30
SUBJECTS = {
    "faxes": (["Faxes", "Uploads", "Events"], 6),
    "directory": (["Directory", "Received faxes", "Caller"], 6),
    "webhooks": (["Webhooks"], 3),
}
"""Walked through by themselves, for how many walks: a walk through all would touch each of them but once."""
IN_A_WALK = {"send_at": "2000-01-01T00:00:00Z", "header": "Acme Clinic", "reason": "It is private.", "priority": 1}
IN_A_WALKS_FORM = IN_A_FORM | {"files": ["Hello"], "file": "Hello"}
NEEDED = {
    "send_fax": ("extension",),
    "upload_file": ("extension", "file"),
    "add_extension": ("organization",),
    "add_user": ("organization",),
    "add_webhook": ("organization",),
}
"""What an administrator of the whole server has to say, and the document cannot know."""
ASKED_IN_A_WALK = {"status", "limit", "ladder", "kind", "width"}


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

    @bounded(EXAMPLES)
    @given(st.data())
    def at_random(data):
        mode = data.draw(st.sampled_from(modes))
        case = data.draw(operation.as_strategy(generation_mode=mode))
        if data.draw(st.integers(0, 3)):
            place(case, places)
        holds(case, headers)

    at_random()


def bounded(examples, **more):
    """The same ones on every machine, however slow it is."""
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        **more,
    )


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


@pytest.fixture
def faxes(here, make_fax):
    """As they are in the midst of their journeys."""
    failed, unknown, waiting = (
        with_pages(make_fax(number)) for number in ("+12025550101", "+12025550102", "+12025550103")
    )
    ended(failed, DeliveryStatus.FAILED, "busy")
    ended(unknown, DeliveryStatus.UNKNOWN, "unknown")
    awaits_a_yes(waiting)
    return [here["fax"], failed.uid, unknown.uid, waiting.uid]


@pytest.fixture
def far_side(settings):
    """Where webhooks go."""
    settings.CONFIGURATION = replace(settings.CONFIGURATION, webhooks_private=(ip_network("127.0.0.0/8"),))
    with far_end() as end:
        yield end


@pytest.mark.parametrize("subject", SUBJECTS)
def test_what_an_answer_links_to_is_there(subject, schema, cast, secret_of, faxes, far_side):
    """Whatever is made, changed and removed one after the other, as the links of the document lead."""
    headers = with_key(secret_of(cast.admin))
    schema.config.generation.with_security_parameters = False  # the key is ours, and a link says all the rest
    schema.config.phases.stateful.inference.algorithms = []  # the document says what leads where; nothing is guessed
    accepted = schema.config.checks.positive_data_acceptance
    accepted.expected_statuses = [*accepted.expected_statuses, "422"]  # it cannot say which names and numbers are free
    tags, examples = SUBJECTS[subject]
    machine = walking(schema.include(tag=tags).as_state_machine(), headers, faxes, SENSIBLE | {"url": far_side.url})
    machine.run(settings=bounded(examples, stateful_step_count=STEPS))


def make_sense(case, linked, sensible):
    """``linked``: what came by a link; it stays."""
    if case.meta.generation.mode.is_negative:
        return
    if isinstance(case.body, dict):
        needed = NEEDED.get(case.operation.definition.raw["operationId"], ())
        sensible = sensible | IN_A_WALK | (IN_A_WALKS_FORM if case.media_type == "multipart/form-data" else {})
        case.body = dict.fromkeys(needed) | case.body
        case.body |= {name: sensible[name] for name in case.body if name in sensible and name not in linked}
    case.query = {name: one for name, one in case.query.items() if name in linked | ASKED_IN_A_WALK}
    case.headers.pop(HEADER, None)


def walking(linked, headers, faxes, sensible):
    """``linked``: the state machine of schemathesis. Each walk begins in the same world, and leaves none behind."""
    in_vain = {label for label in linked._root_labels if "{" in label}  # of an object that nothing led to
    checked = set()

    class Walk(linked):
        root_rules = linked.root_rules - {normalize_name(f"RANDOM -> {label}") for label in in_vain}
        _root_labels = linked._root_labels - in_vain

        def setup(self):
            self.taken_back = transaction.atomic()
            self.taken_back.__enter__()

        def teardown(self):
            transaction.set_rollback(True)
            self.taken_back.__exit__(None, None, None)

        @initialize(fax=st.sampled_from(faxes))
        def this_is_the_first_of_the_list(self, fax):
            Fax.objects.filter(uid=fax).update(added_at=timezone.now())

        def step(self, input):  # noqa: A002 - its name there
            make_sense(input.case, {name for _, name in input.applied_parameters}, sensible)
            return super().step(input)

        def get_call_kwargs(self, case):
            return {"headers": headers}

        def validate_response(self, response, case, **_):
            operation = case.operation.label
            case.validate_response(
                response,
                headers=headers,
                transport_kwargs={"headers": headers},
                excluded_checks=[checks.ignored_auth] if operation in checked else [],
                recorder=self.recorder,
            )
            if response.status_code < 300:
                checked.add(operation)  # with no key and with a wrong one: once is enough

    for label in in_vain:
        setattr(Walk, normalize_name(f"RANDOM -> {label}"), None)
    return Walk
