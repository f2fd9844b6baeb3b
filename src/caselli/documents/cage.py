"""The server's end of the converters: started when first needed, kept warm, started again when one died."""

import atexit
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import caselli
from caselli.documents.confinement import Protection
from caselli.documents.jobs import MESSAGE_BYTES, Ending, Job, Work

_ANSWER_GRACE: Final = 15.0
"""Seconds the converter may take beyond the job's own to be loaded and to tell the end."""
_TRIES: Final = 2


class ConverterLost(RuntimeError):  # noqa: N818 - a sentence
    """The converter cannot be started or does not answer: our trouble, not the document's."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How the work ended, and what the confined process wrote; none of the bytes are to be trusted."""

    ending: Ending
    outcome: bytes
    result: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Running:
    process: "subprocess.Popen[bytes]"
    control: socket.socket

    def close(self) -> None:
        """The converter ends when its socket does; no one waits long for one that will not."""
        self.control.close()
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Cage:
    """One converter process of this process. Safe to use from any thread; a forked process gets its own."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self._reset()
        os.register_at_fork(after_in_child=self._forget)
        atexit.register(self.close)

    def _reset(self) -> None:
        self._lock = threading.Lock()
        # As many at once as there are processors: more would only share the same time limit.
        self._places = threading.BoundedSemaphore(os.cpu_count() or 1)
        self._running: _Running | None = None

    def _forget(self) -> None:
        running = self._running
        self._reset()
        if running is not None:
            # Ours is a copy of the parent's: closed so that the converter sees the end of the process it belongs to.
            running.control.close()
            running.process.returncode = 0

    def run(self, job: Job, source: int) -> Answer:
        """Work on the file of descriptor ``source``. Raises ConverterLost."""
        with self._places:
            for _ in range(_TRIES):
                answer = self._try(job, source)
                if answer is not None:
                    return answer
        raise ConverterLost("the document converter does not answer")

    def _try(self, job: Job, source: int) -> Answer | None:
        running = self._ensure()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        result, outcome = os.memfd_create("result"), os.memfd_create("outcome")
        try:
            with ours:
                with theirs:
                    descriptors = [theirs.fileno(), result, outcome, source]
                    socket.send_fds(running.control, [job.to_json()], descriptors)
                ours.settimeout(job.seconds + _ANSWER_GRACE)
                told = ours.recv(MESSAGE_BYTES)
            if told:
                return Answer(Ending.from_json(told), _content(outcome, 1 << 20), _content(result, job.output_bytes))
        except OSError:
            # Gone, silent, or closed by another thread that found it gone.
            pass
        finally:
            os.close(result)
            os.close(outcome)
        self._discard(running)
        return None

    def _ensure(self) -> _Running:
        with self._lock:
            if self._running is None or self._running.process.poll() is not None:
                if self._running is not None:
                    self._running.close()
                self._running = _start(self._arguments)
            return self._running

    def _discard(self, running: _Running) -> None:
        with self._lock:
            if self._running is running:
                self._running = None
                running.process.kill()
                running.close()

    def protection(self) -> Protection:
        """What holds for a child of this converter here, found out by trying. Raises ConverterLost."""
        job = Job(Work.PROBE, max_pages=0, seconds=10.0, memory_bytes=1 << 28, output_bytes=1 << 16)
        nothing = os.open(os.devnull, os.O_RDONLY)
        try:
            answer = self.run(job, nothing)
        finally:
            os.close(nothing)
        return Protection.from_json(answer.outcome)

    def close(self) -> None:
        """End the converter; it starts again when it is needed again."""
        with self._lock:
            running, self._running = self._running, None
        if running is not None:
            running.close()


def _content(descriptor: int, most: int) -> bytes:
    size = min(os.fstat(descriptor).st_size, most)
    return os.pread(descriptor, size, 0)


def _start(arguments: Sequence[str]) -> _Running:
    """No file but the socket and the error output, no environment but where programs lie and the language."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    source_root = str(Path(caselli.__file__).parent.parent)
    environment = kept | {"PYTHONPATH": source_root, "OPENBLAS_NUM_THREADS": "1"}
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        try:
            process = subprocess.Popen(
                [sys.executable, "-P", "-s", *arguments],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=environment,
                cwd="/",
            )
        except OSError as failed:
            ours.close()
            raise ConverterLost(f"the document converter cannot be started: {failed}") from failed
    return _Running(process, ours)


PAGES: Final = Cage("-m", "caselli.documents.converter", "pages")
TEXT: Final = Cage("-m", "caselli.documents.converter", "text")


@dataclass(frozen=True, slots=True)
class CageReport:
    """What confines the reading of strangers' files on this machine; ``missing``: sentences, empty when all is well."""

    protection: Protection
    missing: tuple[str, ...]


def cage_report() -> CageReport:
    """For the operator: which layers hold. Raises ConverterLost."""
    protection = PAGES.protection()
    missing = []
    if os.geteuid() == 0 and not protection.own_user:
        missing.append("Documents are read as root: this container maps no other user.")
    if not protection.landlock:
        missing.append("The kernel has no landlock: a document's reader could see files that its user can read.")
    if not protection.seccomp:
        missing.append("No system call filter: install libseccomp2, or run a kernel with seccomp.")
    return CageReport(protection, tuple(missing))
