"""What went over the line in one call, in order, as people read it later: SIP, T.38 and T.30 with times."""

import re

from caselli.fax.outcome import Direction, LadderEntry, LadderProtocol
from caselli.line.media.messages import FrameSeen
from caselli.line.sip.auth import without_credentials
from caselli.line.sip.message import Message, Response
from caselli.line.sip.sdp import Sdp, SdpError

MAX_ENTRIES = 2_000
MAX_DETAIL = 6_000

_UNPRINTABLE = re.compile(r"[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\uffff\U00010000-\U0010ffff]")


def plain(text: str, limit: int = 200) -> str:
    """Text of the far end as it may be stored and shown: no control characters, no broken ones, not endless."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))[:limit]


class Ladder:
    """``began``: the ``now`` from which its times count. Ends growing at a bound that no honest call reaches."""

    def __init__(self, began: float) -> None:
        self._began = began
        self._entries: list[LadderEntry] = []

    def sip(self, message: Message, now: float, *, sent: bool, again: bool = False) -> None:
        name = f"{summary(message)}, again" if again else summary(message)
        text = "" if again else without_credentials(message.serialize().decode("utf-8", "replace"))
        self._add(now, LadderProtocol.SIP, sent, name, text)

    def unreadable(self, data: bytes, error: Exception, now: float) -> None:
        text = data.decode("utf-8", "replace")
        self._add(now, LadderProtocol.SIP, False, f"unreadable: {error}", without_credentials(text))

    def frame(self, frame: FrameSeen) -> None:
        self._add(frame.at, LadderProtocol.T30, frame.sent, frame.name, frame.octets)

    def note(self, text: str, now: float, protocol: LadderProtocol = LadderProtocol.CALL) -> None:
        self._append(LadderEntry(self._since(now), protocol, Direction.NOTE, plain(text)))

    def entries(self) -> tuple[LadderEntry, ...]:
        return tuple(sorted(self._entries, key=lambda entry: entry.at))

    def _add(self, now: float, protocol: LadderProtocol, sent: bool, name: str, detail: str) -> None:
        direction = Direction.SENT if sent else Direction.RECEIVED
        entry = LadderEntry(self._since(now), protocol, direction, plain(name), plain(detail, MAX_DETAIL))
        self._append(entry)

    def _append(self, entry: LadderEntry) -> None:
        if len(self._entries) < MAX_ENTRIES:
            self._entries.append(entry)
        elif len(self._entries) == MAX_ENTRIES:
            self._entries.append(LadderEntry(entry.at, LadderProtocol.CALL, Direction.NOTE, "and more"))

    def _since(self, now: float) -> float:
        return round(max(0.0, now - self._began), 3)


def summary(message: Message) -> str:
    """``INVITE (audio)``, ``200 OK to INVITE (T.38)``."""
    media = _media_of(message)
    name = message.cseq[1]
    if isinstance(message, Response):
        name = f"{message.status} {message.reason} to {name}"
    return f"{name} ({media})" if media else name


def _media_of(message: Message) -> str:
    if message.content_type != "application/sdp":
        return ""
    try:
        streams = [media for media in Sdp.parse(message.body).media if media.port]
    except SdpError:
        return "SDP that cannot be read"
    return " and ".join("T.38" if media.is_image else media.kind for media in streams) or "no stream"
