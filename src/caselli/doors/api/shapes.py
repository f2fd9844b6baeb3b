"""What the API answers with: faxes, their recipients and their calls. :mod:`.shapes_told` fills them.

Field names are part of the API's contract: they are added to, and never change.
"""

from datetime import UTC
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

Moment = Annotated[AwareDatetime, AfterValidator(lambda at: at.astimezone(UTC))]
"""In UTC, ISO 8601, ending in Z."""

WHOLE = BeforeValidator(lambda one: int(one) if isinstance(one, float) and one.is_integer() else one)
"""Beside a StrictInt, behind its bounds: to JSON Schema 60.0 is an integer, and some languages write numbers so."""

StatusSlug = Literal[
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
DeliverySlug = Literal["waiting", "queued", "sending", "retry_wait", "delivered", "failed", "unknown", "canceled"]
ChannelSlug = Literal["web", "email", "api", "console"]
Deed = Literal["approve", "cancel", "decline", "resend", "resolve", "send"]

_EXAMPLE_ID = "0b6f3c1e-4f0f-4b0a-9a51-2f1f7f0f9d11"
_Item = TypeVar("_Item")


class Document(Schema):
    """A file as it was handed in."""

    number: int = Field(description="From 1; its address is /faxes/{id}/documents/{number}.", examples=[1])
    name: str = Field(examples=["referral.pdf"])
    kind: str = Field(description="As its content tells.", examples=["pdf"])
    pages: int = Field(description="Pages of the fax that it became.", examples=[2])
    size: int = Field(description="Bytes.", examples=[48213])
    available: bool = Field(description="False once it is erased.")


class Delivery(Schema):
    """One recipient, with a fate of its own."""

    recipient: int = Field(description="Which of the fax's recipients, from 1.", examples=[1])
    to: str = Field(description="E.164, or an extension with its organization.", examples=["+12025550100"])
    kind: Literal["number", "extension"] = Field(description="An extension gets its faxes without a call.")
    name: str | None = Field(description="What the program called the recipient.", examples=["Dr. Miller"])
    status: DeliverySlug = Field(
        description="delivered, failed, unknown and canceled rest: only a person moves them. unknown: the line died "
        "when nobody could tell any more whether the fax arrived."
    )
    status_name: str = Field(description="The status as people read it.", examples=["Will be tried again"])
    cause: str | None = Field(description="Why it stands so: stable, for programs.", examples=["busy"])
    reason: str | None = Field(description="Why it stands so, for people.", examples=["The line was busy."])
    remedy: str | None = Field(description="What a person can do about it.")
    calls: int = Field(description="Calls made for it since it was queued last.", examples=[1])
    pages_confirmed: int = Field(description="Pages that the far machine confirmed.", examples=[0])
    phase: str | None = Field(description="What happens on the line now.", examples=["sending"])
    phase_page: int | None = Field(description="The page on the line now.")
    queued_at: Moment | None
    next_try_at: Moment | None = Field(description="Of the next call, while it waits for one.")
    ended_at: Moment | None = Field(description="Since when it rests.")


class Fax(Schema):
    """One submission: documents for one or more recipients. It is sent when the status says so, and not before."""

    id: UUID = Field(examples=[_EXAMPLE_ID])
    extension: str = Field(description="It is sent from there.", examples=["0003*210"])
    channel: ChannelSlug = Field(description="How it came in.")
    status: StatusSlug = Field(description="sent: every recipient's machine confirmed every page.")
    status_name: str = Field(description="The status as people read it.", examples=["Scheduled For Sending"])
    reason: str | None = Field(description="Why it was never sent, where somebody or nobody said so.")
    pages: int = Field(examples=[3])
    seconds: float = Field(description="On the line for one recipient, about.", examples=[94.0])
    documents: list[Document]
    recipients: int = Field(description="How many.", examples=[1])
    deliveries: list[Delivery] = Field(description="All recipients in order; in a list of faxes the first 20.")
    can: list[Deed] = Field(
        description="What this key may do with it now: each is an address, like POST /faxes/{id}/cancel.",
        examples=[["cancel"]],
    )
    content: str | None = Field(
        description="While it waits for a yes: what it is now, for POST /faxes/{id}/approve. Null in lists."
    )
    added_at: Moment
    added_by: str | None = Field(description="Login.", examples=["alice"])
    approved_at: Moment | None
    approved_by: str | None = Field(description="Login; null where no person with a login did.", examples=["olivia"])
    approved_how: Literal["web", "email", "trusted", "api", "program", "console"] | None = Field(
        description="api: it needed no yes (pre-approved). program: a person's, by this API."
    )
    held: bool = Field(description="Also after the yes it waits until somebody sends it.")
    send_at: Moment | None = Field(description="Not before.")
    ended_at: Moment | None = Field(description="Since when all its recipients rest.")
    priority: int = Field(description="Higher goes first, within the extension.", examples=[0])
    header: str | None = Field(description="The header line of its pages, where the program gave one.")
    metadata: dict[str, Any] = Field(description="As the program gave it.", examples=[{"order": "4711"}])
    callback_url: str | None = Field(description="Hears of this fax alone.")
    sandbox: bool = Field(description="It goes to the built-in answering machine, and nowhere else.")


class PageOnTheLine(Schema):
    """What is known of one page of one call."""

    number: int = Field(description="In the whole fax, from 1.", examples=[1])
    confirmed: bool = Field(description="The far machine confirmed it.")
    rate: int = Field(description="bit/s.", examples=[14400])
    ecm: bool = Field(description="With error correction.")
    width: int = Field(description="Pixels.", examples=[1728])
    length: int = Field(description="Pixels.", examples=[2291])
    size: int = Field(description="Coded bytes.")
    bad_rows: int
    longest_bad_run: int = Field(description="Rows.")
    ecm_retries: int
    seconds: float


class Rung(Schema):
    """One message of a call, as it went over the line."""

    at: float = Field(description="Seconds since the call began.", examples=[1.204])
    protocol: str = Field(examples=["SIP", "T.38", "T.30", "call"])
    direction: Literal["sent", "received", "note"]
    name: str = Field(examples=["INVITE (audio)"])
    detail: str = Field(description="The message itself, where there is more to it.")


class Attempt(Schema):
    """One call, made for one recipient."""

    recipient: int = Field(description="Which of the fax's recipients, from 1.", examples=[1])
    number: int = Field(description="The recipient's calls are counted from 1.", examples=[1])
    to: str = Field(examples=["+12025550100"])
    started_at: Moment
    dialled_at: Moment | None
    answered_at: Moment | None
    ended_at: Moment | None = Field(description="Null while the call is under way.")
    trunk: str | None = Field(description="By which it went.", examples=["Provider"])
    cause: str | None = Field(description="What came of it: stable, for programs.", examples=["delivered"])
    reason: str | None = Field(description="What came of it, for people.")
    end: str | None = Field(description="How the signalling saw it end.", examples=["completed"])
    seconds: float = Field(description="From first to last message.", examples=[61.4])
    first_page: int = Field(description="It began with this page.", examples=[1])
    pages_confirmed: int = Field(examples=[3])
    transport: Literal["t38", "g711"] | None = Field(description="Null where no fax was heard.")
    rate: int | None = Field(description="bit/s; null where no page travelled.", examples=[14400])
    ecm: bool = Field(description="With error correction.")
    remote_id: str | None = Field(description="What the far machine calls itself.", examples=["+1 202 555 0100"])
    sip_code: int | None = Field(description="Final status of the INVITE.", examples=[200])
    sip_phrase: str | None
    q850: int | None = Field(description="Cause of the Reason header (ITU-T Q.850).")
    t30_code: int | None = Field(description="The fax engine's completion code; 0 is good.")
    pages: list[PageOnTheLine]
    ladder: list[Rung] | None = Field(description="All messages in order; null where they were not asked for.")


class List(Schema, Generic[_Item]):
    """One page of a list."""

    items: list[_Item]
    next: str | None = Field(description="Give it as cursor for the next page; null on the last one.")


class Faxes(List[Fax]):
    """Newest first."""


class Attempts(List[Attempt]):
    """In the order of their beginning."""
