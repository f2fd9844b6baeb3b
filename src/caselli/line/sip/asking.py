"""Our own re-INVITE and UPDATE within a dialog, and all the ways in which they may be put off (RFC 3261 14.1, 4028)."""

from dataclasses import dataclass

from caselli.line.sip.auth import Credentials
from caselli.line.sip.dialog import Dialog
from caselli.line.sip.heard import AnswerArrived, DialogLost, Heard, OfferRefused, retry_after_of
from caselli.line.sip.message import Request, Response
from caselli.line.sip.sdp import LocalDescription, Sdp, SdpError
from caselli.line.sip.session_timer import SessionTimer
from caselli.line.sip.tokens import Tokens
from caselli.line.sip.transactions import Datagram, Transactions

ANSWER_LIMIT = 32.0
"""Seconds for a final response to a re-INVITE, which no person answers. INVITE transactions have no such timer."""

ALLOW = ("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE")
SUPPORTED = ("Supported", "timer")
SDP_TYPE = "application/sdp"


@dataclass(slots=True)
class Party:
    """What the two halves of an established call share. ``caller``: this end made the call (owns the Call-ID)."""

    dialog: Dialog
    transactions: Transactions
    local: LocalDescription
    timer: SessionTimer
    credentials: Credentials
    tokens: Tokens
    caller: bool
    far_allows: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Pending:
    request: Request
    body: bytes
    refresh: bool
    attempt: int
    give_up_at: float


class Asking:
    """At most one request of ours is under way (14.1)."""

    def __init__(self, party: Party) -> None:
        self._party = party
        self._pending: _Pending | None = None
        self._acks: dict[int, Datagram] = {}

    @property
    def busy(self) -> bool:
        return self._pending is not None

    @property
    def offering(self) -> bool:
        """An offer of ours waits for its answer: the far end's must be refused by 491."""
        return self._pending is not None and bool(self._pending.body)

    def offer(self, sdp: Sdp, now: float) -> None:
        """Send a re-INVITE with this offer. Not while ``busy``."""
        self._ask("INVITE", sdp.serialize(), now, refresh=False)

    def refresh(self, now: float) -> None:
        """Keep the session alive: by UPDATE, which touches no media, where the far end knows it (RFC 4028 7.4)."""
        if "update" in self._party.far_allows:
            self._ask("UPDATE", b"", now, refresh=True)
        else:
            self._ask("INVITE", self._party.local.current().serialize(), now, refresh=True)

    def _ask(self, method: str, body: bytes, now: float, *, refresh: bool, attempt: int = 0) -> None:
        fields = [ALLOW, SUPPORTED, *self._party.timer.request_fields()]
        request = self._party.dialog.request(method, *fields, body=body, content_type=SDP_TYPE)
        request = self._party.credentials.apply(request)
        sent = self._party.transactions.request(request, self._party.dialog.address(), now)
        self._pending = _Pending(sent, body, refresh, attempt, now + ANSWER_LIMIT)

    def acknowledge(self, invite: Request, response: Response) -> None:
        """ACK a 2xx, with the credentials of its INVITE (22.1); a repeated 2xx gets the same ACK again."""
        number, _ = invite.cseq
        known = self._acks.get(number)
        if known is not None:
            self._party.transactions.repeat(known)
            return
        self._party.dialog.retarget(response)
        fields = [
            (name, value) for name in ("Authorization", "Proxy-Authorization") for value in invite.headers.lines(name)
        ]
        ack = self._party.dialog.request("ACK", *fields, cseq=number)
        self._acks[number] = self._party.transactions.acknowledge(ack, self._party.dialog.address())

    def concerns(self, request: Request) -> bool:
        return self._pending is not None and self._pending.request.cseq == request.cseq

    def receive(self, response: Response, now: float) -> list[Heard]:
        """A response to the request under way."""
        pending = self._pending
        if pending is None or response.status < 200:
            return []
        self._pending = None
        if response.status < 300:
            return self._succeeded(pending, response, now)
        return self._failed(pending, response, now)

    def _succeeded(self, pending: _Pending, response: Response, now: float) -> list[Heard]:
        if pending.request.method == "INVITE":
            self.acknowledge(pending.request, response)
        else:
            self._party.dialog.retarget(response)
        self._party.timer.confirmed(response, now)
        if not pending.body:
            return []
        try:
            answer = Sdp.parse(response.body)
        except SdpError as error:
            return [DialogLost(f"the answer to our offer cannot be read: {error}")]
        self._party.local.agree()
        return [AnswerArrived(answer, pending.refresh)]

    def _failed(self, pending: _Pending, response: Response, now: float) -> list[Heard]:
        status = response.status
        again = (
            status in {401, 407} and self._party.credentials.learn(pending.request, response, pending.attempt)
        ) or (status == 422 and self._party.timer.raise_to(response))
        if again:
            method = pending.request.method
            self._ask(method, pending.body, now, refresh=pending.refresh, attempt=pending.attempt + 1)
            return []
        if status in {408, 481}:
            return [DialogLost(f"{status} {response.reason}")]
        if pending.refresh:
            self._party.timer.postpone(now, self._wait_after(response) or 10.0)
            if pending.request.method == "UPDATE" and status in {405, 501}:
                self._party.far_allows -= {"update"}
            return []
        return [OfferRefused(status, response.reason, self._wait_after(response))]

    def _wait_after(self, response: Response) -> float | None:
        """14.1: after a glare the owner of the Call-ID waits 2.1 to 4 s, the other end up to 2 s: one comes first."""
        if response.status == 491:
            low, high = (2.1, 4.0) if self._party.caller else (0.0, 2.0)
            return round(self._party.tokens.uniform(low, high), 2)
        seconds = retry_after_of(response)
        return float(seconds) if response.status == 500 and seconds is not None and seconds <= 10 else None

    def timed_out(self) -> list[Heard]:
        """Timers B and F: nothing came at all."""
        self._pending = None
        return [DialogLost("no answer to our request in the call")]

    def tick(self, now: float) -> list[Heard]:
        if self._pending is not None and self._pending.give_up_at <= now:
            self._party.transactions.give_up(self._pending.request)
            return self.timed_out()
        return []

    def wake_at(self) -> float | None:
        return self._pending.give_up_at if self._pending is not None else None

    def drop(self) -> None:
        """The dialog is over: nothing is asked any more, and late answers mean nothing."""
        self._pending = None
