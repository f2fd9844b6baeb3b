"""The only writer of a status: compare-and-set in one transaction with its event row and the NOTIFY.

Lock order, everywhere: the fax's row, then its deliveries'. The fax's lock is NO KEY, so that rows which only refer
to the fax (attempts, events of the claim) never wait for it.
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from caselli.fax.status import (
    DELIVERY_RESTS,
    DeliveryStatus,
    FaxStatus,
    Mover,
    check_delivery_step,
    check_fax_step,
    shown_status,
)
from caselli.store.models import Channel, Delivery, Event, Fax, IncomingMail
from caselli.store.promise import TELL, promise

QUEUE_CHANNEL = "caselli_queue"
"""Something may be claimed now, or a person wishes a call ended. No payload."""
FAX_CHANNEL = "caselli_fax"
"""Something about a fax changed: ``<fax id>:<organization id>:<extension id>``."""


class StaleStep(RuntimeError):  # noqa: N818 - it names what happened
    """Somebody else moved it first; nothing was written."""


@dataclass(frozen=True, slots=True)
class By:
    """Who takes a step, and when. ``person_id`` may be unknown although a person does it (a console without login)."""

    at: datetime
    mover: Mover = Mover.SYSTEM
    person_id: int | None = None
    note: str = ""


def lock_fax(fax_id: int) -> Fax:
    """The fax with its row locked until the transaction ends: take it before its deliveries."""
    return Fax.objects.select_for_update(no_key=True).get(pk=fax_id)


def advance_fax(fax: Fax, new: FaxStatus, by: By, **changes: Any) -> None:
    """Move a fax one step and write ``changes`` (columns) with it.

    Raises StepRefused where the table has no such step, StaleStep where ``fax`` is not what the table holds any more.
    """
    old = FaxStatus(fax.status)
    check_fax_step(old, new, by.mover)
    with _together():
        written = Fax.objects.filter(pk=fax.pk, status=old).update(status=new, **changes)
        if not written:
            raise StaleStep(f"fax {fax.pk} is not {old} any more")
        for name, value in changes.items():
            setattr(fax, name, value)
        fax.status = new
        _write_event(fax, None, old, new, by, show(fax, by.at))
        if new is FaxStatus.AWAITING_APPROVAL:
            tell_who_is_asked(fax, by.at)


def advance_delivery(delivery: Delivery, new: DeliveryStatus, by: By, **changes: Any) -> None:
    """Move a delivery one step and write ``changes`` with it; the fax's shown status follows in the same transaction.

    Raises StepRefused where there is no such step, StaleStep where ``delivery`` is not what the table holds any more.
    """
    old = DeliveryStatus(delivery.status)
    check_delivery_step(old, new, by.mover)
    if new in DELIVERY_RESTS:
        changes = {"ended_at": by.at, "next_try_at": None, "phase": "", "phase_page": 0} | changes
    if new is not DeliveryStatus.SENDING:
        changes = {"trunk": None, "cancel_wished": False} | changes
    with _together():
        fax = lock_fax(delivery.fax_id)
        written = Delivery.objects.filter(pk=delivery.pk, status=old).update(status=new, **changes)
        if not written:
            raise StaleStep(f"delivery {delivery.pk} is not {old} any more")
        for name, value in changes.items():
            setattr(delivery, name, value)
        delivery.status = new
        _write_event(fax, delivery.pk, old, new, by, show(fax, by.at))


def _together() -> "AbstractContextManager[None]":
    """In the caller's transaction, or in one of its own. No savepoint: a stale step is found before anything is
    written, and a submission takes four steps.
    """
    return nullcontext() if connection.in_atomic_block else transaction.atomic()


def note(fax: Fax, by: By) -> None:
    """Write down something that happened to the fax (locked) without a step."""
    _write_event(fax, None, fax.status, fax.status, by)
    tell_watchers(fax.pk, fax.organization_id, fax.extension_id)


def cancel_unreleased(fax: Fax, by: By) -> None:
    """Cancel a fax (locked) that never went into the queue, and all its deliveries with it."""
    advance_fax(fax, FaxStatus.CANCELED, by)
    for delivery in fax.deliveries.filter(status=DeliveryStatus.WAITING):
        advance_delivery(delivery, DeliveryStatus.CANCELED, by, cause="canceled")
    if fax.channel == Channel.EMAIL:
        promise(TELL, what="not_sent", fax_id=fax.pk)


def _write_event(fax: Fax, delivery_id: int | None, old: str, new: str, by: By, shown: str = "") -> None:
    """``shown``: the name that people see the fax by from now on, where it is another one than before."""
    event = Event.objects.create(
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
    if old != new:
        call_back(fax, event)


def call_back(fax: Fax, event: Event) -> None:
    """A program that gave the fax an address of its own (``callback_url``) hears of the step."""
    if fax.callback_url:
        promise(TELL, what="call_back", event_id=event.pk)


def show(fax: Fax, at: datetime) -> str:
    """Bring the name people see up to date (under the fax's lock) and tell who watches. The new name; empty where it
    stays.
    """
    fates = [DeliveryStatus(one) for one in Delivery.objects.filter(fax_id=fax.pk).values_list("status", flat=True)]
    shown = shown_status(FaxStatus(fax.status), fates)
    rests = fax.status in {FaxStatus.CANCELED, FaxStatus.REFUSED, FaxStatus.PURGED} or not set(fates) - DELIVERY_RESTS
    ended_at = (fax.ended_at or at) if rests else None
    news = shown.value if shown != fax.shown_status else ""
    if (shown, ended_at) != (fax.shown_status, fax.ended_at):
        Fax.objects.filter(pk=fax.pk).update(shown_status=shown, ended_at=ended_at)
        if ended_at is not None and fax.ended_at is None and fax.status == FaxStatus.RELEASED:
            promise(TELL, what="ended", fax_id=fax.pk, at=ended_at.isoformat(), shown=shown.value)
        fax.shown_status, fax.ended_at = shown, ended_at
    tell_watchers(fax.pk, fax.organization_id, fax.extension_id)
    return news


def tell_who_is_asked(fax: Fax, at: datetime) -> None:
    """Of a fax that waits for a yes: the sender of a mail first, who has to confirm it; then a second person."""
    if fax.channel == Channel.EMAIL and IncomingMail.objects.filter(fax=fax, confirmed_at=None).exists():
        promise(TELL, what="confirm", fax_id=fax.pk)
    else:
        promise(TELL, what="awaits", fax_id=fax.pk, at=at.isoformat())


def tell_watchers(fax_id: int, organization_id: int, extension_id: int) -> None:
    _notify(FAX_CHANNEL, f"{fax_id}:{organization_id}:{extension_id}")


def wake_dialers() -> None:
    """Heard when the transaction commits, and only then."""
    _notify(QUEUE_CHANNEL, "")


def _notify(channel: str, payload: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [channel, payload])
