"""The built-in answering fax machine: a far end for demos, sandbox numbers and tests, on its own UDP socket.

::

    machine = Machine()
    await machine.start("127.0.0.1", 5080, folder=Path("..."), media_host="127.0.0.1")
    await machine.stop()

Which number does what stands in scenarios.py; +12025550110 wants ``USERNAME`` and ``PASSWORD`` in ``REALM``, and so
does REGISTER (front_desk.py).

What it receives lies in ``folder``, two files a call that appear whole: ``<name>.tiff`` first, then ``<name>.json``
with ``called``, ``calling``, ``remote_id``, ``started_at`` (UTC, ISO 8601), ``seconds``, ``pages``, ``transport``
(``t38``, ``g711`` or null), ``rate`` (bit/s), ``ecm``, ``t30_code`` (or null), ``result`` (in words) and ``tiff`` (the
file's name, or null when no page came). Calls that were not answered leave nothing.
"""

import asyncio
import contextlib
import logging
from datetime import UTC, datetime
from pathlib import Path

from caselli.fax.outcome import CallEnd
from caselli.line.answering import AnsweringCall, Reception, Taken
from caselli.line.endpoint import Endpoint
from caselli.line.exchange import Exchange
from caselli.line.front_desk import FrontDesk
from caselli.line.kept import keep, partial_document, prepare
from caselli.line.sip.address import SocketAddress
from caselli.line.sip.auth import Challenger
from caselli.line.sip.message import MessageError, Request, parse
from caselli.line.sip.tokens import Tokens

USERNAME = "fax"
PASSWORD = "caselli"  # noqa: S105 - a sandbox number's, printed in the documentation
REALM = "caselli"

LINES = 120
"""Calls at once; the next one is told that all lines are busy."""

STOP_LIMIT = 6.0

logger = logging.getLogger(__name__)


class Machine:
    """Answers on one socket with one media process. ``lines``: calls at once."""

    def __init__(self, lines: int = LINES) -> None:
        self._lines = lines
        self._endpoint = Endpoint(self._progress, self._stray)
        self._tokens = Tokens()
        self._challenger = Challenger(REALM, USERNAME, PASSWORD, self._tokens)
        self._front_desk = FrontDesk(Challenger(REALM, USERNAME, PASSWORD, self._tokens))
        self._folder = Path()
        self._idle = asyncio.Event()

    @property
    def address(self) -> SocketAddress:
        """Where the socket is bound; useful after ``start`` with port 0."""
        return self._endpoint.address

    @property
    def media_process_ids(self) -> tuple[int, ...]:
        """Of the media workers alive."""
        return self._endpoint.media_process_ids

    async def start(self, host: str, port: int, folder: Path, media_host: str) -> None:
        """Bind and answer from now on. ``folder`` is made if missing. Raises OSError when the address is taken."""
        self._folder = folder
        await asyncio.to_thread(prepare, folder)
        await self._endpoint.start(host, port, media_host, workers=1)

    async def stop(self) -> None:
        """Hang up what is going on and leave; at most a few seconds."""
        for leg in self._active():
            self._endpoint.step(leg, lambda now, leg=leg: leg.hang_up(now))  # type: ignore[misc]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wait_idle(), STOP_LIMIT)
        for leg in self._active():
            self._endpoint.step(leg, lambda now, leg=leg: leg.abandon(now, CallEnd.CANCELED))  # type: ignore[misc]
        await self._endpoint.stop()

    async def _wait_idle(self) -> None:
        while self._active():
            self._idle.clear()
            await self._idle.wait()

    def _active(self) -> list[Exchange]:
        return [leg for leg in self._endpoint.legs if not leg.ended]

    def _stray(self, data: bytes, source: SocketAddress) -> None:
        try:
            message = parse(data)
        except MessageError:
            return
        if not isinstance(message, Request) or message.method != "INVITE" or message.recipient.tag is not None:
            media_host = self._endpoint.place(source).media_host
            reply = self._front_desk.answer(message, source, media_host, self._endpoint.now())
            if reply is not None:
                self._endpoint.send(reply)
            return
        key = self._tokens.hex(8)
        reception = Reception(
            self._challenger, partial_document(self._folder, key), busy=len(self._active()) >= self._lines
        )
        place = self._endpoint.place(source)
        call = AnsweringCall(key, message.call_id, self._endpoint.now(), place, reception)
        self._endpoint.add(call)
        self._endpoint.step(call, lambda now: call.receive(data, source, now))

    def _progress(self, leg: Exchange) -> None:
        for taken in leg.events():
            self._keep(leg.key, taken)
        if leg.ended:
            # A call that was taken back while its session opened may have left an empty document.
            partial_document(self._folder, leg.key).unlink(missing_ok=True)
            self._idle.set()

    def _keep(self, key: str, taken: Taken) -> None:
        try:
            path = keep(self._folder, key, taken, datetime.now(UTC))
        except OSError:
            logger.exception("a call to %s could not be kept", taken.called)
        else:
            logger.info("%s: %s", path.name, taken.result)
