"""Take what may go on the line now: by one query, under the locks of the trunks."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from caselli.fax.status import DeliveryStatus, Mover
from caselli.store import journey
from caselli.store.models import Attempt, Delivery, Event, Extension, Preferences, Trunk

_CLAIM = Path(__file__).with_name("claim.sql").read_text()
LEASE = timedelta(seconds=30)
WINDOW = 500
"""How many of the oldest queued deliveries one claim looks at."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """All that the dialer needs for one call, read in the claim's transaction."""

    attempt_id: int
    delivery: Delivery
    trunk: Trunk
    extension: Extension
    pages: int
    pages_blob: str
    first_page: int
    ring_limit: int
    negotiation_limit: int


def claim(dialer: str, most: int = 50) -> list[Claimed]:
    """Claim up to ``most`` deliveries for ``dialer``: each is then *sending*, with an open attempt under a lease."""
    with transaction.atomic():
        trunks = {trunk.pk: trunk for trunk in _lock_trunks()}
        if not trunks:
            return []
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, {"window": WINDOW, "most": most})
            chosen: dict[int, int] = dict(cursor.fetchall())
        if not chosen:
            return []
        return _open(chosen, trunks, dialer, timezone.now())


def _lock_trunks() -> list[Trunk]:
    return list(Trunk.objects.filter(enabled=True).select_for_update(no_key=True).order_by("id"))


def _open(chosen: dict[int, int], trunks: dict[int, Trunk], dialer: str, now: datetime) -> list[Claimed]:
    deliveries = list(
        Delivery.objects.filter(pk__in=chosen)
        .select_related("fax__extension__organization")
        .order_by("-priority", "queued_at", "id")
    )
    for delivery in deliveries:
        delivery.status = DeliveryStatus.SENDING
        delivery.trunk = trunks[chosen[delivery.pk]]
        delivery.phase, delivery.phase_page = "", 0
    Delivery.objects.bulk_update(deliveries, ["status", "trunk", "phase", "phase_page"])
    attempts = Attempt.objects.bulk_create(_attempt(delivery, dialer, now) for delivery in deliveries)
    Event.objects.bulk_create(
        Event(
            fax_id=delivery.fax_id,
            delivery=delivery,
            at=now,
            old=DeliveryStatus.QUEUED,
            new=DeliveryStatus.SENDING,
            mover=Mover.SYSTEM,
            note=f"by {trunks[chosen[delivery.pk]].name}",
        )
        for delivery in deliveries
    )
    limit = Preferences.current().negotiation_limit
    for fax in {delivery.fax_id: delivery.fax for delivery in deliveries}.values():
        journey.tell_watchers(fax.pk, fax.organization_id, fax.extension_id)
    return [_claimed(delivery, attempt, limit) for delivery, attempt in zip(deliveries, attempts, strict=True)]


def _attempt(delivery: Delivery, dialer: str, now: datetime) -> Attempt:
    assert delivery.trunk is not None
    return Attempt(
        delivery=delivery,
        number=delivery.attempts.count() + 1,
        trunk=delivery.trunk,
        trunk_name=delivery.trunk.name,
        dialer=dialer,
        lease_until=now + LEASE,
        gear=delivery.gear,
        first_page=delivery.pages_confirmed + 1,
        started_at=now,
    )


def _claimed(delivery: Delivery, attempt: Attempt, negotiation_limit: int) -> Claimed:
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
    )


def promote_due() -> float | None:
    """Queue again what has waited its time. Returns the seconds until the next one is due, None if none waits."""
    with transaction.atomic():
        now = timezone.now()
        due = (
            Delivery.objects.filter(status=DeliveryStatus.RETRY_WAIT, next_try_at__lte=now)
            .select_related("fax")
            .order_by("next_try_at")[:200]
        )
        for delivery in due:
            try:
                journey.advance_delivery(
                    delivery, DeliveryStatus.QUEUED, journey.By(now), queued_at=F("next_try_at"), next_try_at=None
                )
            except journey.StaleStep:
                continue
    soonest = (
        Delivery.objects.filter(status=DeliveryStatus.RETRY_WAIT, next_try_at__isnull=False)
        .order_by("next_try_at")
        .values_list("next_try_at", flat=True)
        .first()
    )
    return max(0.0, (soonest - timezone.now()).total_seconds()) if soonest else None


def wished_to_end(dialer: str) -> list[int]:
    """The open attempts of this dialer whose deliveries a person wants ended."""
    return list(
        Attempt.objects.filter(dialer=dialer, ended_at__isnull=True, delivery__cancel_wished=True).values_list(
            "pk", flat=True
        )
    )
