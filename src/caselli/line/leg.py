"""What the two ends of a fax call have in common: transactions and dialog, the media session, the way to T.38, the end.

Five methods face the wire: ``receive``, ``tick``, ``to_send``, ``wake_at`` and the heir's ``events``; ``media_event``,
``media_lost`` and ``media_orders`` face the media session in another process. After each of those that take ``now``,
whoever drives the leg empties ``to_send``, ``media_orders`` and ``events`` and asks ``wake_at`` again.
"""

from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from caselli.fax.outcome import CallEnd, LadderProtocol
from caselli.line.answer import Stream, answer, audio_offer, choose, t38_offer
from caselli.line.ladder import Ladder
from caselli.line.media.messages import CloseSession, MediaEvent, MediaOrder, StartAudio, StartT38
from caselli.line.record import Record
from caselli.line.sip.address import SocketAddress, host_and_port
from caselli.line.sip.heard import (
    AnswerArrived,
    Bye,
    ByeDone,
    DialogLost,
    Heard,
    OfferArrived,
    OfferRefused,
)
from caselli.line.sip.message import MessageError, parse
from caselli.line.sip.sdp import LocalDescription, Sdp, SdpError
from caselli.line.sip.session_timer import SessionTimer
from caselli.line.sip.tokens import Tokens
from caselli.line.sip.transactions import Datagram, Told, Transactions
from caselli.line.sip.undelivered import Undelivered
from caselli.line.switch import Switch

if TYPE_CHECKING:
    from caselli.line.sip.established import Established

ENDING_LIMIT = 5.0
"""Seconds for the verdict and the answer to BYE or CANCEL; then the report goes out without them."""

OFFER_AGAIN = 0.2


class Stage(StrEnum):
    OPENING = "opening"
    CALLING = "calling"
    TALKING = "talking"
    ENDING = "ending"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Place:
    """``local``: our signalling address as the far end can reach it; ``media_host``: that of the media sockets."""

    local: SocketAddress
    media_host: str

    @property
    def contact(self) -> str:
        return f"<sip:caselli@{host_and_port(*self.local)}>"


