"""Session descriptions (RFC 4566, 3264): what a fax call says of its one stream, audio by G.711 or image by T.38.

Parsing keeps every media line, also those we do not understand, because an answer mirrors their number and order.
"""

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum

from caselli.line.sip.address import SocketAddress

MAX_MEDIA = 16
PCMU, PCMA = 0, 8
_RTPMAP = {PCMU: "0 PCMU/8000", PCMA: "8 PCMA/8000"}


class SdpError(ValueError):
    """No session description we could answer; the text says why."""


class Direction(StrEnum):
    BOTH = "sendrecv"
    SEND = "sendonly"
    RECEIVE = "recvonly"
    NONE = "inactive"


_MIRROR = {
    Direction.BOTH: Direction.BOTH,
    Direction.SEND: Direction.RECEIVE,
    Direction.RECEIVE: Direction.SEND,
    Direction.NONE: Direction.NONE,
}


class Correction(StrEnum):
    """T38FaxUdpEC (T.38 D.2.3)."""

    REDUNDANCY = "t38UDPRedundancy"
    FEC = "t38UDPFEC"
    NONE = "t38UDPNoEC"


@dataclass(frozen=True, slots=True)
class T38:
    """The attributes of T.38 annex D. ``max_datagram``: bytes, 0 when not said; ``correction`` None when not said."""

    version: int = 0
    max_bit_rate: int = 14_400
    rate_management: str = "transferredTCF"
    max_datagram: int = 0
    correction: Correction | None = Correction.REDUNDANCY

    def attributes(self) -> tuple[str, ...]:
        """Optional boolean attributes are left out: some peers read ``:0`` as set."""
        lines = [
            f"T38FaxVersion:{self.version}",
            f"T38MaxBitRate:{self.max_bit_rate}",
            f"T38FaxRateManagement:{self.rate_management}",
        ]
        if self.max_datagram:
            lines.append(f"T38FaxMaxDatagram:{self.max_datagram}")
        if self.correction is not None:
            lines.append(f"T38FaxUdpEC:{self.correction}")
        return tuple(lines)


@dataclass(frozen=True, slots=True)
class Media:
    """One m-line. ``host`` is empty when the session's connection line speaks for it; port 0 is a refused stream."""

    kind: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    attributes: tuple[str, ...] = ()
    host: str = ""

    def attribute(self, name: str) -> str | None:
        """The value of ``a=name:value``, empty for a flag; the case of names varies in the field."""
        for line in self.attributes:
            key, _, value = line.partition(":")
            if key.strip().lower() == name.lower():
                return value.strip()
        return None

    @property
    def is_image(self) -> bool:
        """T.38 over UDPTL, the only image we speak."""
        t38 = "t38" in (name.lower() for name in self.formats)
        return self.kind == "image" and self.protocol.lower() == "udptl" and t38

    @property
    def payload(self) -> int | None:
        """The first of PCMU and PCMA that this audio line offers, by its number or its rtpmap; None if neither."""
        if self.kind != "audio" or not self.protocol.upper().startswith("RTP/AVP"):
            return None
        for name in self.formats:
            if name in {"0", "8"}:
                return int(name)
        return None

    @property
    def direction(self) -> Direction | None:
        flags = {line.lower() for line in self.attributes}
        return next((direction for direction in Direction if direction in flags), None)

    @property
    def t38(self) -> T38:
        correction = (self.attribute("T38FaxUdpEC") or "").lower()
        rates = self.attribute("T38FaxRateManagement") or "transferredTCF"
        return T38(
            version=_number(self.attribute("T38FaxVersion"), 0),
            max_bit_rate=_number(self.attribute("T38MaxBitRate"), 14_400),
            rate_management="localTCF" if rates.lower() == "localtcf" else "transferredTCF",
            max_datagram=_number(self.attribute("T38FaxMaxDatagram"), 0),
            correction=next((known for known in Correction if known.lower() == correction), None),
        )

    def refused(self) -> "Media":
        """RFC 3264 6: port 0, all else as offered."""
        return Media(self.kind, 0, self.protocol, self.formats)


def _number(text: str | None, default: int) -> int:
    match = re.match(r"\d{1,9}", text or "")
    return int(match[0]) if match else default


@dataclass(frozen=True, slots=True)
class Sdp:
    """``host``: of the session's connection line. ``origin``: the o= line's user, id and version."""

    media: tuple[Media, ...]
    host: str = ""
    origin: tuple[str, str, str] = ("-", "0", "0")
    direction: Direction | None = None

    @classmethod
    def parse(cls, body: bytes) -> "Sdp":
        """Raises SdpError."""
        parser = _Parser()
        for line in re.split(r"\r\n|\n|\r", body.decode("utf-8", "replace")):
            if line.strip():
                parser.take(line)
        return parser.finish()

    def serialize(self) -> bytes:
        version = "IP6" if ":" in self.host else "IP4"
        user, identity, number = self.origin
        lines = [
            "v=0",
            f"o={user} {identity} {number} IN {version} {self.host}",
            "s=-",
            f"c=IN {version} {self.host}",
            "t=0 0",
        ]
        for media in self.media:
            lines.append(f"m={media.kind} {media.port} {media.protocol} {' '.join(media.formats)}")
            lines += [f"a={line}" for line in media.attributes]
        return "\r\n".join((*lines, "")).encode()

    def address(self, media: Media) -> SocketAddress:
        return media.host or self.host, media.port

    def direction_of(self, media: Media) -> Direction:
        """RFC 4566 6: the stream's, else the session's; an address of all zeros is the old way to put on hold."""
        if (media.host or self.host) in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
            return Direction.NONE
        return media.direction or self.direction or Direction.BOTH

    @property
    def image(self) -> Media | None:
        """The T.38 stream that is wanted, if any."""
        return next((media for media in self.media if media.is_image and media.port), None)

    @property
    def audio(self) -> Media | None:
        """The first audio stream by G.711 that is wanted, if any."""
        return next((media for media in self.media if media.payload is not None and media.port), None)


