"""The tables, by noun."""

from caselli.store.models.account import AccountEvent
from caselli.store.models.api import ApiKey, PromisedFile, RepeatableRequest, RequestBucket, Webhook, WebhookMessage
from caselli.store.models.app import App
from caselli.store.models.audit import AuditEntry
from caselli.store.models.fax import (
    SAID_NO,
    SENDER_SAID_NO,
    ApprovedHow,
    Attempt,
    Channel,
    Delivery,
    Document,
    Event,
    Fax,
    Ladder,
    ReceivedFax,
    StagedFile,
    searchable,
)
from caselli.store.models.incoming import IncomingMail, MailSource, MailTemplate
from caselli.store.models.mail import OutgoingMail
from caselli.store.models.organization import Organization, Preferences
from caselli.store.models.people import AuthorizedAddress, Extension, MailContent, Notify, Role, Share, User
from caselli.store.models.trunk import BlockedDestination, Trunk, TrunkTest
from caselli.store.models.turn import Turn

__all__ = [
    "SAID_NO",
    "SENDER_SAID_NO",
    "AccountEvent",
    "ApiKey",
    "App",
    "ApprovedHow",
    "Attempt",
    "AuditEntry",
    "AuthorizedAddress",
    "BlockedDestination",
    "Channel",
    "Delivery",
    "Document",
    "Event",
    "Extension",
    "Fax",
    "IncomingMail",
    "Ladder",
    "MailContent",
    "MailSource",
    "MailTemplate",
    "Notify",
    "Organization",
    "OutgoingMail",
    "Preferences",
    "PromisedFile",
    "ReceivedFax",
    "RepeatableRequest",
    "RequestBucket",
    "Role",
    "Share",
    "StagedFile",
    "Trunk",
    "TrunkTest",
    "Turn",
    "User",
    "Webhook",
    "WebhookMessage",
    "searchable",
]
