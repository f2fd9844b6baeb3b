"""Database verbs called from asyncio: in threads, and again when the database was away."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

import structlog
from django.db import InterfaceError, OperationalError, connection

Given = ParamSpec("Given")
Result = TypeVar("Result")

log = structlog.get_logger()
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0


class VerbThreads:
    """A few threads, each with its own database connection."""

    def __init__(self, threads: int = 4) -> None:
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
        self._pool.shutdown(wait=False, cancel_futures=True)


def _once(verb: Callable[Given, Result], *given: Given.args, **named: Given.kwargs) -> Result:
    try:
        return verb(*given, **named)
    except (OperationalError, InterfaceError):
        connection.close()
        raise
