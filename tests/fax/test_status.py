"""The laws of the two journeys. Told journeys stand in test_journeys.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caselli.fax.status import (
    DELIVERY_DEADLINES,
    DELIVERY_RESTS,
    DELIVERY_START,
    DELIVERY_STEPS,
    FAX_DEADLINES,
    FAX_RESTS,
    FAX_START,
    FAX_STEPS,
    DeliveryStatus,
    FaxStatus,
    Mover,
    ShownStatus,
    StepRefused,
    check_delivery_step,
    check_fax_step,
    shown_status,
)

D, F = DeliveryStatus, FaxStatus


def reachable(start, steps):
    found, front = {start}, [start]
    while front:
        here = front.pop()
        for old, new in steps:
            if old is here and new not in found:
                found.add(new)
                front.append(new)
    return found


def test_every_status_of_a_fax_can_be_reached():
    assert reachable(FAX_START, FAX_STEPS) == set(F)


def test_every_status_of_a_delivery_can_be_reached():
    assert reachable(DELIVERY_START, DELIVERY_STEPS) == set(D)


@pytest.mark.parametrize("status", [one for one in F if one not in FAX_RESTS])
def test_a_fax_that_does_not_rest_can_come_to_rest_and_has_a_deadline(status):
    assert reachable(status, FAX_STEPS) & FAX_RESTS
    assert FAX_DEADLINES[status]


@pytest.mark.parametrize("status", [one for one in D if one not in DELIVERY_RESTS])
def test_a_delivery_that_does_not_rest_can_come_to_rest_and_has_a_deadline(status):
    assert reachable(status, DELIVERY_STEPS) & DELIVERY_RESTS
    assert DELIVERY_DEADLINES[status]


@pytest.mark.parametrize("status", sorted(DELIVERY_RESTS))
def test_only_a_person_moves_a_delivery_that_rests(status):
    movers = {mover for (old, _), who in DELIVERY_STEPS.items() if old is status for mover in who}
    assert movers <= {Mover.PERSON}


def test_an_unknown_delivery_is_never_redialled_by_itself():
    with pytest.raises(StepRefused):
        check_delivery_step(D.UNKNOWN, D.QUEUED, Mover.SYSTEM)
    check_delivery_step(D.UNKNOWN, D.QUEUED, Mover.PERSON)


def test_what_is_delivered_stays_delivered():
    assert not [new for old, new in DELIVERY_STEPS if old is D.DELIVERED]


def test_only_a_claim_puts_a_delivery_on_the_line():
    assert [old for old, new in DELIVERY_STEPS if new is D.SENDING] == [D.QUEUED]


def test_a_purged_fax_stays_purged():
    assert not [new for old, new in FAX_STEPS if old is F.PURGED]


def test_nothing_is_released_by_the_system_but_what_was_approved_before():
    released = {old for (old, new), who in FAX_STEPS.items() if new is F.RELEASED and Mover.SYSTEM in who}
    assert released == {F.PRE_APPROVED, F.APPROVED}


def test_a_step_outside_the_table_is_refused_in_words():
    with pytest.raises(StepRefused, match="a fax does not go from purged to released by the person"):
        check_fax_step(F.PURGED, F.RELEASED, Mover.PERSON)


fates = st.lists(st.sampled_from(list(D)), min_size=1, max_size=6)


@given(fates)
def test_sent_is_said_only_when_every_recipient_has_it(deliveries):
    shown = shown_status(F.RELEASED, deliveries)
    assert (shown is ShownStatus.SENT) == all(one is D.DELIVERED for one in deliveries)


@given(fates)
def test_while_anything_moves_it_is_scheduled(deliveries):
    moves = any(one not in DELIVERY_RESTS for one in deliveries)
    assert (shown_status(F.RELEASED, deliveries) is ShownStatus.SCHEDULED) == moves


@given(fates)
def test_the_order_of_recipients_does_not_matter(deliveries):
    assert shown_status(F.RELEASED, deliveries) is shown_status(F.RELEASED, list(reversed(deliveries)))


@pytest.mark.parametrize(
    ("fax", "deliveries", "shown"),
    [
        (F.RECEIVED, [D.WAITING], "Not approved"),
        (F.AWAITING_APPROVAL, [D.WAITING], "Not approved"),
        (F.PRE_APPROVED, [D.WAITING], "Pre-Approved"),
        (F.APPROVED, [D.WAITING], "Approved"),
        (F.RELEASED, [D.QUEUED, D.DELIVERED], "Scheduled For Sending"),
        (F.RELEASED, [D.RETRY_WAIT], "Scheduled For Sending"),
        (F.RELEASED, [D.DELIVERED, D.DELIVERED], "Sent"),
        (F.RELEASED, [D.DELIVERED, D.FAILED], "Partially Sent"),
        (F.RELEASED, [D.DELIVERED, D.CANCELED], "Partially Sent"),
        (F.RELEASED, [D.FAILED, D.CANCELED], "Send Failed"),
        (F.RELEASED, [D.UNKNOWN], "Send Failed"),
        (F.RELEASED, [D.CANCELED, D.CANCELED], "Canceled"),
        (F.CANCELED, [D.CANCELED], "Canceled"),
        (F.REFUSED, [D.CANCELED], "Send Failed"),
        (F.PURGED, [D.DELIVERED], "Purged"),
    ],
)
def test_the_nine_names(fax, deliveries, shown):
    assert shown_status(fax, deliveries) == shown
