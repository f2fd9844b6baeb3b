"""The only writer of a status: compare-and-set in one transaction with its event row and the NOTIFY.

Lock order, everywhere: the fax's row, then its deliveries'. The fax's lock is NO KEY, so that rows which only refer
to the fax (attempts, events of the claim) never wait for it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import prefetch_related_objects

from caselli.fax.status import (
    DELIVERY_RESTS,
    DeliveryStatus,
    FaxStatus,
    Mover,
    ShownStatus,
    check_delivery_step,
    check_fax_step,
    shown_status,
)
from caselli.store.models import Channel, Delivery, Event, Fax, IncomingMail
from caselli.store.promise import TELL, promise, promise_all

QUEUE_CHANNEL = "caselli_queue"
"""Something may be claimed now, or a person wishes a call ended. No payload."""
FAX_CHANNEL = "caselli_fax"
"""Something about a fax changed: ``<fax id>:<organization id>:<extension id>``."""

_RESTS_WHATEVER = frozenset({FaxStatus.CANCELED, FaxStatus.REFUSED, FaxStatus.PURGED})
"""The fate of the deliveries makes no difference to these."""


class StaleStep(RuntimeError):  # noqa: N818 - it names what happened
    """Somebody else moved it first; nothing was written."""


@dataclass(frozen=True, slots=True)
class By:
    """Who takes a step, and when. ``person_id`` may be unknown although a person does it (a console without login)."""

    at: datetime
    mover: Mover = Mover.SYSTEM
    person_id: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One of several that a fax takes at once."""

    new: FaxStatus
    by: By


def lock_fax(fax_id: int) -> Fax:
    """The fax with its row locked until the transaction ends: take it before its deliveries."""
    return Fax.objects.select_for_update(no_key=True).get(pk=fax_id)


def lock_faxes(faxes: Iterable[Fax]) -> list[Fax]:
    """As :func:`lock_fax`, with extension and organization: in the one order in which nobody waits for nobody."""
    locked = Fax.objects.select_for_update(no_key=True).filter(pk__in=[one.pk for one in faxes]).order_by("pk")
    found = list(locked)
    prefetch_related_objects(found, "extension__organization")
    return found


def advance_fax(fax: Fax, new: FaxStatus, by: By, **changes: Any) -> None:
    """Move a fax one step and write ``changes`` (columns) with it.

    Raises StepRefused where the table has no such step, StaleStep where ``fax`` is not what the table holds any more.
    """
    walk_fax(fax, [Step(new, by)], **changes)


def walk_fax(fax: Fax, steps: Sequence[Step], deliveries: Iterable[Delivery] | None = None, **changes: Any) -> None:
    """Move a fax some steps in one writing: the table is asked about each, and each has its event.

    ``deliveries``: all of the fax's, where the caller has them as they stand: made in this transaction, or read under
    the fax's lock. Raises as :func:`advance_fax`.
    """
    stood = FaxStatus(fax.status)
    olds = [stood, *(step.new for step in steps)]
    for old, step in zip(olds, steps, strict=False):
        check_fax_step(old, step.new, step.by.mover)
    with _together():
        if deliveries is None:  # they stand still from here on
            list(Fax.objects.select_for_update(no_key=True).filter(pk=fax.pk).values_list("pk"))
        writing = _Writing(fax, _fates([fax], deliveries)[fax.pk])
        for old, step in zip(olds, steps, strict=False):
            writing.add(None, old, step.new, step.by)
        changes = {"status": olds[-1]} | changes | writing.seen
        if not Fax.objects.filter(pk=fax.pk, status=stood).update(**changes):
            raise StaleStep(f"fax {fax.pk} is not {stood} any more")
        _tell([writing])
        _set(fax, changes)
        if olds[-1] is FaxStatus.AWAITING_APPROVAL:
            tell_who_is_asked(fax, steps[-1].by.at)


def advance_delivery(delivery: Delivery, new: DeliveryStatus, by: By, **changes: Any) -> None:
    """Move a delivery one step and write ``changes`` with it; the fax's shown status follows in the same transaction.

    Raises StepRefused where there is no such step, StaleStep where ``delivery`` is not what the table holds any more.
    """
    check_delivery_step(DeliveryStatus(delivery.status), new, by.mover)
    with _together():
        advance_deliveries(lock_fax(delivery.fax_id), [delivery], new, by, **changes)


