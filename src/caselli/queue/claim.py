"""Take what may go on the line now: trunk by trunk in their order, under the locks of all trunks.

Whose turn it is, :mod:`caselli.queue.turns` decides; what can go at all, ``waiting.sql`` and ``claim.sql`` find.
"""

import math
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Count, F, Max
from django.utils import timezone

from caselli.directory import trunk_test
from caselli.fax.status import DeliveryStatus, Mover
from caselli.queue.rules import REST, TRUNK_AT_FAULT
from caselli.queue.turns import NEVER, Candidate, Standing, share_out
from caselli.store import journey
from caselli.store.models import Attempt, Delivery, Event, Extension, Preferences, Trunk, Turn

_WAITING = Path(__file__).with_name("waiting.sql").read_text()
_CLAIM = Path(__file__).with_name("claim.sql").read_text()
LEASE = timedelta(seconds=30)
AHEAD = timedelta(milliseconds=100)
"""How long before its moment a call may be claimed, so that a late wake-up costs a quick trunk nothing of its pace."""
AT_ONCE = 200
"""How many due retries are queued again in one transaction."""
LEAST_WINDOW = 4
"""How many deliveries of each extension a claim looks at, at least."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """All that the dialer needs for one call, read in the claim's transaction.

    ``not_before``: its moment in the trunk's pace, by the clock of ``time.monotonic``.
    """

    attempt_id: int
    delivery: Delivery
    trunk: Trunk
    extension: Extension
    pages: int
    pages_blob: str
    first_page: int
    ring_limit: int
    negotiation_limit: int
    not_before: float


@dataclass(frozen=True, slots=True)
class Round:
    """What one claim took. ``again_in``: seconds until the pace of a trunk lets more go out; None if none waits so."""

    calls: list[Claimed] = field(default_factory=list)
    again_in: float | None = None


class _Waiting(NamedTuple):
    """A row of ``waiting.sql``. ``since``: what was queued before has waited longer than its organization allows."""

    organization_id: int
    extension_id: int
    since: float
    organization_turn: float | None
    extension_turn: float | None


class _Board:
    """What is under way, and what there is room for, at the database's ``now``."""

    def __init__(self, trunks: Iterable[Trunk]) -> None:
        self.trunks = sorted(trunks, key=lambda one: (one.position, one.pk))
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            self.now: datetime = cursor.fetchone()[0]
        self.monotonic = time.monotonic()
        self.busy: Counter[int] = Counter()
        self.organizations: Counter[int] = Counter()
        self.extensions: Counter[int] = Counter()
        shared = {one.pk for one in self.trunks if one.organization_id is None}
        under_way = Delivery.objects.filter(status=DeliveryStatus.SENDING, trunk__isnull=False)
        for trunk_id, organization_id, extension_id, calls in (
            under_way.order_by().values_list("trunk_id", "organization_id", "extension_id").annotate(Count("pk"))
        ):
            self.count(trunk_id, organization_id, extension_id, calls, shared=trunk_id in shared)
        self.busy.update(trunk_test.calls_under_way().values_list("trunk_id", flat=True))

    def count(self, trunk_id: int, organization_id: int, extension_id: int, calls: int = 1, *, shared: bool) -> None:
        """An organization's calls on trunks of its own take nothing from others: only those on shared ones count."""
        self.busy[trunk_id] += calls
        self.extensions[extension_id] += calls
        if shared:
            self.organizations[organization_id] += calls

    def first_slot(self, trunk: Trunk) -> datetime:
        return max(self.now, trunk.next_call_at or self.now)

    def down(self, trunk: Trunk) -> bool:
        return trunk.down_until is not None and trunk.down_until > self.now

    def free(self, trunk: Trunk) -> int:
        return max(0, trunk.channels - self.busy[trunk.pk])

    def room(self, trunk: Trunk) -> int:
        """Calls that the channels and the pace let begin now."""
        ahead = (self.now + AHEAD - self.first_slot(trunk)).total_seconds()
        paced = math.floor(ahead * trunk.calls_a_second) + 1 if ahead >= 0 else 0
        return min(self.free(trunk), paced)

    def slots(self, trunk: Trunk, calls: int) -> list[datetime]:
        """The moments of that many calls: evenly spaced, so that no second ever holds more than the trunk takes."""
        first, step = self.first_slot(trunk), timedelta(seconds=1) / trunk.calls_a_second
        trunk.next_call_at = first + calls * step
        Trunk.objects.filter(pk=trunk.pk).update(next_call_at=trunk.next_call_at)
        return [first + place * step for place in range(calls)]

    def again_in(self) -> float | None:
        paced = [self.first_slot(one) for one in self.trunks if self.free(one) and not self.room(one)]
        return (min(paced) - AHEAD - self.now).total_seconds() if paced else None


