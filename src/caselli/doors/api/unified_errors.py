"""How the UnifiedAPI-compatible service says no: ``{"error": {"code", "message"}}``, in the codes of its clients.

The refusals of the house and the problems of the API are told in them. Pure.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from caselli.doors.api.problem_kinds import ProblemKind, Slug
from caselli.fax.refusals import RefusalKind


@dataclass(frozen=True, slots=True)
class Code:
    """``status``: of HTTP."""

    status: int
    code: str


RECIPIENTS = Code(400, "fx_recipients_invalid")
FILE = Code(400, "fx_file_invalid")
FILES = Code(400, "fx_max_files_reached")
TOO_LARGE = Code(413, "fx_file_too_large")
REQUEST = Code(400, "request_invalid")
EXTENSION = Code(400, "extension_invalid")
NO_EXTENSION = Code(404, "extension_not_found")
NO_USER = Code(404, "user_not_found")
NOT_FOUND = Code(404, "not_found")
NOT_ALLOWED = Code(403, "access_denied")
UPLOAD_GONE = Code(410, "upload_expired")
UPLOAD_DONE = Code(409, "upload_done")
MOVED_ON = Code(409, "fx_moved_on")
OURS = Code(500, "internal_server_error")
TOO_SLOW = Code(408, "request_too_slow")
UNAVAILABLE = Code(503, "service_unavailable")

CODES: Mapping[Slug, Code] = MappingProxyType(
    {
        RefusalKind.RECIPIENT_MISSING: RECIPIENTS,
        RefusalKind.RECIPIENT_INVALID: RECIPIENTS,
        RefusalKind.RECIPIENT_UNKNOWN_EXTENSION: RECIPIENTS,
        RefusalKind.RECIPIENT_AMBIGUOUS: RECIPIENTS,
        RefusalKind.RECIPIENT_REPEATED: RECIPIENTS,
        RefusalKind.RECIPIENTS_TOO_MANY: RECIPIENTS,
        RefusalKind.DESTINATION_BLOCKED: RECIPIENTS,
        RefusalKind.NO_TRUNK: RECIPIENTS,
        RefusalKind.SANDBOX_ONLY: RECIPIENTS,
        RefusalKind.FILE_EMPTY: FILE,
        RefusalKind.FILE_MISSING: FILE,
        RefusalKind.FILE_KIND_UNKNOWN: FILE,
        RefusalKind.FILE_ENCRYPTED: FILE,
        RefusalKind.FILE_DAMAGED: FILE,
        RefusalKind.FILE_TOO_MANY_PAGES: FILE,
        RefusalKind.FILE_TOO_COMPLEX: FILE,
        RefusalKind.FILE_TOO_LARGE: TOO_LARGE,
        RefusalKind.FILES_TOO_MANY: FILES,
        RefusalKind.EXTENSION_UNKNOWN: NO_EXTENSION,
        RefusalKind.EXTENSION_FAX_OFF: Code(403, "fx_disabled"),
        RefusalKind.ORGANIZATION_OFF: Code(403, "organization_disabled"),
        RefusalKind.NOT_ALLOWED: NOT_ALLOWED,
        RefusalKind.ALLOWANCE_USED_UP: Code(403, "fx_storage_exceeded"),
        RefusalKind.STEP_IMPOSSIBLE: MOVED_ON,
        RefusalKind.STORAGE_FULL: OURS,
        RefusalKind.CONVERTER_LOST: OURS,
        ProblemKind.KEY_MISSING: Code(401, "token_missing"),
        ProblemKind.KEY_INVALID: Code(401, "token_invalid"),
        ProblemKind.KEY_EXPIRED: Code(401, "token_expired"),
        ProblemKind.KEY_ENDED: Code(401, "token_ended"),
        ProblemKind.PERSON_OFF: Code(401, "account_disabled"),
        ProblemKind.SECOND_FACTOR_MISSING: Code(401, "second_factor_missing"),
        ProblemKind.SCOPE_MISSING: Code(403, "scope_missing"),
        ProblemKind.NOT_FOUND: NOT_FOUND,
        ProblemKind.METHOD_NOT_ALLOWED: Code(405, "method_not_allowed"),
        ProblemKind.REQUEST_TOO_LARGE: Code(413, "request_too_large"),
        ProblemKind.REQUEST_TOO_SLOW: TOO_SLOW,
        ProblemKind.TOO_MANY_REQUESTS: Code(429, "too_many_requests"),
        ProblemKind.UNAVAILABLE: UNAVAILABLE,
        ProblemKind.INTERNAL_ERROR: OURS,
    }
)
"""What is not here cannot come by this door, and would be a request that is not understood."""


_TOKENS = "Get one by POST to /oauth/token.php"
MESSAGES: Mapping[Slug, str] = MappingProxyType(
    {
        ProblemKind.KEY_MISSING: (
            f"The request has no access token. {_TOKENS} and send it in the header Authorization: Bearer, or in the"
            " query as accessRequestToken."
        ),
        ProblemKind.KEY_INVALID: f"The access token is none of ours, or has expired. {_TOKENS}.",
        ProblemKind.KEY_EXPIRED: f"The access token has expired. {_TOKENS}.",
        ProblemKind.NOT_FOUND: "There is nothing here. Faxes are sent by POST to /uapi/faxes/{userId}/{extension}.",
    }
)
"""In the words of this service, where the API would speak of its own."""


@dataclass(unsafe_hash=True)
class UnifiedError(Exception):
    """Something that is wrong with a request of this service alone."""

    code: Code
    message: str

    def __str__(self) -> str:
        return self.message


def code_of(slug: Slug) -> Code:
    return CODES.get(slug, REQUEST)


def body(code: str, message: str) -> bytes:
    return json.dumps({"error": {"code": code, "message": message}}).encode()
