"""Which events programs hear of, and which of them a step of a journey is. Pure."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from caselli.fax.status import DeliveryStatus, FaxStatus, ShownStatus


class EventKind(StrEnum):
    """Stable: part of the API's contract."""

    FAX_CREATED = "fax.created"
    FAX_AWAITING_APPROVAL = "fax.awaiting_approval"
    FAX_APPROVED = "fax.approved"
    FAX_SCHEDULED = "fax.scheduled"
    FAX_SENT = "fax.sent"
    FAX_PARTIALLY_SENT = "fax.partially_sent"
    FAX_FAILED = "fax.failed"
    FAX_CANCELED = "fax.canceled"
    FAX_PURGED = "fax.purged"
    DELIVERY_SENDING = "delivery.sending"
    DELIVERY_DELIVERED = "delivery.delivered"
    DELIVERY_RETRYING = "delivery.retrying"
    DELIVERY_FAILED = "delivery.failed"
    DELIVERY_UNKNOWN = "delivery.unknown"
    DELIVERY_CANCELED = "delivery.canceled"


_K = EventKind
MEANINGS: Mapping[EventKind, str] = MappingProxyType(
    {
        _K.FAX_CREATED: "A fax came in, and its pages are made.",
        _K.FAX_AWAITING_APPROVAL: "It waits for somebody’s yes.",
        _K.FAX_APPROVED: "Somebody said yes, or none was needed.",
        _K.FAX_SCHEDULED: "It is in the queue: also when it is sent again.",
        _K.FAX_SENT: "It is delivered to all recipients.",
        _K.FAX_PARTIALLY_SENT: "It is delivered to some recipients, and the others are given up.",
        _K.FAX_FAILED: "It is delivered to none, or it could not be taken at all.",
        _K.FAX_CANCELED: "It is not sent to anyone any more.",
        _K.FAX_PURGED: "Its pages and documents are erased; the record stays.",
        _K.DELIVERY_SENDING: "A call begins.",
        _K.DELIVERY_DELIVERED: "The far machine confirmed every page.",
        _K.DELIVERY_RETRYING: "A call did not do it; there will be another one.",
        _K.DELIVERY_FAILED: "This recipient is given up.",
        _K.DELIVERY_UNKNOWN: "Nobody can tell whether it arrived: a person decides.",
        _K.DELIVERY_CANCELED: "It is not sent to this recipient any more.",
    }
)

GROUPS: Mapping[str, tuple[EventKind, ...]] = MappingProxyType(
    {
        "A fax on its way": (_K.FAX_CREATED, _K.FAX_AWAITING_APPROVAL, _K.FAX_APPROVED, _K.FAX_SCHEDULED),
        "What became of a fax": (
            _K.FAX_SENT,
            _K.FAX_PARTIALLY_SENT,
            _K.FAX_FAILED,
            _K.FAX_CANCELED,
            _K.FAX_PURGED,
        ),
        "The delivery to each recipient": (
            _K.DELIVERY_SENDING,
            _K.DELIVERY_DELIVERED,
            _K.DELIVERY_RETRYING,
            _K.DELIVERY_FAILED,
            _K.DELIVERY_UNKNOWN,
            _K.DELIVERY_CANCELED,
        ),
    }
)
"""As people choose among them."""

_DELIVERY = MappingProxyType(
    {
        DeliveryStatus.SENDING: _K.DELIVERY_SENDING,
        DeliveryStatus.DELIVERED: _K.DELIVERY_DELIVERED,
        DeliveryStatus.RETRY_WAIT: _K.DELIVERY_RETRYING,
        DeliveryStatus.FAILED: _K.DELIVERY_FAILED,
        DeliveryStatus.UNKNOWN: _K.DELIVERY_UNKNOWN,
        DeliveryStatus.CANCELED: _K.DELIVERY_CANCELED,
    }
)
SHOWN_AFTER = MappingProxyType(
    {
        _K.FAX_AWAITING_APPROVAL: ShownStatus.NOT_APPROVED,
        _K.FAX_SCHEDULED: ShownStatus.SCHEDULED,
        _K.FAX_SENT: ShownStatus.SENT,
        _K.FAX_PARTIALLY_SENT: ShownStatus.PARTIALLY_SENT,
        _K.FAX_FAILED: ShownStatus.SEND_FAILED,
        _K.FAX_CANCELED: ShownStatus.CANCELED,
        _K.FAX_PURGED: ShownStatus.PURGED,
    }
)
"""What people see the fax by after such an event."""
_SHOWN = MappingProxyType({shown: kind for kind, shown in SHOWN_AFTER.items() if kind is not _K.FAX_AWAITING_APPROVAL})
MOST_OF_A_STEP = 4
"""Events; :func:`number_of` leaves room for so many."""


def kinds_of(old: str, new: str, shown: str, *, delivery: bool) -> tuple[EventKind, ...]:
    """The events of one step, in order: the recipient's before the fax's. ``shown``: what people see the fax by from
    now on, empty where that stays. A note (``old`` is ``new``) is none.
    """
    if old == new:
        return ()
    kinds = list(_of_delivery(new) if delivery else _of_fax(old, new))
    if shown:
        kinds += [kind for kind in [_SHOWN.get(ShownStatus(shown))] if kind is not None]
    return tuple(kinds)


def _of_delivery(new: str) -> Iterable[EventKind]:
    return [_DELIVERY[DeliveryStatus(new)]] if DeliveryStatus(new) in _DELIVERY else []


def _of_fax(old: str, new: str) -> Iterable[EventKind]:
    if old == FaxStatus.RECEIVED:
        yield _K.FAX_CREATED
    if new == FaxStatus.AWAITING_APPROVAL:
        yield _K.FAX_AWAITING_APPROVAL
    yes = {FaxStatus.APPROVED, FaxStatus.PRE_APPROVED, FaxStatus.RELEASED}
    if new in yes and old not in yes:
        yield _K.FAX_APPROVED


def number_of(step: int, place: int) -> int:
    """Of the event at that place (from 0) of the step with that id: unique, and it grows."""
    return step * MOST_OF_A_STEP + place


def step_of(number: int) -> tuple[int, int]:
    """Its step and its place."""
    return divmod(number, MOST_OF_A_STEP)
