"""Follow a fax of this machine: its tables, looked at whenever the database tells of a change."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from caselli.doors.console.following import Watched, told_to_the_terminal
from caselli.fax.status import DeliveryStatus, ShownStatus
from caselli.history.timeline import DELIVERY_WORDS, reason_of, remedy_of
from caselli.store.journey import FAX_CHANNEL
from caselli.store.models import Delivery, Fax

NET = 2.0
"""Seconds between looks when no notification comes: the net below NOTIFY."""


def follow(fax: Fax, *, quiet: bool = False) -> Fax:
    """Return when nothing moves any more without a person; the fax as it is then."""
    with told_to_the_terminal(str(fax.uid), fax.pages, quiet=quiet) as tell, _heard_changes(fax.pk) as changes:
        for _ in changes:
            fax = Fax.objects.select_related("organization", "extension__organization").get(pk=fax.pk)
            tell([watched(one) for one in fax.deliveries.all()])
            if fax.shown_status != ShownStatus.SCHEDULED:
                return fax
    return fax


def watched(delivery: Delivery) -> Watched:
    status = DeliveryStatus(delivery.status)
    return Watched(
        number=delivery.position,
        to=delivery.destination,
        status=status,
        status_name=DELIVERY_WORDS[status],
        reason=reason_of(delivery),
        remedy=remedy_of(delivery),
        phase=delivery.phase,
        phase_page=delivery.phase_page,
        pages=delivery.fax.pages,
        pages_confirmed=delivery.pages_confirmed,
        next_try_at=delivery.next_try_at,
    )


@contextmanager
def _heard_changes(fax_id: int) -> Iterator[Iterator[None]]:
    with connection.cursor() as cursor:
        cursor.execute(f"LISTEN {FAX_CHANNEL}")
    try:
        yield _changes(fax_id)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"UNLISTEN {FAX_CHANNEL}")


def _changes(fax_id: int) -> Iterator[None]:
    while True:
        yield None
        connection.ensure_connection()
        for heard in connection.connection.notifies(timeout=NET, stop_after=1):
            if heard.payload.startswith(f"{fax_id}:"):
                break