def claim(dialer: str, most: int = 50) -> list[Claimed]:
    """Claim up to ``most`` deliveries for ``dialer``: each is then *sending*, with an open attempt under a lease."""
    return claim_round(dialer, most).calls


def claim_round(dialer: str, most: int = 50) -> Round:
    """As :func:`claim`. Nothing taken and no ``again_in``: there is nothing to do until somebody wakes the dialers."""
    if not Delivery.objects.filter(status=DeliveryStatus.QUEUED).exists():
        return Round()
    with transaction.atomic():
        board = _Board(Trunk.objects.filter(enabled=True).select_for_update(no_key=True).order_by("id"))
        if not any(board.room(trunk) for trunk in board.trunks):
            return Round(again_in=board.again_in())
        waiting = _who_waits()
        claimed: list[Claimed] = []
        for trunk in board.trunks:
            if room := min(board.room(trunk), most - len(claimed)):
                claimed += _take(trunk, room, waiting, board, dialer)
        return Round(claimed, board.again_in())


def _who_waits() -> list[_Waiting]:
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        return [_Waiting(*row) for row in cursor.fetchall()]


def _take(trunk: Trunk, room: int, everybody: list[_Waiting], board: _Board, dialer: str) -> list[Claimed]:
    waiting = [one for one in everybody if trunk.organization_id in {None, one.organization_id}]
    if not waiting:
        return []
    window = min(room, max(LEAST_WINDOW, math.ceil(2 * room / len(waiting))))
    chosen = share_out(
        _candidates(trunk, window, waiting, board),
        room,
        window,
        {
            one.organization_id: _standing(board.organizations[one.organization_id], one.organization_turn)
            for one in waiting
        },
        {one.extension_id: _standing(board.extensions[one.extension_id], one.extension_turn) for one in waiting},
    )
    deliveries = _lock(chosen)
    if not deliveries:
        return []
    for one in deliveries:
        board.count(trunk.pk, one.organization_id, one.extension_id, shared=trunk.organization_id is None)
    return _open(deliveries, trunk, board.slots(trunk, len(deliveries)), board, dialer)


def _standing(calls: int, last_turn: float | None) -> Standing:
    return Standing(calls, NEVER if last_turn is None else last_turn)


def _candidates(trunk: Trunk, window: int, waiting: Sequence[_Waiting], board: _Board) -> list[Candidate]:
    others = [one for one in board.trunks if one.pk != trunk.pk]
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "organizations": [one.organization_id for one in waiting],
                "extensions": [one.extension_id for one in waiting],
                "since": [one.since for one in waiting],
                "prefix": trunk.prefix,
                "trunk": trunk.pk,
                "others": [one.pk for one in others],
                "owners": [one.organization_id for one in others],
                "prefixes": [one.prefix for one in others],
                "sandbox": trunk.sandbox,
                "sandboxes": [one.sandbox for one in others],
                "rooms": [board.room(one) > 0 for one in others],
                "are_down": [board.down(one) for one in others],
                "is_down": board.down(trunk),
                "fresh": board.now - timedelta(seconds=REST),
                "down": [cause.slug for cause in TRUNK_AT_FAULT],
                "window": window,
            },
        )
        return [Candidate(*row) for row in cursor.fetchall()]


def _lock(chosen: Sequence[Candidate]) -> list[Delivery]:
    """The deliveries, locked, in the order of their turns; without those that somebody cancels at this moment."""
    order = {one.delivery_id: place for place, one in enumerate(chosen)}
    found = (
        Delivery.objects.filter(pk__in=order, status=DeliveryStatus.QUEUED)
        .select_related("fax__extension__organization")
        .select_for_update(of=("self",), skip_locked=True, no_key=True)
    )
    return sorted(found, key=lambda one: order[one.pk])


