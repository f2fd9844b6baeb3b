"""Every way the API says no, with its HTTP status and title: the refusals of the house (fax/refusals.py), and those of
the API alone. Pure, so that pages, documentation and tests read the same table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from caselli.fax.refusals import RefusalKind


class ProblemKind(StrEnum):
    """The slug; stable, part of the API's contract. None is a RefusalKind too."""

    KEY_MISSING = "key_missing"
    KEY_INVALID = "key_invalid"
    KEY_EXPIRED = "key_expired"
    KEY_ENDED = "key_ended"
    PERSON_OFF = "person_off"
    SECOND_FACTOR_MISSING = "second_factor_missing"
    SCOPE_MISSING = "scope_missing"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    MEDIA_TYPE_UNKNOWN = "media_type_unknown"
    REQUEST_INVALID = "request_invalid"
    REQUEST_TOO_LARGE = "request_too_large"
    REQUEST_TOO_SLOW = "request_too_slow"
    JSON_INVALID = "json_invalid"
    FIELD_MISSING = "field_missing"
    FIELD_INVALID = "field_invalid"
    FIELD_UNKNOWN = "field_unknown"
    IDEMPOTENCY_KEY_INVALID = "idempotency_key_invalid"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    REQUEST_RUNNING = "request_running"
    TOO_MANY_REQUESTS = "too_many_requests"
    CONFLICT = "conflict"
    INTERNAL_ERROR = "internal_error"
    UNAVAILABLE = "unavailable"


Slug = ProblemKind | RefusalKind


@dataclass(frozen=True, slots=True)
class Said:
    """``status``: of HTTP; ``title``: the same for every problem of a kind (RFC 9457, 3.1.3); ``meaning`` and
    ``remedy`` for the documentation, and where the place that says no has no better words.
    """

    status: int
    title: str
    meaning: str = ""
    remedy: str = ""


PROBLEMS: Mapping[ProblemKind, Said] = MappingProxyType(
    {
        ProblemKind.KEY_MISSING: Said(
            401,
            "No key",
            "The request names no key.",
            "Send the header Authorization: Bearer, then the key. Keys are made under Account, API keys.",
        ),
        ProblemKind.KEY_INVALID: Said(
            401,
            "Unknown key",
            "The key or token is none of ours.",
            "Copy it whole, or make a new one under Account, API keys.",
        ),
        ProblemKind.KEY_EXPIRED: Said(
            401, "Key out of date", "The key or token has expired.", "Make a new one under Account, API keys."
        ),
        ProblemKind.KEY_ENDED: Said(
            401, "Key taken back", "The key was taken back by a person.", "Make a new one under Account, API keys."
        ),
        ProblemKind.PERSON_OFF: Said(
            401,
            "Person switched off",
            "The person whose key or token this is, their organization, or the account of the app is switched off.",
            "Ask your administrator.",
        ),
        ProblemKind.SECOND_FACTOR_MISSING: Said(
            401,
            "Second factor missing",
            "The organization asks its people for a second factor, and the person whose key or token this is, or the "
            "account of the app, has none.",
            "Let that person sign in at the browser and set one up: the key or token opens again at once.",
        ),
        ProblemKind.SCOPE_MISSING: Said(
            403,
            "Scope missing",
            "The key is good, but does not have the scope that this request needs.",
            "Make a key with that scope under Account, API keys.",
        ),
        ProblemKind.NOT_FOUND: Said(
            404,
            "Not found",
            "There is nothing at this address that the key's person may see.",
            "Check the address and the id. All addresses stand in /api/v1/openapi.json.",
        ),
        ProblemKind.METHOD_NOT_ALLOWED: Said(
            405,
            "Method not allowed",
            "The address does not take this method.",
            "The header Allow names those it takes.",
        ),
        ProblemKind.MEDIA_TYPE_UNKNOWN: Said(
            415,
            "Unknown kind of body",
            "The body is neither JSON nor a multipart form.",
            "Send application/json or multipart/form-data, and say so in Content-Type.",
        ),
        ProblemKind.REQUEST_INVALID: Said(
            400, "Request not understood", "The request is broken.", "Send it again as the documentation shows."
        ),
        ProblemKind.REQUEST_TOO_LARGE: Said(
            413, "Request too large", "The body is larger than allowed: nothing was stored.", "Send less at a time."
        ),
        ProblemKind.REQUEST_TOO_SLOW: Said(
            408, "Request too slow", "Nothing came for too long: nothing was stored.", "Send it again."
        ),
        ProblemKind.JSON_INVALID: Said(
            400,
            "Not JSON",
            "The body cannot be read as JSON (RFC 8259, in UTF-8).",
            "Let a library write it; the detail says where it breaks off.",
        ),
        ProblemKind.FIELD_MISSING: Said(
            422, "Field missing", "Something that is needed was not said.", "Add the field that is named."
        ),
        ProblemKind.FIELD_INVALID: Said(
            422,
            "Field not understood",
            "A field holds something else than it may.",
            "Change the field that is named, as the detail says.",
        ),
        ProblemKind.FIELD_UNKNOWN: Said(
            422,
            "Unknown field",
            "There is no such field here. Nothing is ignored silently.",
            "Leave it out, or check how it is written.",
        ),
        ProblemKind.IDEMPOTENCY_KEY_INVALID: Said(
            422,
            "Idempotency-Key not understood",
            "The Idempotency-Key is empty, too long, or has other than printable characters.",
            "Send 1 to 255 printable characters, best a new UUID for each deed.",
        ),
        ProblemKind.IDEMPOTENCY_KEY_REUSED: Said(
            422,
            "Idempotency-Key used for something else",
            "This Idempotency-Key was used in the last 24 hours, for another request.",
            "Take a new key for a new request; repeat a request with the same body.",
        ),
        ProblemKind.REQUEST_RUNNING: Said(
            409,
            "Still at work",
            "A request with this Idempotency-Key is still at work.",
            "Repeat it after the seconds in Retry-After.",
        ),
        ProblemKind.TOO_MANY_REQUESTS: Said(
            429,
            "Too many requests",
            "The key, or the address, has asked more often than it may.",
            "Wait for the seconds in Retry-After. RateLimit tells how many requests are left.",
        ),
        ProblemKind.CONFLICT: Said(
            409,
            "Not possible as it stands",
            "The object is in a state that does not allow this.",
            "Look at it again, then decide.",
        ),
        ProblemKind.INTERNAL_ERROR: Said(
            500,
            "An error of ours",
            "Caselli made a mistake; its log says which.",
            "Tell your administrator when it was. A request with an Idempotency-Key may be repeated.",
        ),
        ProblemKind.UNAVAILABLE: Said(
            503,
            "Not now",
            "Caselli cannot answer at this moment: too much comes in, or its database does not answer.",
            "Repeat it after the seconds in Retry-After.",
        ),
    }
)

