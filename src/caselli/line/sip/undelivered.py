"""What the network says of a datagram that could not be delivered (RFC 3261 18.4), as far as a transaction cares."""

from dataclasses import dataclass
from enum import StrEnum

from caselli.line.sip.address import SocketAddress


class Why(StrEnum):
    PORT_CLOSED = "port closed"
    NO_WAY = "no way"


@dataclass(frozen=True, slots=True)
class Undelivered:
    """``data``: the datagram's beginning, as much of it as came back; ``detail``: in the system's words."""

    data: bytes
    address: SocketAddress
    why: Why
    detail: str

    @property
    def words(self) -> str:
        host, port = self.address
        if self.why is Why.PORT_CLOSED:
            return f"Nothing listens at {host} port {port}"
        return f"There is no way from here to {host}: {self.detail}"
