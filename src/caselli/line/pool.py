"""The media processes of one endpoint: who carries which call, and what happens when one dies."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from caselli.line.media.messages import CloseSession, MediaEvent, MediaOrder, OpenSession, SessionEnded
from caselli.line.media_client import MediaWorker

RESTART_AFTER = 0.2
RESTART_AT_MOST = 5.0
"""Seconds between attempts to start a worker that does not come up; doubled from the first to the second figure."""

logger = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Slot:
    worker: MediaWorker | None = None
    keys: set[str] = field(default_factory=set)


class MediaPool:
    """``on_event`` gets each event; ``on_lost`` the key of each call whose worker died, or that found none alive."""

    def __init__(self, host: str, on_event: Callable[[MediaEvent], None], on_lost: Callable[[str], None]) -> None:
        self._host = host
        self._on_event = on_event
        self._on_lost = on_lost
        self._slots: list[_Slot] = []
        self._by_key: dict[str, _Slot] = {}
        self._half_done: set[str] = set()
        self._restarts: set[asyncio.Task[None]] = set()

    async def start(self, workers: int) -> None:
        """Raises OSError when a process cannot be started at all."""
        for _ in range(workers):
            slot = _Slot()
            self._slots.append(slot)
            await self._fill(slot)

    def send(self, order: MediaOrder) -> None:
        """A new session goes to the worker with the fewest calls; all else to the one that has the call."""
        if isinstance(order, OpenSession):
            self._assign(order.key)
        slot = self._by_key.get(order.key)
        if slot is not None and slot.worker is not None:
            slot.worker.send(order)
        if isinstance(order, CloseSession):
            self._one_of_two(order.key)

    @property
    def process_ids(self) -> tuple[int, ...]:
        """Of the workers alive, for operators and tests."""
        return tuple(slot.worker.pid for slot in self._slots if slot.worker is not None)

    def _assign(self, key: str) -> None:
        alive = [slot for slot in self._slots if slot.worker is not None]
        if not alive:
            asyncio.get_running_loop().call_soon(self._on_lost, key)
            return
        slot = min(alive, key=lambda one: len(one.keys))
        slot.keys.add(key)
        self._by_key[key] = slot

    async def _fill(self, slot: _Slot) -> None:
        slot.worker = await MediaWorker.start(self._host, on_event=self._take, on_lost=lambda: self._mourn(slot))

    def _take(self, event: MediaEvent) -> None:
        self._on_event(event)
        if isinstance(event, SessionEnded):
            self._one_of_two(event.key)

    def _one_of_two(self, key: str) -> None:
        """Once a session is both closed and ended, whichever comes first, its place is free."""
        if key not in self._by_key:
            return
        if key in self._half_done:
            self._half_done.discard(key)
            self._by_key.pop(key).keys.discard(key)
        else:
            self._half_done.add(key)

    def _mourn(self, slot: _Slot) -> None:
        logger.error("a media worker died with %d calls", len(slot.keys))
        slot.worker = None
        lost, slot.keys = slot.keys, set()
        for key in lost:
            self._by_key.pop(key, None)
            self._half_done.discard(key)
        task = asyncio.get_running_loop().create_task(self._restart(slot))
        self._restarts.add(task)
        task.add_done_callback(self._restarts.discard)
        for key in lost:
            self._on_lost(key)

    async def _restart(self, slot: _Slot) -> None:
        pause = RESTART_AFTER
        while slot.worker is None:
            await asyncio.sleep(pause)
            pause = min(2 * pause, RESTART_AT_MOST)
            try:
                await self._fill(slot)
            except OSError:
                logger.exception("a media worker could not be started")

    async def stop(self) -> None:
        for task in list(self._restarts):
            task.cancel()
        await asyncio.gather(*self._restarts, return_exceptions=True)
        await asyncio.gather(*(slot.worker.stop() for slot in self._slots if slot.worker is not None))
        self._slots.clear()
