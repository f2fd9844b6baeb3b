"""How a process tells the supervisor that it does its work now."""

import os

READY_VARIABLE = "CASELLI_READY_FD"


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
