"""Datagrams that belong to no call: answered without keeping anything (RFC 3261 8.2.7), or not at all."""

from caselli.line.sip.address import SocketAddress
from caselli.line.sip.asking import ALLOW, SDP_TYPE
from caselli.line.sip.message import Message, Request
from caselli.line.sip.transactions import Datagram, stateless_answer


def answer_stray(message: Message, source: SocketAddress, *, invite: int = 404) -> Datagram | None:
    """``invite``: the status for an INVITE that nobody here takes. Responses and ACKs get no answer."""
    if not isinstance(message, Request) or message.method == "ACK":
        return None
    if message.method == "OPTIONS":
        return stateless_answer(message, source, 200, ALLOW, ("Accept", SDP_TYPE))
    if message.recipient.tag is not None or message.method in {"BYE", "CANCEL", "UPDATE"}:
        return stateless_answer(message, source, 481)
    if message.method == "INVITE":
        return stateless_answer(message, source, invite)
    return stateless_answer(message, source, 405, ALLOW)
