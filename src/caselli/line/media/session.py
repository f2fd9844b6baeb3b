"""One call's media by the five methods: datagrams and time in, datagrams and events out; no socket, no clock.

Everything below happens in the engine (``line/spandsp``); the media process serves the same sessions from its own loop.
"""

from typing import Any

from caselli.line.media.events import take_events
from caselli.line.media.messages import MediaEvent, OpenSession, Role, StartAudio, StartT38
from caselli.line.spandsp._spandsp import ffi, lib

TICK = 0.02
"""Seconds between two ticks: one packet of G.711."""

_LONGEST_ADDRESS = 64


class MediaRefused(ValueError):  # noqa: N818 - a sentence, as the other refusals are
    """An order that cannot be carried out; the text says why, in words for a transcript."""


def open_engine_session(order: OpenSession, number: int) -> Any:
    """The engine's session for an order; give it back with ``lib.session_free``. Raises MediaRefused."""
    document = ffi.new("char[]", order.document.encode())
    station_id = ffi.new("char[]", order.station_id.encode("ascii", "replace"))
    options = ffi.new("session_options *")
    options.role = 0 if order.role is Role.SEND else 1
    options.calling = order.calling
    options.document = document
    options.station_id = station_id
    options.first_page = order.first_page
    options.pages = order.pages
    options.max_rate = order.max_rate
    options.ecm = order.ecm
    options.silent = order.silent
    options.drop_in_page = order.drop_in_page
    options.withhold_confirmation = order.withhold_confirmation
    session = lib.session_new(number, options)
    if session == ffi.NULL:
        raise MediaRefused(f"the document's path is longer than {lib.PATH_ROOM - 1} octets")
    return session


def start_engine_session(session: Any, order: StartAudio | StartT38, now: float) -> None:
    """Begin, or move, the media of an engine session. Raises MediaRefused."""
    host = order.host.encode()
    if isinstance(order, StartAudio):
        result = lib.session_start_audio(session, host, order.port, order.payload, now)
    else:
        result = lib.session_start_t38(session, host, order.port, order.max_datagram, order.redundancy, now)
    if result == -1:
        raise MediaRefused(f"the far end's media address {order.host!r} is not an IP address")
    if result < 0:
        raise MediaRefused("no memory for another fax")


class Session:
    """``key`` and all options come from the order; ``start`` begins audio or T.38, and switches between them."""

    def __init__(self, order: OpenSession) -> None:
        self.key = order.key
        self._session = ffi.gc(open_engine_session(order, 0), lib.session_free)
        self._next_tick: float | None = None
        self._octets = ffi.new("uint8_t[]", lib.UDPTL_DATAGRAM_ROOM)
        self._host = ffi.new("char[]", _LONGEST_ADDRESS)
        self._port = ffi.new("int *")

    def start(self, order: StartAudio | StartT38, now: float) -> None:
        start_engine_session(self._session, order, now)
        self._next_tick = now + TICK

    def close(self, now: float) -> None:
        """End it; the verdict is among the events unless it was told before."""
        lib.session_close(self._session, now)
        self._next_tick = None

    def receive(self, data: bytes, source: tuple[str, int], now: float) -> None:
        lib.session_receive_from(self._session, data, len(data), source[0].encode(), source[1], now)

    def tick(self, now: float) -> None:
        lib.session_tick(self._session, now)
        if self._next_tick is not None:
            self._next_tick = max(self._next_tick + TICK, now)

    def to_send(self) -> list[tuple[bytes, tuple[str, int]]]:
        """Datagrams and where they go."""
        out: list[tuple[bytes, tuple[str, int]]] = []
        while length := lib.session_next_datagram(self._session, self._octets, self._host, self._port):
            host = bytes(ffi.string(self._host)).decode()
            out.append((bytes(ffi.buffer(self._octets, length)), (host, self._port[0])))
        return out

    def wake_at(self) -> float | None:
        """When ``tick`` wants to be called; None while there is no media."""
        return self._next_tick

    def events(self) -> list[MediaEvent]:
        return take_events(self.key, self._session)
