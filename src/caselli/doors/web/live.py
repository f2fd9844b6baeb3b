"""Server-sent events: who looks at faxes hears at once that one of them changed, and fetches that row anew.

One PostgreSQL connection a process listens for all of them. An event carries only the fax's live name: what the reader
may see is decided again by the page that fetches it.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import psycopg
import structlog
from django.conf import settings
from django.contrib.auth import get_user
from django.db import DatabaseError, close_old_connections, connections
from django.http import HttpRequest, parse_cookie

from caselli.directory.access import extensions_seen_by, faxes_seen_by
from caselli.directory.sign_in import lacks_second_factor
from caselli.doors.web.addresses import split_extended
from caselli.doors.web.live_names import live_name
from caselli.doors.web.live_sessions import over as ended
from caselli.store.journey import FAX_CHANNEL
from caselli.store.listen import connect
from caselli.store.models import User

MOST_CHANGES = 100
"""Changes that wait for one slow reader; beyond, it is told to fetch everything."""
MOST_STREAMS = 2000
MOST_FAXES_A_STREAM = 100

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds, and how much one person may hold. ``pause``: before the database is tried again."""

    heartbeat: float = 15.0
    """Of silence, after which a comment goes out: proxies keep the line, and we notice who has left."""
    life: float = 600.0
    """Until a stream ends and the browser comes again: only then is looked again at what the person may see."""
    look: float = 3.0
    """After which is looked again at whether the people are still signed in."""
    pause: float = 1.0
    streams_a_person: int = 40


@dataclass(frozen=True, slots=True)
class Interest:
    """What one page shows: all faxes of these extensions, and these faxes; ids of rows the person may see."""

    person_id: int
    extensions: frozenset[int]
    faxes: frozenset[int]
    session: str = ""

    def covers(self, fax_id: int, extension_id: int) -> bool:
        return fax_id in self.faxes or extension_id in self.extensions