class Leg(ABC):
    """One end of one call. ``key`` names it to the media worker, ``call_id`` to the wire; forget it once ``over``."""

    def __init__(self, key: str, now: float, place: Place, tokens: Tokens, *, t38: bool, max_rate: int) -> None:
        self.key = key
        self._place = place
        self._tokens = tokens
        self._now = now
        self._max_rate = max_rate
        self._stage = Stage.OPENING
        self._end: CallEnd | None = None
        self._out: deque[MediaOrder] = deque()
        self._ladder = Ladder(now)
        self._record = Record(now, self._ladder)
        self._switch = Switch(allowed=t38)
        self._transactions = Transactions(place.local, tokens, self._trace)
        self._timer = SessionTimer()
        self._description = LocalDescription(place.media_host, tokens.source.getrandbits(31))
        self._established: Established | None = None
        self._port = 0
        self._stream: Stream | None = None
        self._media_done = False
        self._signalling_done = False
        self._received: set[int] = set()
        self._deadlines: dict[Any, float] = {}

    @property
    @abstractmethod
    def call_id(self) -> str: ...

    @property
    def over(self) -> bool:
        return self._stage is Stage.ENDED and self._transactions.idle

    @property
    def ended(self) -> bool:
        """It is reported; only repetitions are still answered."""
        return self._stage is Stage.ENDED

    def receive(self, data: bytes, source: SocketAddress, now: float) -> None:
        """A datagram whose Call-ID is this call's."""
        self._now = now
        try:
            message = parse(data)
        except MessageError as error:
            self._ladder.unreadable(data, error, now)
            return
        again = hash(data) in self._received
        self._received.add(hash(data))
        self._ladder.sip(message, now, sent=False, again=again)
        told = self._transactions.receive(message, source, now)
        if told is not None:
            self._hear(self._tell(told, now), now)

    def undelivered(self, news: Undelivered, now: float) -> None:
        """The network says so. A call that stands is not ended by it: its own timers tell when the far end is gone."""
        self._now = now
        if self._established is None and self._transactions.undelivered(news, now):
            self._ladder.note(f"the network says: {news.detail}", now)

    def tick(self, now: float) -> None:
        self._now = now
        for told in self._transactions.tick(now):
            self._hear(self._tell(told, now), now)
        if self._established is not None:
            self._hear(self._established.tick(now), now)
        for deadline, at in list(self._deadlines.items()):
            if at <= now and self._deadlines.pop(deadline, None) is not None:
                self._ladder.note(deadline.value, now)
                self._missed(deadline, now)
        if self._stage is Stage.TALKING and self._switch.at is not None and self._switch.at <= now:
            self._ask_for_t38(now)

    def to_send(self) -> list[Datagram]:
        return self._transactions.take()

    def wake_at(self) -> float | None:
        """When ``tick`` is due next; None when there is nothing to wait for."""
        times = [self._transactions.wake_at(), *self._deadlines.values()]
        if self._established is not None:
            times.append(self._established.wake_at())
        if self._stage is Stage.TALKING:
            times.append(self._switch.at)
        return min((at for at in times if at is not None), default=None)

    def media_orders(self) -> list[MediaOrder]:
        out = list(self._out)
        self._out.clear()
        return out

    def media_event(self, event: MediaEvent, now: float) -> None:
        """What the media session says."""
        self._now = now
        if not self._media_done:
            self._record.media(event)
            self._take_media(event, now)

    def media_lost(self, now: float) -> None:
        """The media process died: nothing more comes from the session."""
        self._now = now
        if not self._media_done:
            self._media_done = True
            self._ladder.note("our media process died", now)
            self._finish(CallEnd.MEDIA_LOST, now)
            self._settle(now)

    def hang_up(self, now: float, end: CallEnd = CallEnd.CANCELED) -> None:
        """End it as soon as signalling allows. Confirmed pages stay confirmed; the report tells."""
        self._now = now
        if self._end is None:
            self._ladder.note("we end the call: " + end.value.replace("_", " "), now)
            self._finish(end, now)

    def abandon(self, now: float, end: CallEnd) -> None:
        """Report at once, with what is known, whatever is still going on."""
        self._now = now
        if self._stage is not Stage.ENDED:
            self._end = self._end or end
            self._out.append(CloseSession(self.key))
            self._close(now)

    @abstractmethod
    def events(self) -> list[Any]:
        """What to tell, once."""

    # --- what the heir decides

    @abstractmethod
    def _tell(self, told: Told, now: float) -> list[Heard]:
        """Give a message to whoever minds the dialog now."""

    @abstractmethod
    def _hear_first(self, heard: Heard, now: float) -> None:
        """News of the call before it is established."""

    @abstractmethod
    def _take_media(self, event: MediaEvent, now: float) -> None: ...

    @abstractmethod
    def _negotiating(self) -> None:
        """The ends begin to speak fax with each other."""

    @abstractmethod
    def _missed(self, deadline: Any, now: float) -> None: ...

    @abstractmethod
    def _let_go(self, now: float) -> None:
        """End a call that is not established."""

    @abstractmethod
    def _report(self, now: float) -> None: ...

    # --- what both do

    def _trace(self, datagram: Datagram) -> None:
        self._ladder.sip(datagram.message, self._now, sent=True, again=datagram.again)

    def _hear(self, heard: list[Heard], now: float) -> None:
        for one in heard:
            match one:
                case OfferArrived():
                    self._take_offer(one, now)
                case AnswerArrived():
                    self._take_answer(one, now)
                case OfferRefused(status=status, reason=reason, wait=wait):
                    self._ladder.note(f"our offer was refused: {status} {reason}", now, LadderProtocol.T38)
                    self._switch.refused(wait, now)
                case DialogLost(reason=reason):
                    self._ladder.note(reason, now)
                    self._finish(CallEnd.FAR_HUNG_UP, now)
                case Bye(q850=q850):
                    self._record.q850 = q850
                    self._finish(CallEnd.FAR_HUNG_UP, now)
                case ByeDone():
                    self._signalling_done = True
                    self._settle(now)
                case _:
                    self._hear_first(one, now)

    def _read(self, body: bytes, now: float) -> Stream | None:
        """The stream that an answer, or the first offer, has for us."""
        try:
            return choose(Sdp.parse(body), t38=self._switch.allowed)
        except SdpError as error:
            self._ladder.note(f"the session description cannot be read: {error}", now)
            return None

    def _take_offer(self, heard: OfferArrived, now: float) -> None:
        assert self._established is not None
        stream = choose(heard.offer, t38=self._switch.allowed)
        if stream is None:
            self._established.refuse(heard, 488, now)
            return
        reply = answer(self._description, heard.offer, stream, self._port, self._max_rate)
        self._established.accept(heard, reply, now)
        self._start(stream, now)

    def _take_answer(self, heard: AnswerArrived, now: float) -> None:
        assert self._established is not None
        stream = choose(heard.answer, t38=self._switch.allowed)
        if stream is not None:
            self._start(stream, now)
            return
        # Accepted, and its only stream refused: back to what worked.
        self._switch.refused(None, now)
        self._ladder.note("the answer leaves no stream", now, LadderProtocol.T38)
        if not heard.refresh and self._established.can_offer:
            self._established.offer(audio_offer(self._description, self._port), now)

    def _start(self, stream: Stream, now: float) -> None:
        """Let the media session use this stream, unless it does already or the fax is past needing another one."""
        same = self._stream is not None and self._stream.like(stream)
        self._stream = stream
        if self._stage is not Stage.TALKING or same:
            return
        host, port = stream.far
        if stream.t38 is not None:
            self._switch.done()
            self._record.on_t38 = True
            self._negotiating()
            self._ladder.note(f"T.38 with {host_and_port(host, port)}", now, LadderProtocol.T38)
            self._out.append(StartT38(self.key, host, port, stream.max_datagram, stream.redundancy))
        elif self._switch.up and self._record.heard_on_t38:
            # Many go back to audio after the last page: the T.38 session has still to give its verdict.
            self._ladder.note("the far end went back to audio", now)
        else:
            self._switch.up = self._record.on_t38 = False
            self._out.append(StartAudio(self.key, host, port, stream.payload))

    def _ask_for_t38(self, now: float) -> None:
        assert self._established is not None
        if self._established.can_offer:
            self._switch.at = None
            self._established.offer(t38_offer(self._description, self._port, self._max_rate), now)
        else:
            self._switch.at = now + OFFER_AGAIN

    def _finish(self, end: CallEnd, now: float) -> None:
        """Begin to end the call, once; ``_report`` follows when media and signalling have said their last."""
        if self._end is not None:
            return
        self._end = end
        self._deadlines = {Ending.LIMIT: now + ENDING_LIMIT}
        self._out.append(CloseSession(self.key))
        if self._established is not None:
            self._established.bye(now)
        elif not self._signalling_done:
            self._let_go(now)
        self._stage = Stage.ENDING
        self._settle(now)

    def _settle(self, now: float) -> None:
        if self._stage is Stage.ENDING and self._media_done and self._signalling_done:
            self._close(now)

    def _close(self, now: float) -> None:
        self._stage = Stage.ENDED
        self._deadlines.clear()
        self._report(now)


class Ending(StrEnum):
    """The deadline that both ends share."""

    LIMIT = "the end of the call was not confirmed in time"
