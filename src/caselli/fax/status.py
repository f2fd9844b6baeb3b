"""The two journeys, of a fax and of a delivery, as tables; and the nine names people see.

A status is written only by ``caselli.store.journey``, which asks these tables whether the step exists.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType


class FaxStatus(StrEnum):
    """Where one submission stands. What happens on the line is told by its deliveries."""

    RECEIVED = "received"
    RENDERED = "rendered"
    REFUSED = "refused"
    AWAITING_APPROVAL = "awaiting_approval"
    PRE_APPROVED = "pre_approved"
    APPROVED = "approved"
    RELEASED = "released"
    CANCELED = "canceled"
    PURGED = "purged"


class DeliveryStatus(StrEnum):
    """The fate of one recipient of a fax."""

    WAITING = "waiting"
    QUEUED = "queued"
    SENDING = "sending"
    RETRY_WAIT = "retry_wait"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELED = "canceled"


class ShownStatus(StrEnum):
    """What people call it: exactly these nine names."""

    NOT_APPROVED = "Not approved"
    PRE_APPROVED = "Pre-Approved"
    APPROVED = "Approved"
    SCHEDULED = "Scheduled For Sending"
    SENT = "Sent"
    PARTIALLY_SENT = "Partially Sent"
    SEND_FAILED = "Send Failed"
    CANCELED = "Canceled"
    PURGED = "Purged"

    @property
    def slug(self) -> str:
        """For programs, and as stable as the name: ``partially_sent``."""
        return self.name.lower()


class Mover(StrEnum):
    """Who may take a step: the system by itself, or only a person's word."""

    SYSTEM = "system"
    PERSON = "person"


_F = FaxStatus
_D = DeliveryStatus
_BOTH = frozenset({Mover.SYSTEM, Mover.PERSON})
_SYSTEM = frozenset({Mover.SYSTEM})
_PERSON = frozenset({Mover.PERSON})

FAX_STEPS: Mapping[tuple[FaxStatus, FaxStatus], frozenset[Mover]] = MappingProxyType(
    {
        (_F.RECEIVED, _F.RENDERED): _SYSTEM,
        (_F.RECEIVED, _F.REFUSED): _SYSTEM,
        (_F.RECEIVED, _F.CANCELED): _PERSON,
        (_F.RENDERED, _F.AWAITING_APPROVAL): _SYSTEM,
        (_F.RENDERED, _F.PRE_APPROVED): _SYSTEM,
        (_F.RENDERED, _F.APPROVED): _PERSON,
        (_F.RENDERED, _F.RELEASED): _PERSON,
        (_F.AWAITING_APPROVAL, _F.APPROVED): _PERSON,
        (_F.AWAITING_APPROVAL, _F.RELEASED): _PERSON,
        (_F.AWAITING_APPROVAL, _F.CANCELED): _BOTH,
        (_F.PRE_APPROVED, _F.RELEASED): _SYSTEM,
        (_F.PRE_APPROVED, _F.CANCELED): _PERSON,
        (_F.APPROVED, _F.AWAITING_APPROVAL): _SYSTEM,
        # By the system at its time, where the yes came before; by a person, who does not wait for it, or held it.
        (_F.APPROVED, _F.RELEASED): _BOTH,
        (_F.APPROVED, _F.CANCELED): _BOTH,
        (_F.REFUSED, _F.PURGED): _SYSTEM,
        (_F.CANCELED, _F.PURGED): _SYSTEM,
        (_F.RELEASED, _F.PURGED): _SYSTEM,
    }
)

DELIVERY_STEPS: Mapping[tuple[DeliveryStatus, DeliveryStatus], frozenset[Mover]] = MappingProxyType(
    {
        (_D.WAITING, _D.QUEUED): _BOTH,
        (_D.WAITING, _D.CANCELED): _BOTH,
        (_D.QUEUED, _D.SENDING): _SYSTEM,
        (_D.QUEUED, _D.FAILED): _SYSTEM,
        (_D.QUEUED, _D.CANCELED): _PERSON,
        (_D.SENDING, _D.DELIVERED): _SYSTEM,
        (_D.SENDING, _D.RETRY_WAIT): _SYSTEM,
        (_D.SENDING, _D.FAILED): _SYSTEM,
        (_D.SENDING, _D.UNKNOWN): _SYSTEM,
        # The person's wish was noted before; the dialer hung up and reports what is true.
        (_D.SENDING, _D.CANCELED): _SYSTEM,
        (_D.RETRY_WAIT, _D.QUEUED): _BOTH,
        (_D.RETRY_WAIT, _D.FAILED): _SYSTEM,
        (_D.RETRY_WAIT, _D.CANCELED): _PERSON,
        (_D.FAILED, _D.QUEUED): _PERSON,
        (_D.FAILED, _D.CANCELED): _PERSON,
        (_D.UNKNOWN, _D.QUEUED): _PERSON,
        (_D.UNKNOWN, _D.DELIVERED): _PERSON,
        (_D.UNKNOWN, _D.CANCELED): _PERSON,
    }
)