class _Parser:
    def __init__(self) -> None:
        self._media: list[Media] = []
        self._attributes: list[str] = []
        self._origin: tuple[str, str, str] | None = None
        self._host = ""
        self._media_host = ""
        self._session_direction: Direction | None = None

    def take(self, line: str) -> None:
        kind, equals, value = line.partition("=")
        kind, value = kind.strip(), value.strip()
        if not equals or len(kind) != 1:
            raise SdpError(f"no SDP line: {line[:40]!r}")
        if kind == "o":
            self._take_origin(value)
        elif kind == "c":
            self._take_connection(value)
        elif kind == "m":
            self._close_media()
            self._open_media(value)
        elif kind == "a":
            self._attributes.append(value)

    def _take_origin(self, value: str) -> None:
        parts = value.split()
        if len(parts) < 6:
            raise SdpError("an o= line without its six fields")
        self._origin = (parts[0], parts[1], parts[2])

    def _take_connection(self, value: str) -> None:
        parts = value.split()
        if len(parts) != 3 or parts[0].upper() != "IN":
            raise SdpError(f"no connection line: {value[:40]!r}")
        host = parts[2].partition("/")[0]
        try:
            host = str(ipaddress.ip_address(host))
        except ValueError:
            raise SdpError("media at a name instead of an address") from None
        if self._media:
            self._media_host = host
        else:
            self._host = host

    def _open_media(self, value: str) -> None:
        match = re.fullmatch(r"(\S+)\s+(\d{1,5})(?:/\d+)?\s+(\S+)((?:\s+\S+)*)", value)
        if match is None or int(match[2]) > 65535:
            raise SdpError(f"no media line: {value[:40]!r}")
        if len(self._media) >= MAX_MEDIA:
            raise SdpError("too many media lines")
        self._media.append(Media(match[1].lower(), int(match[2]), match[3], tuple(match[4].split())))

    def _close_media(self) -> None:
        attributes = tuple(self._attributes)
        if self._media:
            last = self._media[-1]
            self._media[-1] = Media(last.kind, last.port, last.protocol, last.formats, attributes, self._media_host)
        else:
            flags = {line.lower() for line in attributes}
            self._session_direction = next((direction for direction in Direction if direction in flags), None)
        self._attributes, self._media_host = [], ""

    def finish(self) -> Sdp:
        self._close_media()
        if self._origin is None:
            raise SdpError("no o= line")
        if not self._media:
            raise SdpError("no media line")
        if not self._host and any(not media.host for media in self._media if media.port):
            raise SdpError("no connection line")
        return Sdp(tuple(self._media), self._host, self._origin, self._session_direction)


def audio_media(port: int, payloads: tuple[int, ...] = (PCMU, PCMA), direction: Direction = Direction.BOTH) -> Media:
    """G.711 with 20 ms packets; silence suppression would cut holes into the modem's signal."""
    lines = [*(f"rtpmap:{_RTPMAP[payload]}" for payload in payloads), "ptime:20", "silenceSupp:off - - - -", direction]
    return Media("audio", port, "RTP/AVP", tuple(str(payload) for payload in payloads), tuple(lines))


def image_media(port: int, t38: T38) -> Media:
    return Media("image", port, "udptl", ("t38",), t38.attributes())


def mirrored(direction: Direction) -> Direction:
    """RFC 3264 6.1: what the answer says to a direction of the offer."""
    return _MIRROR[direction]


class LocalDescription:
    """What we say of ourselves in one dialog: the o= version goes up only when something changed (RFC 3264 8)."""

    def __init__(self, host: str, identity: int) -> None:
        self._host = host
        self._identity = identity
        self._version = 0
        self._said: tuple[Media, ...] = ()
        self._agreed: tuple[Media, ...] = ()

    def _describe(self, media: tuple[Media, ...]) -> Sdp:
        if media != self._said:
            self._version += 1
            self._said = media
        return Sdp(media, self._host, ("caselli", str(self._identity), str(self._version)))

    def offer(self, wanted: Media) -> Sdp:
        """One stream wanted, in the slot of its own kind or of the one in use; never fewer lines than agreed before."""
        slots = [slot.refused() for slot in self._agreed]
        kinds = [slot.kind for slot in self._agreed]
        used = [index for index, slot in enumerate(self._agreed) if slot.port]
        if wanted.kind in kinds:
            slots[kinds.index(wanted.kind)] = wanted
        elif used:
            # RFC 3264 8.3.3: a slot may change its media type; the field does not understand it otherwise.
            slots[used[0]] = wanted
        else:
            slots.append(wanted)
        return self._describe(tuple(slots))

    def answer(self, offer: Sdp, chosen: Media, answer: Media) -> Sdp:
        """``answer`` for the stream chosen, refusals for the others, in the offer's order. It is agreed by that."""
        sdp = self._describe(tuple(answer if media is chosen else media.refused() for media in offer.media))
        self._agreed = self._said
        return sdp

    def agree(self) -> None:
        """The far end accepted what we offered last."""
        self._agreed = self._said

    def current(self) -> Sdp:
        """What is agreed, for a refresh."""
        return self._describe(self._agreed)