class Stream:
    """What one reader has not been told yet: never more than MOST_CHANGES names."""

    def __init__(self, interest: Interest) -> None:
        self.interest = interest
        self._changed: dict[int, None] = {}
        self._everything = False
        self._over = False
        self._news = asyncio.Event()

    def change(self, fax_id: int) -> None:
        if len(self._changed) < MOST_CHANGES or fax_id in self._changed:
            self._changed[fax_id] = None
        else:
            self.change_everything()
        self._news.set()

    def change_everything(self) -> None:
        self._everything = True
        self._changed.clear()
        self._news.set()

    def end(self) -> None:
        self._over = True
        self._news.set()

    async def wait(self, seconds: float) -> bytes | None:
        """The next piece of the stream: events, or a heartbeat after so long; None when it is over."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), seconds)
        self._news.clear()
        if self._over:
            return None
        events = [f"event: fax\ndata: {live_name(one)}\n\n" for one in self._changed]
        if self._everything:
            events = ["event: all\ndata: all\n\n"]
        self._everything = False
        self._changed.clear()
        return ("".join(events) or ":\n\n").encode()


class Hub:
    """Listens from the first reader on, and hands on what it hears. Lives in one event loop."""

    def __init__(self, pace: Pace = Pace()) -> None:
        self._pace = pace
        self._streams: set[Stream] = set()
        self._people: Counter[int] = Counter()
        self._listening: asyncio.Task[None] | None = None
        self._deaf = True

    def has_room_for(self, person_id: int) -> bool:
        return len(self._streams) < MOST_STREAMS and self._people[person_id] < self._pace.streams_a_person

    def join(self, stream: Stream) -> None:
        """From now on the stream hears. Its first piece says "all", as soon as nothing can be missed any more."""
        self._streams.add(stream)
        self._people[stream.interest.person_id] += 1
        if not self._deaf:
            stream.change_everything()
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._listen(), name="live: listen")

    def leave(self, stream: Stream) -> None:
        self._streams.discard(stream)
        self._people[stream.interest.person_id] -= 1
        if not self._people[stream.interest.person_id]:
            del self._people[stream.interest.person_id]

    def sessions(self) -> set[str]:
        return {stream.interest.session for stream in self._streams}

    def end(self, sessions: set[str]) -> None:
        for stream in self._streams:
            if stream.interest.session in sessions:
                stream.end()

    async def close(self) -> None:
        """End all streams and the listening."""
        for stream in self._streams:
            stream.end()
        if self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening
            self._listening = None

    async def _listen(self) -> None:
        while True:
            try:
                async with await connect() as database:
                    await database.execute(f"LISTEN {FAX_CHANNEL}")
                    self._deaf = False
                    for stream in self._streams:
                        stream.change_everything()
                    async for notice in database.notifies():
                        self._hand_on(notice.payload)
            except psycopg.OperationalError as error:
                log.warning("live events: lost the database, listening again", error=str(error).strip())
            self._deaf = True
            await asyncio.sleep(self._pace.pause)

    def _hand_on(self, payload: str) -> None:
        fax_id, _organization_id, extension_id = map(int, payload.split(":"))
        for stream in self._streams:
            if stream.interest.covers(fax_id, extension_id):
                stream.change(fax_id)


class Live:
    """The ASGI application behind ``/live?extension=0003*210`` and ``/live?fax=<uid>`` (both may be repeated)."""

    def __init__(self, pace: Pace = Pace()) -> None:
        self._pace = pace
        self.hub = Hub(pace)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="live")
        self._looking: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "GET":
            await _refuse(send, 405)
            return
        interest = await asyncio.get_running_loop().run_in_executor(self._thread, _interest, scope)
        if isinstance(interest, int):
            await _refuse(send, interest)
        elif not self.hub.has_room_for(interest.person_id):
            await _refuse(send, 503)
        else:
            await self._stream(Stream(interest), receive, send)

    async def lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def close(self) -> None:
        """End all streams, and leave the database."""
        await self.hub.close()
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking
        await asyncio.get_running_loop().run_in_executor(self._thread, connections.close_all)
        self._thread.shutdown()

    async def _stream(self, stream: Stream, receive: Receive, send: Send) -> None:
        leaving = asyncio.create_task(_until_gone(receive, stream))
        ending = asyncio.get_running_loop().call_later(self._pace.life, stream.end)
        self.hub.join(stream)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="live: look at sessions")
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            piece: bytes | None = b"retry: 2000\n\n"
            while piece is not None:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                piece = await stream.wait(self._pace.heartbeat)
            if not leaving.done():
                await send({"type": "http.response.body", "body": b""})
        finally:
            self.hub.leave(stream)
            ending.cancel()
            leaving.cancel()

    async def _look(self) -> None:
        """End the streams of who is not signed in any more, as long as there are streams."""
        while self.hub.sessions():
            await asyncio.sleep(self._pace.look)
            try:
                over = await asyncio.get_running_loop().run_in_executor(self._thread, ended, self.hub.sessions())
            except DatabaseError as error:
                log.warning("live events: could not look at the sessions", error=str(error).strip())
            else:
                self.hub.end(over)


_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-accel-buffering", b"no"),
]


async def _until_gone(receive: Receive, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()


async def _refuse(send: Send, status: int) -> None:
    headers = [(b"content-type", b"text/plain"), (b"cache-control", b"no-store"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _interest(scope: Scope) -> Interest | int:
    """What the reader asks for as far as they may see it; or the HTTP status that says why not."""
    close_old_connections()
    try:
        session = _session(scope)
        user = _user(session)
        if user is None:
            return 401
        asked = parse_qs(scope["query_string"].decode("latin-1"))
        extensions = frozenset(_extensions(user, asked.get("extension", [])))
        faxes = frozenset(_faxes(user, asked.get("fax", [])[:MOST_FAXES_A_STREAM]))
        return Interest(user.pk, extensions, faxes, session) if extensions or faxes else 404
    finally:
        close_old_connections()


def _session(scope: Scope) -> str:
    cookies = b"; ".join(value for name, value in scope["headers"] if name == b"cookie").decode("latin-1")
    return parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME) or ""


def _user(session: str) -> User | None:
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session)
    user = get_user(request)
    if not isinstance(user, User) or lacks_second_factor(user):
        return None
    return user  # who is switched off is nobody to the sign-in's backend


def _extensions(user: User, asked: list[str]) -> list[int]:
    found: list[int] = []
    for text in asked[:MOST_FAXES_A_STREAM]:
        if parts := split_extended(text):
            seen = extensions_seen_by(user).filter(organization__number=parts[0], number=parts[1])
            found += seen.values_list("pk", flat=True)
    return found


def _faxes(user: User, asked: list[str]) -> list[int]:
    uids = []
    for text in asked:
        with suppress(ValueError):
            uids.append(UUID(text))
    return list(faxes_seen_by(user).filter(uid__in=uids).values_list("pk", flat=True))
