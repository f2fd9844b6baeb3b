"""What one client, and all together, may take of this server: connections, mails, mistakes, time. No I/O, no clock."""

from collections import Counter
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Self

MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Those "of a client" do not hold for the operator's own mail servers, which speak for many. Times in seconds.

    ``idle``: RFC 5321 4.5.3.2.7 asks for five minutes. ``mail_time``: from DATA to the final dot.
    ``forget_over``: so many clients are remembered, until those that have been quiet for a minute are forgotten.
    ``terms_kept``: until a change of the preferences is seen.
    """

    connections: int = 400
    connections_of_a_client: int = 20
    connections_a_minute_of_a_client: int = 60
    mails_a_minute_of_a_client: int = 60
    recipients: int = 100
    errors: int = 20
    commands: int = 2_000
    idle: float = 300.0
    mail_time: float = 900.0
    forget_over: int = 10_000
    terms_kept: float = 3.0

    def shared(self, processes: int) -> Self:
        """Those of one process among several. What all connections take of the machine is divided; of a client each
        process sees a part only, so that its limits hold in each.
        """
        return replace(self, connections=-(-self.connections // processes))


class Pace:
    """So many a minute, all of them at once if need be, then as they come back with time (a token bucket)."""

    __slots__ = ("_at", "_left", "_most")

    def __init__(self, most: int, now: float) -> None:
        self._most = most
        self._left = float(most)
        self._at = now

    def take(self, now: float) -> bool:
        self._left = min(self._most, self._left + (now - self._at) * self._most / MINUTE)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def is_full(self, now: float) -> bool:
        return self._left + (now - self._at) * self._most / MINUTE >= self._most


class Clients:
    """Counts and paces of all clients. A client is an IPv4 address, or the /64 of an IPv6 one.

    ``now`` in seconds, never going back. Refusals are phrases for people, None when nothing is in the way.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._open: Counter[str] = Counter()
        self._paces: dict[tuple[str, str], Pace] = {}

    @property
    def open(self) -> int:
        return self._open.total()

    def enter(self, client: str) -> None:
        self._open[client] += 1

    def leave(self, client: str) -> None:
        self._open[client] -= 1
        if not self._open[client]:
            del self._open[client]

    def refuse_connection(self, client: str, now: float, *, front: bool) -> str | None:
        """Of a client that has entered already."""
        most = self._limits
        if self.open > most.connections:
            return f"{most.connections} connections are open, as many as this server takes. Try again in a minute."
        if front:
            return None
        if self._open[client] > most.connections_of_a_client:
            return (
                f"{most.connections_of_a_client} connections from {client} are open, as many as one client may have. "
                "Close one, or try again in a minute."
            )
        if not self._may("connect", client, most.connections_a_minute_of_a_client, now):
            return f"Too many connections from {client} in one minute. Try again in a minute."
        return None

    def refuse_mail(self, client: str, now: float, *, front: bool) -> str | None:
        if front or self._may("mail", client, self._limits.mails_a_minute_of_a_client, now):
            return None
        return (
            f"More than {self._limits.mails_a_minute_of_a_client} mails from {client} in one minute. "
            "Try again in a minute."
        )

    def _may(self, what: str, client: str, most: int, now: float) -> bool:
        if len(self._paces) > self._limits.forget_over:
            self._paces = {key: pace for key, pace in self._paces.items() if not pace.is_full(now)}
        return self._paces.setdefault((what, client), Pace(most, now)).take(now)


def client_of(address: IPv4Address | IPv6Address | None) -> str:
    """Who is counted as one: a customer of a provider has a whole /64 (RFC 6177)."""
    if isinstance(address, IPv6Address) and not address.is_loopback:
        return str(ip_network((address, 64), strict=False))
    return str(address or "somewhere")
