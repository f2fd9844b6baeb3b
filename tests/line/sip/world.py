"""A call, the answering machine's end of it, their media sessions and a bad network between them, in virtual time."""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from caselli.fax.outcome import CallReport
from caselli.line.answering import AnsweringCall, Reception, Taken
from caselli.line.call import Call
from caselli.line.leg import Leg, Place
from caselli.line.machine import PASSWORD, REALM, USERNAME
from caselli.line.media.messages import CloseSession, MediaOrder, OpenSession, SessionOpened
from caselli.line.media.session import TICK, Session
from caselli.line.orders import CallEnded, CallEvent, CallOrder, Peer
from caselli.line.sip.auth import Challenger
from caselli.line.sip.message import parse
from caselli.line.sip.tokens import Tokens

OURS = ("192.0.2.1", 5070)
MACHINE = ("192.0.2.2", 5080)
PORTS = {OURS[0]: 30_000, MACHINE[0]: 40_000}


@dataclass
class Network:
    """For SIP datagrams. ``loss`` and ``doubling`` are shares; ``jitter`` in seconds lets them overtake each other."""

    seed: int = 1
    loss: float = 0.0
    delay: float = 0.01
    jitter: float = 0.0
    doubling: float = 0.0


@dataclass(order=True)
class _Flight:
    lands: float
    number: int
    act: Callable[[], None] = field(compare=False)


class World:
    """``run`` until both ends are over; ``events`` are the caller's, ``taken`` the machine's."""

    def __init__(self, document: Path, kept: Path, called: str, network: Network | None = None, **changes: Any) -> None:
        self.now = 1000.0
        self.network = network or Network()
        self.dice = random.Random(self.network.seed)
        tokens = Tokens(random.Random(self.network.seed))
        peer = Peer("machine", *MACHINE, username=USERNAME, password=PASSWORD)
        order = CallOrder("caller", peer, called, "+12025550200", document, 1, "+1 202 555 0200")
        self.order = replace(order, **changes)
        self.caller = Call(self.order, self.now, address=MACHINE, place=Place(OURS, OURS[0]), tokens=tokens)
        self.machine: AnsweringCall | None = None
        self.events: list[CallEvent] = []
        self.taken: list[Taken] = []
        self.wire: list[str] = []
        self._reception = Reception(Challenger(REALM, USERNAME, PASSWORD, tokens), kept)
        self._tokens = tokens
        self._sessions: dict[str, Session] = {}
        self._flights: list[_Flight] = []
        self._number = 0
        self._settle(self.caller)

    @property
    def report(self) -> CallReport:
        (one,) = [event.report for event in self.events if isinstance(event, CallEnded)]
        return one

    def run(self, limit: float = 900.0, until: Callable[[], bool] | None = None) -> None:
        end = self.now + limit
        reached = until or self._all_over
        while not reached():
            assert self.now < end, f"nothing for {limit} s: {self.wire[-20:]}"
            self.step()

    def _all_over(self) -> bool:
        return self.caller.over and (self.machine is None or self.machine.over)

    def step(self) -> None:
        self.now += TICK if self._sessions else self._idle_step()
        while self._flights and self._flights[0].lands <= self.now:
            heapq.heappop(self._flights).act()
        for leg in self._legs():
            if (at := leg.wake_at()) is not None and at <= self.now:
                leg.tick(self.now)
                self._settle(leg)
        for host, leg in list(self._sides().items()):
            session = self._sessions.get(host)
            if session is not None:
                self._tick_media(host, session, leg)

    def _idle_step(self) -> float:
        """Without media the next thing to happen is known."""
        times = [at for leg in self._legs() if (at := leg.wake_at()) is not None]
        times += [flight.lands for flight in self._flights[:1]]
        return max(min(times, default=self.now + 1) - self.now, 1e-6)

    def _legs(self) -> list[Leg]:
        return list(self._sides().values())

    def _sides(self) -> dict[str, Leg]:
        sides: dict[str, Leg] = {OURS[0]: self.caller}
        if self.machine is not None:
            sides[MACHINE[0]] = self.machine
        return sides

    def _settle(self, leg: Leg) -> None:
        """Carry out what the leg has ready."""
        host = OURS[0] if leg is self.caller else MACHINE[0]
        for datagram in leg.to_send():
            self.wire.append(f"{self.now:.3f} {host} {parse(datagram.data).start_line}")
            self._send(datagram.data, OURS if leg is self.caller else MACHINE, datagram.address)
        for order in leg.media_orders():
            self._obey(host, leg, order)
        for event in leg.events():
            (self.taken if isinstance(event, Taken) else self.events).append(event)

    def _send(self, data: bytes, source: tuple[str, int], to: tuple[str, int]) -> None:
        copies = 2 if self.dice.random() < self.network.doubling else 1
        for _ in range(copies):
            if self.dice.random() >= self.network.loss:
                lands = self.network.delay + self.dice.random() * self.network.jitter
                self._later(lands, lambda: self._land(data, source, to))

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        self._number += 1
        heapq.heappush(self._flights, _Flight(self.now + seconds, self._number, act))

    def _land(self, data: bytes, source: tuple[str, int], to: tuple[str, int]) -> None:
        if to == MACHINE and self.machine is None:
            place = Place(MACHINE, MACHINE[0])
            call_id = parse(data).call_id
            self.machine = AnsweringCall("machine", call_id, self.now, place, self._reception, self._tokens)
        leg = self._sides()[to[0]]
        leg.receive(data, source, self.now)
        self._settle(leg)

    def _obey(self, host: str, leg: Leg, order: MediaOrder) -> None:
        """As a media worker would, a moment later."""
        if isinstance(order, OpenSession):
            self._sessions[host] = Session(order)
            self._later(0.002, lambda: self._tell(leg, SessionOpened(order.key, PORTS[host])))
            return
        session = self._sessions.get(host)
        if session is None:
            return
        if isinstance(order, CloseSession):
            session.close(self.now)
            del self._sessions[host]
            events = session.events()
            self._later(0.002, lambda: [self._tell(leg, event) for event in events])
        else:
            session.start(order, self.now)

    def _tell(self, leg: Leg, event: Any) -> None:
        leg.media_event(event, self.now)
        self._settle(leg)

    def _tick_media(self, host: str, session: Session, leg: Leg) -> None:
        session.tick(self.now)
        for octets, (far, port) in session.to_send():
            if far in PORTS and port == PORTS[far]:
                self._later(0.01, lambda o=octets, f=far: self._media_lands(f, o, (host, PORTS[host])))
        for event in session.events():
            self._tell(leg, event)

    def _media_lands(self, host: str, octets: bytes, source: tuple[str, int]) -> None:
        session = self._sessions.get(host)
        if session is not None:
            session.receive(octets, source, self.now)
