"""A fax goes into the queue, at once or at its time; what is for our own extensions arrives at once."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from caselli.approval.request import ask, content_of
from caselli.directory.blocked import prefixes
from caselli.fax.causes import BLOCKED
from caselli.fax.status import DeliveryStatus, FaxStatus
from caselli.queue.arrive import arrive
from caselli.store import journey
from caselli.store.models import Delivery, Fax

AT_ONCE = 50
"""How many faxes whose time has come are released by one look."""
_WAITING = (FaxStatus.PRE_APPROVED, FaxStatus.APPROVED)
CHANGED = "it is not any more what was approved"


def release(
    fax: Fax,
    by: journey.By,
    *,
    before: Sequence[journey.Step] = (),
    deliveries: Sequence[Delivery] | None = None,
    **changes: Any,
) -> None:
    """Queue every waiting delivery of the fax, which is locked, or made in the caller's transaction.

    ``before``: steps that it takes first; ``deliveries``: all of it, where the caller has them; ``changes`` are written
    with the fax's step. What was blocked since the fax was handed in has failed.
    """
    every = list(fax.deliveries.all()) if deliveries is None else deliveries
    journey.walk_fax(fax, [*before, journey.Step(FaxStatus.RELEASED, by)], every, **changes)
    waiting = [one for one in every if one.status == DeliveryStatus.WAITING]
    journey.advance_deliveries(fax, waiting, DeliveryStatus.QUEUED, by, every, queued_at=by.at, priority=fax.priority)
    blocked = prefixes(fax.organization_id)
    for delivery in waiting:
        if delivery.to_extension_id is not None:
            arrive(fax, delivery, by.at, every)
        elif delivery.destination.startswith(blocked):
            cause = BLOCKED.slug
            failed = journey.By(by.at, note=cause)
            journey.advance_deliveries(fax, [delivery], DeliveryStatus.FAILED, failed, every, cause=cause)
    journey.wake_dialers()


def release_in_time(
    fax: Fax,
    by: journey.By,
    *,
    before: Sequence[journey.Step] = (),
    deliveries: Sequence[Delivery] | None = None,
    **approval: Any,
) -> None:
    """As :func:`release`; but where the fax is held, or its time is still to come, it waits as *Approved*."""
    if fax.held or (fax.send_at is not None and fax.send_at > by.at):
        journey.walk_fax(fax, [*before, journey.Step(FaxStatus.APPROVED, by)], deliveries, **approval)
        if not fax.held:
            journey.wake_dialers()  # which look at the clock then
    else:
        release(fax, by, before=before, deliveries=deliveries, **approval)


def release_due() -> float | None:
    """Release what was to go out by now. Returns the seconds until the next one is due, None if none waits so."""
    waiting = Fax.objects.filter(status__in=_WAITING, send_at__isnull=False).order_by("send_at")
    now = timezone.now()
    for pk, send_at in waiting.values_list("pk", "send_at")[:AT_ONCE]:
        assert send_at is not None
        if send_at > now:
            break
        _release_one(pk)
    soonest = waiting.values_list("send_at", flat=True).first()
    return max(0.0, (soonest - timezone.now()).total_seconds()) if soonest else None


def _release_one(pk: int) -> None:
    """Nothing where somebody else has it, or decides on it at this moment."""
    with transaction.atomic():
        free = Fax.objects.select_for_update(skip_locked=True, no_key=True)
        fax = free.filter(pk=pk, status__in=_WAITING).first()
        if fax is None:
            return
        by = journey.By(timezone.now(), note="its time has come")
        if fax.status == FaxStatus.APPROVED and fax.approved_content != content_of(fax):
            ask(fax, by.at, note=CHANGED)
        else:
            release(fax, by)
