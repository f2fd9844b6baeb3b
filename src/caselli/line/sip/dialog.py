"""A dialog (RFC 3261 section 12): who is in it, by which way its requests go, in which order."""

import ipaddress
from dataclasses import dataclass
from typing import Self

from caselli.line.sip.address import DEFAULT_PORT, NameAddress, SocketAddress, Uri
from caselli.line.sip.message import Headers, Request, Response


@dataclass(slots=True)
class Dialog:
    """``local`` and ``remote`` with their tags; ``contact``: our own Contact; ``target``: the far end's (a URI).

    ``fallback``: where the far end's messages came from, for when a route or target has a name instead of an address.
    """

    call_id: str
    local: NameAddress
    remote: NameAddress
    contact: str
    target: str
    routes: tuple[str, ...]
    fallback: SocketAddress
    local_cseq: int
    remote_cseq: int = -1

    @classmethod
    def of_response(cls, invite: Request, response: Response, source: SocketAddress) -> Self:
        """12.1.2: at the caller, by a response with a To tag; the route set is the Record-Route from behind."""
        contact = response.contact
        number, _ = invite.cseq
        return cls(
            call_id=invite.call_id,
            local=invite.sender,
            remote=response.recipient,
            contact=invite.headers.get("Contact") or "",
            target=contact.uri if contact is not None else invite.uri,
            routes=tuple(reversed(response.headers.values("Record-Route"))),
            fallback=source,
            local_cseq=number,
        )

    @classmethod
    def of_request(cls, invite: Request, tag: str, contact: str, source: SocketAddress) -> Self:
        """12.1.1: at the callee, by the INVITE; the route set is the Record-Route in its order."""
        far = invite.contact
        number, _ = invite.cseq
        return cls(
            call_id=invite.call_id,
            local=invite.recipient.with_tag(tag),
            remote=invite.sender,
            contact=contact,
            target=far.uri if far is not None else invite.sender.uri,
            routes=invite.headers.values("Record-Route"),
            fallback=source,
            local_cseq=0,
            remote_cseq=number,
        )

    def request(
        self, method: str, *fields: tuple[str, str], body: bytes = b"", content_type: str = "", cseq: int | None = None
    ) -> Request:
        """A request in this dialog without its Via (12.2.1.1). ``cseq``: of the INVITE, for its ACK."""
        if cseq is None:
            self.local_cseq += 1
            cseq = self.local_cseq
        uri, routes = self._way()
        head = [
            ("Max-Forwards", "70"),
            *(("Route", route) for route in routes),
            ("From", str(self.local)),
            ("To", str(self.remote)),
            ("Call-ID", self.call_id),
            ("CSeq", f"{cseq} {method}"),
        ]
        if method in {"INVITE", "UPDATE"}:
            head.append(("Contact", self.contact))
        if body:
            fields = (*fields, ("Content-Type", content_type))
        return Request(method=method, uri=uri, headers=Headers.of(*head, *fields), body=body)

    def _way(self) -> tuple[str, tuple[str, ...]]:
        """Request-URI and Route; a first route without ``lr`` is a strict router, which wants to be the Request-URI."""
        if not self.routes:
            return self.target, ()
        first = NameAddress.parse(self.routes[0])
        try:
            loose = first.sip_uri.loose
        except ValueError:
            loose = True
        if loose:
            return self.target, self.routes
        return first.uri, (*self.routes[1:], f"<{self.target}>")

    def address(self) -> SocketAddress:
        """Where the next request goes: the first route, else the target, if it is an address; else ``fallback``."""
        hop = NameAddress.parse(self.routes[0]).uri if self.routes else self.target
        return socket_address(hop) or self.fallback

    def follows(self, request: Request) -> bool:
        """12.2.2: is it in order? Notes its number if so."""
        number, _ = request.cseq
        if number <= self.remote_cseq:
            return False
        self.remote_cseq = number
        return True

    def retarget(self, message: Request | Response) -> None:
        """Re-INVITE and UPDATE, and their 2xx, may bring a new Contact (12.2)."""
        contact = message.contact
        if contact is not None:
            self.target = contact.uri

    def owns(self, message: Request | Response) -> bool:
        """Do its tags name this dialog?"""
        near, far = message.recipient.tag, message.sender.tag
        if isinstance(message, Response):
            near, far = far, near
        return near == self.local.tag and far == self.remote.tag


def socket_address(uri: str) -> SocketAddress | None:
    """Where a URI with a literal address points to; None for a name, which a sans-I/O protocol cannot look up."""
    try:
        parsed = Uri.parse(uri)
        host = parsed.parameter("maddr") or parsed.host
        ipaddress.ip_address(host)
    except ValueError:
        return None
    return host, parsed.port or DEFAULT_PORT
