"""What a call tells, step by step, and what becomes of its delivery."""

from datetime import timedelta

import pytest
from django.utils import timezone

from caselli.fax.outcome import (
    CallEnd,
    CallReport,
    Direction,
    LadderEntry,
    LadderProtocol,
    PageReport,
    Transport,
)
from caselli.queue import lease, report
from caselli.queue.claim import claim
from caselli.queue.decide import cancel
from caselli.store.models import Attempt, Delivery, Event, Fax, Ladder

GOOD = PageReport(1, confirmed=True, rate=14_400, ecm=True, width=1728, length=2200, size=25_600, seconds=18.8)


@pytest.fixture
def call(make_fax):
    """A fax of two pages, claimed and dialled: (fax, attempt id)."""
    fax = make_fax("+12025550100", pages=2)
    (one,) = claim("dialer-1")
    report.dialled(one.attempt_id)
    return fax, one.attempt_id


def delivery():
    return Delivery.objects.get()


def shown():
    return Fax.objects.get().shown_status


def test_a_call_with_every_page_confirmed_makes_the_fax_sent(call):
    _, attempt_id = call
    pages = (GOOD, PageReport(2, confirmed=True))
    ladder = (LadderEntry(0.01, LadderProtocol.SIP, Direction.SENT, "INVITE"),)
    report.ended(
        attempt_id,
        CallReport(
            CallEnd.COMPLETED,
            seconds=50,
            answered=True,
            sip_code=200,
            t30_code=0,
            transport=Transport.T38,
            remote_id="+1 202 555 0100",
            rate=14_400,
            ecm=True,
            final_page_out=True,
            pages=pages,
            ladder=ladder,
        ),
    )
    attempt = Attempt.objects.get()
    assert delivery().status == "delivered"
    assert shown() == "Sent"
    assert Fax.objects.get().ended_at is not None
    assert (attempt.pages_confirmed, attempt.rate, attempt.ecm, attempt.transport) == (2, 14_400, True, "t38")
    assert attempt.pages[0]["length"] == 2200
    assert Ladder.objects.get(attempt=attempt).entries[0]["name"] == "INVITE"


def test_pages_are_counted_as_they_are_confirmed(call):
    _, attempt_id = call
    report.page_confirmed(attempt_id, GOOD)
    assert delivery().pages_confirmed == Attempt.objects.get().pages_confirmed == 1
    report.page_confirmed(attempt_id, GOOD)
    assert Attempt.objects.get().pages_confirmed == 1


def test_the_next_call_begins_with_the_first_unconfirmed_page(call):
    _, attempt_id = call
    report.page_confirmed(attempt_id, GOOD)
    report.ended(attempt_id, CallReport(CallEnd.FAR_HUNG_UP, answered=True, transport=Transport.T38, pages=(GOOD,)))
    assert delivery().status == "retry_wait"
    Delivery.objects.update(status="queued")
    (again,) = claim("dialer-1")
    assert again.first_page == 2
    report.ended(again.attempt_id, CallReport(CallEnd.COMPLETED, pages=(PageReport(2, confirmed=True),)))
    assert delivery().status == "delivered"
    assert delivery().pages_confirmed == 2


def test_a_busy_line_waits_for_its_next_try_and_says_why(call):
    report.ended(call[1], CallReport(CallEnd.REJECTED, sip_code=486))
    one = delivery()
    assert (one.status, one.cause, one.dials, one.answered) == ("retry_wait", "busy", 1, 0)
    assert timedelta(seconds=179) < one.next_try_at - timezone.now() < timedelta(seconds=199)
    assert shown() == "Scheduled For Sending"


def test_a_number_that_does_not_exist_fails_at_once(call):
    report.ended(call[1], CallReport(CallEnd.REJECTED, sip_code=404))
    assert (delivery().status, shown()) == ("failed", "Send Failed")


def test_a_second_telling_of_the_end_changes_nothing(call):
    report.ended(call[1], CallReport(CallEnd.REJECTED, sip_code=404))
    events = Event.objects.count()
    report.ended(call[1], CallReport(CallEnd.COMPLETED, pages=(GOOD, PageReport(2, confirmed=True))))
    assert (delivery().status, Event.objects.count()) == ("failed", events)


def test_a_cancelled_call_that_got_through_all_the_same_is_sent(call, cast):
    fax, attempt_id = call
    cancel(fax, cast.alice, None)
    report.ended(attempt_id, CallReport(CallEnd.CANCELED, pages=(GOOD, PageReport(2, confirmed=True))))
    assert shown() == "Sent"


def test_a_cancelled_call_ends_as_canceled(call, cast):
    fax, attempt_id = call
    cancel(fax, cast.alice, None)
    assert shown() == "Scheduled For Sending"
    report.ended(attempt_id, CallReport(CallEnd.CANCELED, answered=True))
    assert (delivery().status, shown()) == ("canceled", "Canceled")


def test_a_call_that_a_stopping_dialer_hung_up_is_tried_again(call):
    report.ended(call[1], CallReport(CallEnd.CANCELED, answered=True))
    assert (delivery().status, delivery().cause) == ("retry_wait", "dialer_lost")


def test_a_call_that_was_cancelled_before_its_moment_came_is_not_dialled(make_fax, cast):
    fax = make_fax("+12025550100")
    (one,) = claim("dialer-1")
    cancel(fax, cast.alice, None)
    assert report.dialled(one.attempt_id) is False
    report.ended(one.attempt_id, CallReport(CallEnd.CANCELED))
    assert (delivery().status, delivery().dials, shown()) == ("canceled", 0, "Canceled")


def test_every_step_leaves_its_event(call):
    report.ended(call[1], CallReport(CallEnd.REJECTED, sip_code=404))
    steps = list(Event.objects.exclude(delivery=None).values_list("old", "new", "mover", "note"))
    assert steps == [
        ("waiting", "queued", "person", ""),
        ("queued", "sending", "system", "by Provider"),
        ("sending", "failed", "system", "no_such_number"),
    ]


def test_a_dialer_that_died_before_the_last_page_leaves_a_retry(call):
    report.answered(call[1])
    report.page_confirmed(call[1], GOOD)
    assert lease.recover("dialer-1") == 1
    one = delivery()
    assert (one.status, one.cause, one.pages_confirmed) == ("retry_wait", "dialer_lost", 1)


def test_a_dialer_that_died_after_the_last_page_leaves_an_unknown_that_nobody_redials(call):
    assert report.final_page_out(call[1]) is True
    lease.recover("dialer-1")
    assert (delivery().status, shown()) == ("unknown", "Send Failed")
    assert claim("dialer-1") == []


def test_a_dialer_that_died_after_the_last_confirmation_leaves_a_sent_fax(call):
    report.page_confirmed(call[1], GOOD)
    report.final_page_out(call[1])
    report.page_confirmed(call[1], PageReport(2, confirmed=True))
    lease.recover("dialer-1")
    assert shown() == "Sent"


def test_a_living_lease_is_left_alone_and_an_old_one_is_ended_by_anybody(call):
    assert lease.recover() == 0
    Attempt.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert lease.recover() == 1
    assert lease.recover() == 0


def test_a_renewed_lease_lives_on(call):
    Attempt.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    lease.renew([call[1]])
    assert lease.recover() == 0


def test_who_lost_the_call_is_told_so_when_the_last_page_goes_out(call):
    lease.recover("dialer-1")
    assert report.final_page_out(call[1]) is False
