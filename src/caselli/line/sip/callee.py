"""The first INVITE of a call that we take, until it is answered, refused or taken back (RFC 3261 8.2, 9.2, 13.3)."""

from caselli.line.sip.address import SocketAddress
from caselli.line.sip.asking import ALLOW, SDP_TYPE, SUPPORTED
from caselli.line.sip.dialog import Dialog
from caselli.line.sip.message import Request, Response, response_to
from caselli.line.sip.session_timer import SessionTimer
from caselli.line.sip.transactions import RequestArrived, Told, Transactions

RING_AGAIN = 60.0
"""Seconds; 13.3.1.1: a proxy on the way gives up after three minutes without a provisional response."""


class Callee:
    """``tag``: ours, from the first 180 on."""

    def __init__(
        self,
        invite: Request,
        source: SocketAddress,
        transactions: Transactions,
        timer: SessionTimer,
        *,
        tag: str,
        contact: str,
    ) -> None:
        self.invite = invite
        self.source = source
        self._transactions = transactions
        self._timer = timer
        self._tag = tag
        self._contact = contact
        self._ring_at: float | None = None
        self.cancelled = False

    def ring(self, now: float) -> None:
        self._respond(180, now, ("Contact", self._contact))
        self._ring_at = now + RING_AGAIN

    def refuse(self, status: int, now: float, *fields: tuple[str, str]) -> None:
        self._ring_at = None
        self._respond(status, now, *fields)

    def answer(self, body: bytes, now: float) -> tuple[Dialog, Response]:
        """Send the 200; give the response to ``Established.await_acknowledgement``."""
        self._ring_at = None
        records = [("Record-Route", value) for value in self.invite.headers.values("Record-Route")]
        fields = [*records, ("Contact", self._contact), ALLOW, SUPPORTED, *self._timer.accept(self.invite, now)]
        response = response_to(self.invite, 200, *fields, to_tag=self._tag, body=body, content_type=SDP_TYPE)
        self._transactions.respond(self.invite, response, now)
        return Dialog.of_request(self.invite, self._tag, self._contact, self.source), response

    def receive(self, told: Told, now: float) -> None:
        """Requests before the answer. A CANCEL ends it: ``cancelled`` says so."""
        if not isinstance(told, RequestArrived) or told.request.method == "ACK":
            return
        request = told.request
        if request.method == "CANCEL" and self._transactions.cancelled_by(request) is not None:
            self._transactions.respond(request, response_to(request, 200, to_tag=self._tag), now)
            if self._transactions.pending(self.invite):
                self.refuse(487, now)
                self.cancelled = True
            return
        self._transactions.respond(request, response_to(request, 481, to_tag=self._tag), now)

    def _respond(self, status: int, now: float, *fields: tuple[str, str]) -> None:
        self._transactions.respond(self.invite, response_to(self.invite, status, *fields, to_tag=self._tag), now)

    def tick(self, now: float) -> None:
        if self._ring_at is not None and self._ring_at <= now:
            self.ring(now)

    def wake_at(self) -> float | None:
        return self._ring_at
