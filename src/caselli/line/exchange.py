"""What an endpoint minds, whatever it says to the far end: a leg of a call, or a question without a call."""

from typing import Any, Protocol

from caselli.fax.outcome import CallEnd
from caselli.line.media.messages import MediaEvent, MediaOrder
from caselli.line.sip.address import SocketAddress
from caselli.line.sip.transactions import Datagram
from caselli.line.sip.undelivered import Undelivered


class Exchange(Protocol):
    """``key`` names it to whoever asked and to the media worker, ``call_id`` to the wire; forget it once ``over``."""

    key: str

    @property
    def call_id(self) -> str: ...

    @property
    def over(self) -> bool: ...

    @property
    def ended(self) -> bool:
        """It is reported; only repetitions are still answered."""

    def receive(self, data: bytes, source: SocketAddress, now: float) -> None: ...

    def undelivered(self, news: Undelivered, now: float) -> None: ...

    def tick(self, now: float) -> None: ...

    def to_send(self) -> list[Datagram]: ...

    def wake_at(self) -> float | None: ...

    def events(self) -> list[Any]: ...

    def media_orders(self) -> list[MediaOrder]: ...

    def media_event(self, event: MediaEvent, now: float) -> None: ...

    def media_lost(self, now: float) -> None: ...

    def hang_up(self, now: float, end: CallEnd = CallEnd.CANCELED) -> None: ...

    def abandon(self, now: float, end: CallEnd) -> None: ...
