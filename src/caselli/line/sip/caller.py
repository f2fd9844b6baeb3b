"""The first INVITE of a call that we make, until it is answered, refused or taken back (RFC 3261 8.1, 9.1, 13.2)."""

from dataclasses import dataclass, replace

from caselli.line.sip.address import NameAddress, SocketAddress, Uri
from caselli.line.sip.asking import ALLOW, SDP_TYPE, SUPPORTED
from caselli.line.sip.auth import Credentials
from caselli.line.sip.dialog import socket_address
from caselli.line.sip.heard import Answered, CredentialsRefused, Heard, Progress, Refused
from caselli.line.sip.message import Headers, Request, Response, response_to
from caselli.line.sip.session_timer import SessionTimer
from caselli.line.sip.tokens import Tokens
from caselli.line.sip.transaction import T1
from caselli.line.sip.transactions import NotDelivered, RequestArrived, ResponseArrived, TimedOut, Told, Transactions

MAX_REDIRECTS = 1


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whom to call and as whom. ``address``: where the trunk is; ``contact``: our own, with its brackets."""

    uri: Uri
    sender: NameAddress
    recipient: NameAddress
    contact: str
    address: SocketAddress
    product: str = "Caselli"


class Caller:
    """One call, perhaps several INVITEs: after a challenge, a redirection, or a longer session interval."""

    def __init__(
        self,
        invitation: Invitation,
        transactions: Transactions,
        credentials: Credentials,
        timer: SessionTimer,
        tokens: Tokens,
    ) -> None:
        self._invitation = invitation
        self._transactions = transactions
        self._credentials = credentials
        self._timer = timer
        self._call_id = tokens.call_id()
        self._sender = invitation.sender.with_tag(tokens.tag())
        self._uri = str(invitation.uri)
        self._address = invitation.address
        self._body = b""
        self._cseq = 0
        self._attempt = 0
        self._redirects = 0
        self._invite: Request | None = None
        self._provisional = False
        self._early_bodies: dict[str | None, bytes] = {}
        self._cancel_wanted = False
        self._cancel_gives_up_at: float | None = None

    @property
    def call_id(self) -> str:
        return self._call_id

    @property
    def address(self) -> SocketAddress:
        """Where the INVITE goes, after redirections."""
        return self._address

    @property
    def redirected(self) -> bool:
        return self._address != self._invitation.address

    def start(self, body: bytes, now: float) -> None:
        """``body``: our offer."""
        self._body = body
        self._send(now)

    def _send(self, now: float) -> None:
        self._cseq += 1
        self._provisional = False
        fields = [
            ("Max-Forwards", "70"),
            ("From", str(self._sender)),
            ("To", str(self._invitation.recipient)),
            ("Call-ID", self._call_id),
            ("CSeq", f"{self._cseq} INVITE"),
            ("Contact", self._invitation.contact),
            ALLOW,
            SUPPORTED,
            ("User-Agent", self._invitation.product),
            *self._timer.request_fields(),
            ("Content-Type", SDP_TYPE),
        ]
        request = Request(method="INVITE", uri=self._uri, headers=Headers.of(*fields), body=self._body)
        if self._address == self._invitation.address:
            # Our credentials are the trunk's: nobody it redirects us to may ask for them.
            request = self._credentials.apply(request)
        self._invite = self._transactions.request(request, self._address, now)

    def cancel(self, now: float) -> None:
        """Take it back. ``Refused`` or, when the answer was quicker, ``Answered`` tells how it ended."""
        if self._cancel_wanted:
            return
        self._cancel_wanted = True
        if self._provisional:
            self._send_cancel(now)

    def _send_cancel(self, now: float) -> None:
        """9.1: with the INVITE's branch, and not before a provisional response."""
        assert self._invite is not None
        number, _ = self._invite.cseq
        names = ("From", "To", "Call-ID", "Route", "Max-Forwards")
        kept = [(name, value) for name, value in self._invite.headers.fields if name in names]
        cancel = Request(method="CANCEL", uri=self._invite.uri, headers=Headers.of(*kept, ("CSeq", f"{number} CANCEL")))
        self._transactions.request(cancel, self._address, now, branch=self._invite.via.branch)
        self._cancel_gives_up_at = now + 64 * T1

    def receive(self, told: Told, now: float) -> list[Heard]:
        match told:
            case ResponseArrived(request=request, response=response) if request is self._invite:
                return self._receive_response(response, told, now)
            case TimedOut(request=request) if request is self._invite:
                self._cancel_gives_up_at = None
                return [Refused(None, "the far end did not answer at all")]
            case NotDelivered(request=request, undelivered=undelivered) if request is self._invite:
                self._cancel_gives_up_at = None
                return [Refused(None, undelivered.words, 503)]
            case RequestArrived(request=request):
                self._turn_away(request, now)
        return []

    def _turn_away(self, request: Request, now: float) -> None:
        """An early dialog takes BYE and UPDATE in theory; a far end that refuses a call uses a final response."""
        if request.method != "ACK":
            self._transactions.respond(request, response_to(request, 481, to_tag=self._sender.tag or ""), now)

    def _receive_response(self, response: Response, told: ResponseArrived, now: float) -> list[Heard]:
        if response.status < 200:
            first, self._provisional = not self._provisional, True
            if first and self._cancel_wanted:
                self._send_cancel(now)
            if response.body:
                self._early_bodies[response.recipient.tag] = response.body
            return [Progress(response.status)]
        self._cancel_gives_up_at = None
        if response.status < 300:
            early = self._early_bodies.get(response.recipient.tag, b"")
            return [Answered(told.request, response, told.source, early)]
        if not self._cancel_wanted and self._try_again(told.request, response):
            self._send(now)
            return []
        if response.status in {401, 407} and not self._cancel_wanted:
            return [CredentialsRefused(response)]
        return [Refused(response, response.reason)]

    def _try_again(self, request: Request, response: Response) -> bool:
        if response.status in {401, 407}:
            trusted = self._address == self._invitation.address
            again = trusted and self._credentials.learn(request, response, self._attempt)
            self._attempt += 1
            return again
        if response.status == 422:
            return self._timer.raise_to(response)
        if response.status in {301, 302} and self._redirects < MAX_REDIRECTS:
            return self._follow(response)
        return False

    def _follow(self, response: Response) -> bool:
        """8.1.3.4: to the first Contact; one with a name instead of an address goes by way of the trunk."""
        contact = response.contact
        if contact is None:
            return False
        try:
            target = contact.sip_uri
        except ValueError:
            return False
        self._redirects += 1
        # 19.1.1: what a URI says about headers and method has no place in a Request-URI.
        kept = tuple(pair for pair in target.parameters if pair[0] != "method")
        self._uri = str(replace(target, headers="", parameters=kept))
        self._address = socket_address(self._uri) or self._address
        return True

    def tick(self, now: float) -> list[Heard]:
        if self._cancel_gives_up_at is not None and self._cancel_gives_up_at <= now:
            assert self._invite is not None
            self._cancel_gives_up_at = None
            self._transactions.give_up(self._invite)
            return [Refused(None, "the far end did not confirm that the call was taken back")]
        return []

    def wake_at(self) -> float | None:
        return self._cancel_gives_up_at
