"""Each operation opens to its scope and to no other; a sandbox key reaches what is the sandbox's. The table is in
operations.py.
"""

import uuid

import pytest
from django.db import transaction
from doors.api.operations import OPERATIONS, addresses, ask
from doors.api.things import objects_of, received, with_pages

from caselli.directory.scopes import Scope
from caselli.store.models import Trunk

NOTHING = {
    "fax": uuid.UUID(int=1),
    "upload": uuid.UUID(int=1),
    "webhook": uuid.UUID(int=1),
    "message": "msg_1",
    "extension": "0099*1",
    "user": "nobody",
    "organization": "0099",
} | dict.fromkeys(("received", "trunk", "blocked", "one"), 99)
"""Names of nothing: what is asked for behind the scope is another test's matter."""


@pytest.fixture
def document(cast, program_of):
    return program_of(cast.olivia).get("/api/v1/openapi.json").json()


@pytest.fixture
def matrix(document):
    """Status and slug of each operation, each as if it were the only one."""

    def ask_all(client, objects, only=OPERATIONS):
        told = {}
        for name in only:
            with transaction.atomic():
                answer = ask(client, *addresses(document)[name], OPERATIONS[name], objects)
                problem = (
                    answer["Content-Type"] == "application/problem+json" if answer.has_header("Content-Type") else 0
                )
                told[name] = (answer.status_code, answer.json()["slug"] if problem else "")
                transaction.set_rollback(True)
        return told

    return ask_all


def test_the_document_says_which_scope_each_operation_takes(document):
    said = {
        told["operationId"]: [scope for way in told["security"] for scope in way.get("OAuth", ())]
        for methods in document["paths"].values()
        for told in methods.values()
    }
    assert said == {name: [one.scope.value] if one.scope else [] for name, one in OPERATIONS.items()}


@pytest.mark.parametrize("scope", list(Scope))
def test_a_scope_opens_what_takes_it_and_nothing_else(cast, program_of, matrix, scope):
    answers = matrix(program_of(cast.admin, scope), NOTHING)
    closed = {name for name, told in answers.items() if told == (403, "scope_missing")}
    assert closed == {name for name, one in OPERATIONS.items() if one.scope not in {None, scope}}


def test_a_sandbox_key_finds_no_real_fax(cast, program_of, matrix, make_fax):
    objects = objects_of(cast.desk, with_pages(make_fax("+12025550100")))
    named = [name for name, one in OPERATIONS.items() if {"fax", "received"} & set(one.of.values())]
    program = program_of(cast.olivia, sandbox=True)
    assert {told[0] for told in matrix(program, objects, named).values()} == {404}
    assert program.get("/api/v1/faxes").json()["items"] == []
    assert program.get("/api/v1/extensions/210/received-faxes").json()["items"] == []


def test_a_sandbox_key_finds_the_faxes_of_the_sandbox(cast, program_of, matrix, make_fax):
    fax = with_pages(make_fax("0003*211"), sandbox=True)
    delivery = fax.deliveries.get()
    delivery.received.delete()
    objects = objects_of(cast.desk, fax) | {"received": received(cast.desk, delivery=delivery).pk}
    program = program_of(cast.olivia, sandbox=True)
    named = [name for name, one in OPERATIONS.items() if {"fax", "received"} & set(one.of.values())]
    assert {name: told for name, told in matrix(program, objects, named).items() if told[0] == 404} == {}
    assert [one["id"] for one in program.get("/api/v1/faxes").json()["items"]] == [str(fax.uid)]
    assert [one["sandbox"] for one in program.get("/api/v1/extensions/210/received-faxes").json()["items"]] == [True]


def test_a_sandbox_key_looks_at_the_directory_and_changes_nothing_in_it(cast, program_of, matrix, document, make_fax):
    objects = objects_of(cast.desk, make_fax("+12025550100"))
    directory = [name for name, one in OPERATIONS.items() if one.scope is Scope.ADMIN]
    told = matrix(program_of(cast.admin, sandbox=True), objects, directory)
    looks = {name for name in directory if addresses(document)[name][0] == "get"}
    assert {name: one for name, one in told.items() if name in looks and one[0] != 200} == {}
    assert {name: one for name, one in told.items() if name not in looks and one != (403, "not_allowed")} == {}
    assert Trunk.objects.filter(pk=objects["trunk"]).exists()
