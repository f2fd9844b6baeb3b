"""Who runs plans: with httpx, either blocking or under asyncio. Everything else is decided in the plans."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO, Any, Generic, TypeVar, cast

import httpx

from caselli.client.effects import Answer, Close, Effect, Give, LineLost, Now, Open, Plan, Read, Request, Send, Sleep
from caselli.client.retry import Patience

T = TypeVar("T")
CONNECT = 10.0
"""Seconds for a connection, and for one of the pool to be free."""


@dataclass(frozen=True, slots=True)
class Settings:
    """``timeout``: seconds without a byte, until an answer is lost. ``verify``: whose certificates are believed."""

    url: str
    key: str
    timeout: float = 60.0
    patience: Patience = field(default_factory=Patience)
    verify: ssl.SSLContext | bool = True

    @property
    def of_httpx(self) -> dict[str, Any]:
        return {
            "base_url": self.url.rstrip("/"),
            "headers": {
                "Authorization": f"Bearer {self.key}",
                "Accept": "application/json, application/problem+json, */*;q=0.5",
                "User-Agent": f"caselli-client/{_version()}",
            },
            "timeout": httpx.Timeout(self.timeout, connect=CONNECT, pool=CONNECT),
            "verify": self.verify,
        }


def _version() -> str:
    try:
        return version("caselli")
    except PackageNotFoundError:  # copied out of the package: the client needs nothing else of it
        return "0"


class Shell:
    """What both have."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings


class SyncShell(Shell):
    def __init__(self, settings: Settings, transport: httpx.BaseTransport | None = None) -> None:
        super().__init__(settings)
        self.http = httpx.Client(**settings.of_httpx, transport=transport)

    def run(self, plan: Plan[T]) -> T:
        course = _Course(plan)
        for _ in self._items(course):
            raise AssertionError("this plan gives items: iterate over it")
        return course.ended

    def iterate(self, plan: Plan[Any]) -> Iterator[Any]:
        return self._items(_Course(plan))

    def _items(self, course: "_Course[T]") -> Iterator[Any]:
        with ExitStack() as stream:
            while (effect := course.next()) is not None:
                if isinstance(effect, Give):
                    yield effect.item
                else:
                    with course.answering():
                        course.answer = self._do(effect, course, stream)

    def _do(self, effect: Effect, course: "_Course[T]", stream: ExitStack) -> Any:
        match effect:
            case Send(request):
                with ExitStack() as files:
                    got = self.http.request(**_asked(request, files))
                return _answer(got, got.content)
            case Open(request, silence):
                timeout = httpx.Timeout(silence, connect=CONNECT)
                opened = stream.enter_context(self.http.stream(**_asked(request, stream), timeout=timeout))
                course.pieces = opened.iter_bytes()
                return _answer(opened, opened.read() if opened.is_error else b"")
            case Read():
                return next(course.pieces, b"")
            case Close():
                stream.close()
            case Sleep(seconds):
                time.sleep(seconds)
            case Now():
                return time.monotonic()
        return None


class AsyncShell(Shell):
    def __init__(self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        super().__init__(settings)
        self.http = httpx.AsyncClient(**settings.of_httpx, transport=transport)

    async def run(self, plan: Plan[T]) -> T:
        course = _Course(plan)
        async for _ in self._items(course):
            raise AssertionError("this plan gives items: iterate over it")
        return course.ended

    def iterate(self, plan: Plan[Any]) -> AsyncIterator[Any]:
        return self._items(_Course(plan))

    async def _items(self, course: "_Course[T]") -> AsyncIterator[Any]:
        async with AsyncExitStack() as stream:
            while (effect := course.next()) is not None:
                if isinstance(effect, Give):
                    yield effect.item
                else:
                    with course.answering():
                        course.answer = await self._do(effect, course, stream)

    async def _do(self, effect: Effect, course: "_Course[T]", stream: AsyncExitStack) -> Any:
        match effect:
            case Send(request):
                with ExitStack() as files:
                    got = await self.http.request(**_asked(request, files))
                return _answer(got, got.content)
            case Open(request, silence):
                timeout = httpx.Timeout(silence, connect=CONNECT)
                asked = _asked(request, ExitStack())
                opened = await stream.enter_async_context(self.http.stream(**asked, timeout=timeout))
                course.pieces = opened.aiter_bytes()
                return _answer(opened, await opened.aread() if opened.is_error else b"")
            case Read():
                return await anext(course.pieces, b"")
            case Close():
                await stream.aclose()
            case Sleep(seconds):
                await asyncio.sleep(seconds)
            case Now():
                return time.monotonic()
        return None


class _Course(Generic[T]):
    """A plan on its way. ``answer``: to its last effect; ``pieces``: of the stream that is open."""

    def __init__(self, plan: Plan[T]) -> None:
        self._plan = plan
        self._lost: LineLost | None = None
        self.answer: Any = None
        self.pieces: Any = iter(())
        self.value: Any = None

    def next(self) -> Effect | None:
        """None: it has ended, with ``value``. Raises what the plan raises."""
        answer, lost, self.answer, self._lost = self.answer, self._lost, None, None
        try:
            return self._plan.throw(lost) if lost else self._plan.send(answer)
        except StopIteration as end:
            self.value = end.value
            return None

    @property
    def ended(self) -> T:
        """What it came to."""
        return cast("T", self.value)

    @contextmanager
    def answering(self) -> Iterator[None]:
        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            self._lost = LineLost(_words(error), sent=False)
        except httpx.TransportError as error:
            self._lost = LineLost(_words(error), sent=True)


def _words(error: httpx.TransportError) -> str:
    return (str(error) or type(error).__name__).rstrip(".")


def _asked(request: Request, files: ExitStack) -> dict[str, Any]:
    """``files``: closes what is opened for it."""
    asked: dict[str, Any] = {
        "method": request.method,
        "url": request.path,
        "params": list(request.query),
        "headers": dict(request.headers),
    }
    if request.json is not None:
        asked["json"] = request.json
    if request.parts:
        asked["data"] = dict(request.form)
        asked["files"] = [(one.field, (one.name, _content(one.content, files))) for one in request.parts]
    return asked


def _content(content: bytes | Path, files: ExitStack) -> bytes | IO[bytes]:
    return files.enter_context(content.open("rb")) if isinstance(content, Path) else content


def _answer(got: httpx.Response, body: bytes) -> Answer:
    headers: Mapping[str, str] = {name.lower(): value for name, value in got.headers.items()}
    return Answer(got.status_code, headers, body)
