"""The transactions of one call or of one stateless answerer, matched as RFC 3261 17.1.3 and 17.2.3 say."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from zlib import crc32

from caselli.line.sip.address import SocketAddress, Via
from caselli.line.sip.message import Headers, Message, Request, Response, response_to
from caselli.line.sip.tokens import Tokens
from caselli.line.sip.transaction import Act, Arrival, Kind, State, Transaction, class_of
from caselli.line.sip.undelivered import Undelivered


@dataclass(frozen=True, slots=True)
class Datagram:
    """To be sent. ``again``: the same bytes went out before."""

    data: bytes
    address: SocketAddress
    message: Message
    again: bool = False


@dataclass(frozen=True, slots=True)
class RequestArrived:
    """A new request, to be answered by ``Transactions.respond``; the ACK of a 2xx, which has no answer."""

    request: Request
    source: SocketAddress


@dataclass(frozen=True, slots=True)
class ResponseArrived:
    request: Request
    response: Response
    source: SocketAddress


@dataclass(frozen=True, slots=True)
class TimedOut:
    """Nothing final came for this request of ours (timers B and F): as good as a 408 (8.1.3.1)."""

    request: Request


@dataclass(frozen=True, slots=True)
class NotDelivered:
    """The network did not deliver this request of ours, and nothing came: as good as a 503 (8.1.3.1)."""

    request: Request
    undelivered: Undelivered


Told = RequestArrived | ResponseArrived | TimedOut | NotDelivered

_Key = tuple[str, str, str]


class Transactions:
    """No clock, no socket: what is to be sent lies in ``take()``, what the user should know is returned."""

    def __init__(self, local: SocketAddress, tokens: Tokens, trace: Callable[[Datagram], None] | None = None) -> None:
        """``local``: what our Via says. ``trace`` sees everything that goes out, for the ladder."""
        self._local = local
        self._tokens = tokens
        self._trace = trace
        self._clients: dict[_Key, Transaction] = {}
        self._servers: dict[_Key, Transaction] = {}
        self._out: deque[Datagram] = deque()

    def request(self, request: Request, address: SocketAddress, now: float, branch: str = "") -> Request:
        """Send a request; returns it with its Via. ``branch``: for CANCEL, that of the INVITE."""
        request = self._with_via(request, branch or self._tokens.branch())
        kind = Kind.INVITE_CLIENT if request.method == "INVITE" else Kind.CLIENT
        transaction = Transaction(kind, request, address)
        self._clients[_client_key(request)] = transaction
        self._perform(transaction, transaction.feed(Arrival.START, now), request)
        return request

    def acknowledge(self, ack: Request, address: SocketAddress) -> Datagram:
        """Send the ACK of a 2xx, which belongs to no transaction (13.2.2.4). Give the result to ``repeat``."""
        ack = self._with_via(ack, self._tokens.branch())
        datagram = Datagram(ack.serialize(), address, ack)
        self._put(datagram)
        return datagram

    def repeat(self, datagram: Datagram) -> None:
        self._put(Datagram(datagram.data, datagram.address, datagram.message, again=True))

    def respond(self, request: Request, response: Response, now: float) -> None:
        """Answer a request that arrived, or say a 2xx to an INVITE again; a transaction that is over swallows it."""
        transaction = self._servers.get(_server_key(request))
        if transaction is not None:
            self._perform(transaction, transaction.feed(class_of(response), now), response)

    def receive(self, message: Message, source: SocketAddress, now: float) -> Told | None:
        if isinstance(message, Response):
            return self._receive_response(message, source, now)
        request = _seen_from(message, source)
        if request.method == "ACK":
            return self._receive_ack(request, source, now)
        key = _server_key(request)
        known = self._servers.get(key)
        if known is not None:
            self._perform(known, known.feed(Arrival.REQUEST, now), None)
            return None
        kind = Kind.INVITE_SERVER if request.method == "INVITE" else Kind.SERVER
        transaction = Transaction(kind, request, _response_address(request, source))
        self._servers[key] = transaction
        transaction.feed(Arrival.START, now)
        return RequestArrived(request, source)

    def _receive_response(self, response: Response, source: SocketAddress, now: float) -> Told | None:
        if response.via.sent_by != Via("UDP", *self._local).sent_by:
            return None  # 18.1.2: not for us
        transaction = self._clients.get((response.via.branch, "", response.cseq[1]))
        if transaction is None:
            return None
        acts = transaction.feed(class_of(response), now)
        if Act.ACKNOWLEDGE in acts:
            ack = _refusal_ack(transaction.request, response)
            self._put(Datagram(ack.serialize(), transaction.address, ack))
        return ResponseArrived(transaction.request, response, source) if Act.TELL in acts else None

    def _receive_ack(self, ack: Request, source: SocketAddress, now: float) -> Told | None:
        """The ACK of a refusal has the INVITE's branch; that of a 2xx does not and goes up to the dialog."""
        transaction = self._servers.get(_server_key(ack))
        if transaction is not None and Act.TELL not in transaction.feed(Arrival.ACK, now):
            return None
        return RequestArrived(ack, source)

    def pending(self, request: Request) -> bool:
        """Does this request of the far end still wait for its final response?"""
        transaction = self._servers.get(_server_key(request))
        return transaction is not None and transaction.state in {State.PROCEEDING, State.TRYING}

    def cancelled_by(self, cancel: Request) -> Request | None:
        """The INVITE that this CANCEL means (9.2), as it arrived; None when there is none."""
        branch, sent_by, _ = _server_key(cancel)
        transaction = self._servers.get((branch, sent_by, "INVITE"))
        return transaction.request if transaction is not None else None

    def tick(self, now: float) -> list[Told]:
        told: list[Told] = []
        for transaction in [*self._clients.values(), *self._servers.values()]:
            while acts := transaction.tick(now):
                self._perform(transaction, acts, None)
                if Act.TELL_TIMEOUT in acts:
                    told.append(TimedOut(transaction.request))
                if Act.TELL_UNDELIVERED in acts and transaction.undelivered is not None:
                    told.append(NotDelivered(transaction.request, transaction.undelivered))
            if transaction.state is State.TERMINATED:
                self._forget(transaction)
        return told

    def undelivered(self, news: Undelivered, now: float) -> bool:
        """Whether this is news to a request that waits for any answer. Who forges it must know address and branch."""
        return any(
            one.doubt(news, now)
            for one in self._clients.values()
            if one.address == news.address and one.request.via.branch.encode() in news.data
        )

    def wake_at(self) -> float | None:
        times = (transaction.wake_at() for transaction in [*self._clients.values(), *self._servers.values()])
        return min((at for at in times if at is not None), default=None)

    def take(self) -> list[Datagram]:
        """What is to be sent now, once."""
        out = list(self._out)
        self._out.clear()
        return out

    @property
    def idle(self) -> bool:
        """All transactions are over, nothing would be sent any more."""
        return not self._clients and not self._servers

    def give_up(self, request: Request) -> None:
        """9.1: no final response came in time after a CANCEL: the INVITE is over for us."""
        self._clients.pop(_client_key(request), None)

    def _perform(self, transaction: Transaction, acts: tuple[Act, ...], message: Message | None) -> None:
        if Act.SEND in acts:
            assert message is not None
            again = message is transaction.last_sent
            transaction.last_sent = message
            self._put(Datagram(message.serialize(), transaction.address, message, again))
        elif Act.REPEAT in acts and transaction.last_sent is not None:
            last = transaction.last_sent
            self._put(Datagram(last.serialize(), transaction.address, last, again=True))
        if transaction.state is State.TERMINATED:
            self._forget(transaction)

    def _forget(self, transaction: Transaction) -> None:
        self._clients.pop(_client_key(transaction.request), None)
        self._servers.pop(_server_key(transaction.request), None)

    def _put(self, datagram: Datagram) -> None:
        self._out.append(datagram)
        if self._trace is not None:
            self._trace(datagram)

    def _with_via(self, request: Request, branch: str) -> Request:
        via = Via("UDP", *self._local, parameters=(("rport", None), ("branch", branch)))
        return request.with_headers(request.headers.prepended("Via", str(via)))


