"""A trunk that does not carry a call costs no wait where another leads there, and is not asked again first."""

from datetime import timedelta

import pytest
from django.utils import timezone

from caselli.fax.outcome import CallEnd, CallReport
from caselli.queue import report
from caselli.queue.claim import claim, promote_due
from caselli.store.models import Delivery, Trunk

DOWN = CallReport(CallEnd.REJECTED, sip_code=503, retry_after=900)
SILENT = CallReport(CallEnd.UNREACHABLE)
BUSY = CallReport(CallEnd.REJECTED, sip_code=486)


@pytest.fixture
def second(cast):
    return Trunk.objects.create(name="Second", host="h", position=20)


def dial(outcome):
    """Claim the one delivery that may go, end its call so, and say which trunk it took."""
    (one,) = claim("a")
    report.dialled(one.attempt_id)
    report.ended(one.attempt_id, outcome)
    return one.trunk


def wait():
    return (Delivery.objects.get().next_try_at - timezone.now()).total_seconds()


def due_now():
    Delivery.objects.update(next_try_at=timezone.now())
    promote_due()


@pytest.mark.parametrize("outcome", [DOWN, SILENT])
def test_the_next_try_goes_by_the_other_trunk_and_at_once(cast, make_fax, second, outcome):
    make_fax("+12025550100")
    assert dial(outcome) == cast.trunk
    assert wait() <= 0
    promote_due()
    assert dial(outcome) == second


def test_when_all_of_them_failed_it_waits_and_begins_again_with_the_first(cast, make_fax, second):
    make_fax("+12025550100")
    dial(DOWN)
    promote_due()
    dial(SILENT)
    assert wait() > 250
    due_now()
    assert dial(BUSY) == cast.trunk


def test_a_busy_number_is_no_fault_of_the_trunk(cast, make_fax, second):
    make_fax("+12025550100")
    assert dial(BUSY) == cast.trunk
    assert wait() > 100
    due_now()
    assert dial(BUSY) == cast.trunk


def test_where_no_other_trunk_leads_there_it_waits_as_long_as_the_trunk_asks(cast, make_fax, second):
    Trunk.objects.filter(pk=second.pk).update(prefix="+49")
    make_fax("+12025550100")
    dial(DOWN)
    assert timedelta(seconds=wait()) > timedelta(seconds=899)
    due_now()
    assert dial(DOWN) == cast.trunk


def test_a_full_other_trunk_leaves_it_to_the_first_again(cast, make_fax, second):
    make_fax("+12025550100")
    dial(DOWN)
    promote_due()
    Trunk.objects.filter(pk=second.pk).update(enabled=False)
    assert dial(DOWN) == cast.trunk
