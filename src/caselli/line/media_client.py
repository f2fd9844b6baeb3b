"""Signalling's end of a media worker: one process with spandsp in it, many calls.

    worker = await MediaWorker.start("127.0.0.1", on_event=take, on_lost=mourn)
    worker.send(OpenSession(key="a1", role=Role.SEND, calling=True, document="/private/fax.tif", station_id="..."))
    # take(SessionOpened("a1", port=31204)): put host and port into the SDP, for RTP and UDPTL alike
    worker.send(StartAudio("a1", host, port, payload=8))  # when the call is answered
    worker.send(StartT38("a1", host, port, max_datagram=400))  # when the re-INVITE is; a second one moves the address
    # take(FaxHeard | FrameSeen | Negotiated | PageStarted | LastPageOut | PageEnded) ... take(SessionEnded)
    worker.send(CloseSession("a1"))  # always, also after SessionEnded: it gives the socket back
    await worker.stop()

Every opened session gets exactly one ``SessionEnded`` (after ``CloseSession`` at the latest), unless the worker is
lost: then ``on_lost`` is called once, all its calls are without media, and another worker may be started. Callbacks run
in the event loop, in the order in which the worker spoke.
"""

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Callable
from typing import Self, cast

from caselli.line.media.codec import LONGEST_LINE, decode, encode
from caselli.line.media.messages import MediaEvent, MediaOrder

STOP_LIMIT = 5.0
"""Seconds a worker may take to leave by itself."""


class MediaWorker:
    """Use :meth:`start`. ``pid`` names the process; ``alive`` says whether orders still reach it."""

    def __init__(
        self, process: asyncio.subprocess.Process, on_event: Callable[[MediaEvent], None], on_lost: Callable[[], None]
    ) -> None:
        self.pid = process.pid
        self.alive = True
        self._process = process
        self._on_event = on_event
        self._on_lost = on_lost
        self._stopping = False
        self._writer: asyncio.StreamWriter | None = None
        self._listening: asyncio.Task[None] | None = None

    @classmethod
    async def start(
        cls,
        host: str,
        *,
        on_event: Callable[[MediaEvent], None],
        on_lost: Callable[[], None],
        ports: tuple[int, int] | None = None,
    ) -> Self:
        """Start a worker whose sockets are bound to ``host``, with ports of the range (first, last) or of the kernel.

        ``on_event`` gets every message of the worker; ``on_lost`` is called once, when the process died by itself.
        """
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs:
            arguments = [sys.executable, "-m", "caselli.line.worker", str(theirs.fileno()), host]
            if ports is not None:
                arguments += ["--ports", f"{ports[0]}-{ports[1]}"]
            try:
                # A session of its own: Ctrl-C at a terminal must not cut calls that signalling would end well.
                process = await asyncio.create_subprocess_exec(
                    *arguments, stdin=asyncio.subprocess.DEVNULL, pass_fds=(theirs.fileno(),), start_new_session=True
                )
            except BaseException:
                ours.close()
                raise
        worker = cls(process, on_event, on_lost)
        reader, worker._writer = await asyncio.open_connection(sock=ours, limit=LONGEST_LINE)
        worker._listening = asyncio.create_task(worker._listen(reader), name=f"media worker {process.pid}")
        return worker

    def send(self, order: MediaOrder) -> None:
        """Give an order. To a lost worker it goes nowhere: ``on_lost`` has said so, or is about to."""
        if self._writer is not None and self.alive and not self._writer.is_closing():
            self._writer.write(encode(order))

    async def stop(self) -> None:
        """End the process and all its calls; ``on_lost`` stays silent. May be called again, and on a lost worker."""
        self._stopping = True
        if self._writer is not None:
            self._writer.close()
        try:
            await asyncio.wait_for(self._process.wait(), STOP_LIMIT)
        except TimeoutError:
            self._kill()
            await self._process.wait()
        if self._listening is not None:
            await self._listening

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while (event := await _read_event(reader)) is not None:
                self._on_event(event)
        finally:
            self.alive = False
            if self._writer is not None:
                self._writer.close()
            if not self._stopping:
                self._kill()
                self._on_lost()
                await self._process.wait()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGKILL)


async def _read_event(reader: asyncio.StreamReader) -> MediaEvent | None:
    """None when the worker is at its end, in the middle of a word or of its mind."""
    try:
        line = await reader.readline()
        return cast("MediaEvent", decode(line)) if line.endswith(b"\n") else None
    except (ConnectionError, ValueError):
        return None
