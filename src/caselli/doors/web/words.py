"""The words, colours and icons of the statuses. ``tone`` is a class of the stylesheet, ``icon`` one of heroicons."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from caselli.fax.number import spoken
from caselli.fax.status import DeliveryStatus, ShownStatus
from caselli.history.timeline import DELIVERY_WORDS
from caselli.store.models import Delivery


@dataclass(frozen=True, slots=True)
class Look:
    word: str
    tone: str
    icon: str


LOOKS: Mapping[ShownStatus, Look] = MappingProxyType(
    {
        status: Look(status.value, tone, icon)
        for status, tone, icon in (
            (ShownStatus.NOT_APPROVED, "hold", "hand-raised"),
            (ShownStatus.PRE_APPROVED, "move", "check"),
            (ShownStatus.APPROVED, "hold", "check-badge"),
            (ShownStatus.SCHEDULED, "move", "phone-arrow-up-right"),
            (ShownStatus.SENT, "good", "check-circle"),
            (ShownStatus.PARTIALLY_SENT, "warn", "exclamation-circle"),
            (ShownStatus.SEND_FAILED, "bad", "x-circle"),
            (ShownStatus.CANCELED, "rest", "no-symbol"),
            (ShownStatus.PURGED, "rest", "archive-box"),
        )
    }
)

DELIVERY_LOOKS: Mapping[DeliveryStatus, Look] = MappingProxyType(
    {
        status: Look(DELIVERY_WORDS[status], tone, icon)
        for status, tone, icon in (
            (DeliveryStatus.WAITING, "hold", "pause-circle"),
            (DeliveryStatus.QUEUED, "move", "queue-list"),
            (DeliveryStatus.SENDING, "move", "phone-arrow-up-right"),
            (DeliveryStatus.RETRY_WAIT, "warn", "clock"),
            (DeliveryStatus.DELIVERED, "good", "check-circle"),
            (DeliveryStatus.FAILED, "bad", "x-circle"),
            (DeliveryStatus.UNKNOWN, "bad", "question-mark-circle"),
            (DeliveryStatus.CANCELED, "rest", "no-symbol"),
        )
    }
)

_PHASES = MappingProxyType(
    {
        "dialling": "Dialling",
        "ringing": "Ringing",
        "answered": "Answered",
        "negotiating": "Negotiating",
        "sending": "Sending",
        "confirming": "Waiting for the confirmation",
        "hanging up": "Hanging up",
    }
)


def phase(delivery: Delivery, pages: int) -> str:
    """What happens on the line now: ``Dialling``, ``Sending, page 2 of 3``."""
    if delivery.cancel_wished:
        return "Ending the call"
    said = _PHASES.get(delivery.phase, "Taking a line")
    return f"{said}, page {delivery.phase_page} of {pages}" if delivery.phase_page else said


def addressee(delivery: Delivery) -> str:
    """``+1 202-555-0100``; for an extension its number as it was written, and its name."""
    if delivery.to_extension is not None:
        return f"{delivery.given} {delivery.to_extension.name}"
    return spoken(delivery.destination)


def addressees(deliveries: list[Delivery], total: int | None = None) -> str:
    """``A``, ``A and B``, ``A, B and 3 more``."""
    total = len(deliveries) if total is None else total
    names = [addressee(one) for one in deliveries[: 3 if total <= 3 else 2]]
    if total > len(names):
        names.append(f"{total - len(names)} more")
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def one_of(names: list[str]) -> str:
    """``A``, ``A or B``, ``A, B or one of 3 more``; a word that fits where there is nobody."""
    if not names:
        return "somebody who may approve"
    if len(names) > 3:
        return f"{names[0]}, {names[1]} or one of {len(names) - 2} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def pages(count: int) -> str:
    return "1 page" if count == 1 else f"{count} pages"
