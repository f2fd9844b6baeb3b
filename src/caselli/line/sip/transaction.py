"""The four transaction machines of RFC 3261 section 17 over UDP, as tables, with the Accepted states of RFC 6026.

A pair that is not in the table is ignored: that is what the figures of the RFC say by drawing no arrow.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from caselli.line.sip.address import SocketAddress
from caselli.line.sip.message import Message, Request, Response
from caselli.line.sip.undelivered import Undelivered

T1 = 0.5
T2 = 4.0
T4 = 5.0
GRACE = 1.0
"""Seconds in which an answer still counts after the network said that there is none to be had.

Who just restarts hears the first repetition; a message that is late or forged harms nobody who answers.
"""


class Kind(StrEnum):
    INVITE_CLIENT = "INVITE client"
    CLIENT = "non-INVITE client"
    INVITE_SERVER = "INVITE server"
    SERVER = "non-INVITE server"


class State(StrEnum):
    CALLING = "calling"
    TRYING = "trying"
    PROCEEDING = "proceeding"
    ACCEPTED = "accepted"
    COMPLETED = "completed"
    CONFIRMED = "confirmed"
    TERMINATED = "terminated"


class Timer(StrEnum):
    A = "A"
    B = "B"
    D = "D"
    E = "E"
    F = "F"
    G = "G"
    H = "H"
    I = "I"  # noqa: E741 - the RFC's name
    J = "J"
    K = "K"
    L = "L"
    M = "M"
    GRACE = "grace"


class Arrival(StrEnum):
    """What moves a machine besides its timers. Responses come from the wire to a client, from the user to a server."""

    START = "start"
    REQUEST = "request again"
    ACK = "ACK"
    PROVISIONAL = "1xx"
    SUCCESS = "2xx"
    FAILURE = "3xx-6xx"


class Act(StrEnum):
    SEND = "send the message"
    REPEAT = "send again what was sent last"
    ACKNOWLEDGE = "send the ACK of a refusal"
    TELL = "pass it up"
    TELL_TIMEOUT = "tell that nothing came"
    TELL_UNDELIVERED = "tell that nothing of ours arrives"


FIRST: Mapping[Timer, float] = MappingProxyType(
    {
        **dict.fromkeys((Timer.A, Timer.E, Timer.G), T1),
        **dict.fromkeys((Timer.B, Timer.F, Timer.H, Timer.J, Timer.L, Timer.M), 64 * T1),
        Timer.D: 32.0,
        **dict.fromkeys((Timer.I, Timer.K), T4),
        Timer.GRACE: GRACE,
    }
)
"""Seconds until the timer fires for the first time."""

_CAP: Mapping[Timer, float] = MappingProxyType({Timer.A: 64 * T1, Timer.E: T2, Timer.G: T2})
"""The repeating timers double up to this."""


@dataclass(frozen=True, slots=True)
class Step:
    """Where to, what to do on the way, and which timers run from then on (``start`` begins anew, ``keep`` goes on)."""

    to: State
    acts: tuple[Act, ...] = ()
    start: tuple[Timer, ...] = ()
    keep: tuple[Timer, ...] = ()


_S, _T, _R, _A = State, Timer, Arrival, Act
_END = Step(_S.TERMINATED)
_TIMEOUT = Step(_S.TERMINATED, (_A.TELL_TIMEOUT,))
_UNDELIVERED = Step(_S.TERMINATED, (_A.TELL_UNDELIVERED,))

Table = Mapping[tuple[State, Arrival | Timer], Step]

INVITE_CLIENT: Table = MappingProxyType(
    {
        (_S.CALLING, _R.START): Step(_S.CALLING, (_A.SEND,), start=(_T.A, _T.B)),
        (_S.CALLING, _T.A): Step(_S.CALLING, (_A.REPEAT,), keep=(_T.A, _T.B, _T.GRACE)),
        (_S.CALLING, _T.B): _TIMEOUT,
        (_S.CALLING, _T.GRACE): _UNDELIVERED,
        (_S.CALLING, _R.PROVISIONAL): Step(_S.PROCEEDING, (_A.TELL,)),
        (_S.CALLING, _R.SUCCESS): Step(_S.ACCEPTED, (_A.TELL,), start=(_T.M,)),
        (_S.CALLING, _R.FAILURE): Step(_S.COMPLETED, (_A.ACKNOWLEDGE, _A.TELL), start=(_T.D,)),
        (_S.PROCEEDING, _R.PROVISIONAL): Step(_S.PROCEEDING, (_A.TELL,)),
        (_S.PROCEEDING, _R.SUCCESS): Step(_S.ACCEPTED, (_A.TELL,), start=(_T.M,)),
        (_S.PROCEEDING, _R.FAILURE): Step(_S.COMPLETED, (_A.ACKNOWLEDGE, _A.TELL), start=(_T.D,)),
        (_S.COMPLETED, _R.FAILURE): Step(_S.COMPLETED, (_A.ACKNOWLEDGE,), keep=(_T.D,)),
        (_S.COMPLETED, _T.D): _END,
        (_S.ACCEPTED, _R.SUCCESS): Step(_S.ACCEPTED, (_A.TELL,), keep=(_T.M,)),
        (_S.ACCEPTED, _T.M): _END,
    }
)
"""17.1.1, figure 5, and RFC 6026 7.2."""

CLIENT: Table = MappingProxyType(
    {
        (_S.TRYING, _R.START): Step(_S.TRYING, (_A.SEND,), start=(_T.E, _T.F)),
        (_S.TRYING, _T.E): Step(_S.TRYING, (_A.REPEAT,), keep=(_T.E, _T.F, _T.GRACE)),
        (_S.TRYING, _T.F): _TIMEOUT,
        (_S.TRYING, _T.GRACE): _UNDELIVERED,
        (_S.TRYING, _R.PROVISIONAL): Step(_S.PROCEEDING, (_A.TELL,), keep=(_T.E, _T.F)),
        (_S.TRYING, _R.SUCCESS): Step(_S.COMPLETED, (_A.TELL,), start=(_T.K,)),
        (_S.TRYING, _R.FAILURE): Step(_S.COMPLETED, (_A.TELL,), start=(_T.K,)),
        (_S.PROCEEDING, _T.E): Step(_S.PROCEEDING, (_A.REPEAT,), keep=(_T.E, _T.F)),
        (_S.PROCEEDING, _T.F): _TIMEOUT,
        (_S.PROCEEDING, _R.PROVISIONAL): Step(_S.PROCEEDING, (_A.TELL,), keep=(_T.E, _T.F)),
        (_S.PROCEEDING, _R.SUCCESS): Step(_S.COMPLETED, (_A.TELL,), start=(_T.K,)),
        (_S.PROCEEDING, _R.FAILURE): Step(_S.COMPLETED, (_A.TELL,), start=(_T.K,)),
        (_S.COMPLETED, _T.K): _END,
    }
)
"""17.1.2, figure 6."""

INVITE_SERVER: Table = MappingProxyType(
    {
        (_S.PROCEEDING, _R.START): Step(_S.PROCEEDING, (_A.TELL,)),
        (_S.PROCEEDING, _R.REQUEST): Step(_S.PROCEEDING, (_A.REPEAT,)),
        (_S.PROCEEDING, _R.PROVISIONAL): Step(_S.PROCEEDING, (_A.SEND,)),
        (_S.PROCEEDING, _R.SUCCESS): Step(_S.ACCEPTED, (_A.SEND,), start=(_T.L,)),
        (_S.PROCEEDING, _R.FAILURE): Step(_S.COMPLETED, (_A.SEND,), start=(_T.G, _T.H)),
        # RFC 6026 7.1: a repeated INVITE is absorbed, the user repeats its 2xx until the ACK comes.
        (_S.ACCEPTED, _R.SUCCESS): Step(_S.ACCEPTED, (_A.SEND,), keep=(_T.L,)),
        (_S.ACCEPTED, _R.ACK): Step(_S.ACCEPTED, (_A.TELL,), keep=(_T.L,)),
        (_S.ACCEPTED, _T.L): _END,
        (_S.COMPLETED, _R.REQUEST): Step(_S.COMPLETED, (_A.REPEAT,), keep=(_T.G, _T.H)),
        (_S.COMPLETED, _T.G): Step(_S.COMPLETED, (_A.REPEAT,), keep=(_T.G, _T.H)),
        (_S.COMPLETED, _T.H): _END,
        (_S.COMPLETED, _R.ACK): Step(_S.CONFIRMED, start=(_T.I,)),
        (_S.CONFIRMED, _T.I): _END,
    }
)
"""17.2.1, figure 7, and RFC 6026 7.1."""

SERVER: Table = MappingProxyType(
    {
        (_S.TRYING, _R.START): Step(_S.TRYING, (_A.TELL,)),
        (_S.TRYING, _R.PROVISIONAL): Step(_S.PROCEEDING, (_A.SEND,)),
        (_S.TRYING, _R.SUCCESS): Step(_S.COMPLETED, (_A.SEND,), start=(_T.J,)),
        (_S.TRYING, _R.FAILURE): Step(_S.COMPLETED, (_A.SEND,), start=(_T.J,)),
        (_S.PROCEEDING, _R.REQUEST): Step(_S.PROCEEDING, (_A.REPEAT,)),
        (_S.PROCEEDING, _R.SUCCESS): Step(_S.COMPLETED, (_A.SEND,), start=(_T.J,)),
        (_S.PROCEEDING, _R.FAILURE): Step(_S.COMPLETED, (_A.SEND,), start=(_T.J,)),
        (_S.COMPLETED, _R.REQUEST): Step(_S.COMPLETED, (_A.REPEAT,), keep=(_T.J,)),
        (_S.COMPLETED, _T.J): _END,
    }
)
"""17.2.2, figure 8."""

TABLES: Mapping[Kind, Table] = MappingProxyType(
    {
        Kind.INVITE_CLIENT: INVITE_CLIENT,
        Kind.CLIENT: CLIENT,
        Kind.INVITE_SERVER: INVITE_SERVER,
        Kind.SERVER: SERVER,
    }
)
INITIAL: Mapping[Kind, State] = MappingProxyType(
    {
        Kind.INVITE_CLIENT: State.CALLING,
        Kind.CLIENT: State.TRYING,
        Kind.INVITE_SERVER: State.PROCEEDING,
        Kind.SERVER: State.TRYING,
    }
)


def class_of(response: Response) -> Arrival:
    if response.status < 200:
        return Arrival.PROVISIONAL
    return Arrival.SUCCESS if response.status < 300 else Arrival.FAILURE


@dataclass(slots=True)
class _Running:
    at: float
    interval: float


class Transaction:
    """One exchange. The layer (transactions.py) does what ``feed`` and ``tick`` say; here is only state and time."""

    def __init__(self, kind: Kind, request: Request, address: SocketAddress) -> None:
        """``address``: where a client sends its request, a server its responses."""
        self.kind = kind
        self.request = request
        self.address = address
        self.state = INITIAL[kind]
        self.last_sent: Message | None = None
        self.undelivered: Undelivered | None = None
        self._timers: dict[Timer, _Running] = {}

    def feed(self, stimulus: Arrival | Timer, now: float) -> tuple[Act, ...]:
        step = TABLES[self.kind].get((self.state, stimulus))
        if step is None:
            return ()
        self.state = step.to
        self._timers = {name: timer for name, timer in self._timers.items() if name in step.keep}
        for name in step.start:
            self._timers[name] = _Running(now + FIRST[name], FIRST[name])
        return step.acts

    def doubt(self, undelivered: Undelivered, now: float) -> bool:
        """8.1.3.1, 17.1.4: a request that cannot be delivered has failed, unless it is answered at all (False)."""
        first = (self.state, Timer.GRACE) in TABLES[self.kind] and self.undelivered is None
        if first:
            self.undelivered = undelivered
            self._timers[Timer.GRACE] = _Running(now + GRACE, GRACE)
        return first

    def tick(self, now: float) -> tuple[Act, ...]:
        """The acts of the first timer that is due; call again until there are none."""
        due = [(timer.at, name) for name, timer in self._timers.items() if timer.at <= now]
        if not due:
            return ()
        _, name = min(due)
        if name in _CAP:
            self._go_on(name, now)
        else:
            del self._timers[name]
        return self.feed(name, now)

    def _go_on(self, name: Timer, now: float) -> None:
        timer = self._timers[name]
        # 17.1.2.2: once a provisional response came, a non-INVITE request is repeated every T2 only.
        slow = self.kind is Kind.CLIENT and self.state is State.PROCEEDING
        timer.interval = T2 if slow else min(2 * timer.interval, _CAP[name])
        timer.at = now + timer.interval

    def wake_at(self) -> float | None:
        return min((timer.at for timer in self._timers.values()), default=None)
