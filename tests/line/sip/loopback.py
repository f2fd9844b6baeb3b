"""The driver, the answering machine and what a test wants to know of them, on loopback in real time."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from caselli.fax.outcome import CallReport
from caselli.line.driver import Line
from caselli.line.machine import PASSWORD, USERNAME, Machine
from caselli.line.orders import CallEnded, CallEvent, CallOrder, Peer

HOST = "127.0.0.1"
PATIENCE = 60.0


@dataclass
class Both:
    """``line`` calls ``machine``; ``events`` by the call's key, in their order."""

    machine: Machine
    folder: Path
    document: Path
    pages: int
    events: dict[str, list[CallEvent]] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.line = Line(on_event=self.take)

    def take(self, event: CallEvent) -> None:
        self.events.setdefault(event.key, []).append(event)
        self.changed.set()

    def order(self, number: str, key: str = "", **changes: Any) -> CallOrder:
        peer = Peer("machine", HOST, self.machine.address[1], USERNAME, PASSWORD)
        called = f"+1202555{number}"
        order = CallOrder(key or number, peer, called, "+12025550200", self.document, self.pages, "+1 202 555 0200")
        return replace(order, **changes)

    def place(self, number: str, key: str = "", **changes: Any) -> None:
        self.line.place(self.order(number, key, **changes))

    async def until(self, holds: Callable[[], bool], patience: float = PATIENCE) -> None:
        async with asyncio.timeout(patience):
            while not holds():
                self.changed.clear()
                await self.changed.wait()

    def reports(self, key: str) -> list[CallReport]:
        return [event.report for event in self.events.get(key, []) if isinstance(event, CallEnded)]

    async def ended(self, *keys: str, patience: float = PATIENCE) -> list[CallReport]:
        await self.until(lambda: all(self.reports(key) for key in keys), patience)
        return [self.reports(key)[0] for key in keys]

    def phases(self, key: str) -> list[str]:
        return [event.phase.value for event in self.events.get(key, []) if hasattr(event, "phase")]

    def kept(self) -> dict[str, dict[str, Any]]:
        """What the machine wrote, by the number called."""
        calls = [json.loads(path.read_text()) for path in self.folder.glob("*.json")]
        return {call["called"]: call for call in calls}


@asynccontextmanager
async def both(
    folder: Path, document: Path, pages: int = 1, *, workers: int = 1, lines: int = 120
) -> AsyncIterator[Both]:
    machine = Machine(lines)
    await machine.start(HOST, 0, folder / "kept", HOST)
    here = Both(machine, folder / "kept", document, pages)
    try:
        await here.line.start(HOST, 0, media_host=HOST, workers=workers)
        try:
            yield here
        finally:
            await here.line.stop()
    finally:
        await machine.stop()


async def comes_true(holds: Callable[[], bool], patience: float = 10.0) -> None:
    """For what nobody tells of: processes that come and go, files of another process."""
    async with asyncio.timeout(patience):
        while not holds():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.02)


def ask(to: tuple[str, int], *lines: str) -> str:
    """One datagram to ``to`` from a stranger, and the first line of what comes back; empty if nothing does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind((HOST, 0))
        stranger.settimeout(1.0)
        port = stranger.getsockname()[1]
        head = [lines[0], f"Via: SIP/2.0/UDP {HOST}:{port};rport;branch=z9hG4bK{port}", *lines[1:]]
        stranger.sendto("\r\n".join((*head, "", "")).encode(), to)
        try:
            return stranger.recv(65_536).decode().partition("\r\n")[0]
        except TimeoutError:
            return ""
