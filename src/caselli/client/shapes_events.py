"""Events, as ``GET /events`` and webhooks tell them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from caselli.client.shapes import Channel, DeliveryStatus, Status

EventKind = Literal[
    "fax.created",
    "fax.awaiting_approval",
    "fax.approved",
    "fax.scheduled",
    "fax.sent",
    "fax.partially_sent",
    "fax.failed",
    "fax.canceled",
    "fax.purged",
    "delivery.sending",
    "delivery.delivered",
    "delivery.retrying",
    "delivery.failed",
    "delivery.unknown",
    "delivery.canceled",
]
TEST = "webhook.test"
"""The type of the message by which an address is tested: it is about no fax, and has no id."""


@dataclass(frozen=True, slots=True)
class FaxInBrief:
    """The fax as the event left it."""

    id: str
    extension: str
    channel: Channel
    status: Status
    status_name: str
    pages: int
    recipients: int
    added_at: datetime
    send_at: datetime | None
    metadata: Mapping[str, Any]
    sandbox: bool


@dataclass(frozen=True, slots=True)
class DeliveryInBrief:
    """The recipient as the event left it."""

    recipient: int
    to: str
    kind: Literal["number", "extension"]
    name: str | None
    status: DeliveryStatus
    status_name: str
    cause: str | None
    reason: str | None
    pages_confirmed: int
    next_try_at: datetime | None


@dataclass(frozen=True, slots=True)
class EventData:
    """``delivery``: None in events of the whole fax; ``fax``: None in the test of a webhook."""

    fax: FaxInBrief | None = None
    delivery: DeliveryInBrief | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """``id`` grows, and names the event for ever: what was seen twice has the same."""

    type: EventKind
    timestamp: datetime
    data: EventData
    id: int = 0

    @property
    def is_test(self) -> bool:
        """Somebody tested the webhook; there is no fax."""
        return self.type == TEST

    @property
    def fax(self) -> FaxInBrief:
        """Raises ValueError in a test."""
        if self.data.fax is None:
            raise ValueError(f"An event {self.type} is about no fax.")
        return self.data.fax

    @property
    def delivery(self) -> DeliveryInBrief | None:
        return self.data.delivery
