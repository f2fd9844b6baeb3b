"""What Caselli answers about faxes. The names are those of the OpenAPI document, which says what each field means; a
test compares them all. Times are aware, in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from caselli.client.problem import Fault

Status = Literal[
    "not_approved",
    "pre_approved",
    "approved",
    "scheduled",
    "sent",
    "partially_sent",
    "send_failed",
    "canceled",
    "purged",
]
DeliveryStatus = Literal["waiting", "queued", "sending", "retry_wait", "delivered", "failed", "unknown", "canceled"]
Channel = Literal["web", "email", "api", "console"]
Deed = Literal["approve", "cancel", "decline", "resend", "resolve", "send"]


@dataclass(frozen=True, slots=True)
class Organization:
    number: str
    name: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Me:
    """Whose key or token this is. ``organization``: None for an administrator of the whole server."""

    login: str
    name: str
    role: Literal["administrator", "organization_administrator", "user"]
    organization: Organization | None
    by: Literal["key", "app"]
    id: str
    scopes: tuple[str, ...]
    sandbox: bool


@dataclass(frozen=True, slots=True)
class Document:
    """A file as it was handed in. ``size``: bytes; ``available``: not erased yet."""

    number: int
    name: str
    kind: str
    pages: int
    size: int
    available: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """One recipient, with a fate of its own. ``cause`` is for programs, ``reason`` and ``remedy`` for people."""

    recipient: int
    to: str
    kind: Literal["number", "extension"]
    name: str | None
    status: DeliveryStatus
    status_name: str
    cause: str | None
    reason: str | None
    remedy: str | None
    calls: int
    pages_confirmed: int
    phase: str | None
    phase_page: int | None
    queued_at: datetime | None
    next_try_at: datetime | None
    ended_at: datetime | None

    @property
    def delivered(self) -> bool:
        """The far machine confirmed every page."""
        return self.status == "delivered"


@dataclass(frozen=True, slots=True)
class Fax:
    """One submission. ``can``: what this key may do with it now; ``content``: what a yes belongs to, while it waits."""

    id: str
    extension: str
    channel: Channel
    status: Status
    status_name: str
    reason: str | None
    pages: int
    seconds: float
    documents: tuple[Document, ...]
    recipients: int
    deliveries: tuple[Delivery, ...]
    can: tuple[Deed, ...]
    content: str | None
    added_at: datetime
    added_by: str | None
    approved_at: datetime | None
    approved_by: str | None
    approved_how: Literal["web", "email", "trusted", "api", "program", "console"] | None
    held: bool
    send_at: datetime | None
    ended_at: datetime | None
    priority: int
    header: str | None
    metadata: Mapping[str, Any]
    callback_url: str | None
    sandbox: bool

    @property
    def sent(self) -> bool:
        """Every recipient's machine confirmed every page."""
        return self.status == "sent"

    @property
    def moves(self) -> bool:
        """Something will still happen to it by itself: it is on its way, or goes out at its time."""
        in_time = self.status == "approved" and self.send_at is not None and not self.held
        return self.status in {"scheduled", "pre_approved"} or in_time


@dataclass(frozen=True, slots=True)
class PageOnTheLine:
    """One page of one call. ``rate``: bit/s; ``width`` and ``length``: pixels; ``size``: coded bytes."""

    number: int
    confirmed: bool
    rate: int
    ecm: bool
    width: int
    length: int
    size: int
    bad_rows: int
    longest_bad_run: int
    ecm_retries: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Rung:
    """One message of a call. ``at``: seconds since it began."""

    at: float
    protocol: str
    direction: Literal["sent", "received", "note"]
    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call, made for one recipient. ``ladder``: all its messages, None where they were not asked for."""

    recipient: int
    number: int
    to: str
    started_at: datetime
    dialled_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    trunk: str | None
    cause: str | None
    reason: str | None
    end: str | None
    seconds: float
    first_page: int
    pages_confirmed: int
    transport: Literal["t38", "g711"] | None
    rate: int | None
    ecm: bool
    remote_id: str | None
    sip_code: int | None
    sip_phrase: str | None
    q850: int | None
    t30_code: int | None
    pages: tuple[PageOnTheLine, ...]
    ladder: tuple[Rung, ...] | None


@dataclass(frozen=True, slots=True)
class ReadRecipient:
    """How a recipient is understood. ``given``: as it was written."""

    given: str
    to: str
    kind: Literal["number", "extension"]
    name: str | None


@dataclass(frozen=True, slots=True)
class Warned:
    """What will be otherwise than one may think."""

    slug: Literal["awaits_approval", "time_is_over"]
    detail: str


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would become of a fax; nothing was kept. ``seconds``: on the line for each number, about."""

    accepted: bool
    pages: int | None
    seconds: float | None
    recipients: tuple[ReadRecipient, ...]
    warnings: tuple[Warned, ...]
    errors: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that waits for its fax, until ``ends_at``. ``size``: bytes."""

    id: str
    extension: str
    name: str
    size: int
    pages: int
    seconds: float
    uploaded_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ReceivedFax:
    """A fax in the inbox of ``extension``. ``sender``: an extension, or what the far machine called itself."""

    id: int
    extension: str
    sender: str
    pages: int
    received_at: datetime
    read_at: datetime | None
    sandbox: bool
