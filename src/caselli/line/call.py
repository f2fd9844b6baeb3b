"""One outgoing fax call: signalling and fax policy, without a socket or a clock.

The course: open a media session, INVITE with audio, T.38 by re-INVITE of either end (switch.py says when by ours) or
G.711 if that is refused, pages, the session's verdict, BYE, one ``CallEnded``. The call may outlive its report a
little, to answer repetitions. Its surface is that of ``Leg``.
"""

from collections import deque
from enum import StrEnum
from typing import Any

from caselli.fax.outcome import CallEnd
from caselli.line.answer import audio_offer
from caselli.line.leg import Ending, Leg, Place, Stage
from caselli.line.media.messages import (
    FaxHeard,
    FrameSeen,
    LastPageOut,
    MediaEvent,
    Negotiated,
    OpenSession,
    PageEnded,
    PageStarted,
    Role,
    SessionEnded,
    SessionOpened,
)
from caselli.line.orders import CallEnded, CallEvent, CallOrder, FinalPageOut, PageConfirmed, Phase, PhaseChanged
from caselli.line.sip.address import NameAddress, SocketAddress, Uri
from caselli.line.sip.asking import Party
from caselli.line.sip.auth import Credentials
from caselli.line.sip.caller import Caller, Invitation
from caselli.line.sip.dialog import Dialog
from caselli.line.sip.established import Established
from caselli.line.sip.heard import Answered, CredentialsRefused, Heard, Progress, Refused
from caselli.line.sip.tokens import Tokens
from caselli.line.sip.transactions import Told

OPENING_LIMIT = 10.0
"""Seconds for the media worker to give a socket."""


class Deadline(StrEnum):
    OPENING = "the media worker gave no socket"
    RING = "nobody answered in the time allowed"
    NEGOTIATION = "no fax began to negotiate in the time allowed"
    CALL = "the call took longer than allowed"


