"""What an organization, a trunk or the server is set to acts on the very next call, without a restart."""

from datetime import timedelta

import pytest
from django.utils import timezone

from caselli.fax.outcome import CallEnd, CallReport
from caselli.queue import report
from caselli.queue.claim import claim
from caselli.store.models import Delivery, Organization, Preferences, Trunk

WAITS = {
    "busy_wait": CallReport(CallEnd.REJECTED, sip_code=486),
    "no_answer_wait": CallReport(CallEnd.NO_ANSWER),
    "line_wait": CallReport(CallEnd.NO_FAX, answered=True),
    "other_wait": CallReport(CallEnd.REJECTED, sip_code=480),
}


@pytest.mark.parametrize("setting", WAITS)
def test_a_changed_wait_acts_on_the_call_that_is_under_way(make_fax, setting):
    make_fax("+12025550100")
    (one,) = claim("a")
    Organization.objects.update(**{setting: 7_000})
    report.ended(one.attempt_id, WAITS[setting])
    wait = Delivery.objects.get().next_try_at - timezone.now()
    assert timedelta(seconds=6_990) < wait < timedelta(seconds=7_710)


@pytest.mark.parametrize(
    ("setting", "outcome"), [("dials_limit", WAITS["busy_wait"]), ("answered_limit", WAITS["line_wait"])]
)
def test_a_changed_limit_of_tries_acts_on_the_call_that_is_under_way(make_fax, setting, outcome):
    make_fax("+12025550100")
    (one,) = claim("a")
    report.dialled(one.attempt_id)
    Organization.objects.update(**{setting: 1})
    report.ended(one.attempt_id, outcome)
    assert Delivery.objects.get().status == "failed"


def test_a_changed_ring_and_negotiation_limit_act_on_the_next_call(make_fax):
    make_fax("+12025550100")
    Organization.objects.update(ring_limit=17)
    Preferences.current()
    Preferences.objects.update(negotiation_limit=23)
    (one,) = claim("a")
    assert (one.ring_limit, one.negotiation_limit) == (17, 23)


def test_changed_channels_and_a_switched_off_trunk_act_on_the_next_claim(make_fax):
    make_fax("+12025550100", "+12025550101", "+12025550102", "+12025550103")
    assert len(claim("a")) == 2
    Trunk.objects.update(channels=3)
    assert len(claim("a")) == 1
    Trunk.objects.update(channels=9, enabled=False)
    assert claim("a") == []
