"""Knocks at a UDP port from a socket of its own: only a connected one hears from the network that nothing is there.

The socket of the calls must not hear it: such an error would come up at the next datagram of some other call.
"""

import asyncio
from collections.abc import Callable

from caselli.line.sip.address import SocketAddress

KEEP_ALIVE = b"\r\n\r\n"
"""RFC 5626 3.5.1: nothing that anybody would take for a request."""


class _Knock(asyncio.DatagramProtocol):
    def __init__(self, on_error: Callable[[OSError], None]) -> None:
        self._on_error = on_error

    def error_received(self, exc: Exception) -> None:
        if isinstance(exc, OSError):
            self._on_error(exc)


async def knock(
    host: str, destination: SocketAddress, on_error: Callable[[OSError], None]
) -> asyncio.DatagramTransport | None:
    """Once, from our address ``host``. Close what is returned; None: it could not even leave, ``on_error`` has heard.

    ``on_error``: ConnectionRefusedError for a closed port, another OSError for a place without a way to it.
    """
    loop = asyncio.get_running_loop()
    try:
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Knock(on_error), local_addr=(host, 0), remote_addr=destination
        )
    except OSError as error:
        on_error(error)
        return None
    transport.sendto(KEEP_ALIVE)
    return transport