class Call(Leg):
    """The caller's end."""

    def __init__(
        self, order: CallOrder, now: float, *, address: SocketAddress, place: Place, tokens: Tokens | None = None
    ) -> None:
        """``address``: where the trunk's name leads."""
        gear = order.gear
        tokens = tokens or Tokens()
        super().__init__(order.key, now, place, tokens, t38=gear.t38 and order.peer.t38, max_rate=gear.max_rate)
        self._order = order
        self._events: deque[CallEvent] = deque()
        self._credentials = Credentials(order.peer.username, order.peer.password, tokens)
        invitation = _invitation(order, address, place)
        self._caller = Caller(invitation, self._transactions, self._credentials, self._timer, tokens)
        self._progressed = False
        self._shown: tuple[Phase, int] | None = None
        self._deadlines = {Deadline.OPENING: now + OPENING_LIMIT, Deadline.CALL: now + order.call_limit}
        self._out.append(
            OpenSession(
                order.key,
                Role.SEND,
                calling=True,
                document=str(order.document),
                station_id=order.station_id,
                first_page=order.first_page,
                pages=order.pages,
                max_rate=gear.max_rate,
                ecm=gear.ecm,
            )
        )

    @property
    def call_id(self) -> str:
        return self._caller.call_id

    def tick(self, now: float) -> None:
        super().tick(now)
        self._hear(self._caller.tick(now), now)

    def wake_at(self) -> float | None:
        times = (super().wake_at(), self._caller.wake_at())
        return min((at for at in times if at is not None), default=None)

    def events(self) -> list[CallEvent]:
        out = list(self._events)
        self._events.clear()
        return out

    def _tell(self, told: Told, now: float) -> list[Heard]:
        if self._established is not None:
            return self._established.receive(told, now)
        return self._caller.receive(told, now)

    def _opened(self, port: int, now: float) -> None:
        if self._stage is not Stage.OPENING:
            return
        self._port = port
        self._stage = Stage.CALLING
        self._deadlines.pop(Deadline.OPENING, None)
        self._deadlines[Deadline.RING] = now + self._order.ring_limit
        self._show(Phase.DIALLING)
        self._caller.start(audio_offer(self._description, port).serialize(), now)

    def _hear_first(self, heard: Heard, now: float) -> None:
        match heard:
            case Progress(status=status):
                self._progressed = True
                if status > 100:
                    self._show(Phase.RINGING)
            case Answered():
                self._answered(heard, now)
            case Refused() | CredentialsRefused():
                self._refused(heard, now)
            case _:
                pass

    def _refused(self, heard: Refused | CredentialsRefused, now: float) -> None:
        self._signalling_done = True
        if isinstance(heard, CredentialsRefused):
            self._record.sip_result(heard.response)
            self._finish(CallEnd.AUTHENTICATION_FAILED, now)
        elif heard.response is None:
            self._record.sip_code, self._record.sip_phrase = heard.status, heard.reason
            # Whom the trunk sent us to is not the trunk, which did answer.
            self._finish(CallEnd.REJECTED if self._caller.redirected else CallEnd.UNREACHABLE, now)
        else:
            self._record.sip_result(heard.response)
            self._finish(CallEnd.REJECTED, now)
        self._settle(now)

    def _answered(self, heard: Answered, now: float) -> None:
        self._record.sip_result(heard.response)
        self._record.answered_at = now
        self._establish(heard, now)
        assert self._established is not None
        if self._end is not None:
            # It was quicker than our CANCEL (9.1).
            self._established.bye(now)
            return
        self._stage = Stage.TALKING
        self._deadlines.pop(Deadline.RING, None)
        self._deadlines[Deadline.NEGOTIATION] = now + self._order.negotiation_limit
        self._show(Phase.ANSWERED)
        stream = self._read(heard.response.body or heard.early_body, now)
        if stream is None:
            self._record.sip_code, self._record.sip_phrase = 488, "the answer leaves no stream"
            self._finish(CallEnd.REJECTED, now)
            return
        self._switch.answered(now)
        self._start(stream, now)

    def _establish(self, heard: Answered, now: float) -> None:
        self._description.agree()
        party = Party(
            dialog=Dialog.of_response(heard.invite, heard.response, heard.source),
            transactions=self._transactions,
            local=self._description,
            timer=self._timer,
            credentials=self._credentials,
            tokens=self._tokens,
            caller=True,
            far_allows=heard.response.headers.tokens("Allow"),
        )
        self._established = Established(party)
        self._established.acknowledge(heard.invite, heard.response, now)

    def _take_media(self, event: MediaEvent, now: float) -> None:
        match event:
            case SessionOpened(port=port):
                self._opened(port, now)
            case SessionEnded():
                self._media_ended(now)
            case LastPageOut():
                self._show(Phase.CONFIRMING, self._order.pages)
                self._events.append(FinalPageOut(self.key))
            case PageStarted(number=number):
                self._show(Phase.SENDING, number)
            case PageEnded(page=page) if page.confirmed:
                self._events.append(PageConfirmed(self.key, page))
            case _:
                self._take_sign(event, now)

    def _take_sign(self, event: MediaEvent, now: float) -> None:
        """Signs of life from the far machine."""
        match event:
            case FaxHeard(tone=tone) if tone != "CNG":
                self._switch.fax_heard(now)
                self._negotiating()
            case FrameSeen(sent=False):
                self._switch.fax_heard(now)
                self._deadlines.pop(Deadline.NEGOTIATION, None)
                self._negotiating()
            case Negotiated() if not self._switch.up:
                self._switch.began_in_audio()
            case _:
                pass

    def _negotiating(self) -> None:
        if self._shown == (Phase.ANSWERED, 0):
            self._show(Phase.NEGOTIATING)

    def _media_ended(self, now: float) -> None:
        self._media_done = True
        if self._stage is Stage.OPENING and self._record.t30_code is None:
            self._finish(CallEnd.MEDIA_LOST, now)  # it never opened
        elif self._stage is Stage.TALKING and not self._record.heard_far:
            self._finish(CallEnd.NO_FAX, now)
        else:
            self._finish(CallEnd.T30_FAILED, now)
        self._settle(now)

    def _missed(self, deadline: Any, now: float) -> None:
        match deadline:
            case Deadline.OPENING:
                self._media_done = True
                self._finish(CallEnd.MEDIA_LOST, now)
            case Deadline.RING:
                self._finish(CallEnd.NO_ANSWER if self._progressed else CallEnd.UNREACHABLE, now)
            case Deadline.NEGOTIATION:
                self._finish(CallEnd.NO_FAX, now)
            case Deadline.CALL:
                self._finish(CallEnd.TOO_LONG, now)
            case Ending.LIMIT:
                self._close(now)

    def _finish(self, end: CallEnd, now: float) -> None:
        if self._end is None and self._stage is not Stage.OPENING and not self._signalling_done:
            self._show(Phase.HANGING_UP)
        super()._finish(end, now)

    def _let_go(self, now: float) -> None:
        if self._stage is Stage.OPENING:
            self._signalling_done = True
        else:
            self._caller.cancel(now)

    def _report(self, now: float) -> None:
        assert self._end is not None
        complete = self._record.confirmed(self._order.first_page, self._order.pages)
        end = CallEnd.COMPLETED if complete else self._end
        self._events.append(CallEnded(self.key, self._record.report(end, now)))

    def _show(self, phase: Phase, page: int = 0) -> None:
        if self._shown != (phase, page) and not self.ended:
            self._shown = (phase, page)
            self._events.append(PhaseChanged(self.key, phase, page))


def _invitation(order: CallOrder, address: SocketAddress, place: Place) -> Invitation:
    peer = order.peer
    port = peer.port if not peer.domain and peer.port != 5060 else None
    uri = Uri(order.called, peer.domain or peer.host, port)
    sender = Uri(order.calling or "anonymous", peer.domain or place.local[0])
    return Invitation(
        uri=uri,
        sender=NameAddress(str(sender)),
        recipient=NameAddress(str(uri)),
        contact=place.contact,
        address=address,
    )
