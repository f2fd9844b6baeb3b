"""Signalling's only sockets and timers: the calls of one process over one UDP socket, driven by asyncio.

The dialer owns one :class:`Line`::

    line = Line(on_event=handle)          # handle(CallEvent) -> None, called in the loop's thread; must not block
    await line.start("127.0.0.1", 5070, media_host="127.0.0.1", workers=2)
    line.place(order)                     # returns at once; all the rest comes as events
    line.hang_up(order.key)               # a wish: CallEnded tells what became true
    report = await line.probe(question)   # OPTIONS or REGISTER, from the very socket of the calls
    await line.stop()                     # hangs up everything, bounded in time

Every call that was placed ends in exactly one ``CallEnded``, whatever happens to the far end or to a media worker.
"""

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Callable

from caselli.fax.outcome import NOT_SENT, CallEnd, CallReport
from caselli.fax.probe import Found, ProbeReport
from caselli.line.call import Call
from caselli.line.endpoint import Endpoint
from caselli.line.exchange import Exchange
from caselli.line.orders import CallEnded, CallEvent, CallOrder, Peer, ProbeOrder
from caselli.line.probe import Probe, unplaced
from caselli.line.sip.address import SocketAddress
from caselli.line.sip.message import MessageError, parse
from caselli.line.stray import answer_stray

REMEMBERED_KEYS = 100_000

logger = logging.getLogger(__name__)


class AlreadyPlacedError(ValueError):
    """A call with this key was placed before; the key is the text."""


