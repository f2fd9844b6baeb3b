"""One started process, as the supervisor sees it: what it says, when it is ready, when it has ended."""

import asyncio
import os
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from caselli.workers.journal import Journal, Lines
from caselli.workers.kinship import dying_with_us
from caselli.workers.ready import GO_VARIABLE, READY_VARIABLE

LAST_LINES = 25
GO = b"g"


class Child:
    """Wraps a process in its own session, whose leader it is; ``output`` is the reading end of what it says.

    ``ended`` resolves to its exit status (negative: the signal) when it is gone, and all of its process group with it.
    ``ready`` is set when it said so; ``last_lines`` are what it said last.
    """

    def __init__(
        self,
        name: str,
        process: "subprocess.Popen[bytes]",
        output: int,
        journal: Journal,
        *,
        quiet: Callable[[str], bool],
    ) -> None:
        self.name = name
        self.ready = asyncio.Event()
        self.last_lines: deque[str] = deque(maxlen=LAST_LINES)
        self._process = process
        self._journal = journal
        self._quiet = quiet
        self._lines = Lines()
        self._output = output
        self.opening: int | None = None
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[int] = self._loop.create_future()
        self._handle = os.pidfd_open(process.pid)
        os.set_blocking(output, False)
        self._loop.add_reader(output, self._read)
        self._loop.add_reader(self._handle, self._reap)

    @property
    def pid(self) -> int:
        return self._process.pid

    def watch_ready(self, descriptor: int) -> None:
        def told() -> None:
            self._loop.remove_reader(descriptor)
            if os.read(descriptor, 64):
                self.ready.set()
            os.close(descriptor)

        self._loop.add_reader(descriptor, told)

    def go(self) -> None:
        """Let it begin its work."""
        if self.opening is not None:
            with suppress(BrokenPipeError):  # it has ended already, which ``ended`` tells
                os.write(self.opening, GO)
        self._shut()

    def _shut(self) -> None:
        if self.opening is not None:
            os.close(self.opening)
            self.opening = None

    def send(self, wish: signal.Signals) -> None:
        if not self.ended.done():
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, wish)

    async def wait(self) -> int:
        """Its exit status. (A cancelled waiter on ``ended`` itself would cancel it for all others.)"""
        await asyncio.wait({self.ended})
        return self.ended.result()

    async def stop(self, *wishes: tuple[signal.Signals, float]) -> bool:
        """Ask it to end, each time with so many seconds, at last with SIGKILL. Returns whether it obeyed."""
        self._shut()  # who still waits to begin may go
        for wish, limit in wishes:
            self.send(wish)
            if (await asyncio.wait({self.ended}, timeout=limit))[0]:
                return self.ended.result() != -signal.SIGKILL
        self.send(signal.SIGKILL)
        await self.wait()
        return False

    def describe_end(self) -> str:
        status = self.ended.result()
        if status >= 0:
            return f"ended with status {status}"
        try:
            return f"was ended by {signal.Signals(-status).name}"
        except ValueError:
            return f"was ended by signal {-status}"

    def _read(self) -> None:
        try:
            data = os.read(self._output, 65_536)
        except BlockingIOError:
            return
        if not data:
            self._loop.remove_reader(self._output)
        self._tell(self._lines.feed(data) if data else self._lines.close())

    def _tell(self, lines: Sequence[str]) -> None:
        for line in lines:
            self.last_lines.append(line)
            self._journal.say(self.name, line, quiet=self._quiet(line))

    def _reap(self) -> None:
        self._loop.remove_reader(self._handle)
        # Before the wait: until then its number, which is its group's, cannot be given to a stranger.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        status = self._process.wait()
        os.close(self._handle)
        self._shut()
        self._loop.remove_reader(self._output)
        with suppress(BlockingIOError):
            while data := os.read(self._output, 65_536):
                self._tell(self._lines.feed(data))
        self._tell(self._lines.close())
        os.close(self._output)
        self.ended.set_result(status)


def never_quiet(_line: str) -> bool:
    return False


def start_child(
    name: str, command: Sequence[str], environment: Mapping[str, str], journal: Journal, *, go: bool = True
) -> Child:
    """Start a process that dies with us, tells when it is ready, and speaks into the journal.

    Without ``go`` it waits, its code loaded, until :meth:`Child.go`.
    """
    hearing, speaking = os.pipe()
    waiting, telling = os.pipe()
    gate, opening = os.pipe()
    try:
        process = subprocess.Popen(
            dying_with_us(command, signal.SIGKILL), stdin=subprocess.DEVNULL, stdout=speaking, stderr=speaking,
            env={**environment, READY_VARIABLE: str(telling), GO_VARIABLE: str(gate)}, pass_fds=[telling, gate],
            start_new_session=True,
        )  # fmt: skip
    finally:
        for end in (speaking, telling, gate):
            os.close(end)
    child = Child(name, process, hearing, journal, quiet=never_quiet)
    child.watch_ready(waiting)
    child.opening = opening
    if go:
        child.go()
    return child