def advance_deliveries(
    fax: Fax,
    moving: Sequence[Delivery],
    new: DeliveryStatus,
    by: By,
    deliveries: Iterable[Delivery] | None = None,
    **changes: Any,
) -> None:
    """Move deliveries that stand alike the same step in one writing; their fax is locked, or made in this transaction.

    ``deliveries``: as in :func:`walk_fax`. Raises as :func:`advance_delivery`; where only some were stale, the
    transaction has to be given up.
    """
    advance_deliveries_of([fax], moving, new, by, deliveries, **changes)


def advance_deliveries_of(
    faxes: Iterable[Fax],
    moving: Sequence[Delivery],
    new: DeliveryStatus,
    by: By,
    deliveries: Iterable[Delivery] | None = None,
    **changes: Any,
) -> None:
    """As :func:`advance_deliveries`, for several faxes in one writing: all of them are locked (:func:`lock_faxes`).

    ``deliveries``: all of these faxes', as they stand; they may be of more faxes than move.
    """
    if not moving:
        return
    (old,) = {DeliveryStatus(one.status) for one in moving}
    check_delivery_step(old, new, by.mover)
    if new in DELIVERY_RESTS:
        changes = {"ended_at": by.at, "next_try_at": None, "phase": "", "phase_page": 0} | changes
    if new is not DeliveryStatus.SENDING:
        changes = {"trunk": None, "cancel_wished": False} | changes
    changes = {"status": new} | changes
    moved = {one.fax_id for one in moving}
    concerned = [fax for fax in faxes if fax.pk in moved]
    with _together():
        fates = _fates(concerned, deliveries)
        writings = {fax.pk: _Writing(fax, fates[fax.pk]) for fax in concerned}
        standing = Delivery.objects.filter(pk__in=[one.pk for one in moving], status=old)
        if standing.update(**changes) != len(moving):
            of = ", ".join(str(fax.pk) for fax in concerned)
            raise StaleStep(f"of the deliveries of fax {of} not all are {old} any more")
        for one in moving:
            writings[one.fax_id].add(one.pk, old, new, by)
            _set(one, changes)
        _write_what_is_seen(writings.values())
        _tell(writings.values())


def _together() -> "AbstractContextManager[None]":
    """In the caller's transaction, or in one of its own. No savepoint: a stale step is found before anything else is
    written.
    """
    return nullcontext() if connection.in_atomic_block else transaction.atomic()


def note(fax: Fax, by: By) -> None:
    """Write down something that happened to the fax (locked) without a step."""
    _event(fax, None, fax.status, fax.status, by).save()
    tell_watchers(fax.pk, fax.organization_id, fax.extension_id)


def cancel_unreleased(fax: Fax, by: By) -> None:
    """Cancel a fax (locked) that never went into the queue, and all its deliveries with it."""
    every = list(fax.deliveries.all())
    walk_fax(fax, [Step(FaxStatus.CANCELED, by)], every)
    waiting = [one for one in every if one.status == DeliveryStatus.WAITING]
    advance_deliveries(fax, waiting, DeliveryStatus.CANCELED, by, every, cause="canceled")
    if fax.channel == Channel.EMAIL:
        promise(TELL, what="not_sent", fax_id=fax.pk)


class _Writing:
    """Steps of one fax and its deliveries that are written together, and what people see of the fax after each."""

    def __init__(self, fax: Fax, fates: dict[int, DeliveryStatus]) -> None:
        self.fax, self._fates, self._status = fax, fates, FaxStatus(fax.status)
        self._shown, self._ended_at = ShownStatus(fax.shown_status), fax.ended_at
        self.events: list[Event] = []

    def add(self, delivery_id: int | None, old: str, new: FaxStatus | DeliveryStatus, by: By) -> None:
        """A step of the fax, or of this delivery. Its event tells the name that people see, where that is a new one."""
        if isinstance(new, FaxStatus):
            self._status = new
        elif delivery_id is not None:
            self._fates[delivery_id] = new
        fates, before = self._fates.values(), self._shown
        self._shown = shown_status(self._status, fates)
        rests = self._status in _RESTS_WHATEVER or not set(fates) - DELIVERY_RESTS
        self._ended_at = (self._ended_at or by.at) if rests else None
        news = "" if self._shown == before else self._shown.value
        self.events.append(_event(self.fax, delivery_id, old, new, by, news))

    @property
    def seen(self) -> dict[str, Any]:
        """Columns of the fax."""
        return {"shown_status": self._shown, "ended_at": self._ended_at}

    @property
    def changes_what_is_seen(self) -> bool:
        return (self._shown, self._ended_at) != (self.fax.shown_status, self.fax.ended_at)

    @property
    def ends(self) -> dict[str, str | int] | None:
        """What has to be told where the fax ends by these steps."""
        if self._ended_at is None or self.fax.ended_at is not None or self._status is not FaxStatus.RELEASED:
            return None
        at = self._ended_at.isoformat()
        return {"what": "ended", "fax_id": self.fax.pk, "at": at, "shown": self._shown.value}


