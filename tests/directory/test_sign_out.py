"""Who is switched off, is out."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from caselli.directory.forms import UserForm
from caselli.directory.sign_out import sign_out_everywhere


@pytest.fixture
def sessions(cast):
    """Alice twice, Bob once."""
    for user in (cast.alice, cast.alice, cast.bob):
        Client().force_login(user)
    return Session.objects


def test_all_sessions_of_one_person_end_and_no_others(cast, sessions):
    sign_out_everywhere(cast.alice)
    assert [one.get_decoded()["_auth_user_id"] for one in sessions.all()] == [str(cast.bob.pk)]


def test_a_change_that_switches_nobody_off_ends_no_session(cast, sessions):
    told = {"email": "alice@acme.example", "first_name": "Alicia"}
    form = UserForm.filled(told, cast.alice, None)
    assert form.is_valid(), form.errors
    form.save()
    assert sessions.count() == 3


def test_switching_somebody_off_ends_their_sessions(cast, sessions):
    form = UserForm.filled({"email": "alice@acme.example", "is_active": False}, cast.alice, None)
    assert form.is_valid(), form.errors
    form.save()
    assert sessions.count() == 1
