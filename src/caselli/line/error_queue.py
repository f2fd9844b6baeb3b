"""The error queue of a UDP socket: whom our datagrams did not reach, and why (Linux: ip(7) and ipv6(7), RECVERR).

Without it a socket that is not connected hears nothing of ICMP, and a closed port looks like silence.
"""

import contextlib
import os
import socket
import struct
from typing import NamedTuple

from caselli.line.sip.undelivered import Undelivered, Why

# linux/in.h, linux/in6.h and linux/errqueue.h; the socket module does not name them.
_IP_RECVERR = 11
_IPV6_RECVERR = 25
_HEAD = struct.Struct("=IBBBxII")
"""struct sock_extended_err: errno, origin, type, code, padding, info, data."""

_QUOTED = 2_048
_ANCILLARY = 512
_MOST = 1_000


class Icmp(NamedTuple):
    """``origin``: 2 for ICMP, 3 for ICMPv6."""

    origin: int
    type: int
    code: int

    @property
    def why(self) -> Why | None:
        """18.4: unreachable and parameter problem count; what is too big, too far or too fast does not (None)."""
        match self:
            case (2, 3, 3) | (3, 1, 4):
                return Why.PORT_CLOSED
            case (2, 3, 4):
                return None  # it must be cut into fragments, which the system learns from this
            case (2, 3 | 12, _) | (3, 1 | 4, _):
                return Why.NO_WAY
        return None


def listen(sock: socket.socket) -> None:
    """From now on ``sock`` keeps what ICMP says. Its next call after each message fails once: see ``take``."""
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVERR, 1)
    else:
        sock.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)


def take(sock: socket.socket) -> list[Undelivered]:
    """Empty the queue, whatever is in it: else the socket is for ever ready to be read."""
    found = []
    with contextlib.suppress(BlockingIOError):
        for _ in range(_MOST):
            data, ancillary, _, address = sock.recvmsg(_QUOTED, _ANCILLARY, socket.MSG_ERRQUEUE | socket.MSG_DONTWAIT)
            for level, kind, value in ancillary:
                if (level, kind) in {(socket.IPPROTO_IP, _IP_RECVERR), (socket.IPPROTO_IPV6, _IPV6_RECVERR)}:
                    number, *icmp = _HEAD.unpack_from(value)[:4]
                    if why := Icmp(*icmp).why:
                        found.append(Undelivered(data, (address[0], address[1]), why, os.strerror(number)))
    return found
