"""An answered call: the far end's requests in the dialog, our own, and BYE (RFC 3261 12 to 15, RFC 3311, RFC 6337)."""

from dataclasses import dataclass

from caselli.line.sip.asking import ALLOW, SDP_TYPE, SUPPORTED, Asking, Party
from caselli.line.sip.dialog import Dialog
from caselli.line.sip.heard import (
    Acknowledged,
    AnswerArrived,
    Bye,
    ByeDone,
    DialogLost,
    Heard,
    OfferArrived,
    q850_of,
)
from caselli.line.sip.message import Request, Response, response_to
from caselli.line.sip.sdp import Sdp, SdpError
from caselli.line.sip.session_timer import LEAST
from caselli.line.sip.transaction import T1, T2
from caselli.line.sip.transactions import NotDelivered, RequestArrived, ResponseArrived, TimedOut, Told

KNOWN_EXTENSIONS = frozenset({"timer"})


@dataclass(slots=True)
class _Unacknowledged:
    """Our 2xx to an INVITE is said again until its ACK comes (13.3.1.4)."""

    request: Request
    response: Response
    offered: bool
    first: bool
    interval: float
    at: float
    give_up_at: float


class Established:
    """Both ends use it, the caller after ``acknowledge``, the callee after ``await_acknowledgement``."""

    def __init__(self, party: Party) -> None:
        self._party = party
        self._asking = Asking(party)
        self._unacknowledged: _Unacknowledged | None = None
        self._bye: Request | None = None
        self._bye_attempt = 0
        self._bye_wanted = False
        self._over = False

    @property
    def over(self) -> bool:
        """BYE was sent or received."""
        return self._over

    @property
    def can_offer(self) -> bool:
        return not (self._over or self._bye_wanted or self._asking.busy or self._unacknowledged is not None)

    def acknowledge(self, invite: Request, response: Response, now: float) -> None:
        """The caller's first 2xx arrived."""
        self._party.timer.confirmed(response, now)
        self._asking.acknowledge(invite, response)

    def await_acknowledgement(self, invite: Request, response: Response, now: float, *, offered: bool) -> None:
        """The callee's first 2xx has just been sent; ``offered``: it held an offer, whose answer the ACK brings."""
        self._unacknowledged = _Unacknowledged(invite, response, offered, True, T1, now + T1, now + 64 * T1)

    def offer(self, sdp: Sdp, now: float) -> None:
        """Re-INVITE; only when ``can_offer``."""
        self._asking.offer(sdp, now)

    def accept(self, arrived: OfferArrived, answer: Sdp, now: float) -> None:
        self._accept(arrived.request, answer.serialize(), now, offered=False)

    def refuse(self, arrived: OfferArrived, status: int, now: float) -> None:
        self._respond(arrived.request, status, now)

    def bye(self, now: float) -> None:
        """Hang up. Before the far end has acknowledged our very first 2xx this must wait (15)."""
        if self._over or self._bye_wanted:
            return
        if self._unacknowledged is not None and self._unacknowledged.first:
            self._bye_wanted = True
        else:
            self._send_bye(now)

    def _send_bye(self, now: float) -> None:
        self._end()
        request = self._party.credentials.apply(self._party.dialog.request("BYE"))
        self._bye = self._party.transactions.request(request, self._party.dialog.address(), now)

    def _end(self) -> None:
        self._over = True
        self._bye_wanted = False
        self._unacknowledged = None
        self._asking.drop()
        self._party.timer.at = None

    def receive(self, told: Told, now: float) -> list[Heard]:
        match told:
            case RequestArrived(request=request):
                return self._receive_request(request, now)
            case ResponseArrived(request=request, response=response):
                return self._receive_response(request, response, told, now)
            case TimedOut(request=request) | NotDelivered(request=request):
                return self._receive_timeout(request)

    def _receive_response(self, request: Request, response: Response, told: ResponseArrived, now: float) -> list[Heard]:
        if self._bye is not None and request.cseq == self._bye.cseq:
            return self._bye_answered(response, now)
        if self._asking.concerns(request):
            return self._asking.receive(response, now)
        if request.method == "INVITE" and 200 <= response.status < 300:
            if response.recipient.tag == self._party.dialog.remote.tag:
                self._asking.acknowledge(request, response)
            else:
                self._dismiss_fork(request, response, told, now)
        return []

    def _bye_answered(self, response: Response, now: float) -> list[Heard]:
        assert self._bye is not None
        if response.status < 200:
            return []
        challenged = response.status in {401, 407}
        if challenged and self._party.credentials.learn(self._bye, response, self._bye_attempt):
            self._bye_attempt += 1
            self._send_bye(now)
            return []
        self._bye = None
        return [ByeDone()]

    def _dismiss_fork(self, invite: Request, response: Response, told: ResponseArrived, now: float) -> None:
        """13.2.2.4: a second far end answered the same INVITE; there is only one fax, so it is thanked and let go."""
        fork = Dialog.of_response(invite, response, told.source)
        number, _ = invite.cseq
        transactions = self._party.transactions
        transactions.acknowledge(fork.request("ACK", cseq=number), fork.address())
        transactions.request(self._party.credentials.apply(fork.request("BYE")), fork.address(), now)

    def _receive_timeout(self, request: Request) -> list[Heard]:
        if self._bye is not None and request.cseq == self._bye.cseq:
            self._bye = None
            return [ByeDone()]
        return self._asking.timed_out() if self._asking.concerns(request) else []

    def _receive_request(self, request: Request, now: float) -> list[Heard]:
        if request.method == "ACK":
            return self._receive_ack(request, now)
        status = self._objection(request)
        if status:
            self._respond(request, status, now)
            return []
        match request.method:
            case "BYE":
                self._end()
                self._respond(request, 200, now)
                return [Bye(q850_of(request)), ByeDone()]
            case "INVITE" | "UPDATE":
                return self._receive_offer(request, now)
            case "OPTIONS":
                self._respond(request, 200, now)
            case "INFO":
                # RFC 6086 4.2.2: an empty one only asks whether we are there.
                self._respond(request, 415 if request.body else 200, now)
            case "CANCEL":
                # 9.2: re-INVITEs are answered at once, so it always comes too late.
                found = self._party.transactions.cancelled_by(request) is not None
                self._respond(request, 200 if found else 481, now)
            case _:
                self._respond(request, 405, now)
        return []

    def _objection(self, request: Request) -> int:
        """The status by which a request is turned away before it is looked at, or 0."""
        if request.method == "CANCEL":
            return 0
        if not self._party.dialog.owns(request) or (self._over and request.method != "BYE"):
            return 481
        if not self._party.dialog.follows(request):
            return 500
        if request.headers.tokens("Require") - KNOWN_EXTENSIONS:
            return 420
        return 0

    def _receive_offer(self, request: Request, now: float) -> list[Heard]:
        status = self._offer_objection(request)
        if status:
            self._respond(request, status, now)
            return []
        self._party.dialog.retarget(request)
        if not request.body and request.method == "UPDATE":
            self._accept(request, b"", now, offered=False)
            return []
        if not request.body:
            # 14.2: a re-INVITE without an offer gets ours, of what holds.
            self._accept(request, self._party.local.current().serialize(), now, offered=True)
            return []
        try:
            return [OfferArrived(request, Sdp.parse(request.body))]
        except SdpError:
            self._respond(request, 400, now)
            return []

    def _offer_objection(self, request: Request) -> int:
        if self._bye_wanted:
            return 481
        offers = request.method == "INVITE" or bool(request.body)
        if offers and (self._asking.offering or (self._unacknowledged is not None and self._unacknowledged.offered)):
            return 491
        if request.body and request.content_type != SDP_TYPE:
            return 415
        return 422 if self._party.timer.too_small(request) else 0

    def _accept(self, request: Request, body: bytes, now: float, *, offered: bool) -> None:
        fields = [("Contact", self._party.dialog.contact), ALLOW, SUPPORTED, *self._party.timer.accept(request, now)]
        response = response_to(request, 200, *fields, body=body, content_type=SDP_TYPE)
        self._party.transactions.respond(request, response, now)
        if request.method == "INVITE":
            # RFC 5407 3.1.4: whoever sends the next INVITE has our 2xx before it, so its missing ACK matters no more.
            self._unacknowledged = _Unacknowledged(request, response, offered, False, T1, now + T1, now + 64 * T1)

    def _respond(self, request: Request, status: int, now: float) -> None:
        fields: list[tuple[str, str]] = [ALLOW]
        match status:
            case 415:
                fields.append(("Accept", SDP_TYPE))
            case 420:
                unknown = request.headers.tokens("Require") - KNOWN_EXTENSIONS
                fields.append(("Unsupported", ", ".join(sorted(unknown))))
            case 422:
                fields.append(("Min-SE", str(LEAST)))
            case 500:
                fields.append(("Retry-After", "1"))
            case 200 if request.method == "OPTIONS":
                fields += [("Accept", SDP_TYPE), SUPPORTED]
        response = response_to(request, status, *fields, to_tag=self._party.dialog.local.tag or "")
        self._party.transactions.respond(request, response, now)

    def _receive_ack(self, ack: Request, now: float) -> list[Heard]:
        waiting = self._unacknowledged
        if waiting is None or ack.cseq[0] != waiting.request.cseq[0]:
            return []
        self._unacknowledged = None
        heard: list[Heard] = [Acknowledged()]
        if waiting.offered:
            try:
                answer = Sdp.parse(ack.body)
            except SdpError as error:
                heard.append(DialogLost(f"the answer in the ACK cannot be read: {error}"))
            else:
                self._party.local.agree()
                heard.append(AnswerArrived(answer, refresh=not waiting.first))
        if self._bye_wanted:
            self._send_bye(now)
        return heard

    def tick(self, now: float) -> list[Heard]:
        heard = self._asking.tick(now)
        waiting = self._unacknowledged
        if waiting is not None and waiting.give_up_at <= now:
            self._unacknowledged = None
            if self._bye_wanted:
                self._send_bye(now)
            heard.append(DialogLost("our answer was never acknowledged"))
        elif waiting is not None and waiting.at <= now:
            waiting.interval = min(2 * waiting.interval, T2)
            waiting.at = now + waiting.interval
            self._party.transactions.respond(waiting.request, waiting.response, now)
        timer = self._party.timer
        if timer.at is not None and timer.at <= now:
            heard += self._session_timer_fired(now)
        return heard

    def _session_timer_fired(self, now: float) -> list[Heard]:
        timer = self._party.timer
        if not timer.ours:
            timer.at = None
            return [DialogLost("the far end did not refresh the session")]
        if not self.can_offer:
            timer.postpone(now, 1.0)
            return []
        # Until the answer sets it anew: a refresh that gets lost ends in DialogLost by itself.
        timer.at = None
        self._asking.refresh(now)
        return []

    def wake_at(self) -> float | None:
        waiting = self._unacknowledged
        times = [self._asking.wake_at(), self._party.timer.at, min(waiting.at, waiting.give_up_at) if waiting else None]
        return min((at for at in times if at is not None), default=None)
