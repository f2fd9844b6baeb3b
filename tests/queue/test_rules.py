from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caselli.fax import causes
from caselli.fax.causes import Retry
from caselli.fax.outcome import CallEnd, CallReport
from caselli.queue.rules import (
    LONGEST_REST,
    LOWEST_GEAR,
    REST,
    Cancel,
    Deliver,
    GiveUp,
    LeaveUnknown,
    Pace,
    RetryAfter,
    Steps,
    Tries,
    fate_of_lost_call,
    next_step,
    says_of_trunk,
)

PACE = Pace(
    waits={Retry.BUSY: 180, Retry.NO_ANSWER: 300, Retry.LINE: 60, Retry.OTHER: 300}, dials_limit=12, answered_limit=3
)
FIRST = Tries(dials=1, answered=0, gear=0)


@pytest.mark.parametrize(
    ("cause", "seconds"),
    [(causes.BUSY, 180), (causes.NO_ANSWER, 300), (causes.LINE_BAD, 60), (causes.TRUNK_DOWN, 300)],
)
def test_each_cause_has_its_own_pace(cause, seconds):
    assert next_step(cause, FIRST, PACE) == RetryAfter(seconds, gear=0)


def test_waits_are_spread_so_that_what_failed_together_does_not_come_back_together():
    assert next_step(causes.BUSY, FIRST, PACE, chance=1.0) == RetryAfter(pytest.approx(198), gear=0)


def test_the_far_end_may_ask_for_a_longer_wait_but_not_for_a_shorter():
    assert next_step(causes.TRUNK_DOWN, FIRST, PACE, retry_after=900) == RetryAfter(900, gear=0)
    assert next_step(causes.TRUNK_DOWN, FIRST, PACE, retry_after=5) == RetryAfter(300, gear=0)


@pytest.mark.parametrize(
    ("report", "seconds"),
    [
        (CallReport(CallEnd.UNREACHABLE, sip_code=408), REST),
        (CallReport(CallEnd.UNREACHABLE, sip_code=503), REST),
        (CallReport(CallEnd.REJECTED, sip_code=503, retry_after=20), 20),
        (CallReport(CallEnd.REJECTED, sip_code=503, retry_after=86_400), LONGEST_REST),
        (CallReport(CallEnd.REJECTED, sip_code=503), 0),
        (CallReport(CallEnd.REJECTED, sip_code=486), 0),
        (CallReport(CallEnd.COMPLETED, answered=True, sip_code=200), 0),
        (CallReport(CallEnd.NO_ANSWER, sip_code=487), 0),
        (CallReport(CallEnd.CANCELED, sip_code=408), None),
        (CallReport(CallEnd.MEDIA_LOST), None),
        (CallReport(CallEnd.SIGNALLING_LOST), None),
    ],
)
def test_what_a_call_says_of_its_trunk(report, seconds):
    assert says_of_trunk(report) == seconds


def test_a_permanent_cause_stops_at_once():
    assert next_step(causes.NO_SUCH_NUMBER, FIRST, PACE) == GiveUp()


def test_after_the_last_dial_it_is_given_up():
    assert next_step(causes.BUSY, replace(FIRST, dials=12), PACE) == GiveUp()


def test_answered_tries_have_a_limit_of_their_own():
    assert next_step(causes.LINE_BAD, Tries(3, 3, 0), PACE, answered=True) == GiveUp()


def test_after_trouble_on_an_answered_call_the_next_try_is_in_a_lower_gear():
    assert next_step(causes.LINE_BAD, Tries(1, 1, 0), PACE, answered=True) == RetryAfter(60, gear=1)
    assert next_step(causes.LINE_BAD, Tries(2, 2, LOWEST_GEAR), PACE, answered=True) == RetryAfter(60, gear=LOWEST_GEAR)


def test_our_own_fault_does_not_slow_the_next_try_down():
    assert next_step(causes.MEDIA_LOST, Tries(1, 1, 0), PACE, answered=True) == RetryAfter(60, gear=0)


def test_what_is_true_goes_before_what_is_wished():
    assert next_step(causes.DELIVERED, FIRST, PACE, cancel_wished=True) == Deliver()
    assert next_step(causes.UNKNOWN, FIRST, PACE, cancel_wished=True) == LeaveUnknown()
    assert next_step(causes.BUSY, FIRST, PACE, cancel_wished=True) == Cancel()


@given(
    st.sampled_from(list(causes.ALL.values())),
    st.builds(Tries, st.integers(0, 20), st.integers(0, 20), st.integers(0, 3)),
    st.booleans(),
    st.booleans(),
    st.floats(0, 1),
)
def test_unknown_is_never_redialled_and_only_delivered_is_delivered(cause, tries, wished, answered, chance):
    step = next_step(cause, tries, PACE, cancel_wished=wished, answered=answered, chance=chance)
    assert isinstance(step, Deliver) == (cause is causes.DELIVERED)
    assert isinstance(step, LeaveUnknown) == (cause is causes.UNKNOWN)
    if isinstance(step, RetryAfter):
        assert tries.dials < PACE.dials_limit
        assert tries.answered < PACE.answered_limit
        assert not wished


STEPS = Steps(dialled=True, answered=True, final_page_out=False, pages_confirmed=1, pages=3)


def test_a_call_lost_in_mid_fax_is_tried_again():
    assert fate_of_lost_call(STEPS, causes.DIALER_LOST) is causes.DIALER_LOST


def test_a_call_lost_after_its_last_page_went_out_is_unknown():
    assert fate_of_lost_call(replace(STEPS, final_page_out=True), causes.DIALER_LOST) is causes.UNKNOWN


def test_a_call_lost_after_its_last_confirmation_is_delivered():
    steps = replace(STEPS, final_page_out=True, pages_confirmed=3)
    assert fate_of_lost_call(steps, causes.DIALER_LOST) is causes.DELIVERED
