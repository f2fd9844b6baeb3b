"""API keys in the browser: made after a confirmation, shown once, taken back."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from caselli.directory import api_keys
from caselli.directory.audit import Actor
from caselli.directory.scopes import Scope
from caselli.store.models import ApiKey, AuditEntry, User

KEYS, ADD = "/account/keys", "/account/keys/add"
FORM = {"name": "Front office", "scopes": ["fax:read", "fax:send"], "kind": "live", "expires": ""}


def signed_in(person):
    """By the password, a moment ago: nothing is asked again."""
    browser = Client()
    assert browser.post("/login", {"login": person.username, "password": "secret"}).status_code == 302
    return browser


@pytest.fixture
def alice(cast):
    return signed_in(cast.alice)


def key_of(person, name="Front office"):
    return api_keys.make(person, Actor(person), name=name, scopes=[Scope.FAX_READ])


def me(secret):
    return Client().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"})


def test_a_key_is_shown_once_and_works(alice):
    page = alice.post(ADD, FORM)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    (secret,) = set(re.findall(r"caselli_[\w-]{40,}", page.content.decode()))
    assert me(secret).json()["scopes"] == ["fax:read", "fax:send"]
    listed = alice.get(KEYS).content.decode()
    assert "Front office" in listed
    assert secret[:14] in listed
    assert secret not in listed
    assert AuditEntry.objects.latest("id").ip == "127.0.0.1"


def test_a_sandbox_key_says_so(alice):
    page = alice.post(ADD, FORM | {"kind": "sandbox", "expires": "2999-01-31"}).content.decode()
    assert "caselli_sandbox_" in page
    assert ApiKey.objects.get().sandbox
    listed = alice.get(KEYS).content.decode()
    assert "Sandbox" in listed
    assert "opens until 2999-02-01 00:00" in listed


def test_beside_a_key_stands_that_its_person_lacks_a_second_factor(cast, browser_of, django_assert_max_num_queries):
    cast.clinic.second_factor_required = True
    cast.clinic.save()
    Authenticator.objects.create(user=cast.olivia, type="totp", data={})
    for one in range(20):
        person = User.objects.create_user(f"person{one}", organization=cast.clinic)
        key_of(person)
    olivia = browser_of(cast.olivia)
    with django_assert_max_num_queries(20):
        listed = olivia.get(KEYS).content.decode()
    assert listed.count("Second factor missing") == 20
    assert "It opens nothing as long as person3 has no second factor: Acme Clinic asks for one." in listed


def test_who_was_not_confirmed_lately_is_asked_first(cast, browser_of):
    browser = browser_of(cast.alice)
    assert browser.get(ADD).url.startswith("/account/confirm")
    assert browser.post(ADD, FORM).url.startswith("/account/confirm")
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["admin"]}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"expires": "soon"}, "expires"),
        ({"expires": "9999-12-31"}, "expires"),
        ({"expires": "2001-01-01"}, "expires"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(alice, wrong, field):
    page = alice.post(ADD, FORM | wrong)
    assert page.status_code == 422
    assert f'href="#{field}"' in page.content.decode()
    assert f'id="{field}-error"' in page.content.decode()
    assert not ApiKey.objects.exists()


def test_only_who_administers_is_offered_the_scope_that_administers(cast, alice):
    assert 'value="admin"' not in alice.get(ADD).content.decode()
    assert 'value="admin"' in signed_in(cast.olivia).get(ADD).content.decode()


def test_a_key_is_taken_back_after_a_question(cast, alice):
    key, secret = key_of(cast.alice)
    address = reverse("api-key-end", args=[key.uid])
    assert "Take back Front office?" in alice.get(address).content.decode()
    assert me(secret).status_code == 200
    alice.post(address)
    assert me(secret).status_code == 401
    page = alice.get(KEYS).content.decode()
    assert "Taken back" in page
    assert address not in page


def test_administrators_see_and_take_back_the_keys_of_their_people(cast, browser_of):
    key, secret = key_of(cast.alice)
    key_of(cast.charlie, "Rival's")
    olivia = browser_of(cast.olivia)
    page = olivia.get(KEYS).content.decode()
    assert "Front office" in page
    assert "Rival" not in page
    olivia.post(reverse("api-key-end", args=[key.uid]))
    assert me(secret).json()["slug"] == "key_ended"


def test_the_account_leads_there(alice):
    assert f'href="{KEYS}"' in alice.get("/account").content.decode()
