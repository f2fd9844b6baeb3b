"""Ports of loopback for servers that are started later.

Below those that the system gives by itself (32768 and up): between the look and the start it would give one away to
any connection of the tests beside.
"""

import random
import socket

BELOW_THE_SYSTEMS = range(10_000, 32_000)
_chance = random.SystemRandom()  # the common one begins anew in each property
_given: set[int] = set()


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """``kind``: SOCK_DGRAM for UDP. None is given twice."""
    for _ in range(1_000):
        port = _chance.choice(BELOW_THE_SYSTEMS)
        with socket.socket(socket.AF_INET, kind) as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in _given:
            _given.add(port)
            return port
    raise AssertionError("no free port of loopback")
