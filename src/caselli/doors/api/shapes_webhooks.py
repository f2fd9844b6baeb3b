"""Webhooks and their messages, in the API's shapes."""

from typing import Literal
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field, StrictBool

from caselli.doors.api.shapes import List, Moment
from caselli.doors.api.shapes_settings import left_out
from caselli.history.event_kinds import EventKind
from caselli.notice.webhook_rules import LONGEST_URL
from caselli.store import models

_URL = "Messages are sent there by POST: https://, a public address, port 443 or from 1024 on."
_KINDS = "Which events; empty: all."
_EXAMPLE_URL = "https://example.com/faxes"


class Webhook(Schema):
    """An address of yours that hears of an organization's events."""

    id: UUID
    organization: str = Field(description="Number.", examples=["0003"])
    name: str = Field(examples=["Order system"])
    url: str = Field(examples=[_EXAMPLE_URL])
    kinds: list[EventKind] = Field(description=_KINDS)
    enabled: bool = Field(description="False: nothing is sent, and what happens meanwhile is not kept for it.")
    trouble: str | None = Field(description="Why it is off, or what the last test found.")
    created_at: Moment
    tested_at: Moment | None


class WebhookWithSecret(Webhook):
    """With what is shown this once."""

    secret: str = Field(description="Messages are signed with it (Standard Webhooks). It cannot be read again.")


class Webhooks(List[Webhook]):
    """In the order in which they were added."""


class NewWebhook(Schema):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=60, description="What people call it.", examples=["Order system"])
    url: str = Field(max_length=LONGEST_URL, description=_URL, examples=[_EXAMPLE_URL])
    organization: str | None = Field(
        None, max_length=6, description="Number; one’s own, where one administers no other.", examples=["0003"]
    )
    kinds: list[EventKind] = Field([], description=_KINDS)


class WebhookChange(Schema):
    """What is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(default_factory=left_out, max_length=60, examples=["Order system"])
    url: str = Field(default_factory=left_out, max_length=LONGEST_URL, description=_URL, examples=[_EXAMPLE_URL])
    kinds: list[EventKind] = Field(default_factory=left_out, description=_KINDS)
    enabled: StrictBool = Field(default_factory=left_out, description="On: it is sent what happens from now on.")


class WebhookTest(Schema):
    """What the address said."""

    passed: bool
    words: str = Field(examples=["The address answered 204. The webhook is in service."])


class CallbackSecret(Schema):
    """With it messages to a fax's own callback_url are signed."""

    secret: str


class WebhookMessage(Schema):
    """One event for one webhook."""

    id: str = Field(description="The header webhook-id: the same at each try.", examples=["msg_0b6f3c1e4f0f4b0a"])
    kind: str = Field(examples=["fax.sent"])
    state: Literal["waiting", "delivered", "failed"] = Field(description="failed: given up after three days.")
    added_at: Moment
    tries: int = Field(description="Since it was asked for.", examples=[1])
    next_try_at: Moment | None
    ended_at: Moment | None
    status: int | None = Field(description="Of the last answer (HTTP); null: none came.", examples=[204])
    answer: str = Field(description="Its first words, or the trouble.")
    body: str = Field(description="As it is sent.")


class WebhookMessages(List[WebhookMessage]):
    """Newest first."""


def webhook(one: models.Webhook) -> dict[str, object]:
    return {
        "id": one.uid,
        "organization": one.organization.number,
        "name": one.name,
        "url": one.url,
        "kinds": one.kinds,
        "enabled": one.enabled,
        "trouble": one.trouble or None,
        "created_at": one.created_at,
        "tested_at": one.tested_at,
    }


def message(one: models.WebhookMessage) -> dict[str, object]:
    return {
        "id": f"msg_{one.uid.hex}",
        "kind": one.kind,
        "state": one.state,
        "added_at": one.added_at,
        "tries": one.tries,
        "next_try_at": one.next_try_at,
        "ended_at": one.ended_at,
        "status": one.status,
        "answer": one.answer,
        "body": one.body,
    }
