"""Programs look at who there is, and set what their person may set: by the same forms as the pages."""

import json

import pytest

from caselli.directory import api_keys
from caselli.directory.audit import Actor
from caselli.directory.scopes import Scope
from caselli.doors.api import shapes_directory
from caselli.store.models import AuditEntry, BlockedDestination, Extension, Organization, Preferences, Trunk, User

API = "/api/v1"


@pytest.fixture
def olivia(cast, program_of):
    return program_of(cast.olivia)


@pytest.fixture
def admin(cast, program_of):
    return program_of(cast.admin)


def _send(program, method, path, body):
    return program.generic(method, f"{API}{path}", json.dumps(body), content_type="application/json")


@pytest.mark.parametrize(
    "noun", ["EXTENSION", "FAX_SETTINGS", "USER", "ORGANIZATION", "TRUNK", "BLOCKED", "PREFERENCES"]
)
def test_what_can_be_set_on_the_pages_can_be_set_here(noun):
    made = getattr(shapes_directory, noun)
    named = {made.called(name) for name in made.form.base_fields}
    assert set(made.change.model_fields) == set(made.new.model_fields) == named
    assert not made.form.secrets & set(made.answer.model_fields)


def test_each_sees_the_extensions_of_the_pages(cast, program_of):
    def seen(person):
        told = program_of(person).get(f"{API}/extensions").json()["items"]
        return [(one["extension"], one["owner"], one["may_act"]) for one in told]

    assert seen(cast.alice) == [("0003*210", "alice", True)]
    assert seen(cast.olivia) == [("0003*210", "alice", True), ("0003*211", "bob", True)]
    assert len(seen(cast.admin)) == 3


def test_a_list_is_followed_by_its_cursor(olivia):
    first = olivia.get(f"{API}/users?limit=2").json()
    rest = olivia.get(f"{API}/users?limit=2&cursor={first['next']}").json()
    assert [one["login"] for one in first["items"] + rest["items"]] == ["alice", "bob", "olivia"]
    assert rest["next"] is None
    assert olivia.get(f"{API}/users?cursor=x").json()["field"] == "cursor"


def test_fax_settings_are_changed_field_by_field(cast, olivia):
    told = _send(
        olivia, "PATCH", "/extensions/210/fax-settings", {"authorized": ["Al@Acme.example"], "approver": "bob"}
    ).json()
    assert (told["authorized"], told["approver"], told["fax_enabled"]) == (["al@acme.example"], "bob", True)
    assert _send(olivia, "PATCH", "/extensions/210/fax-settings", {"approver": None}).json()["approver"] is None
    entry = AuditEntry.objects.filter(kind="fax settings").first()
    assert (entry.person, entry.deed) == (cast.olivia, "changed")


def test_all_that_is_wrong_is_told_beside_its_field(cast, olivia):
    wrong = {"station_id": "abc", "time_zone": "Mars", "authorized": ["nobody"]}
    answer = _send(olivia, "PATCH", "/extensions/210/fax-settings", wrong)
    assert answer.status_code == 422
    assert {one["field"] for one in answer.json()["errors"]} == set(wrong)
    assert all(one["detail"] and one["remedy"] for one in answer.json()["errors"])


@pytest.mark.parametrize(
    ("given", "status"), [(60, 200), (60.0, 200), (60.5, 422), (1e300, 422), ("60", 422), (True, 422)]
)
def test_a_whole_number_may_be_written_with_a_point(olivia, given, status):
    answer = _send(olivia, "patch", "/organizations/0003", {"busy_wait": given})
    assert answer.status_code == status
    assert answer.json()["busy_wait"] == 60 if status == 200 else answer.json()["field"] == "busy_wait"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/extensions/210/fax-settings", {"approver": "charlie"}, "approver"),
        ("/extensions/210", {"organization": "0004"}, "organization"),
        ("/extensions/210", {"owner": "charlie"}, "owner"),
        ("/users/alice", {"organization": "0004"}, "organization"),
        ("/users/alice", {"role": "administrator"}, "role"),
        ("/users/olivia", {"active": False}, "active"),
        ("/organizations/0003", {"enabled": False}, "enabled"),
        ("/organizations/0003", {"queue_hours": 0}, "queue_hours"),
        ("/organizations/0003", {"color": "red"}, "color"),
    ],
)
def test_what_a_person_may_not_set_is_refused(cast, olivia, path, body, field):
    answer = _send(olivia, "PATCH", path, body)
    assert answer.status_code == 422
    assert field in {one["field"] for one in answer.json()["errors"]}


