"""What must be true of the queue's tables, whatever people, dialers and the clock did, and in whatever order."""

from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise

from caselli.fax.status import (
    DELIVERY_RESTS,
    DELIVERY_START,
    DELIVERY_STEPS,
    FAX_START,
    FAX_STEPS,
    DeliveryStatus,
    FaxStatus,
    Mover,
    shown_status,
)
from caselli.store.models import Attempt, Delivery, Event, Fax, Organization, Trunk

UNRELEASED = {"awaiting_approval", "approved"}


class Tables:
    """All of it, read once."""

    def __init__(self):
        self.trunks = {one.pk: one for one in Trunk.objects.all()}
        self.organizations = {one.pk: one for one in Organization.objects.all()}
        self.faxes = {one.pk: one for one in Fax.objects.all()}
        self.deliveries = list(Delivery.objects.order_by("pk"))
        self.attempts = _grouped(Attempt.objects.order_by("number"), "delivery_id")
        self.events = _grouped(Event.objects.order_by("pk"), "delivery_id")
        self.fax_events = _grouped(Event.objects.filter(delivery=None).order_by("pk"), "fax_id")
        self.of_fax = _grouped(self.deliveries, "fax_id")


def _grouped(rows, key):
    found = defaultdict(list)
    for row in rows:
        found[getattr(row, key)].append(row)
    return found


def no_trunk_carries_more_calls_than_it_has_channels(tables):
    busy = Counter(one.trunk_id for one in tables.deliveries if one.status == "sending")
    assert all(calls <= tables.trunks[trunk].channels for trunk, calls in busy.items()), busy


def no_trunk_gets_more_new_calls_in_a_second_than_it_takes(tables):
    begun = _grouped((one for all_ in tables.attempts.values() for one in all_ if one.trunk_id), "trunk_id")
    for trunk, attempts in begun.items():
        step = timedelta(seconds=1) / tables.trunks[trunk].calls_a_second - timedelta(microseconds=1)
        moments = sorted(one.started_at for one in attempts)
        assert all(later - earlier >= step for earlier, later in pairwise(moments))


def no_number_is_called_twice_at_once(tables):
    called = Counter(one.destination for one in tables.deliveries if one.status == "sending")
    assert all(calls == 1 for calls in called.values()), called


def what_is_on_the_line_has_one_open_call_under_a_lease_and_nothing_else_has_any(tables):
    for one in tables.deliveries:
        still_open = [attempt for attempt in tables.attempts[one.pk] if attempt.ended_at is None]
        assert len(still_open) == (one.status == "sending")
        assert all(attempt.lease_until and attempt.trunk_id == one.trunk_id for attempt in still_open)


def no_confirmed_page_is_ever_sent_again(tables):
    for one in tables.deliveries:
        confirmed = 0
        for attempt in tables.attempts[one.pk]:
            if one.to_extension_id is None:
                assert attempt.first_page == confirmed + 1
                confirmed += attempt.pages_confirmed
                assert confirmed <= tables.faxes[one.fax_id].pages
        assert one.to_extension_id or one.pages_confirmed == confirmed


def sent_means_that_the_far_machine_or_a_person_confirmed_every_page(tables):
    for one in tables.deliveries:
        if one.status == "delivered" and one.pages_confirmed < tables.faxes[one.fax_id].pages:
            last = tables.events[one.pk][-1]
            assert (last.old, last.mover) == ("unknown", Mover.PERSON)


def an_unknown_outcome_is_left_by_a_person_alone(tables):
    for one in tables.deliveries:
        left = [event for event in tables.events[one.pk] if event.old == "unknown"]
        assert all(event.mover == Mover.PERSON for event in left)
        unknown = [attempt for attempt in tables.attempts[one.pk] if attempt.cause == "unknown"]
        assert len(unknown) == len(left) + (one.status == "unknown")


def the_tries_stay_within_the_limits_of_the_organization(tables):
    for one in tables.deliveries:
        limits = tables.organizations[one.organization_id]
        assert one.dials <= limits.dials_limit
        assert one.answered <= limits.answered_limit


def whatever_waits_has_a_deadline_and_whatever_ended_a_reason(tables):
    for one in tables.deliveries:
        status = DeliveryStatus(one.status)
        match status:
            case DeliveryStatus.WAITING:
                assert tables.faxes[one.fax_id].status in UNRELEASED
            case DeliveryStatus.QUEUED:
                assert one.queued_at
            case DeliveryStatus.RETRY_WAIT:
                assert one.next_try_at
                assert one.cause
            case _ if status in DELIVERY_RESTS:
                assert one.cause
                assert one.ended_at
                assert one.trunk_id is None
                assert one.next_try_at is None


def the_events_tell_exactly_the_way_to_the_status(tables):
    for one in tables.deliveries:
        _tell_the_way(tables.events[one.pk], DELIVERY_START, one.status, DELIVERY_STEPS, DeliveryStatus)
    for fax in tables.faxes.values():
        _tell_the_way(tables.fax_events[fax.pk], FAX_START, fax.status, FAX_STEPS, FaxStatus)


def _tell_the_way(events, start, end, steps, status):
    assert [start, *(event.new for event in events)][-1] == end
    assert [event.old for event in events[:1]] in ([], [start])
    assert all(earlier.new == later.old for earlier, later in pairwise(events))
    assert all(event.mover in steps[status(event.old), status(event.new)] for event in events)


def the_shown_status_is_the_pure_function_of_the_tables(tables):
    for fax in tables.faxes.values():
        fates = [DeliveryStatus(one.status) for one in tables.of_fax[fax.pk]]
        assert fax.shown_status == shown_status(FaxStatus(fax.status), fates)
        assert bool(fax.ended_at) == (not set(fates) - DELIVERY_RESTS)


LAWS = tuple(one for name, one in list(globals().items()) if callable(one) and "_" in name[1:-1] and name[0] != "_")
LAWS = tuple(law for law in LAWS if law.__module__ == __name__)
