"""Keeping a form, removing a thing: with its line on the audit list, or not at all."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from caselli.directory.audit import Actor
from caselli.directory.change import NotKept, keep, remove, switch_trunk
from caselli.directory.forms import BlockedDestinationForm, OrganizationForm, TrunkForm
from caselli.store.models import AuditEntry, BlockedDestination, Organization, Trunk

OPERATOR = Actor(name="operator at the console")


def new_organization(**told):
    return OrganizationForm.filled({"number": "0005", "name": "New", **told}, Organization(), None)


def test_what_is_kept_is_noted_with_who_it_was(db):
    form = new_organization()
    assert form.is_valid(), form.errors
    kept = keep(form, OPERATOR)
    entry = AuditEntry.objects.get()
    assert (entry.deed, entry.kind, entry.subject) == ("added", "organization", "0005 New")
    assert (entry.person, entry.person_name, entry.organization) == (None, "operator at the console", kept)


def test_who_comes_second_is_told_and_nothing_is_noted(db):
    form = new_organization()
    assert form.is_valid()
    Organization.objects.create(number="0005", name="Quicker")
    with pytest.raises(NotKept), transaction.atomic():
        keep(form, OPERATOR)
    assert "Somebody else has just kept one" in form.non_field_errors()[0]
    assert not AuditEntry.objects.exists()


def test_a_thing_is_removed_once(cast):
    blocked = BlockedDestination.objects.create(organization=cast.clinic, prefix="+882")
    same = BlockedDestination.objects.get(pk=blocked.pk)
    for one in (blocked, same):
        remove(one, BlockedDestinationForm.kind, cast.clinic, OPERATOR)
    assert [one.subject for one in AuditEntry.objects.all()] == ["+882"]


def test_what_faxes_belong_to_is_not_removed_and_nothing_noted(cast, make_fax):
    make_fax("+12025550100")
    with pytest.raises(ProtectedError), transaction.atomic():
        remove(cast.desk, "extension", cast.clinic, OPERATOR)
    assert not AuditEntry.objects.exists()


def test_a_trunk_that_was_down_is_asked_at_once_when_somebody_has_changed_it(cast):
    Trunk.objects.update(down_until=timezone.now() + timedelta(minutes=5))
    form = TrunkForm.filled({"port": "5062"}, Trunk.objects.get(pk=cast.trunk.pk), None)
    assert form.is_valid(), form.errors
    keep(form, OPERATOR)
    kept = Trunk.objects.get(pk=cast.trunk.pk)
    assert (kept.port, kept.down_until) == (5062, None)


@pytest.mark.django_db(transaction=True)
def test_two_who_switch_a_trunk_off_at_once_are_noted_once():
    trunk = Trunk.objects.create(name="Provider", host="127.0.0.1")
    together = threading.Barrier(2)

    def switch():
        try:
            together.wait(60)
            switch_trunk(trunk, OPERATOR, enabled=False)
        finally:
            connection.close()

    threads = [threading.Thread(target=switch) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(120)
    assert Trunk.objects.get().enabled is False
    assert AuditEntry.objects.count() == 1
