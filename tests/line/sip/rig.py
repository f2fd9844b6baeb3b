"""One call of ours against a far end that a test plays by hand, in virtual time."""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

from caselli.fax.outcome import CallReport, PageReport
from caselli.line.call import Call
from caselli.line.leg import Place
from caselli.line.media.messages import (
    FrameSeen,
    LastPageOut,
    MediaEvent,
    MediaOrder,
    Negotiated,
    PageEnded,
    PageStarted,
    SessionEnded,
    SessionOpened,
)
from caselli.line.orders import CallEnded, CallEvent, CallOrder, Peer, PhaseChanged
from caselli.line.sip.address import NameAddress
from caselli.line.sip.message import Headers, Message, Request, Response, parse, response_to
from caselli.line.sip.tokens import Tokens
from caselli.line.sip.undelivered import Undelivered, Why

TRUNK = ("192.0.2.9", 5060)
OURS = ("192.0.2.1", 5070)
MEDIA_PORT = 31_000
TAG = "far"

PEER = Peer("trunk", TRUNK[0], TRUNK[1], username="office", password="secret")
ORDER = CallOrder("k1", PEER, "+12025550100", "+12025550200", Path("/fax.tif"), 1, "+1 202 555 0200")

AUDIO = b"v=0\r\no=far 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n"
T38 = (
    b"v=0\r\no=far 1 2 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=image 40002 udptl t38\r\n"
    b"a=T38FaxVersion:0\r\na=T38MaxBitRate:14400\r\na=T38FaxRateManagement:transferredTCF\r\n"
    b"a=T38FaxMaxDatagram:320\r\na=T38FaxUdpEC:t38UDPRedundancy\r\n"
)
NO_STREAM = T38.replace(b"m=image 40002", b"m=image 0")
SDP = "application/sdp"
REFUSED = "Connection refused"


def returned(request: Request, address: tuple[str, int] = TRUNK, why: Why = Why.PORT_CLOSED) -> Undelivered:
    """As the network gives it back, cut after 500 bytes."""
    return Undelivered(request.serialize()[:500], address, why, REFUSED)


