"""Faxes that go out at their time: not before, then at once, and only what was approved."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from caselli.approval import decide as approval
from caselli.approval.request import content_of
from caselli.fax.status import FaxStatus, Mover
from caselli.history import purge
from caselli.intake.readdress import readdress
from caselli.queue import decide
from caselli.queue.release import AT_ONCE, release_due
from caselli.store import journey
from caselli.store.models import Delivery, Document, Event, Fax, Preferences


@pytest.fixture
def timed(cast, make_fax):
    """``timed(hours)``: a pre-approved fax that goes out then; ``status``: as it waits."""

    def make(hours=1.0, status="pre_approved", number="+12025550100"):
        fax = make_fax(number, hold=True)
        Fax.objects.filter(pk=fax.pk).update(
            channel="api",
            status=status,
            send_at=timezone.now() + timedelta(hours=hours),
            approved_content=content_of(fax),
        )
        return Fax.objects.get(pk=fax.pk)

    return make


def statuses():
    return list(Fax.objects.order_by("pk").values_list("status", flat=True))


def test_it_waits_for_its_time_and_says_how_long(timed):
    assert release_due() is None
    timed(hours=2)
    timed(hours=1)
    assert 3500 < release_due() <= 3600
    assert statuses() == ["pre_approved", "pre_approved"]
    assert set(Delivery.objects.values_list("status", flat=True)) == {"waiting"}


@pytest.mark.parametrize("status", ["pre_approved", "approved"])
def test_when_its_time_has_come_it_goes_into_the_queue(timed, status):
    fax = timed(hours=-0.001, status=status)
    timed(hours=1)
    assert release_due() > 3500
    assert statuses() == ["released", "pre_approved"]
    step = Event.objects.get(fax=fax, delivery=None, new="released")
    assert (step.old, step.mover, step.note) == (status, "system", "its time has come")
    assert fax.deliveries.get().status == "queued"


def test_a_priority_goes_with_it(timed):
    fax = timed(hours=-1)
    Fax.objects.update(priority=7)
    release_due()
    assert fax.deliveries.get().priority == 7


def test_many_at_a_time_are_released_look_by_look(timed):
    fax = timed(hours=-1)
    Delivery.objects.all().delete()
    row = Fax.objects.filter(pk=fax.pk).values().get()
    Fax.objects.bulk_create(
        Fax(**{name: value for name, value in row.items() if name not in {"id", "uid", "key"}}) for _ in range(AT_ONCE)
    )
    assert release_due() == 0.0
    assert release_due() is None
    assert set(statuses()) == {"released"}


def test_what_is_cancelled_before_never_goes(cast, timed):
    fax = timed(hours=1)
    decide.cancel(fax, cast.alice, None)
    Fax.objects.update(send_at=timezone.now() - timedelta(hours=1))
    assert release_due() is None
    assert statuses() == ["canceled"]


def test_what_changed_after_its_yes_waits_for_another_one(cast, timed):
    fax = timed(hours=-1, status="approved")
    Document.objects.create(fax=fax, position=1, name="new", kind="pdf", blob="x", size=1, pages=1)
    assert release_due() is None
    assert Fax.objects.get().shown_status == "Not approved"
    assert Event.objects.filter(note="it is not any more what was approved").exists()


def test_an_approved_one_can_be_sent_before_its_time(cast, timed):
    fax = timed(hours=1, status="approved")
    decide.send_held(fax, cast.alice, None)
    assert statuses() == ["released"]


def test_other_recipients_may_be_given_until_then(cast, timed):
    fax = timed(hours=-1, status="approved")
    Delivery.objects.update(name="Dr. Miller", sandbox=True)
    readdress(fax, cast.alice, None, ["+12025550100", "+12025550101"])
    assert list(fax.deliveries.values_list("name", "sandbox")) == [("Dr. Miller", False), ("", False)]
    release_due()
    assert set(fax.deliveries.values_list("status", flat=True)) == {"queued"}


@pytest.mark.parametrize(("hours", "status"), [(1, "approved"), (-1, "released")])
def test_the_yes_of_a_second_person_lets_it_go_at_its_time_or_at_once(cast, timed, hours, status):
    fax = timed(hours=hours, status="awaiting_approval")
    approval.approve(fax, cast.olivia, None, content_of(fax))
    assert statuses() == [status]


def test_what_waits_for_its_time_is_not_given_up_as_unconfirmed(timed):
    Preferences.objects.update_or_create(id=1, defaults={"unconfirmed_days": 1})
    for status in ("approved", "pre_approved", "awaiting_approval"):
        timed(hours=24 * 30, status=status)
    Fax.objects.update(added_at=timezone.now() - timedelta(days=3))
    purge.purge()
    assert statuses() == ["approved", "pre_approved", "canceled"]


@pytest.mark.django_db(transaction=True)
def test_somebody_who_decides_on_it_at_this_moment_is_not_waited_for(timed):
    fax, looked = timed(hours=-1), []

    def look():
        looked.append(release_due())
        connection.close()

    with transaction.atomic():
        journey.lock_fax(fax.pk)
        other = threading.Thread(target=look)
        other.start()
        other.join(30)
        assert looked == [0.0]  # look again at once
    assert release_due() is None
    assert statuses() == ["released"]


def test_a_step_that_nobody_may_take_is_none(timed):
    fax = timed(hours=1)
    with pytest.raises(ValueError, match="does not go from pre_approved to released by the person"):
        journey.advance_fax(fax, FaxStatus.RELEASED, journey.By(timezone.now(), Mover.PERSON))
