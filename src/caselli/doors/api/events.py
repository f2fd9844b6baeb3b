"""``GET /api/v1/events`` as server-sent events: a raw ASGI application, because each stream would hold a thread.

Who asks for JSON alone gets a page of them by :mod:`.rest_events`.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import DatabaseError, connections

from caselli.doors.api import problems
from caselli.doors.api.event_hub import Hub, Stream, piece_of, within
from caselli.doors.api.event_power import Power, Wanted, begins_after, opened, power_with, read
from caselli.doors.api.problem_kinds import ProblemKind, said
from caselli.doors.api.problems import Problem
from caselli.fax.refusals import Refusal

PATH = "/api/v1/events"
MOST_STREAMS = 2_000

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

log = structlog.get_logger()

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-accel-buffering", b"no"),
]


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds, and how much one key or app may hold."""

    heartbeat: float = 15.0
    """Of silence, after which a comment goes out: proxies keep the line, and we notice who has left."""
    look: float = 3.0
    """After which is looked again at what the keys may."""
    streams_a_caller: int = 100


def wants_stream(scope: Scope) -> bool:
    """Whoever names JSON and no stream is answered elsewhere."""
    if scope["path"] != PATH or scope["method"] != "GET":
        return False
    accept = b",".join(value for name, value in scope["headers"] if name == b"accept").lower()
    return b"application/json" not in accept or b"text/event-stream" in accept


class EventStreams:
    """The ASGI application. One thread reads events, another one looks at keys: neither waits for the other."""

    def __init__(self, pace: Pace = Pace()) -> None:
        self._pace = pace
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="events")
        self._keys = ThreadPoolExecutor(1, thread_name_prefix="event-keys")
        self.hub = Hub(self._in_reading)
        self._looking: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        proof = (headers.get(b"authorization", ""), (scope.get("client") or (None,))[0])
        query = scope["query_string"].decode("latin-1")
        loop = asyncio.get_running_loop()
        try:
            last = headers.get(b"last-event-id", "")
            power, wanted = await loop.run_in_executor(self._keys, opened, *proof, query, last)
            self._check_room(power)
        except (Problem, Refusal) as error:
            await _refuse(send, error)
        except DatabaseError as error:
            log.warning("events: the database does not answer", error=str(error).strip())
            await _refuse(send, Problem(ProblemKind.UNAVAILABLE))
        else:
            await self._stream(Stream(power, wanted, proof), receive, send)

    async def close(self) -> None:
        """End all streams, and leave the database."""
        await self.hub.close()
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking
        for one in (self._reading, self._keys):
            await asyncio.get_running_loop().run_in_executor(one, connections.close_all)
            one.shutdown()

    async def _in_reading(self, *verb: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._reading, *verb)

    def _check_room(self, power: Power) -> None:
        if self.hub.callers[power.name] >= self._pace.streams_a_caller:
            raise Problem(
                ProblemKind.TOO_MANY_REQUESTS,
                f"This key or app has {self._pace.streams_a_caller} streams open already.",
                "Close those that nobody reads; one stream is enough for a program.",
            )
        if len(self.hub.streams) >= MOST_STREAMS:
            raise Problem(ProblemKind.UNAVAILABLE)

    async def _stream(self, stream: Stream, receive: Receive, send: Send) -> None:
        leaving = asyncio.create_task(_until_gone(receive, stream))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await _write(send, b"retry: 2000\n\n")
            upto = await self.hub.join(stream)
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._look(), name="events: look at keys")
            await self._catch_up(stream, stream.wanted, upto, send)
            while (piece := await stream.take(self._pace.heartbeat)) is not None:
                await _write(send, piece)
            if not leaving.done():
                await send({"type": "http.response.body", "body": b""})
        finally:
            if stream in self.hub.streams:
                self.hub.leave(stream)
            leaving.cancel()

    async def _catch_up(self, stream: Stream, wanted: Wanted, upto: int, send: Send) -> None:
        """What happened since the last event that the reader has, up to where it hears by itself."""
        if wanted.after is None:
            return
        at, more = begins_after(wanted), True
        while more and at < upto:
            portion = await self._in_reading(within, read, stream.power, wanted, at, upto)
            if portion.told:
                await _write(send, b"".join(piece_of(one) for one in portion.told))
            at, more = portion.upto, portion.more

    async def _look(self) -> None:
        """End the streams whose key opens nothing any more, and follow what the others may see."""
        loop = asyncio.get_running_loop()
        while self.hub.streams:
            await asyncio.sleep(self._pace.look)
            for proof in {one.proof for one in self.hub.streams}:
                power: Power | None = None
                try:
                    power = await loop.run_in_executor(self._keys, power_with, *proof)
                except Problem as error:
                    log.info("events: a key opens nothing any more", why=str(error.kind))
                except DatabaseError as error:
                    log.warning("events: could not look at the keys", error=str(error).strip())
                    break
                for stream in [one for one in self.hub.streams if one.proof == proof]:
                    if power is None or power.name != stream.power.name:
                        stream.end()
                    else:
                        stream.power = power


async def _write(send: Send, piece: bytes) -> None:
    await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _until_gone(receive: Receive, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()


async def _refuse(send: Send, error: Problem | Refusal) -> None:
    faults = problems.faults_of(error)
    status = said(faults[0].slug).status
    body = json.dumps(problems.shape(PATH, faults, status)).encode()
    headers = problems.headers_of(error, status) | {
        "Content-Type": problems.MEDIA_TYPE,
        "Content-Length": str(len(body)),
        "X-Content-Type-Options": "nosniff",
    }
    coded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": coded})
    await send({"type": "http.response.body", "body": body})
