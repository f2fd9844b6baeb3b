"""What the line is asked to do, and what it tells meanwhile. Frozen; plain enough to travel between processes."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from caselli.fax.outcome import CallReport, PageReport
from caselli.fax.probe import Question


@dataclass(frozen=True, slots=True)
class Peer:
    """A SIP trunk as the line needs it. ``host`` and ``port`` name where requests go; credentials may be empty."""

    name: str
    host: str
    port: int = 5060
    username: str = ""
    password: str = ""
    domain: str = ""
    t38: bool = True


@dataclass(frozen=True, slots=True)
class Gear:
    """How fast, and by which means, a call tries (line.md, "lower gears"). ``max_rate``: bit/s."""

    name: str
    t38: bool = True
    max_rate: int = 14_400
    ecm: bool = True


GEARS = (
    Gear("T.38, 14,400 bit/s, ECM"),
    Gear("T.38, 9,600 bit/s", max_rate=9_600),
    Gear("G.711, 14,400 bit/s, ECM", t38=False),
    Gear("G.711, 9,600 bit/s, no ECM", t38=False, max_rate=9_600, ecm=False),
)


@dataclass(frozen=True, slots=True)
class CallOrder:
    """One call to make. ``document``: the fax as a TIFF class F of ``pages`` pages; sending begins with ``first_page``.

    ``key`` names the call between processes (the attempt's id). ``called`` and ``calling``: user parts of the SIP
    addresses. ``station_id``: at most 20 characters of the T.30 set. Limits in seconds: ``ring_limit`` until answered,
    ``negotiation_limit`` from answer to the first T.30 command of the far end, ``call_limit`` for the whole call.
    """

    key: str
    peer: Peer
    called: str
    calling: str
    document: Path
    pages: int
    station_id: str
    first_page: int = 1
    gear: Gear = GEARS[0]
    ring_limit: float = 60.0
    negotiation_limit: float = 45.0
    call_limit: float = 3600.0


@dataclass(frozen=True, slots=True)
class ProbeOrder:
    """One question to a trunk without a call. ``key``: as a call's, and different from all of theirs."""

    key: str
    peer: Peer
    question: Question


class Phase(StrEnum):
    """What a person sees while the call goes on."""

    DIALLING = "dialling"
    RINGING = "ringing"
    ANSWERED = "answered"
    NEGOTIATING = "negotiating"
    SENDING = "sending"
    CONFIRMING = "confirming"
    HANGING_UP = "hanging up"


@dataclass(frozen=True, slots=True)
class PhaseChanged:
    """``page``: the page on the line now, 0 outside of pages."""

    key: str
    phase: Phase
    page: int = 0


@dataclass(frozen=True, slots=True)
class PageConfirmed:
    """The far machine confirmed (MCF, or RTP which asks to retrain) this page."""

    key: str
    page: PageReport


@dataclass(frozen=True, slots=True)
class FinalPageOut:
    """The end-of-procedure signal of the last page begins to go out.

    Over a second passes before the far end has all of it: who cannot record this in that time must hang up.
    """

    key: str


@dataclass(frozen=True, slots=True)
class CallEnded:
    key: str
    report: CallReport


CallEvent = PhaseChanged | PageConfirmed | FinalPageOut | CallEnded
