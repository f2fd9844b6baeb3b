"""Nothing hangs for ever: each status that moves has a chore that keeps its deadline, also after the server was off."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from caselli.fax.outcome import CallEnd, CallReport
from caselli.fax.status import DELIVERY_DEADLINES, DELIVERY_RESTS, FAX_DEADLINES, FAX_RESTS, DeliveryStatus, FaxStatus
from caselli.fax.submission import HandedFile, Submission
from caselli.intake import chores as promises
from caselli.intake.promised import Announced, announce
from caselli.intake.submit import submit
from caselli.queue import report
from caselli.queue.claim import claim
from caselli.queue.decide import cancel
from caselli.store.models import Attempt, Delivery, Event, Fax, Organization, PromisedFile, Trunk
from caselli.workers import chores

LONG_AGO = timedelta(days=400)


def run_chores():
    """All that the job library's clock starts, as after a long night."""
    chores.recover_lost_calls(timestamp=0)
    chores.purge_old_faxes(timestamp=0)
    promises.end_promises(timestamp=0)


def a_waiting_one(cast, make_fax):
    make_fax("+12025550100", hold=True)
    Fax.objects.update(added_at=timezone.now() - LONG_AGO)


def a_queued_one(cast, make_fax):
    make_fax("+12025550100")
    Delivery.objects.update(queued_at=timezone.now() - LONG_AGO)


def a_call_whose_dialer_died(cast, make_fax):
    make_fax("+12025550100")
    claim("a dialer that died")
    Attempt.objects.update(lease_until=timezone.now() - LONG_AGO)


def a_try_that_was_due(cast, make_fax):
    make_fax("+12025550100")
    (one,) = claim("a")
    report.ended(one.attempt_id, CallReport(CallEnd.REJECTED, sip_code=486))
    Delivery.objects.update(next_try_at=timezone.now() - timedelta(minutes=5))


OVERDUE_DELIVERIES = {
    DeliveryStatus.WAITING: a_waiting_one,
    DeliveryStatus.QUEUED: a_queued_one,
    DeliveryStatus.SENDING: a_call_whose_dialer_died,
    DeliveryStatus.RETRY_WAIT: a_try_that_was_due,
}


@pytest.mark.parametrize("status", [one for one in DeliveryStatus if one not in DELIVERY_RESTS])
def test_an_overdue_delivery_is_moved_by_the_chores_alone(cast, make_fax, status):
    """A new status that moves fails here until somebody writes what keeps its deadline."""
    OVERDUE_DELIVERIES[status](cast, make_fax)
    assert Delivery.objects.get().status == status
    run_chores()
    assert Delivery.objects.get().status != status
    assert status in DELIVERY_DEADLINES


def an_unconfirmed_one(cast, make_fax):
    make_fax("+12025550100", hold=True)
    Fax.objects.update(status=FaxStatus.AWAITING_APPROVAL, added_at=timezone.now() - LONG_AGO)


def one_whose_file_never_came(cast, make_fax):
    del make_fax
    announce(Submission(cast.desk.pk, "api", ("+12025550100",), (), person_id=cast.alice.pk), [Announced("a.pdf")])
    PromisedFile.objects.update(ends_at=timezone.now() - timedelta(seconds=1))


OVERDUE_FAXES = {
    FaxStatus.RECEIVED: one_whose_file_never_came,
    FaxStatus.AWAITING_APPROVAL: an_unconfirmed_one,
    FaxStatus.APPROVED: a_waiting_one,
}
PASSED_IN_ONE_TRANSACTION = frozenset({FaxStatus.RENDERED, FaxStatus.PRE_APPROVED})
MAY_BE_PASSED = PASSED_IN_ONE_TRANSACTION | {FaxStatus.RECEIVED}


@pytest.mark.parametrize("status", [one for one in FaxStatus if one not in FAX_RESTS | PASSED_IN_ONE_TRANSACTION])
def test_an_overdue_fax_is_moved_by_the_chores_alone(cast, make_fax, status):
    OVERDUE_FAXES[status](cast, make_fax)
    assert Fax.objects.get().status == status
    run_chores()
    fax = Fax.objects.get()
    never_whole = status is FaxStatus.RECEIVED
    assert fax.status == (FaxStatus.REFUSED if never_whole else FaxStatus.CANCELED)
    assert fax.shown_status == ("Send Failed" if never_whole else "Canceled")
    assert status in FAX_DEADLINES


