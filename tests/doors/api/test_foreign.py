"""What belongs to another organization does not exist: every operation of the API, asked for one of its objects, is a
404, and no list tells of them. The table is in operations.py.
"""

import pytest
from django.db import transaction
from doors.api.operations import OPERATIONS, addresses, ask
from doors.api.things import objects_of, with_pages

from caselli.directory import api_keys
from caselli.store.models import Role, User

_ABOUT_AN_OBJECT = tuple(name for name, one in OPERATIONS.items() if one.names_an_object)
_LISTS = [name for name, one in OPERATIONS.items() if one.lists]


@pytest.fixture
def document(cast, program_of):
    return program_of(cast.olivia).get("/api/v1/openapi.json").json()


@pytest.fixture
def theirs(cast, make_fax):
    """All of it Rival Lab's."""
    return objects_of(cast.foreign, with_pages(make_fax("+4930901820", extension=cast.foreign)))


def _answers(client, document, theirs, only=_ABOUT_AN_OBJECT):
    """Status of each operation, each as if it were the only one."""
    told = {}
    for name in only:
        with transaction.atomic():
            told[name] = ask(client, *addresses(document)[name], OPERATIONS[name], theirs).status_code
            transaction.set_rollback(True)
    return told


def test_every_operation_has_its_line_in_the_table(document):
    assert set(addresses(document)) == set(OPERATIONS)


def test_what_is_foreign_does_not_exist(cast, program_of, document, theirs):
    answers = _answers(program_of(cast.olivia), document, theirs)
    assert {name: status for name, status in answers.items() if status != 404} == {}


def test_what_is_foreign_does_not_exist_for_a_person_without_rights_either(cast, program_of, document, theirs):
    answers = _answers(program_of(cast.alice), document, theirs)
    admin = {name: OPERATIONS[name].scope not in api_keys.scopes_for(cast.alice) for name in answers}
    known = {name: status for name, status in answers.items() if OPERATIONS[name].scope and admin[name]}
    assert set(known.values()) == {403}, "the scope is missing"
    assert {name: status for name, status in answers.items() if name not in known and status != 404} == {}


def test_its_own_people_find_it_at_these_very_addresses(cast, program_of, document, theirs):
    rachel = User.objects.create_user("rachel", organization=cast.rival, role=Role.ORGANIZATION_ADMINISTRATOR)
    answers = _answers(program_of(rachel), document, theirs)
    his_alone = {"get_upload", "delete_upload"}  # what Charlie uploaded is his
    assert {name for name, status in answers.items() if status in {404, 405, 500}} == his_alone
    assert set(_answers(program_of(cast.charlie), document, theirs, his_alone).values()) == {200, 204}


def test_lists_tell_nothing_foreign(cast, program_of, document, theirs):
    ours, them = program_of(cast.olivia), program_of(cast.charlie)
    marks = ("Rival", "charlie", "0004", str(theirs["fax"]))
    told = {}
    for name in _LISTS:
        path = addresses(document)[name][1]
        answer = ours.get(path)
        assert answer.status_code == 200
        told[name] = [mark for mark in marks if mark in answer.content.decode()]
    assert {name: found for name, found in told.items() if found} == {}
    assert any(mark in them.get("/api/v1/faxes").content.decode() for mark in marks)
