"""The one table of SIP, Q.850 and T.30 codes: what people are told, what they can do, does a retry help."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from caselli.fax.outcome import CallEnd, CallReport


class Retry(StrEnum):
    """Which pace of the organization applies before the next dial; NEVER is permanent."""

    NEVER = "never"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    LINE = "line"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Cause:
    """``slug`` for programs; ``sentence`` and, once it has failed, ``remedy`` for people."""

    slug: str
    sentence: str
    remedy: str
    retry: Retry


_AGAIN = "Send it again later. If that fails too, ask the recipient for another number."
_OURS = "Send it again; what happened stands in the log."
_CHECK = "Check the number with the recipient."
_OPERATOR = "Tell the person who runs your phone system; Fax info has the messages."

DELIVERED = Cause("delivered", "The far machine confirmed every page.", "", Retry.NEVER)
CANCELED = Cause("canceled", "It was cancelled.", "", Retry.NEVER)
BUSY = Cause("busy", "The line was busy.", _AGAIN, Retry.BUSY)
NO_ANSWER = Cause(
    "no_answer",
    "It rang, but nobody answered.",
    "See that the far fax is switched on and set to answer.",
    Retry.NO_ANSWER,
)
NO_SUCH_NUMBER = Cause("no_such_number", "There is no such number.", _CHECK, Retry.NEVER)
NUMBER_CHANGED = Cause("number_changed", "The number has changed.", "Ask the recipient for the new one.", Retry.NEVER)
DECLINED = Cause(
    "declined",
    "The far end declined the call.",
    "Ask the recipient whether faxes are taken at this number.",
    Retry.NEVER,
)
FORBIDDEN = Cause("forbidden", "The trunk does not let us call this number.", _OPERATOR, Retry.NEVER)
BAD_CREDENTIALS = Cause(
    "bad_credentials",
    "The trunk did not accept our user name and password.",
    "Correct the trunk's user name and password, then resend.",
    Retry.NEVER,
)
NO_COMMON_MEDIA = Cause("no_common_media", "The far end takes neither fax nor audio from us.", _OPERATOR, Retry.NEVER)
UNAVAILABLE = Cause("unavailable", "The far end cannot be reached at the moment.", _AGAIN, Retry.OTHER)
TRUNK_DOWN = Cause(
    "trunk_down",
    "The trunk is down or overloaded.",
    "Send it again later. If it lasts, tell the person who runs your phone system.",
    Retry.OTHER,
)
TRUNK_SILENT = Cause(
    "trunk_silent",
    "The trunk did not answer us at all.",
    "Check the trunk's address and that its server runs, then send it again.",
    Retry.OTHER,
)
NO_FAX = Cause("no_fax", "No fax answered: a person or a voice mail may have.", _CHECK, Retry.LINE)
LINE_DROPPED = Cause("line_dropped", "The connection broke off before every page was confirmed.", _AGAIN, Retry.LINE)
LINE_BAD = Cause("line_bad", "The line was too bad to get the pages across.", _AGAIN, Retry.LINE)
INCOMPATIBLE = Cause(
    "incompatible", "The far machine cannot take these pages.", "Ask the recipient for another number.", Retry.NEVER
)
FAR_REFUSED = Cause(
    "far_refused",
    "The far machine ended the call: it may be out of paper or memory.",
    "Ask the recipient to look after the machine, then send it again.",
    Retry.LINE,
)
MEDIA_LOST = Cause("media_lost", "Our own fax process failed during the call.", _OURS, Retry.LINE)
DIALER_LOST = Cause("dialer_lost", "Our own dialer stopped during the call.", _OURS, Retry.LINE)
DOCUMENT_LOST = Cause(
    "document_lost", "The pages could not be read from our disk.", "Hand the document in again.", Retry.NEVER
)
TOO_LONG = Cause("too_long", "The call took longer than a call may.", "Send fewer pages at a time.", Retry.LINE)
UNKNOWN = Cause(
    "unknown",
    "The line died after the last page, before its confirmation: the fax may have arrived.",
    "Ask the recipient, then choose “It arrived” or “Send again”.",
    Retry.NEVER,
)
EXPIRED = Cause(
    "expired",
    "No line became free in the time allowed.",
    "Send it again, or give the trunk more channels.",
    Retry.NEVER,
)
SWITCHED_OFF = Cause(
    "switched_off",
    "Faxing was switched off for too long, for the organization or the extension.",
    "Ask your administrator to switch it on, then send it again.",
    Retry.NEVER,
)
EXTENSION_OFF = Cause(
    "extension_off",
    "That extension takes no faxes: it is switched off.",
    "Ask your administrator to switch it on, then send it again.",
    Retry.NEVER,
)
BLOCKED = Cause(
    "blocked",
    "Numbers that begin so were blocked after the fax was handed in.",
    "Ask your administrator, or send it to another number.",
    Retry.NEVER,
)
NEVER_WHOLE = Cause(
    "never_whole",
    "No call was made: a file of the fax never came, or cannot be read.",
    "Send it again with all its files.",
    Retry.NEVER,
)
NO_TRUNK = Cause("no_trunk", "No trunk is set up for this number.", "Ask your administrator to add one.", Retry.NEVER)
REJECTED = Cause("rejected", "The call was refused.", _OPERATOR, Retry.OTHER)

ALL: Mapping[str, Cause] = MappingProxyType(
    {cause.slug: cause for cause in tuple(globals().values()) if isinstance(cause, Cause)}
)

SIP_CAUSES: Mapping[int, Cause] = MappingProxyType(
    {
        # RFC 3261 21.4 to 21.6
        400: REJECTED, 401: BAD_CREDENTIALS, 403: FORBIDDEN, 404: NO_SUCH_NUMBER,
        407: BAD_CREDENTIALS, 408: UNAVAILABLE,
        410: NUMBER_CHANGED, 415: NO_COMMON_MEDIA, 480: UNAVAILABLE, 481: TRUNK_DOWN, 482: TRUNK_DOWN, 483: TRUNK_DOWN,
        484: NO_SUCH_NUMBER, 485: NO_SUCH_NUMBER, 486: BUSY, 487: NO_ANSWER, 488: NO_COMMON_MEDIA, 491: TRUNK_DOWN,
        500: TRUNK_DOWN, 501: TRUNK_DOWN, 502: TRUNK_DOWN, 503: TRUNK_DOWN, 504: TRUNK_DOWN, 505: REJECTED,
        600: BUSY, 603: DECLINED, 604: NO_SUCH_NUMBER, 606: NO_COMMON_MEDIA, 607: DECLINED,
        # A redirection that led nowhere
        300: NUMBER_CHANGED, 301: NUMBER_CHANGED, 302: NUMBER_CHANGED, 305: TRUNK_DOWN, 380: UNAVAILABLE,
    }
)  # fmt: skip

Q850_CAUSES: Mapping[int, Cause] = MappingProxyType(
    {
        # ITU-T Q.850 table 1; carried in a Reason header (RFC 3326), it says more than the SIP status does
        1: NO_SUCH_NUMBER, 2: NO_SUCH_NUMBER, 3: NO_SUCH_NUMBER, 17: BUSY,
        18: NO_ANSWER, 19: NO_ANSWER, 20: UNAVAILABLE,
        21: DECLINED, 22: NUMBER_CHANGED, 27: UNAVAILABLE, 28: NO_SUCH_NUMBER, 34: TRUNK_DOWN, 38: TRUNK_DOWN,
        41: TRUNK_DOWN, 42: TRUNK_DOWN, 47: TRUNK_DOWN, 57: FORBIDDEN,
        58: UNAVAILABLE, 65: NO_COMMON_MEDIA, 88: INCOMPATIBLE,
    }
)  # fmt: skip

T30_CAUSES: Mapping[int, Cause] = MappingProxyType(
    {
        # The completion codes of spandsp's t30.h. A code that is not here is LINE_BAD.
        2: NO_FAX, 3: NO_FAX, 6: LINE_BAD, 8: INCOMPATIBLE, 9: INCOMPATIBLE,
        10: INCOMPATIBLE, 11: INCOMPATIBLE, 12: INCOMPATIBLE,
        15: FAR_REFUSED, 17: FAR_REFUSED, 19: NO_FAX, 35: FAR_REFUSED,
        36: FAR_REFUSED, 37: FAR_REFUSED, 38: FAR_REFUSED,
        41: DOCUMENT_LOST, 42: DOCUMENT_LOST, 43: DOCUMENT_LOST, 44: DOCUMENT_LOST,
        45: DOCUMENT_LOST, 46: DOCUMENT_LOST,
        49: LINE_DROPPED,
    }
)  # fmt: skip

_END_CAUSES: Mapping[CallEnd, Cause] = MappingProxyType(
    {
        CallEnd.NO_ANSWER: NO_ANSWER,
        CallEnd.UNREACHABLE: TRUNK_SILENT,
        CallEnd.NO_FAX: NO_FAX,
        CallEnd.FAR_HUNG_UP: LINE_DROPPED,
        CallEnd.MEDIA_LOST: MEDIA_LOST,
        CallEnd.SIGNALLING_LOST: DIALER_LOST,
        CallEnd.CANCELED: CANCELED,
        CallEnd.AUTHENTICATION_FAILED: BAD_CREDENTIALS,
        CallEnd.TOO_LONG: TOO_LONG,
        CallEnd.UNRECORDED: DIALER_LOST,
    }
)


def judge(report: CallReport, pages: int) -> Cause:
    """What this call comes to, when ``pages`` pages of the fax were still to be confirmed at its start.

    "Delivered" needs every page confirmed, whatever else went wrong afterwards; a last page that went out whole and was
    not confirmed is UNKNOWN, whatever ended the call.
    """
    if report.pages_confirmed >= pages > 0:
        return DELIVERED
    if report.final_page_out and report.t30_code not in _CERTAINLY_NOT_TAKEN:
        return UNKNOWN
    if report.end is CallEnd.REJECTED:
        return _rejected(report)
    if report.end in {CallEnd.T30_FAILED, CallEnd.COMPLETED}:
        return T30_CAUSES.get(report.t30_code or 0, LINE_BAD)
    if report.end is CallEnd.FAR_HUNG_UP and not report.pages and report.transport is None:
        return NO_FAX
    return _END_CAUSES[report.end]


_CERTAINLY_NOT_TAKEN = frozenset({15, 18})
"""The far machine answered the last page, and its answer was not a confirmation (DCN, an invalid response)."""


def _rejected(report: CallReport) -> Cause:
    if report.q850 is not None and report.q850 in Q850_CAUSES:
        return Q850_CAUSES[report.q850]
    return SIP_CAUSES.get(report.sip_code, REJECTED if report.sip_code < 500 else TRUNK_DOWN)