REFUSALS: Mapping[RefusalKind, Said] = MappingProxyType(
    {
        RefusalKind.RECIPIENT_MISSING: Said(422, "No recipient"),
        RefusalKind.RECIPIENT_INVALID: Said(422, "No phone number"),
        RefusalKind.RECIPIENT_UNKNOWN_EXTENSION: Said(422, "Unknown extension as recipient"),
        RefusalKind.RECIPIENT_AMBIGUOUS: Said(422, "Several extensions of that name"),
        RefusalKind.RECIPIENT_REPEATED: Said(422, "Recipient named twice"),
        RefusalKind.RECIPIENT_NAME_INVALID: Said(422, "Name of a recipient not understood"),
        RefusalKind.SANDBOX_ONLY: Said(422, "Outside the sandbox"),
        RefusalKind.DESTINATION_BLOCKED: Said(422, "Destination blocked"),
        RefusalKind.RECIPIENTS_TOO_MANY: Said(422, "Too many recipients"),
        RefusalKind.FILE_MISSING: Said(422, "No file"),
        RefusalKind.FILE_EMPTY: Said(422, "Empty file"),
        RefusalKind.FILE_TOO_LARGE: Said(413, "File too large"),
        RefusalKind.FILE_KIND_UNKNOWN: Said(422, "Unknown kind of file"),
        RefusalKind.FILE_ENCRYPTED: Said(422, "Encrypted file"),
        RefusalKind.FILE_DAMAGED: Said(422, "Damaged file"),
        RefusalKind.FILE_TOO_MANY_PAGES: Said(422, "Too many pages"),
        RefusalKind.FILE_TOO_COMPLEX: Said(422, "File too complex"),
        RefusalKind.FILES_TOO_MANY: Said(422, "Too many files"),
        RefusalKind.SEND_AT_INVALID: Said(422, "Time not possible"),
        RefusalKind.PRIORITY_INVALID: Said(422, "No such priority"),
        RefusalKind.HEADER_INVALID: Said(422, "Header line not possible"),
        RefusalKind.METADATA_INVALID: Said(422, "Metadata not possible"),
        RefusalKind.CALLBACK_INVALID: Said(422, "No address to call back"),
        RefusalKind.EXTENSION_UNKNOWN: Said(404, "Unknown extension"),
        RefusalKind.EXTENSION_FAX_OFF: Said(409, "Faxing is off for this extension"),
        RefusalKind.ORGANIZATION_OFF: Said(403, "Organization switched off"),
        RefusalKind.NOT_ALLOWED: Said(403, "Not allowed"),
        RefusalKind.STEP_IMPOSSIBLE: Said(409, "The fax has moved on"),
        RefusalKind.NO_APPROVER: Said(409, "Nobody can approve it"),
        RefusalKind.CONTENT_CHANGED: Said(409, "The fax has changed"),
        RefusalKind.REASON_MISSING: Said(422, "No reason given"),
        RefusalKind.NO_TRUNK: Said(422, "No trunk for this number"),
        RefusalKind.STORAGE_FULL: Said(507, "No room left"),
        RefusalKind.ALLOWANCE_USED_UP: Said(409, "Allowance used up"),
        RefusalKind.CONVERTER_LOST: Said(503, "Converter lost"),
        RefusalKind.MAIL_OFF: Said(409, "Faxing by mail is off"),
        RefusalKind.MAIL_ADDRESS_UNKNOWN: Said(422, "Unknown fax address"),
        RefusalKind.MAIL_TOO_LARGE: Said(413, "Mail too large"),
        RefusalKind.MAIL_DAMAGED: Said(422, "Damaged mail"),
        RefusalKind.MAIL_AUTOMATIC: Said(422, "Automatic mail"),
        RefusalKind.MAIL_UNPROVEN: Said(403, "Sender not proven"),
        RefusalKind.MAIL_ENCRYPTED: Said(422, "Encrypted mail"),
        RefusalKind.MAIL_EMPTY: Said(422, "Empty mail"),
        RefusalKind.SENDER_UNKNOWN: Said(403, "Unknown sender"),
        RefusalKind.SENDER_AMBIGUOUS: Said(422, "Several extensions for this sender"),
        RefusalKind.SUBJECT_INVALID: Said(422, "Subject names no recipients"),
        RefusalKind.LINK_INVALID: Said(404, "Invalid link"),
        RefusalKind.LINK_TOO_SOON: Said(409, "Too soon"),
    }
)


def said(slug: Slug) -> Said:
    return PROBLEMS[slug] if isinstance(slug, ProblemKind) else REFUSALS[slug]
