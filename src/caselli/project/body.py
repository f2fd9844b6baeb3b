"""Requests are taken in whole before one of the few threads is given to them: a slow sender must not hold one.

A thread of Django's reads the body from here, where all of it is; ten slow uploads would else stop every page.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from enum import Enum
from typing import IO, Any, Protocol

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

IN_MEMORY = 250_000
"""Bytes of a body that are held in memory; what is larger goes through a temporary file."""
_PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class Bounds:
    """``largest``: bytes of one body (the upload form's own bound lies below: doors/web/uploads.py); ``together``: of
    all that are coming in at a time; ``idle``: seconds in which a sender must send something.
    """

    largest: int = 1_001_000_000
    together: int = 4_000_000_000
    idle: float = 30.0


class _Why(Enum):
    TOO_LARGE = 413, "The files are far larger than a fax may be: nothing was stored. Send fewer or smaller ones."
    TOO_SLOW = 408, "Nothing came for too long: nothing was stored. Send it again."
    TOO_BUSY = 503, "Too much is being uploaded at this moment: nothing was stored. Try again in a minute."
    NO_ROOM = 507, "There is no room left on the disk: nothing was stored. Tell your administrator."


class _RefusedError(Exception):
    def __init__(self, why: _Why) -> None:
        super().__init__(why)
        self.why = why


class _GoneError(Exception):
    """Nobody waits for an answer any more."""


class Door(Protocol):
    """What a door for programs says of the bodies at its addresses; a module does. None: it is not its address."""

    def largest(self, path: str, content_type: str, /) -> int | None:
        """Bytes; None too where the general bound holds."""

    def told(self, path: str, status: int, words: str, /) -> tuple[str, bytes] | None:
        """Content-Type and body of an answer that refuses a body."""


class WholeBodies:
    """An ASGI application before another one, which gets each request when all of it is here."""

    def __init__(self, application: Application, bounds: Bounds = Bounds(), doors: tuple[Door, ...] = ()) -> None:
        self._application = application
        self._bounds = bounds
        self._doors = doors
        self._coming = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        if not _has_body(scope["method"], headers):
            await self._application(scope, _as_coroutine(receive), send)
            return
        body = _Body(receive)
        try:
            await self._take_in(body, receive, _length(headers), self._largest(scope["path"], headers))
            await self._application(_with_length(scope, body.size), body.receive, send)
        except _RefusedError as refused:
            await self._answer(scope["path"], refused.why, send)
        except _GoneError:
            return
        finally:
            self._coming -= body.size
            body.close()

    def _largest(self, path: str, headers: dict[bytes, bytes]) -> int:
        content_type = headers.get(b"content-type", b"").decode("latin-1")
        found = (door.largest(path, content_type) for door in self._doors)
        return min(self._bounds.largest, next((one for one in found if one is not None), self._bounds.largest))

    async def _answer(self, path: str, why: _Why, send: Send) -> None:
        status, words = why.value
        found = (door.told(path, status, words) for door in self._doors)
        content_type, told = next(
            (one for one in found if one is not None), ("text/plain; charset=utf-8", words.encode())
        )
        headers = [
            (b"content-type", content_type.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"content-length", str(len(told)).encode()),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": told})

    async def _take_in(self, body: "_Body", receive: Receive, announced: int, largest: int) -> None:
        """Raises _RefusedError and _GoneError."""
        if announced > largest:
            raise _RefusedError(_Why.TOO_LARGE)
        more = True
        while more:
            try:
                message = await asyncio.wait_for(_as_coroutine(receive)(), self._bounds.idle)
            except TimeoutError:
                raise _RefusedError(_Why.TOO_SLOW) from None
            if message["type"] == "http.disconnect":
                raise _GoneError
            piece = message.get("body", b"")
            more = message.get("more_body", False)
            if body.size + len(piece) > largest:
                raise _RefusedError(_Why.TOO_LARGE)
            if self._coming + len(piece) > self._bounds.together:
                raise _RefusedError(_Why.TOO_BUSY)
            self._coming += len(piece)
            body.size += len(piece)
            try:
                await body.add(piece)
            except OSError:
                raise _RefusedError(_Why.NO_ROOM) from None


class _Body:
    """What came, and the ``receive`` that gives it out again."""

    def __init__(self, receive: Receive) -> None:
        self.size = 0
        self._receive = _as_coroutine(receive)
        self._pending = bytearray()
        self._file: IO[bytes] | None = None
        self._given = 0
        self._all_given = False

    async def add(self, piece: bytes) -> None:
        self._pending += piece
        if len(self._pending) > IN_MEMORY:
            written, self._pending = self._pending, bytearray()
            await asyncio.to_thread(self._write, written)

    def _write(self, piece: bytearray) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the request
        self._file.write(piece)

    async def receive(self) -> Message:
        if self._all_given:
            return await self._receive()  # how the application hears that the client has gone
        piece = await asyncio.to_thread(self._read) if self._file else self._last()
        self._given += len(piece)
        self._all_given = self._given >= self.size
        return {"type": "http.request", "body": piece, "more_body": not self._all_given}

    def _read(self) -> bytes:
        assert self._file is not None
        if self._given == 0:
            self._file.seek(0)
        return self._file.read(_PIECE) or self._last()

    def _last(self) -> bytes:
        piece, self._pending = bytes(self._pending), bytearray()
        return piece

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def _has_body(method: str, headers: dict[bytes, bytes]) -> bool:
    if method in {"GET", "HEAD"}:
        return headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers
    return True


def _length(headers: dict[bytes, bytes]) -> int:
    announced = headers.get(b"content-length", b"")
    return int(announced) if announced.isdigit() else 0


def _as_coroutine(receive: Receive) -> Receive:
    """The server's own is awaitable but no coroutine, which a2wsgi needs to call it from a thread."""

    async def received() -> Message:
        return await receive()

    return received


def _with_length(scope: Message, size: int) -> Message:
    """A body that came in chunks has a length now: without one Django reads nothing of it."""
    headers = [
        (name, value) for name, value in scope["headers"] if name not in {b"content-length", b"transfer-encoding"}
    ]
    return {**scope, "headers": [*headers, (b"content-length", str(size).encode())]}
