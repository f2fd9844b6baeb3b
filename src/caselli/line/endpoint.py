"""One UDP socket, one timer, some media processes, any number of exchanges: what driver and machine have in common."""

import asyncio
import heapq
import logging
import socket
from collections.abc import Callable
from itertools import count

from caselli.fax.outcome import CallEnd
from caselli.line import error_queue
from caselli.line.exchange import Exchange
from caselli.line.leg import Place
from caselli.line.media.messages import MediaEvent
from caselli.line.pool import MediaPool
from caselli.line.sip.address import SocketAddress
from caselli.line.sip.message import peek_call_id
from caselli.line.sip.transactions import Datagram
from caselli.line.sip.undelivered import Undelivered, Why

WILDCARDS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared, not bound

logger = logging.getLogger(__name__)


class Endpoint(asyncio.DatagramProtocol):
    """``on_progress(leg)``: after each step of a call, to take its events. ``on_stray``: for datagrams of no call."""

    def __init__(
        self, on_progress: Callable[[Exchange], None], on_stray: Callable[[bytes, SocketAddress], None]
    ) -> None:
        self._on_progress = on_progress
        self._on_stray = on_stray
        self._transport: asyncio.DatagramTransport | None = None
        self._socket: socket.socket | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pool: MediaPool | None = None
        self._by_call_id: dict[str, Exchange] = {}
        self._by_key: dict[str, Exchange] = {}
        self._due: dict[Exchange, float] = {}
        self._heap: list[tuple[float, int, Exchange]] = []
        self._serial = count()
        self._timer: asyncio.TimerHandle | None = None
        self._media_host = ""

    @property
    def address(self) -> SocketAddress:
        assert self._transport is not None
        host, port = self._transport.get_extra_info("sockname")[:2]
        return host, port

    @property
    def legs(self) -> tuple[Exchange, ...]:
        return tuple(self._by_key.values())

    @property
    def media_process_ids(self) -> tuple[int, ...]:
        return self._pool.process_ids if self._pool is not None else ()

    def now(self) -> float:
        """Seconds of the loop's clock, which is the media workers' too (time.monotonic)."""
        assert self._loop is not None
        return self._loop.time()

    async def start(self, host: str, port: int, media_host: str, workers: int) -> None:
        """Raises OSError when the address is taken or a media process cannot be started."""
        self._loop = asyncio.get_running_loop()
        self._media_host = media_host
        self._transport, _ = await self._loop.create_datagram_endpoint(lambda: self, local_addr=(host, port))
        self._socket = self._transport.get_extra_info("socket").dup()
        error_queue.listen(self._socket)
        self._pool = MediaPool(media_host, self._media_event, self._media_lost)
        try:
            await self._pool.start(workers)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Close everything at once; hang up the calls before."""
        if self._timer is not None:
            self._timer.cancel()
        if self._transport is not None:
            self._transport.close()
        if self._socket is not None:
            self._socket.close()
        if self._pool is not None:
            await self._pool.stop()

    def place(self, destination: SocketAddress) -> Place:
        """Our addresses as ``destination`` can reach them: a socket bound to all of them has to choose one."""
        host, port = self.address
        local = reachable_host(host, destination)
        return Place((local, port), reachable_host(self._media_host, destination))

    def add(self, leg: Exchange) -> None:
        self._by_call_id[leg.call_id] = leg
        self._by_key[leg.key] = leg
        self.flush(leg)

    def find(self, key: str) -> Exchange | None:
        return self._by_key.get(key)

    def send(self, datagram: Datagram) -> None:
        """What ICMP said of another datagram comes up at this one, in its place, once: so it is sent again."""
        if self._transport is None or self._socket is None or self._transport.is_closing():
            return
        for again in (False, True):
            try:
                self._socket.sendto(datagram.data, datagram.address)
            except BlockingIOError:
                self._transport.sendto(datagram.data, datagram.address)
            except OSError as error:
                self._take_errors()
                if again and not isinstance(error, ConnectionRefusedError):
                    self._returned(Undelivered(datagram.data, datagram.address, Why.NO_WAY, error.strerror or ""))
                continue
            return

    def flush(self, leg: Exchange) -> None:
        """Carry out what the call has ready, and see when it wants to be woken."""
        assert self._pool is not None
        for datagram in leg.to_send():
            self.send(datagram)
        for order in leg.media_orders():
            self._pool.send(order)
        self._on_progress(leg)
        if leg.over:
            self._forget(leg)
            return
        at = leg.wake_at()
        if at is None:
            self._due.pop(leg, None)
        elif self._due.get(leg) != at:
            self._due[leg] = at
            heapq.heappush(self._heap, (at, next(self._serial), leg))
            self._set_timer()

    def step(self, leg: Exchange, step: Callable[[float], None]) -> None:
        """Do something to one call. A mistake of ours in it must cost this call alone, and be seen."""
        try:
            step(self.now())
            self.flush(leg)
        except Exception:
            logger.exception("a mistake in call %s", leg.key)
            if not leg.ended:
                leg.abandon(self.now(), CallEnd.SIGNALLING_LOST)
                self.flush(leg)
            else:
                self._forget(leg)

    def _forget(self, leg: Exchange) -> None:
        self._by_call_id.pop(leg.call_id, None)
        self._by_key.pop(leg.key, None)
        self._due.pop(leg, None)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        source = (addr[0], addr[1])
        call_id = peek_call_id(data)
        leg = self._by_call_id.get(call_id) if call_id is not None else None
        if leg is None:
            self._on_stray(data, source)
        else:
            self.step(leg, lambda now: leg.receive(data, source, now))

    def error_received(self, exc: Exception) -> None:
        """Of the socket, whatever datagram was meant: that stands in its error queue."""
        logger.debug("signalling socket: %s", exc)
        self._take_errors()

    def _take_errors(self) -> None:
        if self._socket is not None and self._socket.fileno() != -1:
            for undelivered in error_queue.take(self._socket):
                self._returned(undelivered)

    def _returned(self, undelivered: Undelivered) -> None:
        """Told later: some call may be in the middle of its sending."""
        assert self._loop is not None
        self._loop.call_soon(self._tell_undelivered, undelivered)

    def _tell_undelivered(self, undelivered: Undelivered) -> None:
        call_id = peek_call_id(undelivered.data)
        leg = self._by_call_id.get(call_id) if call_id is not None else None
        if leg is not None:
            self.step(leg, lambda now: leg.undelivered(undelivered, now))

    def _media_event(self, event: MediaEvent) -> None:
        leg = self._by_key.get(event.key)
        if leg is not None:
            self.step(leg, lambda now: leg.media_event(event, now))

    def _media_lost(self, key: str) -> None:
        leg = self._by_key.get(key)
        if leg is not None:
            self.step(leg, leg.media_lost)

    def _set_timer(self) -> None:
        assert self._loop is not None
        at = self._heap[0][0]
        if self._timer is not None:
            if self._timer.when() <= at and not self._timer.cancelled():
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(at, self._wake)

    def _wake(self) -> None:
        self._timer = None
        now = self.now()
        due: list[tuple[float, int, Exchange]] = []
        while self._heap and self._heap[0][0] <= now:
            due.append(heapq.heappop(self._heap))
        for at, _, leg in due:
            if self._due.get(leg) == at:
                del self._due[leg]
                self.step(leg, leg.tick)
        if self._heap:
            self._set_timer()


def reachable_host(host: str, destination: SocketAddress) -> str:
    """``host`` itself, or for a wildcard the address of ours that faces ``destination``; nothing is sent for that."""
    if host not in WILDCARDS:
        return host
    family = socket.AF_INET6 if ":" in destination[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(destination)
        except OSError:
            return host
        return str(probe.getsockname()[0])
