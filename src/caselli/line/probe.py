"""One question to a trunk without a call, OPTIONS or REGISTER (RFC 3261 11 and 10), without a socket or a clock.

REGISTER goes out without a Contact: that only asks which addresses are registered (10.2.3) and changes nothing at the
provider. Its surface is that of ``Exchange``; ``events`` gives one ``ProbeReport``.
"""

from collections import deque
from dataclasses import dataclass, replace

from caselli.fax.outcome import CallEnd
from caselli.fax.probe import Found, ProbeReport, Question
from caselli.line.ladder import Ladder, plain
from caselli.line.leg import Place
from caselli.line.media.messages import MediaEvent, MediaOrder
from caselli.line.orders import Peer, ProbeOrder
from caselli.line.sip.address import NameAddress, SocketAddress, Uri, host_and_port
from caselli.line.sip.asking import ALLOW, SDP_TYPE
from caselli.line.sip.auth import MAX_ATTEMPTS, Credentials
from caselli.line.sip.message import Headers, MessageError, Request, Response, parse, response_to
from caselli.line.sip.sdp import Media, Sdp, SdpError
from caselli.line.sip.tokens import Tokens
from caselli.line.sip.transactions import (
    Datagram,
    NotDelivered,
    RequestArrived,
    ResponseArrived,
    TimedOut,
    Told,
    Transactions,
)
from caselli.line.sip.undelivered import Undelivered, Why

ANSWER_LIMIT = 12.0
"""Seconds for a final answer to each request: by then it was said six times. Timer F's 32 s keep a person waiting."""

MOST_METHODS = 30

NOT_DELIVERED = {Why.PORT_CLOSED: Found.PORT_CLOSED, Why.NO_WAY: Found.NO_ROUTE}

METHODS = {Question.OPTIONS: "OPTIONS", Question.REGISTRATION: "REGISTER"}


@dataclass(slots=True)
class _Asked:
    """The request under way. ``attempt``: how often it was challenged before."""

    request: Request
    at: float
    attempt: int = 0


