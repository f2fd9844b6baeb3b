"""Signalling's only sockets and timers: the calls of one process over one UDP socket, driven by asyncio.

The dialer owns one :class:`Line`::

    line = Line(on_event=handle)          # handle(CallEvent) -> None, called in the loop's thread; must not block
    await line.start("127.0.0.1", 5070, media_host="127.0.0.1", workers=2)
    line.place(order)                     # returns at once; all the rest comes as events
    line.hang_up(order.key)               # a wish: CallEnded tells what became true
    await line.stop()                     # hangs up everything, bounded in time

Every call that was placed ends in exactly one ``CallEnded``, whatever happens to the far end or to a media worker.
"""

import asyncio
from collections.abc import Callable

from caselli.fax.outcome import CallEnd
from caselli.line.orders import CallEvent, CallOrder


class AlreadyPlacedError(ValueError):
    """A call with this key was placed before; the key is the text."""


class Line:
    """All outgoing calls of this process."""

    def __init__(self, on_event: Callable[[CallEvent], None]) -> None:
        self._on_event = on_event
        self._orders: dict[str, CallOrder] = {}
        self._transport: asyncio.DatagramTransport | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Where the socket is bound; useful after ``start`` with port 0."""
        assert self._transport is not None
        host, port = self._transport.get_extra_info("sockname")[:2]
        return host, port

    async def start(self, host: str, port: int, *, media_host: str, workers: int = 1) -> None:
        """Bind ``host``:``port`` (UDP; 0 for any), start ``workers`` media processes whose sockets bind ``media_host``.

        Raises OSError when the address is taken.
        """
        del media_host, workers
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=(host, port))

    def place(self, order: CallOrder) -> None:
        """Begin the call. Raises AlreadyPlacedError when ``order.key`` was placed before in this process."""
        if order.key in self._orders:
            raise AlreadyPlacedError(order.key)
        self._orders[order.key] = order

    def hang_up(self, key: str, end: CallEnd = CallEnd.CANCELED) -> None:
        """Ask to end the call; a key that is not on the line is ignored.

        ``end``: what the report says if the fax did not get through all the same, CANCELED or UNRECORDED.
        """

    async def stop(self, within: float = 10.0) -> None:
        """Hang up every call, report each by ``CallEnded``, stop the media processes; at most ``within`` seconds."""
        del within
        if self._transport is not None:
            self._transport.close()