class Rig:
    """``sent``: every message of ours; ``events`` and ``orders`` as they came."""

    def __init__(
        self, *, order: CallOrder = ORDER, far_allows: str = "INVITE, ACK, BYE, CANCEL, OPTIONS", **changes: Any
    ):
        self.now = 100.0
        self.order = replace(order, **changes)
        tokens = Tokens(random.Random(7))
        self.call = Call(self.order, self.now, address=TRUNK, place=Place(OURS, OURS[0]), tokens=tokens)
        self.sent: list[tuple[float, Message]] = []
        self.addresses: list[tuple[str, int]] = []
        self.events: list[CallEvent] = []
        self.orders: list[MediaOrder] = []
        self.far_allows = far_allows
        self.target = OURS
        self._cseq = 10
        self._branch = 0
        self._taken = 0
        self.pump()

    def pump(self) -> None:
        for datagram in self.call.to_send():
            self.sent.append((round(self.now - 100.0, 3), parse(datagram.data)))
            self.addresses.append(datagram.address)
        self.orders += self.call.media_orders()
        self.events += self.call.events()

    def run(self, seconds: float) -> None:
        """Let time pass; the call is woken when it wants to be."""
        end = self.now + seconds
        while (at := self.call.wake_at()) is not None and at <= end:
            self.now = max(self.now, at)
            self.call.tick(self.now)
            self.pump()
        self.now = end

    def feed(self, message: Message, source: tuple[str, int] = TRUNK) -> None:
        self.call.receive(message.serialize(), source, self.now)
        self.pump()

    def media(self, *events: MediaEvent) -> None:
        for event in events:
            self.call.media_event(event, self.now)
            self.pump()

    # --- what came from us

    def requests(self, method: str) -> list[Request]:
        """Without repetitions, but for ACK, which has no other way to come twice."""
        return [request for _, request in self._first(method)]

    def times(self, method: str) -> list[float]:
        """Seconds from the beginning of the call."""
        return [at for at, _ in self._first(method)]

    def _first(self, method: str) -> list[tuple[float, Request]]:
        found: list[tuple[float, Request]] = []
        for at, message in self.sent:
            if isinstance(message, Request) and message.method == method:
                again = any(message == known for _, known in found)
                if method == "ACK" or not again:
                    found.append((at, message))
        return found

    def all_times(self, method: str) -> list[float]:
        """Repetitions included."""
        return [at for at, message in self.sent if isinstance(message, Request) and message.method == method]

    def responses(self, method: str) -> list[Response]:
        return [message for _, message in self.sent if isinstance(message, Response) and message.cseq[1] == method]

    def ordered(self, kind: type) -> list[Any]:
        return [order for order in self.orders if isinstance(order, kind)]

    def phases(self) -> list[str]:
        return [event.phase.value for event in self.events if isinstance(event, PhaseChanged)]

    def reports(self) -> list[CallReport]:
        return [event.report for event in self.events if isinstance(event, CallEnded)]

    @property
    def report(self) -> CallReport:
        (one,) = self.reports()
        return one

    # --- what the far end does

    def dial(self) -> Request:
        """The media session opens; returns our INVITE."""
        self.media(SessionOpened(self.order.key, MEDIA_PORT))
        return self.requests("INVITE")[-1]

    def reply(
        self,
        request: Request,
        status: int,
        *fields: tuple[str, str],
        body: bytes = b"",
        tag: str = TAG,
        reason: str = "",
    ) -> None:
        known = status if status in {100, 180, 200, 487, 488, 491, 422, 401, 481, 486, 500, 503} else 400
        response = response_to(request, known, *fields, to_tag=tag, body=body, content_type=SDP)
        self.feed(replace(response, status=status, reason=reason or response.reason))

    def pick_up(self, request: Request, *fields: tuple[str, str], body: bytes = AUDIO, tag: str = TAG) -> None:
        contact = ("Contact", f"<sip:far@{TRUNK[0]}:{TRUNK[1]}>")
        self.reply(request, 200, contact, ("Allow", self.far_allows), *fields, body=body, tag=tag)

    def talk(self) -> Request:
        """Up to the answer with audio."""
        invite = self.dial()
        self.reply(invite, 180)
        self.pick_up(invite)
        return invite

    def demand(self, method: str, *fields: tuple[str, str], body: bytes = b"", cseq: int | None = None) -> Request:
        """A request of the far end in the dialog; returns it, to find the response by."""
        invite = self.requests("INVITE")[0]
        if cseq is None:
            self._cseq += 1
            cseq = self._cseq
        self._branch += 1
        head = [
            ("Via", f"SIP/2.0/UDP {TRUNK[0]}:{TRUNK[1]};branch=z9hG4bKfar{self._branch};rport"),
            ("Max-Forwards", "70"),
            ("From", str(NameAddress(invite.recipient.uri).with_tag(TAG))),
            ("To", invite.headers.get("From") or ""),
            ("Call-ID", invite.call_id),
            ("CSeq", f"{cseq} {method}"),
            *fields,
        ]
        if body:
            head.append(("Content-Type", SDP))
        request = Request(method=method, uri=f"sip:caselli@{OURS[0]}:{OURS[1]}", headers=Headers.of(*head), body=body)
        self.feed(request)
        return request

    def answer_to(self, request: Request) -> Response:
        """Our final response to a request of the far end."""
        found = [one for one in self.responses(request.method) if one.cseq == request.cseq and one.status >= 200]
        return found[-1]

    def acknowledge(self, request: Request) -> None:
        self.demand("ACK", cseq=request.cseq[0])

    def switch_to_t38(self) -> None:
        """By the far end's re-INVITE."""
        request = self.demand("INVITE", body=T38)
        assert self.answer_to(request).status == 200
        self.acknowledge(request)

    # --- what the media session says

    def fax_goes(self, pages: int = 1, first: int = 1) -> None:
        key = self.order.key
        self.media(FrameSeen(key, self.now, False, "DIS", "ff"), Negotiated(key, self.now, "+1 999", 14400, True))
        for number in range(first, first + pages):
            self.media(PageStarted(key, self.now, number))
            self.run(3)
            if number == self.order.pages:
                self.media(LastPageOut(key, self.now))
            self.media(PageEnded(key, self.now, PageReport(number, confirmed=True, rate=14400, ecm=True)))

    def fax_ends(self, code: int = 0, text: str = "OK", pages: int = 1) -> None:
        self.media(SessionEnded(self.order.key, self.now, code, text, pages, 14400, True, "+1 999"))

    def finish(self) -> None:
        """Answer our BYE."""
        self.reply(self.requests("BYE")[-1], 200)
