"""The dialer: claims what may go on the line, places the calls, and records every step as it happens."""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import structlog

from caselli.fax.outcome import CallEnd, CallReport
from caselli.line.driver import Line
from caselli.line.orders import (
    GEARS,
    CallEnded,
    CallEvent,
    CallOrder,
    FinalPageOut,
    PageConfirmed,
    Phase,
    PhaseChanged,
)
from caselli.queue import lease, report
from caselli.queue.claim import Claimed, claim_round, promote_due, wished_to_end
from caselli.queue.release import release_due
from caselli.store.journey import QUEUE_CHANNEL
from caselli.workers.listening import Ear
from caselli.workers.papers import Papers
from caselli.workers.trunk_tests import TrunkTests, peer_of
from caselli.workers.verbs import VerbThreads

log = structlog.get_logger()

RECORD_WITHIN = 0.7
"""Seconds. The far end needs more than a second to hear the end-of-procedure signal (T.30, V.21 at 300 bit/s with its
preamble); what cannot be recorded before that must not happen, so the call is hung up."""
NET = 5.0
"""Seconds between looks at the queue when nobody wakes us: the net below NOTIFY."""
RENEW_EVERY = 8.0
ROUNDS = 4
"""Claims in a row, before people's wishes are looked at again."""


@dataclass(slots=True)
class _Call:
    """One call of ours: its steps are recorded in their order by one task."""

    attempt_id: int
    events: asyncio.Queue[CallEvent] = field(default_factory=asyncio.Queue)
    recording: asyncio.Task[None] | None = None


