"""Webhooks as Caselli answers them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypedDict

from caselli.client.shapes_events import EventKind


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that hears of an organization's events. ``kinds``: which; empty for all."""

    id: str
    organization: str
    name: str
    url: str
    kinds: tuple[EventKind, ...]
    enabled: bool
    trouble: str | None
    created_at: datetime
    tested_at: datetime | None


@dataclass(frozen=True, slots=True)
class WebhookWithSecret(Webhook):
    """Its secret is told here only: keep it for :func:`verify_webhook`."""

    secret: str


@dataclass(frozen=True, slots=True)
class WebhookTest:
    """Whether the address took a message. ``words``: for people."""

    passed: bool
    words: str


@dataclass(frozen=True, slots=True)
class WebhookMessage:
    """One message to it, and what became of it. ``status``: of HTTP, the last answer; ``body``: as it is sent."""

    id: str
    kind: str
    state: Literal["waiting", "delivered", "failed"]
    added_at: datetime
    tries: int
    next_try_at: datetime | None
    ended_at: datetime | None
    status: int | None
    answer: str
    body: str


@dataclass(frozen=True, slots=True)
class CallbackSecret:
    """By which messages to a fax's own ``callback_url`` are signed."""

    secret: str


class WebhookFields(TypedDict, total=False):
    """What can be changed of a webhook."""

    name: str | None
    url: str | None
    kinds: Sequence[EventKind] | None
    enabled: bool | None
