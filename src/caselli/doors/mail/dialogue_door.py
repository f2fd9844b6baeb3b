"""What all dialogues of a process share: the preferences, the threads, the counts, and the deed at the final dot."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

import structlog
from django.db import DatabaseError, close_old_connections, connection

from caselli.doors.mail import dialogue_take as deed
from caselli.doors.mail.dialogue_content import IncomingContent
from caselli.doors.mail.dialogue_limits import Clients, Limits
from caselli.doors.mail.rules import Code, Network, answer
from caselli.intake.mail import Taken
from caselli.store import blobs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from ssl import SSLContext

    from caselli.doors.mail.dialogue import Dialogue
    from caselli.doors.mail.dialogue_take import Letter, Terms

Result = TypeVar("Result")

READERS = 8
"""Mails that are read at the same time, in memory."""
PROVERS = 8
LARGE = 4_000_000
"""Bytes. Of mails over this size one is read at a time."""
RESTED = 2.0
"""Seconds without a question, after which a connection may have broken unseen."""
MEETING = 1.0
"""Seconds that the threads wait for each other when they leave."""
TAKEN = Code(250, "2.0.0")

log = structlog.get_logger()


class Door:
    """``name``: what the server calls itself. ``fronts``: the operator's own mail servers, which speak for many.
    ``tls``: without it no STARTTLS is offered.
    """

    def __init__(self, name: str, limits: Limits, fronts: Sequence[Network], tls: SSLContext | None) -> None:
        self.name = name
        self.limits = limits
        self.fronts = tuple(fronts)
        self.tls = tls
        self.clients = Clients(self.limits)
        self.dialogues: set[Dialogue] = set()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="mail")
        self._provers = ThreadPoolExecutor(PROVERS, thread_name_prefix="proof")
        self._one_large = asyncio.Semaphore(1)
        self._asking = asyncio.Lock()
        self._terms: tuple[float, Terms] | None = None
        self._deeds: set[asyncio.Task[str]] = set()
        self._used = threading.local()
        self._broke_at = 0.0

    async def terms(self) -> Terms:
        """Of the last seconds. Raises DatabaseError."""
        async with self._asking:
            now = time.monotonic()
            if self._terms is None or now - self._terms[0] > self.limits.terms_kept:
                self._terms = now, await self._in_thread(deed.terms)
            return self._terms[1]

    def content(self, limit: int) -> IncomingContent:
        """Raises OSError."""
        return IncomingContent(blobs.folder(), limit)

    def take(self, content: IncomingContent, letter: Letter, *, utf8: bool) -> asyncio.Task[str]:
        """Its answer. The deed goes to its end, and closes the content, also when nobody waits for it any more."""
        task = asyncio.create_task(self._take(content, letter, utf8=utf8))
        self._deeds.add(task)
        task.add_done_callback(self._deeds.discard)
        return task

    async def close(self, patience: float) -> None:
        """Say goodbye to everybody, and end what was begun, if it takes no longer than ``patience`` seconds."""
        for one in list(self.dialogues):
            if not one.is_busy:
                one.say_goodbye("421", "4.3.2 This server is being stopped. Try again in a minute.")
        if self._deeds:
            await asyncio.wait(self._deeds, timeout=patience)
        await asyncio.sleep(0)  # the answers go out
        for one in list(self.dialogues):
            one.say_goodbye("421", "4.3.2 This server is being stopped. Try again in a minute.")
        meeting = threading.Barrier(READERS)  # so that each thread comes once
        for _ in range(READERS):
            self._readers.submit(_give_back, meeting)
        self._readers.shutdown(wait=False)
        self._provers.shutdown(wait=False)

    async def _in_thread(self, verb: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._readers, lambda: self._with_database(verb))

    def _with_database(self, verb: Callable[[], Result]) -> Result:
        """Of a thread. A connection that has rested, or was there when another broke, is looked at first."""
        now = time.monotonic()
        used = getattr(self._used, "at", 0.0)
        if used <= self._broke_at or now - used > RESTED:
            close_old_connections()
        self._used.at = now
        try:
            return verb()
        except DatabaseError:
            self._broke_at = time.monotonic()
            with suppress(DatabaseError):
                connection.close()
            raise

    async def _take(self, content: IncomingContent, letter: Letter, *, utf8: bool) -> str:
        began = time.monotonic()
        told = log.bind(via=letter.via, client=letter.client_ip, envelope=letter.reverse_path, size=letter.size)
        with content:
            try:
                taken = await self._judged_and_taken(letter)
            except Exception as error:  # noqa: BLE001 - whatever it is, the client hears that nothing was taken
                return deed.why_not(error, told, utf8=utf8)
        seconds = round(time.monotonic() - began, 3)
        told.info("took a mail", id=str(taken.mail.uid), sender=taken.mail.sender, seconds=seconds, fresh=taken.fresh)
        again = "" if taken.fresh else " (it was here already)"
        return answer(TAKEN, f"Taken as {taken.mail.uid}{again}")

    async def _judged_and_taken(self, letter: Letter) -> Taken:
        """Raises Refusal, Refusals, DatabaseError, OSError."""
        if letter.size <= LARGE:
            return await self._judge_and_take(letter)
        async with self._one_large:
            return await self._judge_and_take(letter)

    async def _judge_and_take(self, letter: Letter) -> Taken:
        limits = (await self.terms()).intake
        done = await self._in_thread(lambda: deed.judge_and_take(letter, limits))
        if isinstance(done, Taken):
            return done
        front_server = (await self.terms()).front_server
        loop = asyncio.get_running_loop()
        proof = await loop.run_in_executor(self._provers, lambda: deed.prove(letter, done, front_server))
        return await self._in_thread(lambda: deed.take_proven(letter, done, proof))


def _give_back(meeting: threading.Barrier) -> None:
    with suppress(threading.BrokenBarrierError):
        meeting.wait(MEETING)
    connection.close()
