"""CPU per page over T.38, of whole processes, over what spandsp's own C costs for the same pages in the same run.

    .venv/bin/python benchmarks/line/run.py [--signalling] [--calls 30] [--pages 3] [--json]

Dense A4 text, ECM, all calls at once over UDP on loopback at the speed of the line, about 45 s a page. One media worker
sends, another receives; with ``--signalling`` the calls are real ones, from the line's process to the answering
machine's, and both processes of each end count. What idle processes use is subtracted, starting them is not counted.
The reference is measured before and after the calls: two of spandsp's terminals back to back in virtual time, in
memory. Goal: no more than 2.5 times of it, at either end.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from caselli.line.spandsp._spandsp import ffi, lib
from paper import write_dense_document

from caselli.line.media.messages import (
    CloseSession,
    MediaEvent,
    OpenSession,
    Role,
    SessionEnded,
    SessionOpened,
    StartT38,
)
from caselli.line.media_client import MediaWorker

GOAL = 2.5
HOST = "127.0.0.1"
FLOOR_TRIALS = 5
IDLE_SECONDS = 3.0
SECONDS_A_PAGE = 120.0
"""No page takes longer than this, or the run has failed."""


@dataclass(frozen=True)
class Cost:
    """CPU milliseconds per page of each end."""

    send: float
    receive: float


@dataclass(frozen=True)
class Use:
    """CPU seconds of the processes of each end at one moment."""

    at: float
    send: float
    receive: float

    @classmethod
    def now(cls, sending: Sequence[int], receiving: Sequence[int]) -> "Use":
        return cls(time.monotonic(), sum(map(cpu_seconds, sending)), sum(map(cpu_seconds, receiving)))

    def since(self, earlier: "Use") -> "Use":
        return Use(self.at - earlier.at, self.send - earlier.send, self.receive - earlier.receive)

    def per_page(self, idle: "Use", pages: int) -> Cost:
        rest = self.at / idle.at
        return Cost((self.send - idle.send * rest) / pages * 1000, (self.receive - idle.receive * rest) / pages * 1000)


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads of a process, to the nanosecond where the kernel counts it so."""
    try:
        threads = Path(f"/proc/{pid}/task").iterdir()
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9
    except (FileNotFoundError, IndexError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100


def spandsp_alone(document: Path, folder: Path) -> Cost:
    """The reference: median of some trials."""
    trials = []
    cost = ffi.new("floor_cost *")
    for _ in range(FLOOR_TRIALS):
        if lib.floor_measure(str(document).encode(), str(folder / "floor.tif").encode(), cost) < 0 or cost.code:
            raise SystemExit(f"spandsp alone failed: {cost.code}")
        trials.append((cost.send_cpu / cost.pages * 1000, cost.receive_cpu / cost.pages * 1000))
    return Cost(*(statistics.median(column) for column in zip(*trials, strict=True)))


class Worker:
    """One media worker, its ports and its verdicts."""

    def __init__(self) -> None:
        self.ports: dict[str, int] = {}
        self.verdicts: dict[str, SessionEnded] = {}
        self.changed = asyncio.Event()
        self.process: MediaWorker

    async def start(self, folder: Path) -> None:
        """Returns when it has taken an order, and is idle again."""
        self.process = await MediaWorker.start(HOST, on_event=self._take, on_lost=self._mourn)
        self.process.send(
            OpenSession("", Role.RECEIVE, calling=False, document=str(folder / "none.tif"), station_id="")
        )
        self.process.send(CloseSession(""))
        await self.until(self.verdicts, 1, 10.0)
        self.ports.clear()
        self.verdicts.clear()

    async def until(self, table: Mapping[str, object], count: int, limit: float) -> None:
        async with asyncio.timeout(limit):
            while len(table) < count:
                self.changed.clear()
                await self.changed.wait()

    def _take(self, event: MediaEvent) -> None:
        if isinstance(event, SessionOpened):
            self.ports[event.key] = event.port
        elif isinstance(event, SessionEnded):
            self.verdicts[event.key] = event
        self.changed.set()

    def _mourn(self) -> None:
        raise SystemExit("a media worker died")


async def media_workers(document: Path, folder: Path, calls: int, limit: float) -> tuple[Use, Use, int]:
    """Two workers without signalling: what they used, what they use idle, and the pages confirmed."""
    sender, receiver = ends = Worker(), Worker()
    keys = [str(number) for number in range(calls)]
    for end in ends:
        await end.start(folder)
    pids = [sender.process.pid], [receiver.process.pid]
    rested = Use.now(*pids)
    await asyncio.sleep(IDLE_SECONDS)
    began = Use.now(*pids)
    for key in keys:
        sender.process.send(OpenSession(key, Role.SEND, calling=True, document=str(document), station_id="1"))
        kept = str(folder / f"{key}.tif")
        receiver.process.send(OpenSession(key, Role.RECEIVE, calling=False, document=kept, station_id="2"))
    for end in ends:
        await end.until(end.ports, calls, 10.0)
    for key in keys:
        sender.process.send(StartT38(key, HOST, receiver.ports[key], 400))
        receiver.process.send(StartT38(key, HOST, sender.ports[key], 400))
    for end in ends:
        await end.until(end.verdicts, calls, limit)
    used = Use.now(*pids).since(began)
    for end in ends:
        await end.process.stop()
    pages = min(sum(verdict.pages for verdict in end.verdicts.values()) for end in ends)
    return used, began.since(rested), pages


class End:
    """A process of ends.py."""

    def __init__(self, stack: ExitStack, *arguments: object) -> None:
        command = [sys.executable, str(Path(__file__).with_name("ends.py")), *map(str, arguments)]
        self.process = stack.enter_context(
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        )
        self.told = self.hear()

    def hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        return told

    def say(self, what: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()


def whole_calls(document: Path, folder: Path, calls: int, pages: int) -> tuple[Use, Use, int]:
    """The same with signalling: the line's process and the answering machine's, each with its worker."""
    with ExitStack() as stack:
        machine = End(stack, "machine", folder / "machine")
        line = End(stack, "line", document, pages, calls, machine.told["port"])
        pids = line.told["pids"], machine.told["pids"]
        time.sleep(1.0)  # the workers are still importing when their parents stand
        rested = Use.now(*pids)
        time.sleep(IDLE_SECONDS)
        began = Use.now(*pids)
        line.say("go")
        confirmed = line.hear()["pages"]
        used = Use.now(*pids).since(began)
        return used, began.since(rested), confirmed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--signalling", action="store_true", help="real calls: SIP at both ends counts too")
    parser.add_argument("--calls", type=int, default=30)
    parser.add_argument("--pages", type=int, default=3, help="pages a call")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="caselli-benchmark-") as name:
        folder = Path(name)
        document = write_dense_document(folder / "document.tif", given.pages)
        octets = document.stat().st_size // given.pages
        first = spandsp_alone(document, folder)
        if given.signalling:
            used, idle, pages = whole_calls(document, folder, given.calls, given.pages)
        else:
            limit = SECONDS_A_PAGE * given.pages
            used, idle, pages = asyncio.run(media_workers(document, folder, given.calls, limit))
        second = spandsp_alone(document, folder)
    if pages != given.calls * given.pages:
        raise SystemExit(f"{pages} of {given.calls * given.pages} pages were confirmed")
    floor = Cost((first.send + second.send) / 2, (first.receive + second.receive) / 2)
    ours = used.per_page(idle, pages)
    ratio = Cost(ours.send / floor.send, ours.receive / floor.receive)
    if given.json:
        figures = {"spandsp_ms_per_page": asdict(floor), "caselli_ms_per_page": asdict(ours), "ratio": asdict(ratio)}
        told = {"calls": given.calls, "pages": pages, "octets_per_page": octets, "seconds": round(used.at, 1)}
        print(json.dumps({**told, "signalling": given.signalling, **figures, "goal": GOAL}))
    else:
        print(f"{given.calls} calls of {given.pages} pages of {octets:,} octets, {used.at:.0f} s")
        print("CPU ms a page         sent  received")
        for label, cost in (("spandsp alone", floor), ("whole processes", ours)):
            print(f"{label:<18}{cost.send:8.2f}{cost.receive:10.2f}")
        print(f"{'ratio':<18}{ratio.send:8.2f}{ratio.receive:10.2f}   goal {GOAL}")
    return 0 if max(ratio.send, ratio.receive) <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
