"""What happened, numbered, for programs that read on from where they were and must not miss anything.

Numbers are given before commits, so a higher one may be seen before a lower one. :class:`Settled` knows up to which
number nothing can appear any more; whoever remembers a number reads no further than that.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet

from caselli.fax.status import DeliveryStatus, ShownStatus
from caselli.history.event_kinds import SHOWN_AFTER, EventKind, kinds_of, number_of
from caselli.history.timeline import DELIVERY_WORDS, reason_of
from caselli.store.models import Delivery, Event, Fax

STEPS_AT_ONCE = 500

_LOOK = """
SELECT coalesce((SELECT max(id) FROM store_event), 0),
       array(SELECT DISTINCT virtualtransaction FROM pg_locks
             WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted
               AND relation = 'store_event'::regclass
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
               AND pid <> pg_backend_pid())
"""
"""The newest step, and which transactions have written into the table and are open: whoever inserts holds this lock
from before its number is given until after its rows are seen. Other open transactions, however long, hold up nobody.
"""


class Settled:
    """Up to which step all is said. Not known at first: None."""

    def __init__(self) -> None:
        self.upto: int | None = None
        self._newest = 0
        self._awaited: frozenset[str] | None = None

    @property
    def waits(self) -> bool:
        """Whether there are steps that are not settled yet: look again soon, nobody tells."""
        return self._awaited is not None

    def look(self) -> int | None:
        """Rows must be read by a later statement than this."""
        with connection.cursor() as cursor:
            cursor.execute(_LOOK)
            newest, writing = cursor.fetchone()
        open_ones = frozenset(writing)
        if not open_ones:
            self.upto, self._awaited = newest, None
        elif self._awaited is None:
            self._newest, self._awaited = newest, open_ones
        elif not self._awaited & open_ones:
            self.upto = self._newest
            self._newest, self._awaited = newest, open_ones
        return self.upto


@dataclass(frozen=True, slots=True)
class Told:
    """An event as programs get it. ``step`` is its row; ``number`` is its own; ``body`` is JSON."""

    step: int
    number: int
    kind: EventKind
    organization_id: int
    extension_id: int
    sandbox: bool
    body: str


def newest() -> int:
    """The newest step there is, settled or not."""
    return Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def of_organization(organization_id: int, after: int, upto: int, limit: int = STEPS_AT_ONCE) -> list[Event]:
    """Steps beyond ``after``, in order. Without those that are no event to anybody."""
    steps = Event.objects.filter(organization_id=organization_id, pk__gt=after, pk__lte=upto)
    return list(_whole(steps).order_by("pk")[:limit])


def of_all(
    after: int, upto: int, limit: int = STEPS_AT_ONCE, organizations: Collection[int] | None = None
) -> list[Event]:
    """``organizations``: only theirs."""
    steps = Event.objects.filter(pk__gt=after, pk__lte=upto)
    if organizations is not None:
        steps = steps.filter(organization__in=organizations)
    return list(_whole(steps).order_by("pk")[:limit])


def of_extensions(
    extensions: Collection[int], organizations: Collection[int], after: int, upto: int, limit: int = STEPS_AT_ONCE
) -> list[Event]:
    """``organizations``: those of the extensions; it is read along their index."""
    steps = Event.objects.filter(organization__in=organizations, pk__gt=after, pk__lte=upto)
    return list(_whole(steps.filter(extension__in=extensions)).order_by("pk")[:limit])


def of_fax(fax_id: int, since: datetime, upto: int) -> list[Event]:
    """Its steps up to that one."""
    return list(_whole(Event.objects.filter(fax=fax_id, at__gte=since, pk__lte=upto)).order_by("pk"))


def _whole(steps: QuerySet[Event]) -> QuerySet[Event]:
    return steps.select_related("fax__extension__organization", "delivery")


def told(steps: Iterable[Event], kinds: Collection[str] = ()) -> list[Told]:
    """The events of these steps (as the functions above read them). ``kinds``: only those; empty for all."""
    chosen = [
        (step, number_of(step.pk, place), kind)
        for step in steps
        if step.organization_id is not None
        for place, kind in enumerate(kinds_of(step.old, step.new, step.shown, delivery=step.delivery_id is not None))
        if not kinds or kind in kinds
    ]
    counts = _recipients([step.fax_id for step, _, _ in chosen])
    return [_tell(step, number, kind, counts.get(step.fax_id, 0)) for step, number, kind in chosen]


def _recipients(faxes: Sequence[int]) -> dict[int, int]:
    if not faxes:
        return {}
    counted = Delivery.objects.filter(fax__in=set(faxes)).order_by().values("fax_id").annotate(count=Count("pk"))
    return {one["fax_id"]: one["count"] for one in counted}


def _tell(step: Event, number: int, kind: EventKind, recipients: int) -> Told:
    data: dict[str, Any] = {"fax": _fax(step.fax, kind, recipients)}
    if kind.startswith("delivery.") and step.delivery is not None:
        data["delivery"] = _delivery(step.delivery, step.new)
    assert step.organization_id is not None
    assert step.extension_id is not None
    body = json.dumps({"id": number, "type": kind.value, "timestamp": moment(step.at), "data": data})
    return Told(step.pk, number, kind, step.organization_id, step.extension_id, step.fax.sandbox, body)


def _fax(fax: Fax, kind: EventKind, recipients: int) -> dict[str, Any]:
    """As ``GET /api/v1/faxes/{id}`` names it, in brief. Its status is the one that the event made."""
    status = SHOWN_AFTER.get(kind, ShownStatus(fax.shown_status))
    return {
        "id": str(fax.uid),
        "extension": fax.extension.extended,
        "channel": fax.channel,
        "status": status.slug,
        "status_name": status.value,
        "pages": fax.pages,
        "recipients": recipients,
        "added_at": moment(fax.added_at),
        "send_at": moment(fax.send_at) if fax.send_at else None,
        "metadata": fax.metadata,
        "sandbox": fax.sandbox,
    }


def _delivery(delivery: Delivery, new: str) -> dict[str, Any]:
    """Its status is the one that the event made; why is told as long as it stands so."""
    status, still = DeliveryStatus(new), delivery.status == new
    return {
        "recipient": delivery.position,
        "to": delivery.destination,
        "kind": "extension" if delivery.to_extension_id else "number",
        "name": delivery.name or None,
        "status": status.value,
        "status_name": DELIVERY_WORDS[status],
        "cause": (delivery.cause or None) if still else None,
        "reason": (reason_of(delivery) or None) if still else None,
        "pages_confirmed": delivery.pages_confirmed,
        "next_try_at": moment(delivery.next_try_at) if still and delivery.next_try_at else None,
    }


def moment(at: datetime) -> str:
    """In UTC, ISO 8601, ending in Z; in milliseconds, as the API's other answers have it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
