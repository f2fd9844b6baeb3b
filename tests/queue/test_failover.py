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
NO_WAY_TO_THE_NUMBER = CallReport(CallEnd.REJECTED, sip_code=503)


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


def by():
    """Claim all that may go; the trunks they go by."""
    return [one.trunk for one in claim("a")]


@pytest.mark.parametrize("outcome", [DOWN, SILENT])
def test_a_trunk_that_is_down_is_not_asked_by_later_faxes_while_another_leads_there(cast, make_fax, second, outcome):
    make_fax("+12025550100")
    assert dial(outcome) == cast.trunk
    make_fax("+12025550120")
    assert by() == [second]


def test_they_wait_for_the_other_also_when_it_is_full(cast, make_fax, second):
    Trunk.objects.filter(pk=second.pk).update(channels=1)
    make_fax("+12025550100")
    dial(SILENT)
    make_fax("+12025550120", "+12025550121")
    promote_due()
    assert by() == [second]
    assert by() == []


def test_a_fax_that_a_trunk_refused_does_not_use_its_tries_up_on_it_while_the_other_is_full(cast, make_fax, second):
    Trunk.objects.filter(pk=second.pk).update(channels=1, prefix="+12025550")
    Trunk.objects.filter(pk=cast.trunk.pk).update(prefix="+1202555010")
    make_fax("+12025550120")
    assert by() == [second]
    make_fax("+12025550100")
    assert dial(NO_WAY_TO_THE_NUMBER) == cast.trunk
    promote_due()
    assert by() == []


def test_where_a_trunk_that_is_down_leads_alone_it_is_asked(cast, make_fax, second):
    Trunk.objects.filter(pk=second.pk).update(prefix="+49")
    Trunk.objects.filter(pk=cast.trunk.pk).update(down_until=timezone.now() + timedelta(minutes=5))
    make_fax("+12025550100")
    assert by() == [cast.trunk]


def test_where_all_of_them_are_down_their_order_holds(cast, make_fax, second):
    Trunk.objects.update(down_until=timezone.now() + timedelta(minutes=5))
    make_fax("+12025550100")
    assert by() == [cast.trunk]


def test_after_its_rest_it_is_asked_again(cast, make_fax, second):
    Trunk.objects.filter(pk=cast.trunk.pk).update(down_until=timezone.now() - timedelta(seconds=1))
    make_fax("+12025550100")
    assert by() == [cast.trunk]


def test_what_a_trunk_says_of_one_number_is_not_held_against_it(cast, make_fax, second):
    make_fax("+12025550100")
    assert dial(NO_WAY_TO_THE_NUMBER) == cast.trunk
    make_fax("+12025550120")
    assert by() == [cast.trunk]


def test_a_trunk_that_answers_is_up_again(cast, make_fax, second):
    Trunk.objects.filter(pk=second.pk).update(prefix="+49")
    Trunk.objects.filter(pk=cast.trunk.pk).update(down_until=timezone.now() + timedelta(minutes=5))
    make_fax("+12025550100")
    dial(BUSY)
    assert Trunk.objects.get(pk=cast.trunk.pk).down_until is None