def _write_what_is_seen(writings: Iterable[_Writing]) -> None:
    """One statement for all faxes that look alike afterwards."""
    alike = defaultdict(list)
    for one in writings:
        if one.changes_what_is_seen:
            alike[tuple(one.seen.items())].append(one.fax.pk)
    for seen, faxes in alike.items():
        Fax.objects.filter(pk__in=faxes).update(**dict(seen))


def _tell(writings: Collection[_Writing]) -> None:
    """Once the columns are written: in the history, and to all who want to hear of it."""
    promise_all(TELL, [ends for one in writings if (ends := one.ends)])
    for one in writings:
        _set(one.fax, one.seen)
    _notify(FAX_CHANNEL, *(_watched(one.fax.pk, one.fax.organization_id, one.fax.extension_id) for one in writings))
    called = {one.fax.pk for one in writings if one.fax.callback_url}
    events = Event.objects.bulk_create(event for one in writings for event in one.events)
    promise_all(TELL, [_call_back(one) for one in events if one.fax_id in called])


def _fates(faxes: Iterable[Fax], deliveries: Iterable[Delivery] | None) -> dict[int, dict[int, DeliveryStatus]]:
    """Of all the deliveries of each fax, by their ids; read where they are not known."""
    fates: dict[int, dict[int, DeliveryStatus]] = {fax.pk: {} for fax in faxes}
    standing: Iterable[tuple[int, int, str]]
    if deliveries is None:
        standing = Delivery.objects.filter(fax_id__in=fates).order_by().values_list("fax_id", "pk", "status")
    else:
        standing = ((one.fax_id, one.pk, one.status) for one in deliveries if one.fax_id in fates)
    for fax_id, pk, status in standing:
        fates[fax_id][pk] = DeliveryStatus(status)
    return fates


def _set(row: Fax | Delivery, columns: Mapping[str, Any]) -> None:
    for name, value in columns.items():
        setattr(row, name, value)


def _event(fax: Fax, delivery_id: int | None, old: str, new: str, by: By, shown: str = "") -> Event:
    """``shown``: the name that people see the fax by from now on, where it is another one than before."""
    return Event(
        fax_id=fax.pk,
        organization_id=fax.organization_id,
        extension_id=fax.extension_id,
        delivery_id=delivery_id,
        at=by.at,
        old=old,
        new=new,
        shown=shown,
        mover=by.mover,
        person_id=by.person_id,
        note=by.note[:200],
    )


def call_back(fax: Fax, event: Event) -> None:
    """A program that gave the fax an address of its own (``callback_url``) hears of the step."""
    if fax.callback_url:
        promise(TELL, **_call_back(event))


def _call_back(event: Event) -> dict[str, str | int]:
    return {"what": "call_back", "event_id": event.pk}


def tell_who_is_asked(fax: Fax, at: datetime) -> None:
    """Of a fax that waits for a yes: the sender of a mail first, who has to confirm it; then a second person."""
    if fax.channel == Channel.EMAIL and IncomingMail.objects.filter(fax=fax, confirmed_at=None).exists():
        promise(TELL, what="confirm", fax_id=fax.pk)
    else:
        promise(TELL, what="awaits", fax_id=fax.pk, at=at.isoformat())


def tell_watchers(fax_id: int, organization_id: int, extension_id: int) -> None:
    _notify(FAX_CHANNEL, _watched(fax_id, organization_id, extension_id))


def _watched(fax_id: int, organization_id: int, extension_id: int) -> str:
    return f"{fax_id}:{organization_id}:{extension_id}"


def wake_dialers() -> None:
    """Heard when the transaction commits, and only then."""
    _notify(QUEUE_CHANNEL, "")


def _notify(channel: str, *payloads: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, payload) FROM unnest(%s::text[]) payload", [channel, list(payloads)])