class Dialer:
    def __init__(self, instance: str) -> None:
        self._instance = instance
        self._papers = Papers(instance)
        self._verbs = VerbThreads()
        self._line = Line(on_event=self._heard)
        self._wake = asyncio.Event()
        self._calls: dict[str, _Call] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._tests = TrunkTests(self._line, self._verbs, self._spawn)
        self._ear = Ear(QUEUE_CHANNEL, self._wake.set, f"caselli dialer {instance}")

    async def start(self, host: str, port: int, media_workers: int) -> None:
        """Take the name, end what an earlier process of it left open, and open the line.

        Raises NameTakenError, or OSError when the address is taken.
        """
        await self._ear.open()
        self._papers.clear()
        await self._line.start(host, port, media_host=host, workers=media_workers)
        lost = await self._verbs.call(lease.recover, self._instance)
        if lost:
            log.warning("ended calls that an earlier dialer left open", calls=lost)
        self._spawn(self._ear.hear())
        self._spawn(self._renew())

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set."""
        self._wake.set()
        stopping = asyncio.ensure_future(stop.wait())
        due: float | None = None
        while not stop.is_set():
            waking = asyncio.ensure_future(self._wake.wait())
            timeout = NET if due is None else min(NET, max(due, 0.01))
            await asyncio.wait({waking, stopping}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            waking.cancel()
            self._wake.clear()
            if not stop.is_set():
                due = await self._look()

    async def _look(self) -> float | None:
        """Claim and place all that may go now; returns the seconds until a retry or a fax is due, or a pace allows
        more.
        """
        due = await self._verbs.call(promote_due)
        timed = await self._verbs.call(release_due)
        await self._tests.look()
        paced = await self._claim()
        if self._calls:
            for attempt_id in await self._verbs.call(wished_to_end, self._instance):
                self._line.hang_up(str(attempt_id))
        return min((one for one in (due, timed, paced) if one is not None), default=None)

    async def _claim(self) -> float | None:
        for _ in range(ROUNDS):
            claimed = await self._verbs.call(claim_round, self._instance)
            for one in claimed.calls:
                self._spawn(self._place(one))
            if not claimed.calls:
                return claimed.again_in
        return 0.0

    async def _place(self, claimed: Claimed) -> None:
        call = _Call(claimed.attempt_id)
        self._calls[str(claimed.attempt_id)] = call
        order = order_of(claimed, await asyncio.to_thread(self._papers.ready, claimed))
        await asyncio.sleep(claimed.not_before - time.monotonic())
        if not await self._verbs.call(report.dialled, claimed.attempt_id):
            del self._calls[order.key]
            self._papers.done(claimed.attempt_id)
            await self._verbs.call(report.ended, claimed.attempt_id, CallReport(CallEnd.CANCELED))
            self._wake.set()
            return
        call.recording = self._spawn(self._record(order.key, call))
        self._line.place(order)

    def _heard(self, event: CallEvent) -> None:
        call = self._calls.get(event.key)
        if call is None:
            self._tests.heard(event)
            return
        if isinstance(event, FinalPageOut):
            # Not behind the other steps: this one has a deadline.
            self._spawn(self._record_final_page(event.key, call.attempt_id))
        else:
            call.events.put_nowait(event)

    async def _record_final_page(self, key: str, attempt_id: int) -> None:
        recording = self._verbs.call(report.final_page_out, attempt_id)
        try:
            recorded = await asyncio.wait_for(recording, RECORD_WITHIN)
        except TimeoutError:
            recorded = False
        if not recorded:
            log.error("could not record that the last page is out: hanging up", attempt=attempt_id)
            self._line.hang_up(key, CallEnd.UNRECORDED)

    async def _record(self, key: str, call: _Call) -> None:
        while True:
            event = await call.events.get()
            match event:
                case PhaseChanged(phase=phase, page=page):
                    if phase is Phase.ANSWERED:
                        await self._verbs.call(report.answered, call.attempt_id)
                    await self._verbs.call(report.phase, call.attempt_id, phase, page)
                case PageConfirmed(page=page_report):
                    await self._verbs.call(report.page_confirmed, call.attempt_id, page_report)
                case CallEnded(report=call_report):
                    self._papers.done(call.attempt_id)
                    await self._verbs.call(report.ended, call.attempt_id, call_report)
                    del self._calls[key]
                    self._wake.set()
                    return

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_EVERY)
            if self._calls:
                await self._verbs.call(lease.renew, [call.attempt_id for call in self._calls.values()])
            await self._verbs.call(lease.recover)

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(partial(_done, self._tasks))
        return task

    async def stop(self, within: float = 10.0) -> None:
        """Hang up, record what is true of every call, and leave; the retries of those calls are the next dialer's."""
        for key in tuple(self._calls):
            self._line.hang_up(key, CallEnd.SIGNALLING_LOST)
        await self._line.stop(within * 0.6)
        recording = [call.recording for call in self._calls.values() if call.recording is not None]
        recording += self._tests.under_way
        if recording:
            await asyncio.wait(recording, timeout=within * 0.4)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._ear.close()
        self._verbs.close()


def _done(tasks: set[asyncio.Task[None]], task: asyncio.Task[None]) -> None:
    tasks.discard(task)
    if not task.cancelled() and (error := task.exception()):
        # What the dialer cannot do any more, a fresh one can: the supervisor starts it, the leases tell what is true.
        log.critical("the dialer fails", exc_info=error)
        asyncio.get_running_loop().call_soon(_give_up, error)


def _give_up(error: BaseException) -> None:
    raise SystemExit(1) from error


def order_of(claimed: Claimed, paper: Path) -> CallOrder:
    """The call as the line wants it. ``paper``: its pages, as they go down the line."""
    trunk, extension = claimed.trunk, claimed.extension
    calling = extension.caller_number or trunk.username or extension.number
    return CallOrder(
        key=str(claimed.attempt_id),
        peer=peer_of(trunk),
        called=claimed.delivery.destination,
        calling=calling,
        document=paper,
        pages=claimed.pages,
        station_id=extension.station_id or extension.caller_number or extension.number,
        first_page=claimed.first_page,
        gear=GEARS[claimed.delivery.gear],
        ring_limit=claimed.ring_limit,
        negotiation_limit=claimed.negotiation_limit,
    )
