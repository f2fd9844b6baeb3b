"""The operations of the OpenAPI document that the client knows: all of them, as a test says."""

from dataclasses import dataclass

from caselli.client.plans import Operation
from caselli.client.shapes import Attempt, Fax, Me, ReceivedFax, Rehearsal, Upload
from caselli.client.shapes_directory import (
    AdministeredExtension,
    BlockedDestination,
    Extension,
    FaxSettings,
    Organization,
    Preferences,
    Removed,
    Trunk,
    User,
)
from caselli.client.shapes_events import Event
from caselli.client.shapes_webhooks import CallbackSecret, Webhook, WebhookMessage, WebhookTest, WebhookWithSecret

NOTHING = type(None)


@dataclass(frozen=True, slots=True)
class Faxes:
    items: tuple[Fax, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Attempts:
    items: tuple[Attempt, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class ReceivedFaxes:
    items: tuple[ReceivedFax, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Extensions:
    items: tuple[Extension, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Users:
    items: tuple[User, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Organizations:
    items: tuple[Organization, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Trunks:
    items: tuple[Trunk, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class BlockedDestinations:
    items: tuple[BlockedDestination, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Webhooks:
    items: tuple[Webhook, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class WebhookMessages:
    items: tuple[WebhookMessage, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Events:
    items: tuple[Event, ...]
    next: int | None


GET_ME = Operation("get_me", "GET", "/me", Me)

SEND_FAX = Operation("send_fax", "POST", "/faxes", Fax, keyed=True)
REHEARSE_FAX = Operation("send_fax", "POST", "/faxes", Rehearsal, keyed=True)
LIST_FAXES = Operation("list_faxes", "GET", "/faxes", Faxes)
GET_FAX = Operation("get_fax", "GET", "/faxes/{id}", Fax)
LIST_ATTEMPTS = Operation("list_attempts", "GET", "/faxes/{id}/attempts", Attempts)
GET_FAX_PAGE = Operation("get_fax_page", "GET", "/faxes/{id}/pages/{page}.png", bytes)
GET_FAX_PDF = Operation("get_fax_pdf", "GET", "/faxes/{id}/document.pdf", bytes)
GET_DOCUMENT = Operation("get_document", "GET", "/faxes/{id}/documents/{number}", bytes)
GET_REPORT = Operation("get_report", "GET", "/faxes/{id}/report.pdf", bytes)
CANCEL_FAX = Operation("cancel_fax", "POST", "/faxes/{id}/cancel", Fax, keyed=True)
RESEND_FAX = Operation("resend_fax", "POST", "/faxes/{id}/resend", Fax, keyed=True)
SEND_HELD_FAX = Operation("send_held_fax", "POST", "/faxes/{id}/send", Fax, keyed=True)
APPROVE_FAX = Operation("approve_fax", "POST", "/faxes/{id}/approve", Fax, keyed=True)
DECLINE_FAX = Operation("decline_fax", "POST", "/faxes/{id}/decline", Fax, keyed=True)
RESOLVE_DELIVERY = Operation("resolve_delivery", "POST", "/faxes/{id}/resolve", Fax, keyed=True)

UPLOAD_FILE = Operation("upload_file", "POST", "/uploads", Upload, keyed=True)
GET_UPLOAD = Operation("get_upload", "GET", "/uploads/{upload_id}", Upload)
DELETE_UPLOAD = Operation("delete_upload", "DELETE", "/uploads/{upload_id}", NOTHING)

LIST_RECEIVED_FAXES = Operation("list_received_faxes", "GET", "/extensions/{extension}/received-faxes", ReceivedFaxes)
GET_RECEIVED_FAX = Operation("get_received_fax", "GET", "/received-faxes/{id}", ReceivedFax)
GET_RECEIVED_PAGE = Operation("get_received_page", "GET", "/received-faxes/{id}/pages/{page}.png", bytes)
GET_RECEIVED_PDF = Operation("get_received_pdf", "GET", "/received-faxes/{id}/document.pdf", bytes)
MARK_RECEIVED_FAX = Operation("mark_received_fax", "PATCH", "/received-faxes/{id}", ReceivedFax)
DELETE_RECEIVED_FAX = Operation("delete_received_fax", "DELETE", "/received-faxes/{id}", NOTHING)

LIST_EXTENSIONS = Operation("list_extensions", "GET", "/extensions", Extensions)
ADD_EXTENSION = Operation("add_extension", "POST", "/extensions", AdministeredExtension, keyed=True)
GET_EXTENSION = Operation("get_extension", "GET", "/extensions/{extension}", Extension)
CHANGE_EXTENSION = Operation("change_extension", "PATCH", "/extensions/{extension}", AdministeredExtension)
REMOVE_EXTENSION = Operation("remove_extension", "DELETE", "/extensions/{extension}", NOTHING)
GET_FAX_SETTINGS = Operation("get_fax_settings", "GET", "/extensions/{extension}/fax-settings", FaxSettings)
CHANGE_FAX_SETTINGS = Operation("change_fax_settings", "PATCH", "/extensions/{extension}/fax-settings", FaxSettings)

LIST_USERS = Operation("list_users", "GET", "/users", Users)
ADD_USER = Operation("add_user", "POST", "/users", User, keyed=True)
GET_USER = Operation("get_user", "GET", "/users/{login}", User)
CHANGE_USER = Operation("change_user", "PATCH", "/users/{login}", User)
REMOVE_USER = Operation("remove_user", "DELETE", "/users/{login}", Removed)
INVITE_USER = Operation("invite_user", "POST", "/users/{login}/invite", NOTHING, keyed=True)

LIST_ORGANIZATIONS = Operation("list_organizations", "GET", "/organizations", Organizations)
ADD_ORGANIZATION = Operation("add_organization", "POST", "/organizations", Organization, keyed=True)
GET_ORGANIZATION = Operation("get_organization", "GET", "/organizations/{number}", Organization)
CHANGE_ORGANIZATION = Operation("change_organization", "PATCH", "/organizations/{number}", Organization)
REMOVE_ORGANIZATION = Operation("remove_organization", "DELETE", "/organizations/{number}", Removed)

LIST_TRUNKS = Operation("list_trunks", "GET", "/trunks", Trunks)
ADD_TRUNK = Operation("add_trunk", "POST", "/trunks", Trunk, keyed=True)
GET_TRUNK = Operation("get_trunk", "GET", "/trunks/{id}", Trunk)
CHANGE_TRUNK = Operation("change_trunk", "PATCH", "/trunks/{id}", Trunk)
REMOVE_TRUNK = Operation("remove_trunk", "DELETE", "/trunks/{id}", NOTHING)

LIST_BLOCKED_DESTINATIONS = Operation("list_blocked_destinations", "GET", "/blocked-destinations", BlockedDestinations)
BLOCK_DESTINATION = Operation("block_destination", "POST", "/blocked-destinations", BlockedDestination, keyed=True)
UNBLOCK_DESTINATION = Operation("unblock_destination", "DELETE", "/blocked-destinations/{id}", NOTHING)

GET_PREFERENCES = Operation("get_preferences", "GET", "/preferences", Preferences)
CHANGE_PREFERENCES = Operation("change_preferences", "PATCH", "/preferences", Preferences)

LIST_EVENTS = Operation("list_events", "GET", "/events", Events)
LIST_WEBHOOKS = Operation("list_webhooks", "GET", "/webhooks", Webhooks)
ADD_WEBHOOK = Operation("add_webhook", "POST", "/webhooks", WebhookWithSecret, keyed=True)
GET_WEBHOOK = Operation("get_webhook", "GET", "/webhooks/{webhook_id}", Webhook)
CHANGE_WEBHOOK = Operation("change_webhook", "PATCH", "/webhooks/{webhook_id}", Webhook)
REMOVE_WEBHOOK = Operation("remove_webhook", "DELETE", "/webhooks/{webhook_id}", NOTHING)
TEST_WEBHOOK = Operation("test_webhook", "POST", "/webhooks/{webhook_id}/test", WebhookTest)
CHANGE_WEBHOOK_SECRET = Operation(
    "change_webhook_secret", "POST", "/webhooks/{webhook_id}/secret", WebhookWithSecret, keyed=True
)
LIST_WEBHOOK_MESSAGES = Operation("list_webhook_messages", "GET", "/webhooks/{webhook_id}/messages", WebhookMessages)
REDELIVER_MESSAGE = Operation(
    "redeliver_webhook_message", "POST", "/webhooks/{webhook_id}/messages/{message_id}/redeliver", WebhookMessage
)
GET_CALLBACK_SECRET = Operation("get_callback_secret", "GET", "/me/callback-secret", CallbackSecret)
