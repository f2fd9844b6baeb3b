"""What came of one call: the report the line gives, and what people are told about it.

The report holds facts; :func:`caselli.fax.causes.judge` turns them into a reason with its remedy.
"""

from dataclasses import dataclass, field
from enum import StrEnum

NOT_SENT = 503
"""The status that a request counts as which nothing could take to the trunk (RFC 3261 8.1.3.1)."""


class CallEnd(StrEnum):
    """How the call came to its end, as the signalling saw it."""

    COMPLETED = "completed"
    REJECTED = "rejected"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"
    NO_FAX = "no_fax"
    FAR_HUNG_UP = "far_hung_up"
    T30_FAILED = "t30_failed"
    MEDIA_LOST = "media_lost"
    SIGNALLING_LOST = "signalling_lost"
    CANCELED = "canceled"
    AUTHENTICATION_FAILED = "authentication_failed"
    TOO_LONG = "too_long"
    UNRECORDED = "unrecorded"


class Transport(StrEnum):
    """How the fax travelled once the call stood."""

    T38 = "t38"
    G711 = "g711"


class LadderProtocol(StrEnum):
    SIP = "SIP"
    T38 = "T.38"
    T30 = "T.30"
    CALL = "call"


class Direction(StrEnum):
    SENT = "sent"
    RECEIVED = "received"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class LadderEntry:
    """One message of the call. ``at``: seconds since the call began; ``detail``: what a reader may unfold."""

    at: float
    protocol: LadderProtocol
    direction: Direction
    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class PageReport:
    """What is known of one page on the line.

    ``number`` counts from 1 in the whole fax, also when a call began with a later page. ``rate``: bit/s; ``width`` and
    ``length``: pixels; ``size``: coded bytes; ``bad_rows`` and ``longest_bad_run``: rows; ``seconds`` on the line.
    """

    number: int
    confirmed: bool
    rate: int = 0
    ecm: bool = False
    width: int = 0
    length: int = 0
    size: int = 0
    bad_rows: int = 0
    longest_bad_run: int = 0
    ecm_retries: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class CallReport:
    """Everything that is true of one ended call.

    ``final_page_out``: the last page and its end-of-procedure signal (EOP, PPS-EOP) went out. If it was not confirmed,
    nobody can know whether the far machine has the fax. ``sip_code``: final status of the INVITE; what its lack
    counts as (RFC 3261 8.1.3.1), 408 for silence or NOT_SENT; or 0. ``sip_phrase``: its words, or why there are none;
    ``q850``: cause of a Reason header; ``t30_code``: spandsp's completion code, None when T.30 never began.
    """

    end: CallEnd
    seconds: float = 0.0
    answered: bool = False
    sip_code: int = 0
    sip_phrase: str = ""
    q850: int | None = None
    retry_after: int | None = None
    t30_code: int | None = None
    transport: Transport | None = None
    remote_id: str = ""
    rate: int = 0
    ecm: bool = False
    final_page_out: bool = False
    pages: tuple[PageReport, ...] = ()
    ladder: tuple[LadderEntry, ...] = field(default=(), repr=False)

    @property
    def pages_confirmed(self) -> int:
        return sum(page.confirmed for page in self.pages)
