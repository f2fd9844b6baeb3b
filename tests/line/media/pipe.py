"""Two sessions and the network between them, in virtual time."""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from caselli.line.media.messages import MediaEvent, SessionEnded
from caselli.line.media.session import TICK, Session

E = TypeVar("E")
SENDER = ("192.0.2.1", 30_000)
RECEIVER = ("192.0.2.2", 40_000)


@dataclass
class Network:
    """``loss``: share of the datagrams. Each takes ``delay`` seconds and up to ``jitter`` more, and may overtake."""

    loss: float = 0.0
    delay: float = 0.01
    jitter: float = 0.0
    seed: int = 1


@dataclass(order=True)
class _Flight:
    lands: float
    number: int
    to: Session = field(compare=False)
    source: tuple[str, int] = field(compare=False)
    octets: bytes = field(compare=False)


class Pipe:
    """``run`` lets time pass; ``heard`` has the events of each session by its key."""

    def __init__(self, sender: Session, receiver: Session, network: Network | None = None) -> None:
        self.network = network or Network()
        self.now = 1000.0
        self.ends = {SENDER: sender, RECEIVER: receiver}
        self.heard: dict[str, list[MediaEvent]] = {sender.key: [], receiver.key: []}
        self.sent_octets = 0
        self.dice = random.Random(self.network.seed)
        self.spoil: Callable[[bytes], bytes] = lambda octets: octets
        self._flights: list[_Flight] = []
        self._number = 0

    def run(self, limit: float = 600.0, until: Callable[[], bool] | None = None) -> None:
        """Until ``until`` holds (without it: both ended); AssertionError after ``limit`` seconds of the line."""
        end = self.now + limit
        reached = until or (lambda: all(self.ended(key) for key in self.heard))
        while not reached():
            assert self.now < end, f"nothing for {limit} s; last heard: {[told[-2:] for told in self.heard.values()]}"
            self.step()

    def step(self) -> None:
        self.now += TICK
        while self._flights and self._flights[0].lands <= self.now:
            flight = heapq.heappop(self._flights)
            flight.to.receive(flight.octets, flight.source, self.now)
        for address, session in self.ends.items():
            session.tick(self.now)
            for octets, to in session.to_send():
                self._throw(octets, address, to)
            self.heard[session.key] += session.events()

    def ended(self, key: str) -> SessionEnded | None:
        return next((event for event in self.heard[key] if isinstance(event, SessionEnded)), None)

    def of_kind(self, key: str, kind: type[E]) -> list[E]:
        return [event for event in self.heard[key] if isinstance(event, kind)]

    def _throw(self, octets: bytes, source: tuple[str, int], to: tuple[str, int]) -> None:
        self.sent_octets += len(octets)
        if self.dice.random() < self.network.loss or to not in self.ends:
            return
        lands = self.now + self.network.delay + self.dice.random() * self.network.jitter
        self._number += 1
        heapq.heappush(self._flights, _Flight(lands, self._number, self.ends[to], source, self.spoil(octets)))
