"""Events as they happen, for many readers: one connection of a process listens, each event is read and written once."""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

import psycopg
import structlog
from django.db import DatabaseError, close_old_connections

from caselli.doors.api.event_power import Power, Wanted
from caselli.history import events
from caselli.history.events import Settled, Told
from caselli.store.journey import FAX_CHANNEL
from caselli.store.listen import connect

MOST_WAITING = 2_000
"""Events that one slow reader has not taken yet; then its stream ends, and it comes back for the rest."""
APART = 0.02
"""Seconds between two looks at least."""
PAUSE = 1.0

Given = ParamSpec("Given")
Result = TypeVar("Result")
InThread = Callable[..., Awaitable[Any]]

log = structlog.get_logger()


def piece_of(event: Told) -> bytes:
    """As the stream writes it (HTML, 9.2): JSON holds no line break."""
    return f"id: {event.number}\nevent: {event.kind}\ndata: {event.body}\n\n".encode()


class Stream:
    """What one reader has not taken yet."""

    def __init__(self, power: Power, wanted: Wanted, proof: tuple[str, str | None]) -> None:
        self.power = power
        self.wanted = wanted
        self.proof = proof
        """Authorization and address: what the power is asked by again."""
        self._pieces: deque[bytes] = deque()
        self._over = False
        self._waiting: asyncio.Future[None] | None = None
        """An event and wait_for would be a task more for each stream, each time."""

    def hear(self, event: Told, piece: bytes) -> None:
        if self._over or not (self.power.covers(event) and self.wanted.covers(event)):
            return
        if len(self._pieces) >= MOST_WAITING:
            self._pieces.clear()
            self.end()
            return
        self._pieces.append(piece)
        self._ring()

    def end(self) -> None:
        self._over = True
        self._ring()

    def _ring(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def take(self, seconds: float) -> bytes | None:
        """All that waits; a heartbeat after so long; None when it is over."""
        if not self._pieces and not self._over:
            loop = asyncio.get_running_loop()
            self._waiting = loop.create_future()
            heartbeat = loop.call_later(seconds, self._ring)
            try:
                await self._waiting
            finally:
                heartbeat.cancel()
                self._waiting = None
        if self._over:
            return None
        taken = b"".join(self._pieces) or b":\n\n"
        self._pieces.clear()
        return taken


class Hub:
    """Listens from the first reader on. Lives in one event loop; ``in_thread`` runs what asks the database."""

    def __init__(self, in_thread: InThread) -> None:
        self._in_thread = in_thread
        self.streams: set[Stream] = set()
        self.callers: Counter[str] = Counter()
        self._settled = Settled()
        self._upto: int | None = None
        self._known = asyncio.Event()
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def join(self, stream: Stream) -> int:
        """From now on the stream hears; the step up to which it has to read by itself."""
        if not self._tasks:
            self._upto = None
            self._known.clear()
            self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._read())]
        self.callers[stream.power.name] += 1
        self.streams.add(stream)
        self._wake.set()
        await self._known.wait()
        return self._upto or 0

    def leave(self, stream: Stream) -> None:
        self.streams.discard(stream)
        self.callers[stream.power.name] -= 1
        if not self.callers[stream.power.name]:
            del self.callers[stream.power.name]

    async def close(self) -> None:
        for stream in self.streams:
            stream.end()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        self._known.set()

    async def _listen(self) -> None:
        while True:
            try:
                async with await connect() as database:
                    await database.execute(f"LISTEN {FAX_CHANNEL}")
                    self._wake.set()
                    async for _ in database.notifies():
                        self._wake.set()
            except psycopg.OperationalError as error:
                log.warning("events: lost the database, listening again", error=str(error).strip())
            await asyncio.sleep(PAUSE)

    async def _read(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                if self.streams:
                    await self._read_on()
                else:
                    self._upto = None  # nobody heard it; the next reader begins at its own time
                    self._known.clear()
                    self._settled = Settled()
            except DatabaseError as error:
                log.warning("events: could not be read, trying again", error=str(error).strip())
                await asyncio.sleep(PAUSE)
                self._wake.set()
            await asyncio.sleep(APART)

    async def _read_on(self) -> None:
        upto = await self._in_thread(within, self._settled.look)
        if self._settled.waits:
            self._wake.set()
        if upto is None:
            return
        if self._upto is None:
            self._upto = upto
            self._known.set()
        while self._upto < upto:
            everything = any(one.power.everything for one in self.streams)
            organizations = None if everything else {key for one in self.streams for key in one.power.organizations}
            told, read = await self._in_thread(within, _portion, self._upto, upto, organizations)
            for event in told:
                piece = piece_of(event)
                for stream in self.streams:
                    stream.hear(event, piece)
            self._upto = read


def _portion(after: int, upto: int, organizations: set[int] | None) -> tuple[list[Told], int]:
    steps = events.of_all(after, upto, organizations=organizations)
    return events.told(steps), steps[-1].pk if len(steps) == events.STEPS_AT_ONCE else upto


def within(verb: Callable[Given, Result], *given: Given.args, **named: Given.kwargs) -> Result:
    close_old_connections()
    try:
        return verb(*given, **named)
    finally:
        close_old_connections()