def refuse(status):
    """From now on the database refuses every step of a fax to ``status``."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$;"
            "CREATE TRIGGER refuse BEFORE INSERT ON store_event FOR EACH ROW"
            f" WHEN (NEW.delivery_id IS NULL AND NEW.new = '{status}') EXECUTE FUNCTION refuse()"
        )


@pytest.mark.parametrize("last", [FaxStatus.RENDERED, FaxStatus.RELEASED])
def test_a_submission_that_dies_on_its_way_leaves_no_fax_half_way(cast, submission, last):
    """RENDERED and PRE_APPROVED need no chore, nor RECEIVED where all files came along: it has been left again when the
    transaction ends.
    """
    refuse(last)
    with pytest.raises(DatabaseError, match="refused"):
        submit(submission)
    assert not Fax.objects.exists()
    assert not Delivery.objects.exists()


def test_a_submission_leaves_every_status_that_needs_no_chore(cast, submission):
    submit(submission)
    passed = set(Event.objects.filter(delivery=None).values_list("new", flat=True)) - {Fax.objects.get().status}
    assert passed <= {str(one) for one in MAY_BE_PASSED}
    assert set(PASSED_IN_ONE_TRANSACTION) | set(OVERDUE_FAXES) == set(FAX_DEADLINES)


@pytest.fixture
def submission(cast):
    files = (HandedFile("letter.txt", b"A letter to the clinic"),)
    return Submission(cast.desk.pk, "web", ("+12025550100",), files, person_id=cast.alice.pk, ip="192.0.2.7")


def test_how_long_a_fax_waits_for_a_line_is_its_organization_s_to_say(cast, make_fax):
    make_fax("+12025550100")
    Delivery.objects.update(queued_at=timezone.now() - timedelta(hours=5))
    run_chores()
    assert Delivery.objects.get().status == "queued"
    Organization.objects.update(queue_hours=4)
    run_chores()
    one = Delivery.objects.get()
    assert (one.status, one.cause, Fax.objects.get().shown_status) == ("failed", "expired", "Send Failed")


def test_what_no_trunk_leads_to_says_so_when_its_time_is_over(cast, make_fax):
    a_queued_one(cast, make_fax)
    Trunk.objects.update(prefix="+49")
    run_chores()
    assert Delivery.objects.get().cause == "no_trunk"


def test_what_was_switched_off_all_the_time_says_so(cast, make_fax):
    a_queued_one(cast, make_fax)
    Organization.objects.update(enabled=False)
    run_chores()
    assert Delivery.objects.get().cause == "switched_off"


def test_a_fax_whose_time_to_wait_is_over_is_not_dialled_before_the_chore_comes(cast, make_fax):
    a_queued_one(cast, make_fax)
    assert claim("a") == []


def test_a_retry_that_came_due_while_everything_was_off_is_tried_and_not_given_up(cast, make_fax):
    a_try_that_was_due(cast, make_fax)
    run_chores()
    assert len(claim("a")) == 1


def test_a_call_without_a_lease_is_ended_too(cast, make_fax):
    a_call_whose_dialer_died(cast, make_fax)
    Attempt.objects.update(lease_until=None)
    run_chores()
    assert Delivery.objects.get().status == "sending"
    Attempt.objects.update(started_at=timezone.now() - timedelta(minutes=1))
    run_chores()
    assert (Delivery.objects.get().status, Attempt.objects.get().cause) == ("retry_wait", "dialer_lost")


def test_a_delivery_on_the_line_without_any_open_call_is_left_to_a_person(cast, make_fax):
    a_call_whose_dialer_died(cast, make_fax)
    Attempt.objects.update(ended_at=timezone.now())
    run_chores()
    assert (Delivery.objects.get().status, Fax.objects.get().shown_status) == ("unknown", "Send Failed")


def test_a_wish_to_cancel_whose_dialer_died_is_fulfilled_by_the_chores(cast, make_fax):
    fax = make_fax("+12025550100")
    claim("a dialer that died")
    cancel(fax, cast.alice, None)
    Attempt.objects.update(lease_until=timezone.now() - LONG_AGO)
    run_chores()
    assert (Delivery.objects.get().status, Fax.objects.get().shown_status) == ("canceled", "Canceled")


def test_many_overdue_retries_are_all_queued_again_in_one_night(cast, make_fax, monkeypatch):
    monkeypatch.setattr("caselli.queue.claim.AT_ONCE", 3)
    make_fax(*(f"+120255501{last:02}" for last in range(10)))
    Delivery.objects.update(status="retry_wait", next_try_at=timezone.now() - timedelta(minutes=1))
    run_chores()
    assert set(Delivery.objects.values_list("status", flat=True)) == {"queued"}
