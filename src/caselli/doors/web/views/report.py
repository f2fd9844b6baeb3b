"""The transmission report of a fax: one sheet to print and to file."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from caselli.doors.web import seen, words
from caselli.doors.web.rows import approval
from caselli.doors.web.times import Clock, duration, zone_of
from caselli.fax.status import DeliveryStatus, ShownStatus
from caselli.history.timeline import reason_of
from caselli.store.models import Attempt, Delivery, Fax

DASH = "–"


@dataclass(frozen=True, slots=True)
class Line:
    """One recipient: how it stands, and its last call."""

    to: str
    look: words.Look
    reason: str
    when: str
    pages: str
    lasted: str
    answered_by: str
    calls: int


@require_safe
@seen.signed_in
def report(request: HttpRequest, uid: UUID) -> HttpResponse:
    fax = seen.fax(request, uid)
    clock = Clock(zone_of(fax.extension.zone), timezone.now())
    context = {
        "fax": fax,
        "extension": fax.extension,
        "look": words.LOOKS[ShownStatus(fax.shown_status)],
        "documents": ", ".join(one.name for one in fax.documents.all()) or DASH,
        "added": clock.exactly(fax.added_at),
        "approval": approval(fax, clock),
        "ended": clock.exactly(fax.ended_at) if fax.ended_at else DASH,
        "printed": clock.exactly(clock.now),
        "lines": tuple(_lines(fax, clock)),
        "zone": clock.zone.key.replace("_", " "),
    }
    return render(request, "web/report.html", context)


def _lines(fax: Fax, clock: Clock) -> Iterable[Line]:
    last = {
        one.delivery_id: one
        for one in Attempt.objects.filter(delivery__fax=fax).order_by("delivery_id", "-number").distinct("delivery_id")
    }
    for delivery in fax.deliveries.select_related("to_extension", "fax").order_by("position"):
        yield _line(delivery, last.get(delivery.pk), fax, clock)


def _line(delivery: Delivery, call: Attempt | None, fax: Fax, clock: Clock) -> Line:
    status = DeliveryStatus(delivery.status)
    return Line(
        to=words.addressee(delivery),
        look=words.DELIVERY_LOOKS[status],
        reason="" if status is DeliveryStatus.DELIVERED else reason_of(delivery),
        when=clock.exactly(call.started_at) if call else DASH,
        pages=f"{delivery.pages_confirmed} of {fax.pages}",
        lasted=duration(call.seconds) if call and call.ended_at else DASH,
        answered_by=(call.remote_id if call else "") or DASH,
        calls=call.number if call else 0,
    )
