"""Webhooks: hears that something happened, has messages made of it, and sends them.

No thread and no connection to the database is held while an address takes its time; one slow address holds up no other.
"""

import asyncio
from contextlib import suppress
from typing import Any

import psycopg
import structlog
from django.conf import settings

from caselli.history.events import Settled
from caselli.notice import webhooks
from caselli.notice.webhook_post import Post
from caselli.notice.webhook_rules import Verdict
from caselli.notice.webhooks import WEBHOOK_CHANNEL, Batch
from caselli.store.journey import FAX_CHANNEL
from caselli.store.listen import connect
from caselli.workers.verbs import VerbThreads

log = structlog.get_logger()

NET = 30.0
"""Seconds between looks when nobody wakes us: the net below NOTIFY."""
APART = 0.05
"""Seconds between two looks at least: what happens at the same time is read together."""
PAUSE = 1.0
ADDRESSES = 100
"""To which messages are on their way at the same time."""


class Webhooks:
    def __init__(self) -> None:
        self._verbs = VerbThreads(1)
        self._settled = Settled()
        self._wake = asyncio.Event()
        self._changed: set[int] = set()
        self._everything = True
        self._listening: set[int] = set()
        self._sending: dict[str, asyncio.Task[None]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop`` is set."""
        self._post = Post(settings.CONFIGURATION.webhooks_private)
        hearing = asyncio.create_task(self._hear(), name="webhooks: hear")
        working = asyncio.create_task(self._work(), name="webhooks: work")
        stopping = asyncio.create_task(stop.wait())
        both: set[asyncio.Task[Any]] = {hearing, working, stopping}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            for one in (hearing, working):
                if one.done():
                    await one
        finally:
            tasks = [*both, *self._sending.values()]
            for one in tasks:
                one.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._post.close()
            self._verbs.close()

    async def _hear(self) -> None:
        while True:
            with suppress(psycopg.OperationalError):
                async with await connect() as database:
                    await database.execute(f"LISTEN {FAX_CHANNEL}")
                    await database.execute(f"LISTEN {WEBHOOK_CHANNEL}")
                    self._look_at_everything()
                    async for notice in database.notifies():
                        if notice.channel == WEBHOOK_CHANNEL:
                            self._look_at_everything()
                        elif (organization := int(notice.payload.split(":")[1])) in self._listening:
                            self._changed.add(organization)
                            self._wake.set()
            await asyncio.sleep(PAUSE)

    def _look_at_everything(self) -> None:
        self._everything = True
        self._wake.set()

    async def _work(self) -> None:
        clock = asyncio.get_running_loop().time
        swept = clock()
        while True:
            began = clock()
            self._wake.clear()
            if began - swept >= NET:
                self._everything, swept = True, began
            settling = await self._hand_out()
            due = await self._send_due()
            with suppress(TimeoutError):
                wait = 0.0 if settling else min(NET, due if due is not None else NET)
                # Not wait_for: of Python 3.11, it loses a cancellation that comes together with the wake.
                async with asyncio.timeout(wait):
                    await self._wake.wait()
            await asyncio.sleep(began + APART - clock())

    async def _hand_out(self) -> bool:
        """Whether there is something that cannot be read yet."""
        everything, changed = self._everything, self._changed
        self._everything, self._changed = False, set()
        if everything:
            self._listening = await self._verbs.call(webhooks.listening)
        organizations = self._listening if everything else changed & self._listening
        if not organizations:
            return False
        upto = await self._verbs.call(self._settled.look)
        if upto is not None:
            await self._verbs.call(webhooks.hand_out, upto, organizations)
        if self._settled.waits:
            self._changed |= organizations
        return self._settled.waits

    async def _send_due(self) -> float | None:
        """Take in hand what is due; seconds until something else is."""
        free = ADDRESSES - len(self._sending)
        if free <= 0:
            return None
        batches, wait = await self._verbs.call(webhooks.claim, set(self._sending), free)
        for batch in batches:
            task = asyncio.create_task(self._send(batch), name=f"webhooks: {batch.place}")
            self._sending[batch.place] = task
            task.add_done_callback(lambda done, place=batch.place: self._sent(place, done))  # type: ignore[misc]
        return wait

    def _sent(self, place: str, done: asyncio.Task[None]) -> None:
        self._sending.pop(place, None)
        self._wake.set()
        if not done.cancelled() and (error := done.exception()):
            log.error("messages to a webhook failed", place=place, exc_info=error)

    async def _send(self, batch: Batch) -> None:
        async with self._post.session(batch.url) as session:
            for place, letter in enumerate(batch.letters, 1):
                answer = await session.send(letter, batch.secrets)
                behind = [one.key for one in batch.letters[place:]]
                verdict = await self._verbs.call(
                    webhooks.note, letter.key, answer.status, answer.text, answer.retry_after, behind
                )
                if verdict is not Verdict.TAKEN:
                    log.info("a webhook did not take a message", place=batch.place, status=answer.status)
                if verdict in {Verdict.AWAY, Verdict.LATER, Verdict.GONE}:
                    return
