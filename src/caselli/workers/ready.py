"""What a process and the supervisor that started it have to say to each other: go, and I am ready."""

import os

READY_VARIABLE = "CASELLI_READY_FD"
GO_VARIABLE = "CASELLI_GO_FD"


def wait_for_go() -> None:
    """Until the tables are there; roles load their code meanwhile. Without a supervisor nobody waits."""
    number = os.environ.pop(GO_VARIABLE, "")
    if not number:
        return
    descriptor = int(number)
    try:
        if not os.read(descriptor, 1):  # the supervisor stops, or is gone: there will be no work
            raise SystemExit(0)
    finally:
        os.close(descriptor)


def tell_ready() -> None:
    """Say so, once, when the sockets are open and the work can come. Without a supervisor nothing happens.

    A supervisor that is gone already ends us here: nothing of ours runs without one that started it.
    """
    number = os.environ.pop(READY_VARIABLE, "")
    if not number:
        return
    descriptor = int(number)
    try:
        os.write(descriptor, b"ready\n")
    except BrokenPipeError:
        raise SystemExit("caselli: the supervisor that started this process is gone") from None
    finally:
        os.close(descriptor)