class Probe:
    """Asks at once when it is made."""

    def __init__(
        self, order: ProbeOrder, now: float, *, address: SocketAddress, place: Place, tokens: Tokens | None = None
    ) -> None:
        """``address``: where the trunk's name leads."""
        tokens = tokens or Tokens()
        self.key = order.key
        self._order = order
        self._address = address
        self._place = place
        self._began = self._now = now
        self._ladder = Ladder(now)
        self._transactions = Transactions(place.local, tokens, self._trace)
        self._credentials = Credentials(order.peer.username, order.peer.password, tokens)
        self._call_id = tokens.call_id()
        self._tag = tokens.tag()
        self._cseq = 0
        self._repeats = 0
        self._progressed = False
        self._give_up_at: float | None = None
        self._report: ProbeReport | None = None
        self._events: deque[ProbeReport] = deque()
        self._asked = self._ask(0, now)

    @property
    def call_id(self) -> str:
        return self._call_id

    @property
    def over(self) -> bool:
        return self.ended and self._transactions.idle

    @property
    def ended(self) -> bool:
        return self._report is not None

    def receive(self, data: bytes, source: SocketAddress, now: float) -> None:
        self._now = now
        try:
            message = parse(data)
        except MessageError as error:
            self._ladder.unreadable(data, error, now)
            return
        self._ladder.sip(message, now, sent=False)
        told = self._transactions.receive(message, source, now)
        if told is not None:
            self._hear(told, now)

    def tick(self, now: float) -> None:
        self._now = now
        for told in self._transactions.tick(now):
            self._hear(told, now)
        if self._give_up_at is not None and self._give_up_at <= now:
            self._ladder.note("no answer in the time allowed", now)
            self._end_silent(now)

    def to_send(self) -> list[Datagram]:
        return self._transactions.take()

    def wake_at(self) -> float | None:
        times = (self._transactions.wake_at(), self._give_up_at)
        return min((at for at in times if at is not None), default=None)

    def events(self) -> list[ProbeReport]:
        out = list(self._events)
        self._events.clear()
        return out

    def undelivered(self, news: Undelivered, now: float) -> None:
        self._now = now
        if self._transactions.undelivered(news, now):
            self._ladder.note(f"the network says: {news.detail}", now)

    def media_orders(self) -> list[MediaOrder]:
        return []

    def media_event(self, event: MediaEvent, now: float) -> None:
        """There is no media."""

    def media_lost(self, now: float) -> None:
        """There is no media."""

    def hang_up(self, now: float, end: CallEnd = CallEnd.CANCELED) -> None:
        self.abandon(now, end)

    def abandon(self, now: float, end: CallEnd) -> None:
        self._now = now
        self._ladder.note("we end the question: " + end.value.replace("_", " "), now)
        self._end(Found.STOPPED, now)

    # --- asking

    def _ask(self, attempt: int, now: float) -> _Asked:
        self._cseq += 1
        self._progressed = False
        method = METHODS[self._order.question]
        peer, local = self._order.peer, self._place.local
        target = str(_target(peer))
        # As a call would: the trunk's domain. A registration is about a name at the trunk itself.
        home = peer.domain or (peer.host if method == "REGISTER" else local[0])
        ourselves = Uri(peer.username or "caselli", home)
        fields = [
            ("Max-Forwards", "70"),
            ("From", str(NameAddress(str(ourselves)).with_tag(self._tag))),
            ("To", str(NameAddress(str(ourselves) if method == "REGISTER" else target))),
            ("Call-ID", self._call_id),
            ("CSeq", f"{self._cseq} {method}"),
            ("User-Agent", "Caselli"),
        ]
        if method == "OPTIONS":
            fields += [("Contact", self._place.contact), ALLOW, ("Accept", SDP_TYPE)]
        request = self._credentials.apply(Request(method=method, uri=target, headers=Headers.of(*fields)))
        self._give_up_at = now + ANSWER_LIMIT
        return _Asked(self._transactions.request(request, self._address, now), now, attempt)

    def _trace(self, datagram: Datagram) -> None:
        self._repeats += datagram.again
        self._ladder.sip(datagram.message, self._now, sent=True, again=datagram.again)

    # --- hearing

    def _hear(self, told: Told, now: float) -> None:
        match told:
            case RequestArrived(request=request):
                self._hear_ourselves(request, now)
            case ResponseArrived(request=request, response=response) if request is self._asked.request:
                self._hear_response(response, now)
            case TimedOut(request=request) if request is self._asked.request:
                self._end_silent(now)
            case NotDelivered(request=request, undelivered=news) if request is self._asked.request:
                self._end(NOT_DELIVERED[news.why], now, detail=news.detail)
            case _:
                pass

    def _hear_ourselves(self, request: Request, now: float) -> None:
        """A request with our own Call-ID: the trunk's address leads back to this socket."""
        if request.method != "ACK":
            self._transactions.respond(request, response_to(request, 482, to_tag=self._tag), now)
        self._end(Found.OURSELVES, now)

    def _hear_response(self, response: Response, now: float) -> None:
        if response.status < 200:
            self._progressed = True
        elif response.status not in {401, 407}:
            self._end(Found.ANSWERED, now, response)
        elif not self.ended:
            self._hear_challenge(response, now)

    def _hear_challenge(self, response: Response, now: float) -> None:
        before = self._asked.attempt
        if self._credentials.learn(self._asked.request, response, before):
            self._asked = self._ask(before + 1, now)
        elif not self._order.peer.username:
            self._end(Found.LOGIN_WANTED, now, response)
        elif before == 0:
            self._end(Found.LOGIN_STRANGE, now, response)
        else:
            self._end(Found.LOGIN_LOOP if before >= MAX_ATTEMPTS else Found.LOGIN_WRONG, now, response)

    def _end_silent(self, now: float) -> None:
        self._end(Found.HALF_ANSWER if self._progressed else Found.NO_ANSWER, now)

    def _end(self, found: Found, now: float, response: Response | None = None, detail: str = "") -> None:
        if self.ended:
            return
        self._give_up_at = None
        if response is None:
            self._transactions.give_up(self._asked.request)
        self._report = replace(
            _heard(self._order, found, response),
            address=host_and_port(*self._address),
            detail=plain(detail),
            milliseconds=None if response is None else round((now - self._asked.at) * 1000, 1),
            repeats=self._repeats,
            logged_in=found is Found.ANSWERED and self._asked.attempt > 0,
            waited=round(now - self._began, 1),
            ladder=self._ladder.entries(),
        )
        self._events.append(self._report)


def _target(peer: Peer) -> Uri:
    """As a call to the trunk would write it, without a number."""
    port = peer.port if not peer.domain and peer.port != 5060 else None
    return Uri("", peer.domain or peer.host, port)


def _heard(order: ProbeOrder, found: Found, response: Response | None) -> ProbeReport:
    """What stands in the answer."""
    report = ProbeReport(order.question, found, order.peer.host, order.peer.port)
    if response is None:
        return report
    headers = response.headers
    return replace(
        report,
        code=response.status,
        phrase=plain(response.reason),
        product=plain(headers.get("Server") or headers.get("User-Agent") or ""),
        allow=tuple(plain(method, 20).upper() for method in headers.values("Allow")[:MOST_METHODS]),
        streams=_streams(response),
        bindings=len(headers.values("Contact")) if order.question is Question.REGISTRATION else 0,
    )


def _streams(response: Response) -> tuple[str, ...] | None:
    """What an answer to OPTIONS says of itself (11.2, RFC 3264 9: ports mean nothing there)."""
    if response.content_type != SDP_TYPE:
        return None
    try:
        media = Sdp.parse(response.body).media
    except SdpError:
        return None
    return tuple(dict.fromkeys(_name_of(one) for one in media))


def _name_of(media: Media) -> str:
    if media.is_image:
        return "T.38"
    return "audio by G.711" if media.payload is not None else plain(media.kind, 20)


def unplaced(order: ProbeOrder, found: Found, detail: str) -> ProbeReport:
    """Of a question that never went out; ``detail`` says why."""
    ladder = Ladder(0.0)
    ladder.note(detail, 0.0)
    report = ProbeReport(order.question, found, order.peer.host, order.peer.port, detail=plain(detail))
    return replace(report, ladder=ladder.entries())