def _client_key(request: Request) -> _Key:
    return request.via.branch, "", request.method


def _server_key(request: Request) -> _Key:
    """17.2.3. Without the magic cookie a request of RFC 2543 is told apart by what else stays the same."""
    via = request.via
    method = "INVITE" if request.method == "ACK" else request.method
    if via.branch.lower().startswith("z9hg4bk"):
        return via.branch, via.sent_by, method
    number, _ = request.cseq
    return f"{request.call_id} {number} {request.sender.tag}", via.sent_by, method


def _seen_from(request: Request, source: SocketAddress) -> Request:
    top, *rest = request.headers.values("Via")
    marked = str(Via.parse(top).seen_from(source))
    return request.with_headers(request.headers.replaced("Via", marked, *rest))


def _response_address(request: Request, source: SocketAddress) -> SocketAddress:
    """18.2.2 by the Via; a name in it that is no address gives way to where the request came from."""
    host, port = request.via.response_address()
    return (host, port) if host == source[0] else (source[0], port)


def _refusal_ack(invite: Request, response: Response) -> Request:
    """17.1.1.3: with the INVITE's branch, Route, From and CSeq number, and the response's To."""
    number, _ = invite.cseq
    fields = [
        ("Via", invite.headers.values("Via")[0]),
        *(("Route", route) for route in invite.headers.values("Route")),
        ("Max-Forwards", "70"),
        ("From", invite.headers.get("From") or ""),
        ("To", response.headers.get("To") or ""),
        ("Call-ID", invite.call_id),
        ("CSeq", f"{number} ACK"),
    ]
    return Request(method="ACK", uri=invite.uri, headers=Headers.of(*fields))


def stateless_answer(
    request: Request, source: SocketAddress, status: int, *fields: tuple[str, str], sdp: bytes = b""
) -> Datagram:
    """8.2.7: an answer without a transaction; the tag comes from the branch, so that a repetition gets the same."""
    request = _seen_from(request, source)
    tag = f"s{crc32(request.via.branch.encode(errors='surrogateescape')):08x}"
    response = response_to(request, status, *fields, to_tag=tag, body=sdp, content_type="application/sdp")
    return Datagram(response.serialize(), _response_address(request, source), response)
