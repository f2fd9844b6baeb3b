"""The converter: a preloaded parent that forks a confined child for each file.

``python -m caselli.documents.converter pages`` holds PDFium and the image decoders, ``... text`` WeasyPrint. The
control socket is file descriptor 0, one message a job, with four descriptors: where to tell the end, where the
result goes, where the outcome goes, and the file. The parent never reads what a child wrote, has one thread, and ends
when its socket does; its children end with it.
"""

import contextlib
import gc
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from caselli.documents.confinement import Confinement, confine, system_call_filter
from caselli.documents.jobs import MESSAGE_BYTES, End, Ending, Job, Objected, Objection, Outcome, Work, Worker

_DESCRIPTORS: Final = 4
_RESULT, _OUTCOME, _SOURCE = 3, 4, 5


@dataclass(slots=True)
class _Child:
    """A process at work. ``alive``: the reading end of a pipe that closes with it; ``deadline``: monotonic clock."""

    pid: int
    alive: int
    reply: int
    deadline: float
    overdue: bool = False


def serve(control: socket.socket, workers: Mapping[str, Worker]) -> None:
    """Answer jobs until the other end closes. Imports and warming up are done by now."""
    system_call_filter()
    gc.collect()
    # What is loaded now stays shared with the children instead of being copied when they count references.
    gc.freeze()
    children: dict[int, _Child] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select(_until_next_deadline(children)):
                if key.fileobj is control:
                    child = _take_job(control, workers)
                    if child is None:
                        _end_all(children)
                        return
                    children[child.alive] = child
                    selector.register(child.alive, selectors.EVENT_READ)
                else:
                    selector.unregister(key.fd)
                    _bury(children.pop(key.fd))
            _end_overdue(children)


def _until_next_deadline(children: Mapping[int, _Child]) -> float | None:
    waiting = [child.deadline for child in children.values() if not child.overdue]
    return max(0.0, min(waiting) - time.monotonic()) if waiting else None


def _end_overdue(children: Mapping[int, _Child]) -> None:
    now = time.monotonic()
    for child in children.values():
        if child.deadline <= now and not child.overdue:
            child.overdue = True
            os.kill(child.pid, signal.SIGKILL)


def _end_all(children: Mapping[int, _Child]) -> None:
    for child in children.values():
        os.kill(child.pid, signal.SIGKILL)
        os.waitpid(child.pid, 0)


def _take_job(control: socket.socket, workers: Mapping[str, Worker]) -> _Child | None:
    """None when the server is gone."""
    message, descriptors, _, _ = socket.recv_fds(control, MESSAGE_BYTES, _DESCRIPTORS)
    if not message:
        return None
    reply, result, outcome, source = descriptors
    job = Job.from_json(message)
    alive, held = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        _live(job, parent, workers, (result, outcome, source, held))
    for one in (result, outcome, source, held):
        os.close(one)
    return _Child(pid, alive, reply, time.monotonic() + job.seconds)


def _bury(child: _Child) -> None:
    _, status = os.waitpid(child.pid, 0)
    os.close(child.alive)
    code = os.waitstatus_to_exitcode(status)
    if child.overdue:
        ending = Ending(End.TIME, 0)
    else:
        ending = Ending(End.EXIT, code) if code >= 0 else Ending(End.SIGNAL, -code)
    with socket.socket(fileno=child.reply) as reply, contextlib.suppress(ConnectionError):
        # Whoever asked may be gone; that is no concern of the next one.
        reply.send(ending.to_json())


def _live(job: Job, parent: int, workers: Mapping[str, Worker], descriptors: tuple[int, int, int, int]) -> None:
    """The whole life of a child; never returns."""
    status = 70  # EX_SOFTWARE
    try:
        _keep_only(descriptors)
        protection = confine(Confinement(job.seconds, job.memory_bytes, job.output_bytes), parent)
        told = protection if job.work == Work.PROBE else _outcome(job, workers[job.work])
        os.write(_OUTCOME, told.to_json())
        status = 0
    finally:
        # No exit handler of the parent's may run here.
        os._exit(status)


def _keep_only(descriptors: tuple[int, int, int, int]) -> None:
    """Move what the child needs to its places and close all else, the control socket first of all."""
    high = [os.dup2(one, 100 + index, inheritable=False) for index, one in enumerate(descriptors)]
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    for index, one in enumerate(high):
        os.dup2(one, _RESULT + index)
    os.closerange(_RESULT + len(high), os.sysconf("SC_OPEN_MAX"))


def _outcome(job: Job, worker: Worker) -> Outcome:
    try:
        return worker(job, _SOURCE, _RESULT)
    except Objected as objected:
        return Outcome(objection=objected.objection, detail=objected.detail)
    except MemoryError:
        return Outcome(objection=Objection.TOO_COMPLEX, detail="memory")
    except Exception:  # noqa: BLE001 - decoders raise whatever a broken file makes them; the server logs the trace
        return Outcome(objection=Objection.DAMAGED, detail=traceback.format_exc()[-2000:])


def answer_with(load: Callable[[], Mapping[str, Worker]]) -> None:
    """Load the workers and serve them on descriptor 0 until the server goes."""
    # Ctrl-C goes to the whole group; the server decides when we end, by closing the socket.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=os.dup(0))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    serve(control, load())


def main() -> None:
    """The one argument says which converter this is."""
    if sys.argv[1] == "text":
        from caselli.documents.text import workers
    else:
        from caselli.documents.drawing import workers
    answer_with(workers)


if __name__ == "__main__":
    main()
