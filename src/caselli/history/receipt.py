"""The transmission report of a fax: what one prints and files. The page and the PDF tell the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from caselli.fax.number import spoken
from caselli.fax.status import DeliveryStatus, ShownStatus
from caselli.history.timeline import DELIVERY_WORDS, reason_of
from caselli.history.times import duration, exactly, zone_of
from caselli.store.models import ApprovedHow, Attempt, Channel, Delivery, Fax

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Line:
    """One recipient: how it stands, why, and its last call."""

    to: str
    status: DeliveryStatus
    word: str
    reason: str
    when: str
    pages: str
    lasted: str
    answered_by: str
    calls: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """All in words. ``handed_in``: which way and by whom; ``approved``, ``ended``: empty before."""

    uid: str
    organization: str
    country: str
    extension: str
    station_id: str
    status: ShownStatus
    documents: str
    pages: int
    added: str
    handed_in: str
    approved: str
    ended: str
    written: str
    lines: tuple[Line, ...]


def receipt(fax: Fax, now: datetime) -> Receipt:
    """``now``: when it is written."""
    extension = fax.extension
    zone = zone_of(extension.zone)
    return Receipt(
        uid=str(fax.uid),
        organization=extension.organization.name,
        country=extension.organization.country,
        extension=f"{extension.number} {extension.name}",
        station_id=extension.station_id,
        status=ShownStatus(fax.shown_status),
        documents=", ".join(one.name for one in fax.documents.all()),
        pages=fax.pages,
        added=exactly(fax.added_at, zone),
        handed_in=_handed_in(fax),
        approved=f"{exactly(fax.approved_at, zone)}{_approved_by(fax)}" if fax.approved_at else "",
        ended=exactly(fax.ended_at, zone) if fax.ended_at else "",
        written=exactly(now, zone),
        lines=tuple(_lines(fax)),
    )


def _handed_in(fax: Fax) -> str:
    """``by mail from alice@acme.example``, ``Web, by Alice``."""
    if sender := _mail_sender(fax):
        return f"by mail from {sender}"
    channel: str = fax.get_channel_display()
    return f"{channel}, by {fax.added_by.called}" if fax.added_by else channel


def _approved_by(fax: Fax) -> str:
    who = fax.approved_by.called if fax.approved_by else ""
    if not who and fax.approved_how == ApprovedHow.EMAIL:
        who = _mail_sender(fax)
    parts = [f" by {who}" if who else "", fax.get_approved_how_display()]
    return ", ".join(parts) if parts[1] else parts[0]


def _mail_sender(fax: Fax) -> str:
    """The address of the mail that the fax was; empty where it was none."""
    mail = getattr(fax, "mail", None) if fax.channel == Channel.EMAIL else None
    return mail.sender if mail else ""


def _lines(fax: Fax) -> Iterable[Line]:
    last = {
        one.delivery_id: one
        for one in Attempt.objects.filter(delivery__fax=fax).order_by("delivery_id", "-number").distinct("delivery_id")
    }
    for delivery in fax.deliveries.select_related("to_extension", "fax").order_by("position"):
        yield _line(delivery, last.get(delivery.pk), fax)


def _line(delivery: Delivery, call: Attempt | None, fax: Fax) -> Line:
    status = DeliveryStatus(delivery.status)
    return Line(
        to=f"{delivery.given} {delivery.to_extension.name}" if delivery.to_extension else spoken(delivery.destination),
        status=status,
        word=DELIVERY_WORDS[status],
        reason="" if status is DeliveryStatus.DELIVERED else reason_of(delivery),
        when=exactly(call.started_at, zone_of(fax.extension.zone)) if call else NOTHING,
        pages=f"{delivery.pages_confirmed} of {fax.pages}",
        lasted=duration(call.seconds) if call and call.ended_at else NOTHING,
        answered_by=(call.remote_id if call else "") or NOTHING,
        calls=call.number if call else 0,
    )