FAX_START = FaxStatus.RECEIVED
DELIVERY_START = DeliveryStatus.WAITING

FAX_RESTS = frozenset({_F.REFUSED, _F.RELEASED, _F.CANCELED, _F.PURGED})
"""Where a fax may stay; RELEASED rests as soon as all its deliveries do."""

DELIVERY_RESTS = frozenset({_D.DELIVERED, _D.FAILED, _D.UNKNOWN, _D.CANCELED})
"""Where a delivery may stay for ever: nothing moves it but a person."""

FAX_DEADLINES: Mapping[FaxStatus, str] = MappingProxyType(
    {
        _F.RECEIVED: "refused when its promised files have not come in their ten minutes; without such, left at once",
        _F.RENDERED: "decided in the same transaction that rendered it",
        _F.AWAITING_APPROVAL: "erased when its days are over (preference 'erase unconfirmed faxes after')",
        _F.PRE_APPROVED: "released in the same transaction, or at its time (`send_at`)",
        _F.APPROVED: "released at its time (`send_at`); without one it is held, and erased like unconfirmed ones",
    }
)
DELIVERY_DEADLINES: Mapping[DeliveryStatus, str] = MappingProxyType(
    {
        _D.WAITING: "follows its fax",
        _D.QUEUED: "failed when it has waited for a line for its organization's hours (48 unless changed)",
        _D.SENDING: "the lease of its call runs out: the recorded steps decide",
        _D.RETRY_WAIT: "next_try_at: queued again",
    }
)


class StepRefused(ValueError):  # noqa: N818 - a sentence, as the other refusals are
    """The table has no such step, or not for this mover."""


def check_fax_step(old: FaxStatus, new: FaxStatus, mover: Mover) -> None:
    """Raise StepRefused unless the fax may go from ``old`` to ``new`` by ``mover``."""
    if mover not in FAX_STEPS.get((old, new), frozenset()):
        raise StepRefused(f"a fax does not go from {old} to {new} by the {mover}")


def check_delivery_step(old: DeliveryStatus, new: DeliveryStatus, mover: Mover) -> None:
    """Raise StepRefused unless the delivery may go from ``old`` to ``new`` by ``mover``."""
    if mover not in DELIVERY_STEPS.get((old, new), frozenset()):
        raise StepRefused(f"a delivery does not go from {old} to {new} by the {mover}")


_BEFORE_RELEASE: Mapping[FaxStatus, ShownStatus] = MappingProxyType(
    {
        _F.RECEIVED: ShownStatus.NOT_APPROVED,
        _F.RENDERED: ShownStatus.NOT_APPROVED,
        _F.AWAITING_APPROVAL: ShownStatus.NOT_APPROVED,
        _F.PRE_APPROVED: ShownStatus.PRE_APPROVED,
        _F.APPROVED: ShownStatus.APPROVED,
        _F.REFUSED: ShownStatus.SEND_FAILED,
        _F.CANCELED: ShownStatus.CANCELED,
        _F.PURGED: ShownStatus.PURGED,
    }
)


def shown_status(fax: FaxStatus, deliveries: Iterable[DeliveryStatus]) -> ShownStatus:
    """The name people see, from the fax's own status and those of all its deliveries."""
    if fax is not FaxStatus.RELEASED:
        return _BEFORE_RELEASE[fax]
    fates = frozenset(deliveries)
    if fates - DELIVERY_RESTS:
        return ShownStatus.SCHEDULED
    if fates == {DeliveryStatus.DELIVERED}:
        return ShownStatus.SENT
    if DeliveryStatus.DELIVERED in fates:
        return ShownStatus.PARTIALLY_SENT
    if fates == {DeliveryStatus.CANCELED}:
        return ShownStatus.CANCELED
    return ShownStatus.SEND_FAILED
