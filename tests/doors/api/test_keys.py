"""A key opens what it was made for, and nothing once it is taken back."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from caselli.directory import api_keys
from caselli.directory.api_keys import NotMade
from caselli.directory.audit import Actor
from caselli.directory.scopes import Scope
from caselli.store.models import ApiKey, AuditEntry

ME = "/api/v1/me"


def test_a_key_says_whose_it_is(cast, program_of):
    answer = program_of(cast.alice, Scope.FAX_READ, Scope.FAX_SEND).get(ME)
    assert answer.status_code == 200
    told = answer.json()
    assert told["login"] == "alice"
    assert told["organization"] == {"number": "0003", "name": "Acme Clinic", "time_zone": "America/New_York"}
    assert told["scopes"] == ["fax:read", "fax:send"]
    assert (told["by"], told["id"]) == ("key", str(ApiKey.objects.get().uid))


def test_of_the_secret_only_the_digest_and_its_beginning_are_kept(cast, secret_of):
    secret, sandbox = secret_of(cast.alice), secret_of(cast.alice, sandbox=True)
    assert secret.startswith("caselli_")
    assert sandbox.startswith("caselli_sandbox_")
    assert len(secret) >= len("caselli_") + 43  # 32 bytes in base64
    for key in ApiKey.objects.values():
        assert not any(secret in str(value) or sandbox in str(value) for value in key.values())
    for entry in AuditEntry.objects.values():
        assert not any(secret in str(value) or sandbox in str(value) for value in entry.values())
    assert [one.shown for one in ApiKey.objects.order_by("pk")] == [secret[:14], sandbox[:22]]


@pytest.mark.parametrize(
    ("header", "slug"),
    [
        ({}, "key_missing"),
        ({"Authorization": "Basic YWxpY2U6c2VjcmV0"}, "key_missing"),
        ({"Authorization": "Bearer"}, "key_missing"),
        ({"Authorization": "Bearer caselli_nobody"}, "key_invalid"),
        ({"Authorization": "Bearer " + "x" * 5000}, "key_invalid"),
        ({"Authorization": "Bearer caselli_\xff\xfe"}, "key_invalid"),
    ],
)
def test_without_a_key_of_ours_there_is_a_401(db, header, slug):
    answer = Client().get(ME, headers=header)
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["slug"] == slug


def test_a_session_opens_nothing(cast):
    browser = Client()
    browser.force_login(cast.alice)
    assert browser.get(ME).json()["slug"] == "key_missing"


def test_a_key_that_is_taken_back_opens_nothing_any_more(cast, program_of):
    program = program_of(cast.alice)
    assert program.get(ME).status_code == 200
    api_keys.end(ApiKey.objects.get(), Actor(cast.alice))
    assert program.get(ME).json()["slug"] == "key_ended"


def test_a_key_that_has_expired_opens_nothing(cast, program_of):
    program = program_of(cast.alice, expires_at=timezone.now() + timedelta(hours=1))
    assert program.get(ME).status_code == 200
    ApiKey.objects.update(expires_at=timezone.now())
    assert program.get(ME).json()["slug"] == "key_expired"


def test_a_person_who_is_switched_off_takes_the_keys_along(cast, program_of):
    program = program_of(cast.alice)
    cast.alice.is_active = False
    cast.alice.save()
    assert program.get(ME).json()["slug"] == "person_off"


def test_an_organization_out_of_service_takes_the_keys_of_its_people_along(cast, program_of):
    program, administrator = program_of(cast.alice), program_of(cast.admin)
    cast.clinic.enabled = False
    cast.clinic.save()
    assert program.get(ME).json()["slug"] == "person_off"
    assert administrator.get(ME).status_code == 200


def test_where_a_second_factor_is_asked_for_keys_of_who_has_none_open_nothing(cast, program_of):
    before = program_of(cast.alice)
    cast.clinic.second_factor_required = True
    cast.clinic.save()
    for program in (before, program_of(cast.alice)):
        answer = program.get(ME)
        assert (answer.status_code, answer.json()["slug"]) == (401, "second_factor_missing")
        assert "set one up" in answer.json()["remedy"]
        assert "invalid_token" in answer["WWW-Authenticate"]
    Authenticator.objects.create(user=cast.alice, type="recovery_codes", data={})
    assert before.get(ME).status_code == 401
    Authenticator.objects.create(user=cast.alice, type="totp", data={})
    assert before.get(ME).status_code == 200


def test_only_who_administers_makes_keys_that_administer(cast, secret_of, program_of):
    with pytest.raises(NotMade) as refused:
        secret_of(cast.alice, Scope.ADMIN)
    assert refused.value.field == "scopes"
    assert "admin" in program_of(cast.olivia, Scope.ADMIN).get(ME).json()["scopes"]


def test_who_administers_no_more_loses_the_scope(cast, program_of):
    program = program_of(cast.olivia, Scope.ADMIN, Scope.FAX_READ)
    cast.olivia.role = "user"
    cast.olivia.save()
    assert program.get(ME).json()["scopes"] == ["fax:read"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"scopes": ()}, "scopes"),
        ({"expires_at": timezone.now() - timedelta(seconds=1)}, "expires"),
    ],
)
def test_a_key_that_makes_no_sense_is_not_made(cast, wrong, field):
    with pytest.raises(NotMade) as refused:
        api_keys.make(cast.alice, Actor(cast.alice), **{"name": "Test", "scopes": [Scope.FAX_READ]} | wrong)
    assert refused.value.field == field
    assert not ApiKey.objects.exists()


def test_a_person_has_no_more_keys_than_anybody_can_look_after(cast, secret_of):
    now = timezone.now()
    ApiKey.objects.bulk_create(
        ApiKey(person=cast.alice, name="old", digest=str(n), shown="caselli_", created_at=now)
        for n in range(api_keys.LIVE_KEYS - 1)
    )
    secret_of(cast.alice)
    with pytest.raises(NotMade):
        secret_of(cast.alice)
    api_keys.end(ApiKey.objects.first(), Actor(cast.alice))
    secret_of(cast.alice)


def test_the_last_use_is_written_once_a_minute(cast, program_of, django_assert_num_queries):
    program = program_of(cast.alice)
    assert ApiKey.objects.get().last_used_at is None
    program.get(ME, REMOTE_ADDR="192.0.2.7")
    first = ApiKey.objects.get()
    assert first.last_used_ip == "192.0.2.7"
    program.get(ME, REMOTE_ADDR="192.0.2.8")
    assert ApiKey.objects.get().last_used_at == first.last_used_at
    long_ago = timezone.now() - timedelta(minutes=2)
    ApiKey.objects.update(last_used_at=long_ago)
    program.get(ME, REMOTE_ADDR="192.0.2.8")
    assert ApiKey.objects.get().last_used_at > long_ago
    assert ApiKey.objects.get().last_used_ip == "192.0.2.8"


def test_making_and_taking_back_stand_in_the_audit(cast, secret_of):
    secret_of(cast.alice, Scope.FAX_READ, name="Front office")
    key = ApiKey.objects.get()
    assert api_keys.end(key, Actor(cast.olivia, "192.0.2.9"))
    assert not api_keys.end(key, Actor(cast.olivia))
    ended, made = AuditEntry.objects.filter(kind="API key").order_by("-pk")
    assert (made.person, made.deed, made.organization) == (cast.alice, "added", cast.clinic)
    assert "Front office" in made.subject
    assert (ended.person, ended.ip, ended.deed) == (cast.olivia, "192.0.2.9", "removed")


def test_who_sees_whose_keys(cast, secret_of):
    for person in (cast.admin, cast.olivia, cast.alice, cast.charlie):
        secret_of(person)
    seen = {
        viewer.username: set(api_keys.seen_by(viewer).values_list("person__username", flat=True))
        for viewer in (cast.admin, cast.olivia, cast.alice, cast.bob, cast.charlie)
    }
    assert seen == {
        "admin": {"admin", "olivia", "alice", "charlie"},
        "olivia": {"olivia", "alice"},
        "alice": {"alice"},
        "bob": set(),
        "charlie": {"charlie"},
    }
