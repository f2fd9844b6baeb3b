"""More processes of the mail server, for more than one processor: all accept from the sockets that the first opened.

They die with it, end with it, and are started again when they die.
"""

import asyncio
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass

import structlog

from caselli.workers.kinship import dying_with_us
from caselli.workers.supervisor import FIRST_PAUSE, LONGEST_PAUSE, SETTLED, caselli_command

VARIABLE = "CASELLI_MAIL_SOCKETS"
GRACE = 6.0
"""Seconds to end what was begun; the supervisor gives all of us ten."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sockets:
    """Descriptors that listen by SMTP, and by LMTP."""

    smtp: tuple[int, ...]
    lmtp: tuple[int, ...]


def given() -> Sockets | None:
    """What the first process gave this one; None in the first one itself."""
    text = os.environ.pop(VARIABLE, "")
    if not text:
        return None
    first, smtp, lmtp = text.split(":")
    if os.getppid() != int(first):  # it was gone before we could die with it
        raise SystemExit(0)
    return Sockets(_numbers(smtp), _numbers(lmtp))


async def keep(count: int, sockets: Sockets, stop: asyncio.Event) -> None:
    """So many more, until ``stop``; all have ended when this returns."""
    await asyncio.gather(*(_keep_one(sockets, stop) for _ in range(count)))


async def _keep_one(sockets: Sockets, stop: asyncio.Event) -> None:
    pause = FIRST_PAUSE
    while not stop.is_set():
        began = time.monotonic()
        process = await _start(sockets)
        await _first(process, stop)
        if stop.is_set():
            await _end(process)
            return
        if time.monotonic() - began > SETTLED:
            pause = FIRST_PAUSE
        log.warning("a mail process ended, starting it again", status=process.returncode, in_seconds=pause)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
        pause = min(pause * 2, LONGEST_PAUSE)


async def _start(sockets: Sockets) -> asyncio.subprocess.Process:
    """In our process group, which the supervisor ends as one. Its log is ours."""
    told = ":".join((str(os.getpid()), _listed(sockets.smtp), _listed(sockets.lmtp)))
    return await asyncio.create_subprocess_exec(
        *dying_with_us([*caselli_command(), "mail"], signal.SIGKILL),
        stdin=asyncio.subprocess.DEVNULL,
        env={**os.environ, VARIABLE: told},
        pass_fds=(*sockets.smtp, *sockets.lmtp),
    )


async def _first(process: asyncio.subprocess.Process, stop: asyncio.Event) -> None:
    waiting = [asyncio.ensure_future(process.wait()), asyncio.ensure_future(stop.wait())]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for one in waiting:
        one.cancel()


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), GRACE)
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(one) for one in text.split(",") if one)


def _listed(numbers: tuple[int, ...]) -> str:
    return ",".join(str(one) for one in numbers)
