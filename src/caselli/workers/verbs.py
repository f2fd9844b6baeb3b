"""Database verbs called from asyncio: in threads, and again when the database was away."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import ParamSpec, TypeVar

import structlog
from django.db import InterfaceError, OperationalError, connection

Given = ParamSpec("Given")
Result = TypeVar("Result")

log = structlog.get_logger()
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0
MEETING = 1.0
"""Seconds that the threads wait for each other when they leave."""


class VerbThreads:
    """A few threads, each with its own database connection."""

    def __init__(self, threads: int = 4) -> None:
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="verb")

    async def call(self, verb: Callable[Given, Result], *given: Given.args, **named: Given.kwargs) -> Result:
        """Run the verb; while the database is away, try again for ever (the caller sets the limit, if any).

        A verb is one transaction or can be repeated, so that trying again is safe.
        """
        loop = asyncio.get_running_loop()
        pause = FIRST_PAUSE
        while True:
            try:
                return await loop.run_in_executor(self._pool, lambda: _once(verb, *given, **named))
            except (OperationalError, InterfaceError) as error:
                log.warning("the database is away, trying again", verb=verb.__name__, error=str(error).strip())
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def close(self) -> None:
        """Every thread gives its connection back when its verb has ended; nobody waits for that."""
        meeting = threading.Barrier(self._threads)
        for _ in range(self._threads):
            self._pool.submit(_leave, meeting)
        self._pool.shutdown(wait=False)


def _leave(meeting: threading.Barrier) -> None:
    """At the meeting each thread has one of these, and none has two."""
    with suppress(threading.BrokenBarrierError):
        meeting.wait(MEETING)
    connection.close()


def _once(verb: Callable[Given, Result], *given: Given.args, **named: Given.kwargs) -> Result:
    try:
        return verb(*given, **named)
    except (OperationalError, InterfaceError):
        connection.close()
        raise
