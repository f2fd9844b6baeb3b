"""A converter whose readers have been taken over: each work is something that must not succeed."""

import ctypes
import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

from caselli.documents.converter import answer_with
from caselli.documents.jobs import Job, Outcome

LIBC = ctypes.CDLL(None, use_errno=True)


def fine(job: Job, source: int, result: int) -> Outcome:
    os.write(result, os.pread(source, 1 << 20, 0))
    return Outcome()


def memory(job: Job, source: int, result: int) -> Outcome:
    hoard = []
    while True:
        hoard.append(bytearray(10 << 20))


def processor(job: Job, source: int, result: int) -> Outcome:
    while True:
        pass


def sleep(job: Job, source: int, result: int) -> Outcome:
    time.sleep(600)
    return Outcome()


def output(job: Job, source: int, result: int) -> Outcome:
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    while True:
        os.write(result, bytes(1 << 20))


def crash(job: Job, source: int, result: int) -> Outcome:
    ctypes.string_at(0)
    return Outcome()


def nonsense(job: Job, source: int, result: int) -> Outcome:
    os.write(4, b'{"strips": [{"width": 1}]}')
    os._exit(0)


def kill_parent(job: Job, source: int, result: int) -> Outcome:
    return tell(kill=lambda: os.kill(os.getppid(), signal.SIGKILL))


def tell(**attempts) -> Outcome:
    """What came of each attempt: "done", or the error's name."""
    told = {}
    for name, attempt in attempts.items():
        try:
            found = attempt()
            told[name] = "done" if found is None else found
        except OSError as refused:
            told[name] = type(refused).__name__
    return Outcome(detail=json.dumps(told))


def fork_once() -> None:
    if os.fork() == 0:
        os._exit(0)


def raw(number: int, *arguments: int) -> None:
    if LIBC.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "refused")


def escape(job: Job, source: int, result: int) -> Outcome:
    return tell(
        tcp=lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM).close(),
        udp=lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close(),
        unix=lambda: socket.socket(socket.AF_UNIX).close(),
        netlink=lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close(),
        pair=lambda: [one.close() for one in socket.socketpair()] and None,
        fork=fork_once,
        clone3=lambda: raw(435, 0, 0),
        execute=lambda: os.execv("/bin/true", ["true"]),
        kill=lambda: os.kill(os.getppid(), signal.SIGTERM),
        trace=lambda: None if LIBC.ptrace(16, os.getppid(), 0, 0) == 0 else raw(-1),
        namespace=lambda: raw(272, 0x10000000),
        root=lambda: os.setuid(0),
    )


def snoop(job: Job, source: int, result: int) -> Outcome:
    def shut(path: str) -> object:
        return lambda: Path(path).read_bytes() and None

    return tell(
        shadow=shut("/etc/shadow"),
        passwd=shut("/etc/passwd"),
        own_code=shut(__file__),
        parents_environment=shut(f"/proc/{os.getppid()}/environ"),
        own_environment_file=shut("/proc/self/environ"),
        folder=lambda: list(Path("/home").iterdir()) and None,
        write_tmp=lambda: Path("/tmp/caselli-rogue").write_bytes(b"x") and None,
        write_shm=lambda: Path("/dev/shm/caselli-rogue").write_bytes(b"x") and None,
        environment=lambda: sorted(os.environ),
        descriptors=open_descriptors,
        user=os.getuid,
    )


def open_descriptors() -> list[int]:
    def is_open(number: int) -> bool:
        try:
            os.fstat(number)
        except OSError:
            return False
        return True

    return [number for number in range(64) if is_open(number)]


if __name__ == "__main__":
    ctypes.string_at(b"x")  # loads what crash() needs
    everything = {name: value for name, value in vars(sys.modules["__main__"]).items() if callable(value)}
    answer_with(lambda: everything)
