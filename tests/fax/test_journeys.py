"""Journeys told as sentences. Together they walk every step of both tables."""

import itertools

import pytest

from caselli.fax.status import (
    DELIVERY_STEPS,
    FAX_STEPS,
    DeliveryStatus,
    FaxStatus,
    Mover,
    check_delivery_step,
    check_fax_step,
)

FAX_JOURNEYS = {
    "an upload is sent at once": "received rendered released! purged",
    "an upload is held, then sent by a click": "received rendered approved! released! purged",
    "a held fax is cancelled": "received rendered approved! canceled! purged",
    "a held fax is forgotten and erased": "received rendered approved! canceled purged",
    "a mail waits for its link, which sends it": "received rendered awaiting_approval released!",
    "a second person approves, the owner sends later": "received rendered awaiting_approval approved! released!",
    "nobody confirms a mail, and it is erased": "received rendered awaiting_approval canceled purged",
    "the approver says no": "received rendered awaiting_approval canceled!",
    "an approved fax changes and needs a new yes": "received rendered approved! awaiting_approval released!",
    "a yes comes before its time, at which it goes": "received rendered awaiting_approval approved! released",
    "an API fax goes out by itself": "received rendered pre_approved released",
    "an API fax is cancelled before it goes": "received rendered pre_approved canceled!",
    "a promised file never comes": "received refused purged",
    "a fax is cancelled while its pages are made": "received canceled!",
}

DELIVERY_JOURNEYS = {
    "the first call delivers": "waiting queued sending delivered",
    "a person releases it": "waiting queued! sending delivered",
    "busy, then delivered": "waiting queued sending retry_wait queued sending delivered",
    "a person does not wait for the next try": "waiting queued sending retry_wait queued! sending delivered",
    "a wrong number fails at once": "waiting queued sending failed",
    "failed, then sent again by a person": "waiting queued sending failed queued! sending delivered",
    "failed, then given up by a person": "waiting queued sending failed canceled!",
    "no line becomes free in time": "waiting queued failed",
    "the time to try is over between two tries": "waiting queued sending retry_wait failed",
    "the fax is cancelled before it is released": "waiting canceled!",
    "the fax is erased unconfirmed": "waiting canceled",
    "cancelled in the queue": "waiting queued canceled!",
    "cancelled between two tries": "waiting queued sending retry_wait canceled!",
    "cancelled on the line": "waiting queued sending canceled",
    "the line dies after the last page; it had arrived": "waiting queued sending unknown delivered!",
    "the line dies after the last page; sent again": "waiting queued sending unknown queued! sending delivered",
    "the line dies after the last page; given up": "waiting queued sending unknown canceled!",
}


def steps_of(story, statuses):
    """``new!`` is a step that a person takes."""
    words = story.split()
    for old, new in itertools.pairwise(words):
        mover = Mover.PERSON if new.endswith("!") or (new == "released" and old == "rendered") else Mover.SYSTEM
        yield statuses(old.rstrip("!")), statuses(new.rstrip("!")), mover


@pytest.mark.parametrize("story", FAX_JOURNEYS.values(), ids=FAX_JOURNEYS)
def test_a_fax_can_go_this_way(story):
    for old, new, mover in steps_of(story, FaxStatus):
        check_fax_step(old, new, mover)


@pytest.mark.parametrize("story", DELIVERY_JOURNEYS.values(), ids=DELIVERY_JOURNEYS)
def test_a_delivery_can_go_this_way(story):
    for old, new, mover in steps_of(story, DeliveryStatus):
        check_delivery_step(old, new, mover)


def walked(journeys, statuses):
    return {(old, new, mover) for story in journeys.values() for old, new, mover in steps_of(story, statuses)}


def test_the_stories_walk_every_step_of_a_fax_by_each_who_may_take_it():
    assert walked(FAX_JOURNEYS, FaxStatus) == {(*step, mover) for step, who in FAX_STEPS.items() for mover in who}


def test_the_stories_walk_every_step_of_a_delivery_by_each_who_may_take_it():
    assert walked(DELIVERY_JOURNEYS, DeliveryStatus) == {
        (*step, mover) for step, who in DELIVERY_STEPS.items() for mover in who
    }
