"""The seam between signalling and a media worker: what is said over their socket, in both directions.

One line of JSON a message: ``{"type": class name, ...fields}``. Times (``at``) are seconds of the worker's monotonic
clock, which on one machine is the signalling's too.
"""

from dataclasses import dataclass
from enum import StrEnum

from caselli.fax.outcome import PageReport


class Role(StrEnum):
    SEND = "send"
    RECEIVE = "receive"


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Take a socket for a call and prepare its fax. ``document``: TIFF to send, or to write when receiving.

    ``calling``: this end placed the call (sends CNG, T.30 caller). ``drop_in_page``: hang silent in the middle of that
    page, and ``withhold_confirmation``: never confirm the last page; both for the answering machine's numbers only.
    """

    key: str
    role: Role
    calling: bool
    document: str
    station_id: str
    first_page: int = 1
    pages: int = 0
    max_rate: int = 14_400
    ecm: bool = True
    silent: bool = False
    drop_in_page: int = 0
    withhold_confirmation: bool = False


@dataclass(frozen=True, slots=True)
class StartAudio:
    """Fax by G.711 with this peer from now on. ``payload``: 0 PCMU, 8 PCMA (RFC 3551)."""

    key: str
    host: str
    port: int
    payload: int


@dataclass(frozen=True, slots=True)
class StartT38:
    """Fax by T.38 over UDPTL from now on; ends the audio generation.

    ``max_datagram``: the T38FaxMaxDatagram of the peer, bytes.
    """

    key: str
    host: str
    port: int
    max_datagram: int
    redundancy: int = 3


@dataclass(frozen=True, slots=True)
class CloseSession:
    """End it and give the verdict (``SessionEnded``), also in mid-page."""

    key: str


MediaOrder = OpenSession | StartAudio | StartT38 | CloseSession


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """The socket: put ``port`` into the SDP. It serves RTP and UDPTL alike."""

    key: str
    port: int


@dataclass(frozen=True, slots=True)
class FaxHeard:
    """First sign of a fax at the far end: ``tone`` is "CED", "CNG" or "V.21 preamble"."""

    key: str
    at: float
    tone: str


@dataclass(frozen=True, slots=True)
class FrameSeen:
    """A T.30 frame for the ladder. ``sent`` by us or received; ``name``: DIS, DCS, MCF ...; ``octets``: hex."""

    key: str
    at: float
    sent: bool
    name: str
    octets: str


@dataclass(frozen=True, slots=True)
class Negotiated:
    """Phase B is over: ``remote_id`` as the far end gave it; ``rate`` bit/s."""

    key: str
    at: float
    remote_id: str
    rate: int
    ecm: bool


@dataclass(frozen=True, slots=True)
class PageStarted:
    """The page begins to go out (sending) or to come in (receiving). ``number`` in the whole fax, from 1."""

    key: str
    at: float
    number: int


@dataclass(frozen=True, slots=True)
class LastPageOut:
    """EOP or PPS-EOP of the last page begins to go out."""

    key: str
    at: float


@dataclass(frozen=True, slots=True)
class PageEnded:
    """Phase D: the far end confirmed the page (sending), or we confirmed it (receiving); or it was refused (RTN)."""

    key: str
    at: float
    page: PageReport


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """The verdict, once a session. ``t30_code``: spandsp's completion code, 0 is success, -1 when T.30 never began."""

    key: str
    at: float
    t30_code: int
    t30_text: str
    pages: int
    rate: int
    ecm: bool
    remote_id: str


MediaEvent = SessionOpened | FaxHeard | FrameSeen | Negotiated | PageStarted | LastPageOut | PageEnded | SessionEnded
