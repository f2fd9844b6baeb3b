"""Removing asks first, on a page of its own; what is in use says why it stays."""

import pytest

from caselli.directory import api_keys
from caselli.directory.audit import Actor
from caselli.directory.scopes import Scope
from caselli.store.models import Extension, Organization, User


@pytest.fixture
def eve(cast):
    return User.objects.create_user("eve", organization=cast.clinic)


def test_a_user_who_was_added_by_mistake_is_removed(cast, olivia, at, eve):
    ask = at("user-remove", eve.pk)
    assert f'href="{ask}"' in olivia.get(at("user", eve.pk)).content.decode()
    page = olivia.get(ask).content.decode()
    assert "Remove eve?" in page
    assert "Keep it" in page
    answer = olivia.post(ask, follow=True)
    assert answer.redirect_chain == [(at("users"), 302)]
    assert "eve is removed." in answer.content.decode()
    assert not User.objects.filter(pk=eve.pk).exists()


def test_what_programs_use_of_a_user_is_told_before(cast, olivia, at, eve):
    ask = at("user-remove", eve.pk)
    assert "These go too" not in olivia.get(ask).content.decode()
    keys = [api_keys.make(eve, Actor(eve), name=f"Key {one}", scopes=[Scope.FAX_READ])[0] for one in range(10)]
    page = olivia.get(ask).content.decode()
    assert "10 API keys" in page
    assert keys[7].shown in page
    assert "and 2 more" in page
    olivia.post(ask)
    audit = olivia.get(at("audit")).content.decode()
    assert all(one.shown in audit for one in keys)


def test_nobody_removes_themselves(cast, olivia, at):
    ask = at("user-remove", cast.olivia.pk)
    assert ask not in olivia.get(at("user", cast.olivia.pk)).content.decode()
    assert olivia.post(ask).status_code == 404


def test_who_owns_an_extension_stays_and_the_page_says_what_to_do(cast, olivia, at):
    ask = at("user-remove", cast.bob.pk)
    page = olivia.get(ask).content.decode()
    assert "Bob (bob) cannot be removed" in page
    assert "Give it to somebody else first" in page
    assert 'class="danger"' not in page
    assert olivia.post(ask).status_code == 409


def test_an_extension_is_removed(cast, olivia, at):
    ask = at("administered-extension-remove", cast.lab.pk)
    assert f'href="{ask}"' in olivia.get(at("administered-extension", cast.lab.pk)).content.decode()
    assert "Extension 211 Lab is removed." in olivia.post(ask, follow=True).content.decode()
    assert not Extension.objects.filter(pk=cast.lab.pk).exists()


def test_an_organization_is_removed_by_an_administrator_of_the_server_alone(cast, admin, olivia, at):
    empty = Organization.objects.create(number="0009", name="Mistake")
    assert at("organization-remove", empty.pk) in admin.get(at("organization", empty.pk)).content.decode()
    assert "/remove" not in olivia.get(at("organization", cast.clinic.pk)).content.decode()
    assert "0009 Mistake is removed." in admin.post(at("organization-remove", empty.pk), follow=True).content.decode()
    assert not Organization.objects.filter(pk=empty.pk).exists()