def test_a_person_is_added_switched_off_and_removed(cast, olivia):
    added = _send(olivia, "POST", "/users", {"login": "zoe", "email": "zoe@acme.example"})
    assert (added.status_code, added.json()["organization"], added.json()["has_password"]) == (201, "0003", False)
    assert _send(olivia, "PATCH", "/users/zoe", {"active": False}).json()["active"] is False
    key, _ = api_keys.make(User.objects.get(username="zoe"), Actor(), name="Orders", scopes=[Scope.FAX_READ])
    removed = olivia.delete(f"{API}/users/zoe")
    assert removed.json() == {"with_it": [{"what": "API keys", "names": [api_keys.called(key)]}]}
    held = olivia.delete(f"{API}/users/alice")
    assert (held.status_code, held.json()["slug"]) == (409, "conflict")
    assert "0003*210" in held.json()["detail"]
    assert User.objects.filter(username="alice").exists()


def test_an_extension_is_added_in_ones_own_organization(cast, olivia):
    added = _send(olivia, "POST", "/extensions", {"number": "299", "name": "New", "owner": "bob"})
    assert (added.status_code, added.json()["extension"]) == (201, "0003*299")
    assert olivia.delete(f"{API}/extensions/299").status_code == 204
    assert not Extension.objects.filter(number="299").exists()


def test_of_a_trunk_the_password_is_never_told(cast, admin, olivia):
    added = _send(admin, "POST", "/trunks", {"name": "X", "host": "sip.example.com", "password": "hidden"})
    assert added.status_code == 201
    assert (added.json()["has_password"], b"hidden" in added.content) == (True, False)
    key = added.json()["id"]
    changed = _send(admin, "PATCH", f"/trunks/{key}", {"organization": "0003", "enabled": False})
    assert (changed.json()["organization"], changed.json()["enabled"]) == ("0003", False)
    assert Trunk.objects.get(pk=key).password == "hidden"
    assert olivia.get(f"{API}/trunks/{key}").status_code == 200
    for method in ("PATCH", "DELETE"):
        assert _send(olivia, method, f"/trunks/{key}", {"channels": 3}).json()["slug"] == "not_allowed"
    assert admin.delete(f"{API}/trunks/{key}").status_code == 204


def test_destinations_are_blocked_for_ones_own_people(cast, olivia):
    BlockedDestination.objects.create(prefix="+882", reason="satellites")
    added = _send(olivia, "POST", "/blocked-destinations", {"prefix": "+1900"})
    assert (added.status_code, added.json()["organization"]) == (201, "0003")
    assert _send(olivia, "POST", "/blocked-destinations", {"prefix": "+1900"}).json()["field"] == "prefix"
    everybodys, own = olivia.get(f"{API}/blocked-destinations").json()["items"]
    assert olivia.delete(f"{API}/blocked-destinations/{everybodys['id']}").json()["slug"] == "not_allowed"
    assert olivia.delete(f"{API}/blocked-destinations/{own['id']}").status_code == 204


def test_the_server_is_set_by_its_administrators(cast, admin, olivia):
    assert _send(admin, "PATCH", "/preferences", {"files_limit": 7, "sent_days": None}).json()["sent_days"] is None
    assert Preferences.current().files_limit == 7
    for method, path, body in (
        ("GET", "/preferences", {}),
        ("POST", "/organizations", {"number": "0009", "name": "X"}),
    ):
        assert _send(olivia, method, path, body).json()["slug"] == "not_allowed"
    assert _send(admin, "POST", "/organizations", {"number": "0009", "name": "X"}).status_code == 201
    assert admin.delete(f"{API}/organizations/0009").json() == {"with_it": []}
    assert not Organization.objects.filter(number="0009").exists()
