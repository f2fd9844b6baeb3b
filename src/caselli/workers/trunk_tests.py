"""Tests of trunks, as a dialer carries them out: from the socket that its calls are made from."""

import asyncio
import tempfile
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path

import structlog

from caselli.directory import trunk_test
from caselli.directory.trunk_test import Kind, Taken
from caselli.documents.cage import PAGES, TEXT
from caselli.documents.convert import Limits, SourceFile, convert
from caselli.fax import trunk_words
from caselli.fax.causes import judge
from caselli.fax.number import spoken
from caselli.fax.outcome import CallReport
from caselli.fax.probe import Question
from caselli.fax.trunk_words import tell, tell_call
from caselli.line.driver import Line
from caselli.line.orders import CallEnded, CallEvent, CallOrder, Peer, Phase, PhaseChanged, ProbeOrder
from caselli.store.models import Trunk
from caselli.workers.verbs import VerbThreads

log = structlog.get_logger()

PHASES = {
    Phase.DIALLING: "Dialling.",
    Phase.RINGING: "It rings.",
    Phase.ANSWERED: "Answered; waits for the far fax.",
    Phase.NEGOTIATING: "Negotiates with the far end.",
    Phase.SENDING: "Sends the test page.",
    Phase.CONFIRMING: "Waits for the confirmation.",
    Phase.HANGING_UP: "Hangs up.",
}


class TrunkTests:
    """``spawn``: runs one test beside all else."""

    def __init__(
        self, line: Line, verbs: VerbThreads, spawn: Callable[[Coroutine[None, None, None]], "asyncio.Task[None]"]
    ) -> None:
        self._line = line
        self._verbs = verbs
        self._spawn = spawn
        self._calls: dict[str, asyncio.Queue[CallEvent]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def under_way(self) -> list["asyncio.Task[None]"]:
        return list(self._tasks)

    async def look(self) -> None:
        """Take what was asked for, and begin it."""
        while taken := await self._verbs.call(trunk_test.take):
            log.info("tests a trunk", trunk=taken.trunk.name, kind=taken.kind.value)
            task = self._spawn(self._carry_out(taken))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def heard(self, event: CallEvent) -> None:
        """What the line says of a call; those that are no test's are not ours."""
        events = self._calls.get(event.key)
        if events is not None:
            events.put_nowait(event)

    async def _carry_out(self, taken: Taken) -> None:
        key = f"test-{taken.test_id}"
        if taken.kind is Kind.CALL:
            await self._call(key, taken)
        else:
            await self._verbs.call(trunk_test.going_on, taken.test_id, "Asks, and waits for the answer.")
            report = await self._line.probe(ProbeOrder(key, peer_of(taken.trunk), Question(taken.kind.value)))
            await self._verbs.call(trunk_test.end, taken.test_id, tell(report), report.ladder)

    async def _call(self, key: str, taken: Taken) -> None:
        with tempfile.TemporaryDirectory(prefix="caselli-test-") as folder:
            page = Path(folder) / "page.tif"
            await self._verbs.call(trunk_test.going_on, taken.test_id, "Makes the test page.")
            try:
                pages = await asyncio.to_thread(_make_page, page, taken)
            except Exception:
                log.exception("the test page could not be made")
                await self._verbs.call(trunk_test.end, taken.test_id, trunk_words.NO_PAGE)
                return
            await asyncio.sleep(taken.wait)
            report = await self._place(_order(key, taken, page, pages), taken)
        await self._verbs.call(trunk_test.end, taken.test_id, tell_call(report, judge(report, pages)), report.ladder)

    async def _place(self, order: CallOrder, taken: Taken) -> CallReport:
        events = self._calls[order.key] = asyncio.Queue()
        self._line.place(order)
        try:
            while True:
                match await events.get():
                    case PhaseChanged(phase=phase):
                        await self._verbs.call(trunk_test.going_on, taken.test_id, PHASES[phase])
                    case CallEnded(report=report):
                        return report
                    case _:
                        pass
        finally:
            del self._calls[order.key]


def peer_of(trunk: Trunk) -> Peer:
    """The trunk as the line wants it."""
    return Peer(
        name=trunk.name,
        host=trunk.host,
        port=trunk.port,
        username=trunk.username,
        password=trunk.password,
        domain=trunk.domain,
        t38=trunk.t38,
    )


def _order(key: str, taken: Taken, page: Path, pages: int) -> CallOrder:
    return CallOrder(
        key=key,
        peer=peer_of(taken.trunk),
        called=taken.number,
        calling=taken.calling,
        document=page,
        pages=pages,
        station_id=taken.station_id,
        ring_limit=taken.ring_limit,
        negotiation_limit=taken.negotiation_limit,
        call_limit=trunk_test.CALL_LIMIT,
    )


def _make_page(path: Path, taken: Taken) -> int:
    """Write the page's TIFF; how many pages it has (one). The converters are not kept: a dialer needs them rarely."""
    text = (
        "Caselli test page\n\n"
        f"For {taken.organization}\n"
        f"Trunk: {taken.trunk.name}\n"
        f"To: {spoken(taken.number)}\n"
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC\n\n"
        "This page was sent to find out whether faxes go through. Nothing needs to be done about it.\n"
    )
    try:
        document = convert([SourceFile("test page.txt", text.encode())], Limits(max_pages=1))
    finally:
        PAGES.close()
        TEXT.close()
    path.write_bytes(document.tiff)
    return len(document.pages)
