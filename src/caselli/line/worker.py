"""The media process: ``python -m caselli.line.worker FD HOST [--ports LOW-HIGH]``.

``FD`` is its end of the socket pair it shares with signalling (see ``media_client``); ``HOST`` the address its UDP
sockets are bound to. It lives as long as that pair: when signalling is gone, all media stops at once. The octets of far
ends come to this process only, because they may kill it.
"""

import argparse
import errno
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from caselli.line.media.codec import LONGEST_LINE, decode, encode
from caselli.line.media.events import take_events
from caselli.line.media.messages import (
    CloseSession,
    MediaEvent,
    OpenSession,
    Role,
    SessionEnded,
    SessionOpened,
    StartAudio,
    StartT38,
)
from caselli.line.media.session import MediaRefused, open_engine_session, start_engine_session
from caselli.line.spandsp._spandsp import ffi, lib

READ_ROOM = 65_536
UNSENT_MOST = 8 * 1024 * 1024
"""Octets signalling may leave unread; more means that it does not live any more."""

EVEN_PORT_TRIES = 16


@dataclass(frozen=True, slots=True)
class Call:
    key: str
    session: Any
    socket: socket.socket


class SignallingLost(Exception):  # noqa: N818 - the end of every call here, not an error
    """Nobody is there to take what happens on the line."""


class Ports:
    """Where the sockets are bound: of ``low`` to ``high`` in turn, or as the kernel gives them.

    Even numbers only, since RTP has its control port beside it (RFC 3550, 11).
    """

    def __init__(self, host: str, low: int, high: int) -> None:
        self._host = host
        self._family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._numbers = range(low + low % 2, high + 1, 2)
        self._next = 0

    def bind(self) -> socket.socket:
        """A socket of its own for a call. Raises MediaRefused when no port is free."""
        for number in self._candidates():
            opened = socket.socket(self._family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
            try:
                opened.bind((self._host, number))
            except OSError as refused:
                opened.close()
                if refused.errno != errno.EADDRINUSE:
                    raise MediaRefused(f"no media socket on {self._host}: {refused.strerror}") from refused
            else:
                if opened.getsockname()[1] % 2 == 0:
                    return opened
                opened.close()
        raise MediaRefused(f"no free media port on {self._host}")

    def _candidates(self) -> Iterator[int]:
        if not self._numbers:
            yield from [0] * EVEN_PORT_TRIES
            return
        for _ in self._numbers:
            self._next = (self._next + 1) % len(self._numbers)
            yield self._numbers[self._next]


class Worker:
    """All calls of this process. ``run`` returns when signalling, or a signal, ends it."""

    def __init__(self, control: socket.socket, ports: Ports) -> None:
        self._control = control
        self._control.setblocking(False)
        self._ports = ports
        self._loop = lib.loop_new()
        self._calls: dict[str, Call] = {}
        self._keys: dict[int, str] = {}
        self._number = 0
        self._read = bytearray()
        self._unsent = bytearray()
        self._leaving = False
        self._wake, self._waker = socket.socketpair()
        for end in (self._wake, self._waker):
            end.setblocking(False)

    def run(self) -> None:
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._leave)
        try:
            while not self._leaving:
                self._turn()
        except SignallingLost:
            pass
        for key in list(self._calls):
            self._close(key)
        with suppress(SignallingLost):
            self._flush()

    def _leave(self, _number: int, _frame: object) -> None:
        self._leaving = True

    def _turn(self) -> None:
        reasons = lib.loop_run(self._loop, self._control.fileno(), bool(self._unsent), self._wake.fileno())
        if reasons < 0:
            raise OSError(-reasons, "the media loop cannot wait")
        if reasons & lib.LOOP_WAKE:
            with suppress(BlockingIOError):
                self._wake.recv(READ_ROOM)
        if reasons & lib.LOOP_EVENTS:
            while (session := lib.loop_ready(self._loop)) != ffi.NULL:
                self._tell(*take_events(self._keys[lib.session_number(session)], session))
        if reasons & lib.LOOP_CONTROL:
            self._listen()
        self._flush()

    def _listen(self) -> None:
        try:
            octets = self._control.recv(READ_ROOM)
        except BlockingIOError:
            return
        except ConnectionError as lost:
            raise SignallingLost from lost
        if not octets:
            raise SignallingLost
        self._read += octets
        *lines, rest = self._read.split(b"\n")
        self._read = rest
        if len(rest) > LONGEST_LINE:
            raise SignallingLost
        for line in lines:
            self._obey(decode(bytes(line)))

    def _obey(self, order: object) -> None:
        match order:
            case OpenSession():
                self._open(order)
            case StartAudio() | StartT38():
                self._start(order)
            case CloseSession():
                self._close(order.key)
            case _:
                raise TypeError(f"{type(order).__name__} is not an order")

    def _open(self, order: OpenSession) -> None:
        self._close(order.key)
        try:
            call = self._prepare(order)
        except MediaRefused as refused:
            self._refuse(order.key, refused)
            return
        self._calls[order.key] = call
        self._keys[self._number] = order.key
        self._tell(SessionOpened(order.key, call.socket.getsockname()[1]))

    def _prepare(self, order: OpenSession) -> Call:
        if order.role is Role.SEND and not Path(order.document).is_file():
            raise MediaRefused("the document to send is not there")
        self._number += 1
        session = open_engine_session(order, self._number)
        try:
            bound = self._ports.bind()
        except MediaRefused:
            lib.session_free(session)
            raise
        lib.loop_add(self._loop, session, bound.fileno())
        return Call(order.key, session, bound)

    def _refuse(self, key: str, refused: MediaRefused) -> None:
        self._tell(SessionEnded(key, lib.loop_now(), -1, str(refused), 0, 0, ecm=False, remote_id=""))

    def _start(self, order: StartAudio | StartT38) -> None:
        call = self._calls.get(order.key)
        if call is None:
            return  # it was refused when it was opened, and signalling will read so
        try:
            start_engine_session(call.session, order, lib.loop_now())
        except MediaRefused as refused:
            self._refuse(order.key, refused)
            self._forget(call)

    def _close(self, key: str) -> None:
        call = self._calls.get(key)
        if call is None:
            return
        lib.session_close(call.session, lib.loop_now())
        self._tell(*take_events(key, call.session))
        self._forget(call)

    def _forget(self, call: Call) -> None:
        del self._calls[call.key]
        del self._keys[lib.session_number(call.session)]
        lib.loop_remove(self._loop, call.session)
        lib.session_free(call.session)
        call.socket.close()

    def _tell(self, *events: MediaEvent) -> None:
        for event in events:
            self._unsent += encode(event)

    def _flush(self) -> None:
        try:
            while self._unsent:
                del self._unsent[: self._control.send(self._unsent)]
        except BlockingIOError:
            if len(self._unsent) > UNSENT_MOST:
                raise SignallingLost from None
        except ConnectionError as lost:
            raise SignallingLost from lost


def _port_range(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    if not (low.isdigit() and high.isdigit() and 0 < int(low) <= int(high) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is no range of ports: give LOW-HIGH")
    return int(low), int(high)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="caselli.line.worker", description="Serves the media of calls.")
    parser.add_argument("fd", type=int, help="descriptor of the socket shared with signalling")
    parser.add_argument("host", help="address that the media sockets are bound to")
    parser.add_argument("--ports", type=_port_range, default=(1, 0), help="LOW-HIGH; without it the kernel chooses")
    given = parser.parse_args(arguments)
    control = socket.socket(fileno=given.fd)
    Worker(control, Ports(given.host, *given.ports)).run()


if __name__ == "__main__":
    main(sys.argv[1:])
