"""One connection that hears NOTIFY, comes back when the database does, and holds a name meanwhile."""

import asyncio
from collections.abc import Callable

import psycopg
import structlog

from caselli.store.listen import connect

log = structlog.get_logger()
PAUSE = 0.5


class NameTakenError(RuntimeError):
    """Another process holds this name; the text is the name."""


async def _take(connection: psycopg.AsyncConnection[tuple[object, ...]], name: str) -> bool:
    """A session's advisory lock: the server gives it back at the very moment its holder dies."""
    cursor = await connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
    row = await cursor.fetchone()
    return bool(row and row[0])


class Ear:
    """Hears ``channel`` and calls ``wake``; also after each reconnection, because what was said meanwhile is lost."""

    def __init__(self, channel: str, wake: Callable[[], None], name: str) -> None:
        self._channel = channel
        self._wake = wake
        self._name = name
        self._connection: psycopg.AsyncConnection[tuple[object, ...]] | None = None

    async def open(self, patience: float = 10.0) -> None:
        """Connect and take the name. Raises NameTakenError when another process keeps holding it."""
        deadline = asyncio.get_running_loop().time() + patience
        self._connection = await connect()
        while not await _take(self._connection, self._name):
            if asyncio.get_running_loop().time() > deadline:
                raise NameTakenError(self._name)
            await asyncio.sleep(PAUSE)
        await self._connection.execute(f"LISTEN {self._channel}")

    async def hear(self) -> None:
        """For ever: one wake a notification."""
        while True:
            try:
                if self._connection is None:
                    await self.open()
                    self._wake()
                assert self._connection is not None
                async for _ in self._connection.notifies():
                    self._wake()
            except psycopg.OperationalError as error:
                log.warning("lost the database's ear, listening again", error=str(error).strip())
            if self._connection is not None:
                await self._connection.close()
            self._connection = None
            await asyncio.sleep(PAUSE)

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()
