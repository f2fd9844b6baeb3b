"""Which events a step is, in the words of the API."""

import pytest

from caselli.fax.status import DELIVERY_STEPS, FAX_STEPS, ShownStatus
from caselli.history.event_kinds import GROUPS, MEANINGS, MOST_OF_A_STEP, EventKind, kinds_of, number_of, step_of


@pytest.mark.parametrize(
    ("old", "new", "shown", "delivery", "kinds"),
    [
        ("received", "rendered", "", False, ["fax.created"]),
        ("received", "refused", "Send Failed", False, ["fax.created", "fax.failed"]),
        ("rendered", "awaiting_approval", "", False, ["fax.awaiting_approval"]),
        ("approved", "awaiting_approval", "Not approved", False, ["fax.awaiting_approval"]),
        ("awaiting_approval", "approved", "Approved", False, ["fax.approved"]),
        ("rendered", "pre_approved", "Pre-Approved", False, ["fax.approved"]),
        ("rendered", "released", "Scheduled For Sending", False, ["fax.approved", "fax.scheduled"]),
        ("pre_approved", "released", "Scheduled For Sending", False, ["fax.scheduled"]),
        ("released", "purged", "Purged", False, ["fax.purged"]),
        ("released", "released", "", False, []),
        ("queued", "sending", "", True, ["delivery.sending"]),
        ("sending", "retry_wait", "", True, ["delivery.retrying"]),
        ("sending", "delivered", "Sent", True, ["delivery.delivered", "fax.sent"]),
        ("sending", "failed", "Partially Sent", True, ["delivery.failed", "fax.partially_sent"]),
        ("sending", "unknown", "Send Failed", True, ["delivery.unknown", "fax.failed"]),
        ("failed", "queued", "Scheduled For Sending", True, ["fax.scheduled"]),
        ("queued", "canceled", "Canceled", True, ["delivery.canceled", "fax.canceled"]),
        ("retry_wait", "queued", "", True, []),
    ],
)
def test_a_step_is_these_events(old, new, shown, delivery, kinds):
    assert list(kinds_of(old, new, shown, delivery=delivery)) == kinds


def test_no_step_is_more_events_than_numbers_have_room_for():
    every = [(step, False) for step in FAX_STEPS] + [(step, True) for step in DELIVERY_STEPS]
    for (old, new), delivery in every:
        for shown in ["", *ShownStatus]:
            assert len(kinds_of(old, new, shown, delivery=delivery)) <= MOST_OF_A_STEP


def test_every_kind_has_its_meaning():
    assert MEANINGS.keys() == set(EventKind)


def test_every_kind_can_be_chosen_once():
    assert [one for kinds in GROUPS.values() for one in kinds] == list(EventKind)


def test_the_number_of_an_event_tells_its_step_and_place():
    assert step_of(number_of(12, 3)) == (12, 3)
    assert number_of(12, 3) < number_of(13, 0)