class Line:
    """All outgoing calls of this process."""

    def __init__(self, on_event: Callable[[CallEvent], None]) -> None:
        self._on_event = on_event
        self._endpoint = Endpoint(self._progress, self._stray)
        self._placed: dict[str, None] = {}
        self._open: set[str] = set()
        self._looking_up: dict[str, asyncio.Task[None]] = {}
        self._asked: dict[str, asyncio.Future[ProbeReport]] = {}
        self._all_ended = asyncio.Event()
        self._stopping = False

    @property
    def address(self) -> SocketAddress:
        """Where the socket is bound; useful after ``start`` with port 0."""
        return self._endpoint.address

    @property
    def media_process_ids(self) -> tuple[int, ...]:
        """Of the media workers alive."""
        return self._endpoint.media_process_ids

    async def start(self, host: str, port: int, *, media_host: str, workers: int = 1) -> None:
        """Bind ``host``:``port`` (UDP; 0 for any), start ``workers`` media processes whose sockets bind ``media_host``.

        Raises OSError when the address is taken or a media process cannot be started.
        """
        await self._endpoint.start(host, port, media_host, workers)

    def place(self, order: CallOrder) -> None:
        """Begin the call. Raises AlreadyPlacedError when ``order.key`` was placed before in this process."""
        if order.key in self._placed:
            raise AlreadyPlacedError(order.key)
        self._placed[order.key] = None
        if len(self._placed) > REMEMBERED_KEYS:
            del self._placed[next(iter(self._placed))]
        self._open.add(order.key)
        self._all_ended.clear()
        if self._stopping:
            asyncio.get_running_loop().call_soon(self._end_unplaced, order.key, CallEnd.CANCELED, "the line is closing")
            return
        try:
            address = str(ipaddress.ip_address(order.peer.host)), order.peer.port
        except ValueError:
            task = asyncio.get_running_loop().create_task(self._look_up(order), name=f"look up {order.peer.host}")
            self._looking_up[order.key] = task
        else:
            self._dial(order, address)

    def hang_up(self, key: str, end: CallEnd = CallEnd.CANCELED) -> None:
        """Ask to end the call; a key that is not on the line is ignored.

        ``end``: what the report says if the fax did not get through all the same, CANCELED or UNRECORDED.
        """
        task = self._looking_up.pop(key, None)
        if task is not None:
            task.cancel()
            self._end_unplaced(key, end, "")
        leg = self._endpoint.find(key)
        if leg is not None:
            self._endpoint.step(leg, lambda now: leg.hang_up(now, end))

    async def probe(self, order: ProbeOrder) -> ProbeReport:
        """Ask the trunk something without a call. Returns within a minute, whatever the far end does."""
        try:
            address = await self._address_of(order.peer)
        except (OSError, UnicodeError) as error:
            return unplaced(order, Found.NO_HOST, f"{order.peer.host} has no address: {error}")
        if self._stopping:
            return unplaced(order, Found.STOPPED, "the line is closing")
        if self._stays_inside(address):
            return unplaced(order, Found.LOOPBACK, self.address[0])
        place = self._endpoint.place(address)
        probe = Probe(order, self._endpoint.now(), address=address, place=place)
        answered: asyncio.Future[ProbeReport] = asyncio.get_running_loop().create_future()
        self._asked[order.key] = answered
        self._endpoint.add(probe)
        try:
            return await answered
        finally:
            del self._asked[order.key]

    async def stop(self, within: float = 10.0) -> None:
        """Hang up every call, report each by ``CallEnded``, stop the media processes; at most ``within`` seconds."""
        self._stopping = True
        for key in list(self._open):
            self.hang_up(key)
        if self._open:
            try:
                await asyncio.wait_for(self._all_ended.wait(), within)
            except TimeoutError:
                logger.warning("%d calls did not end in %s s", len(self._open), within)
        for leg in self._endpoint.legs:
            if not leg.ended:
                self._endpoint.step(leg, lambda now, leg=leg: leg.abandon(now, CallEnd.CANCELED))  # type: ignore[misc]
        await self._endpoint.stop()

    async def _look_up(self, order: CallOrder) -> None:
        try:
            address = await self._address_of(order.peer)
        except (OSError, UnicodeError) as error:
            self._looking_up.pop(order.key, None)
            self._end_unplaced(order.key, CallEnd.UNREACHABLE, f"{order.peer.host} has no address: {error}")
            return
        self._looking_up.pop(order.key, None)
        self._dial(order, address)

    async def _address_of(self, peer: Peer) -> SocketAddress:
        """The trunk's name as an address; of several the first of our socket's family. Raises OSError, UnicodeError."""
        loop = asyncio.get_running_loop()
        family = socket.AF_INET6 if ":" in self.address[0] else socket.AF_INET
        found = await loop.getaddrinfo(peer.host, peer.port, family=family, type=socket.SOCK_DGRAM)
        host, port = found[0][4][:2]
        return str(host), int(port)

    def _stays_inside(self, address: SocketAddress) -> bool:
        """Our address is known to this machine alone: the system would only say "invalid argument" of each datagram."""
        return _is_loopback(self.address) and not _is_loopback(address)

    def _dial(self, order: CallOrder, address: SocketAddress) -> None:
        if self._stays_inside(address):
            phrase = f"Calls are made from {self.address[0]}, an address that only this machine knows: set CASELLI_SIP"
            asyncio.get_running_loop().call_soon(self._end_unplaced, order.key, CallEnd.UNREACHABLE, phrase)
            return
        place = self._endpoint.place(address)
        self._endpoint.add(Call(order, self._endpoint.now(), address=address, place=place))

    def _end_unplaced(self, key: str, end: CallEnd, phrase: str) -> None:
        code = NOT_SENT if end is CallEnd.UNREACHABLE else 0
        self._tell(CallEnded(key, CallReport(end=end, sip_code=code, sip_phrase=phrase)))

    def _progress(self, leg: Exchange) -> None:
        if isinstance(leg, Probe):
            for report in leg.events():
                answered = self._asked.get(leg.key)
                if answered is not None and not answered.done():
                    answered.set_result(report)
            return
        for event in leg.events():
            self._tell(event)

    def _tell(self, event: CallEvent) -> None:
        if isinstance(event, CallEnded):
            self._open.discard(event.key)
            if not self._open:
                self._all_ended.set()
        self._on_event(event)

    def _stray(self, data: bytes, source: SocketAddress) -> None:
        try:
            message = parse(data)
        except MessageError:
            return
        reply = answer_stray(message, source)
        if reply is not None:
            self._endpoint.send(reply)


def _is_loopback(address: SocketAddress) -> bool:
    return ipaddress.ip_address(address[0].partition("%")[0]).is_loopback
