"""Events, as ``GET /events`` and webhooks tell them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from caselli.client.shapes import Channel, DeliveryStatus, Status


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
    """``delivery``: None in events of the whole fax."""

    fax: FaxInBrief
    delivery: DeliveryInBrief | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """``id`` grows, and names the event for ever: what was seen twice has the same. ``type``: like ``fax.sent``."""

    id: int
    type: str
    timestamp: datetime
    data: EventData

    @property
    def fax(self) -> FaxInBrief:
        return self.data.fax

    @property
    def delivery(self) -> DeliveryInBrief | None:
        return self.data.delivery