def _open(
    deliveries: Sequence[Delivery], trunk: Trunk, slots: Sequence[datetime], board: _Board, dialer: str
) -> list[Claimed]:
    for delivery in deliveries:
        delivery.status = DeliveryStatus.SENDING
        delivery.trunk = trunk
    Delivery.objects.filter(pk__in=[one.pk for one in deliveries]).update(
        status=DeliveryStatus.SENDING, trunk=trunk, phase="", phase_page=0
    )
    before = Attempt.objects.filter(delivery__in=deliveries).order_by().values_list("delivery_id")
    numbers = dict(before.annotate(Max("number")))
    attempts = Attempt.objects.bulk_create(
        _attempt(one, numbers.get(one.pk, 0) + 1, dialer, slot, board.now)
        for one, slot in zip(deliveries, slots, strict=True)
    )
    for one, event in zip(
        deliveries, Event.objects.bulk_create(_event(one, trunk, board.now) for one in deliveries), strict=True
    ):
        journey.call_back(one.fax, event)
    _keep_turns(deliveries, board.now)
    for fax in {one.fax_id: one.fax for one in deliveries}.values():
        journey.tell_watchers(fax.pk, fax.organization_id, fax.extension_id)
    limit = Preferences.current().negotiation_limit
    return [
        _claimed(attempt, board.monotonic + (attempt.started_at - board.now).total_seconds(), limit)
        for attempt in attempts
    ]


def _attempt(delivery: Delivery, number: int, dialer: str, slot: datetime, now: datetime) -> Attempt:
    assert delivery.trunk is not None
    return Attempt(
        delivery=delivery,
        number=number,
        trunk=delivery.trunk,
        trunk_name=delivery.trunk.name,
        dialer=dialer,
        lease_until=now + LEASE,
        gear=delivery.gear,
        first_page=delivery.pages_confirmed + 1,
        started_at=slot,
    )


def _event(delivery: Delivery, trunk: Trunk, now: datetime) -> Event:
    return Event(
        fax_id=delivery.fax_id,
        organization_id=delivery.organization_id,
        extension_id=delivery.extension_id,
        delivery=delivery,
        at=now,
        old=DeliveryStatus.QUEUED,
        new=DeliveryStatus.SENDING,
        mover=Mover.SYSTEM,
        note=f"by {trunk.name}",
    )


def _keep_turns(deliveries: Iterable[Delivery], now: datetime) -> None:
    """Who got a line in this round goes behind who did not, each in the order of the round."""
    turns = {
        one.extension_id: Turn(
            extension_id=one.extension_id,
            organization_id=one.organization_id,
            at=now + place * timedelta(microseconds=1),
        )
        for place, one in enumerate(deliveries)
    }
    Turn.objects.bulk_create(
        turns.values(), update_conflicts=True, unique_fields=["extension"], update_fields=["organization", "at"]
    )


def _claimed(attempt: Attempt, not_before: float, negotiation_limit: int) -> Claimed:
    delivery = attempt.delivery
    assert delivery.trunk is not None
    fax = delivery.fax
    return Claimed(
        attempt_id=attempt.pk,
        delivery=delivery,
        trunk=delivery.trunk,
        extension=fax.extension,
        pages=fax.pages,
        pages_blob=fax.pages_blob,
        first_page=attempt.first_page,
        ring_limit=fax.extension.organization.ring_limit,
        negotiation_limit=negotiation_limit,
        not_before=not_before,
    )


def promote_due() -> float | None:
    """Queue again what has waited its time. Returns the seconds until the next one is due, None if none waits."""
    waiting = Delivery.objects.filter(status=DeliveryStatus.RETRY_WAIT).order_by("next_try_at")
    with transaction.atomic():
        now = timezone.now()
        due = waiting.filter(next_try_at__lte=now)[:AT_ONCE]
        for delivery in sorted(due, key=lambda one: one.fax_id):  # two who promote lock the faxes in one order
            try:
                journey.advance_delivery(
                    delivery, DeliveryStatus.QUEUED, journey.By(now), queued_at=F("next_try_at"), next_try_at=None
                )
            except journey.StaleStep:
                continue
    soonest = waiting.values_list("next_try_at", flat=True).first()
    return max(0.0, (soonest - timezone.now()).total_seconds()) if soonest else None


def wished_to_end(dialer: str) -> list[int]:
    """The open attempts of this dialer whose deliveries a person wants ended."""
    return list(
        Attempt.objects.filter(dialer=dialer, ended_at__isnull=True, delivery__cancel_wished=True).values_list(
            "pk", flat=True
        )
    )
