"""SIP messages as they lie in a datagram (RFC 3261 sections 7 and 25): frozen, and parsed within bounds.

``parse`` is tolerant where the field is (bare LF, compact names, folded lines, any case) and strict where tolerance
would hurt (lengths, control characters, the headers every message needs). Text is UTF-8; octets that are not survive a
round trip.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Self

from caselli.line.sip.address import NameAddress, Via, split_list

MAX_DATAGRAM = 65_535
MAX_HEAD = 32_768
MAX_FIELDS = 200

_COMPACT = {
    "a": "Accept-Contact",
    "b": "Referred-By",
    "c": "Content-Type",
    "d": "Request-Disposition",
    "e": "Content-Encoding",
    "f": "From",
    "i": "Call-ID",
    "j": "Reject-Contact",
    "k": "Supported",
    "l": "Content-Length",
    "m": "Contact",
    "o": "Event",
    "r": "Refer-To",
    "s": "Subject",
    "t": "To",
    "u": "Allow-Events",
    "v": "Via",
    "x": "Session-Expires",
}
_CANONICAL = {
    name.lower(): name
    for name in (
        *_COMPACT.values(),
        *("Accept", "Allow", "Authorization", "CSeq", "Contact", "Max-Forwards", "Min-SE", "Proxy-Authenticate"),
        *("Proxy-Authorization", "Reason", "Record-Route", "Require", "Retry-After", "Route", "Server", "Unsupported"),
        *("User-Agent", "WWW-Authenticate"),
    )
}
_TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
_REQUEST_LINE = re.compile(r"([A-Za-z0-9\-.!%*_+`'~]+) +(\S+) +SIP/2\.0", re.IGNORECASE)
_STATUS_LINE = re.compile(r"SIP/2\.0 +([1-6]\d\d)(?: +(.*))?", re.IGNORECASE)
_FORBIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_CALL_ID = re.compile(rb"(?:^|[\r\n])(?:call-id|i)[ \t]*:[ \t]*([^\s]+)", re.IGNORECASE)


class MessageError(ValueError):
    """The datagram is no SIP message we could answer; the text says why."""


def canonical_name(name: str) -> str:
    """``i`` and ``CALL-ID`` are both ``Call-ID``; an unknown name stays as it is written."""
    name = _COMPACT.get(name.lower(), name)
    return _CANONICAL.get(name.lower(), name)


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields in their order; names are compared without regard to case."""

    fields: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, *fields: tuple[str, str]) -> Self:
        return cls(tuple((canonical_name(name), value) for name, value in fields))

    def get(self, name: str) -> str | None:
        """The first field of this name."""
        wanted = name.lower()
        return next((value for key, value in self.fields if key.lower() == wanted), None)

    def lines(self, name: str) -> tuple[str, ...]:
        """Every field of this name, unsplit."""
        wanted = name.lower()
        return tuple(value for key, value in self.fields if key.lower() == wanted)

    def values(self, name: str) -> tuple[str, ...]:
        """Every value of this name: several fields, and several in one field by commas (7.3.1)."""
        return tuple(value for line in self.lines(name) for value in split_list(line))

    def tokens(self, name: str) -> frozenset[str]:
        """The values as option tags or methods, in lower case."""
        return frozenset(value.lower() for value in self.values(name))

    def replaced(self, name: str, *values: str) -> Self:
        """These fields instead of all of this name, where the first of them stood (at the end if there was none)."""
        name = canonical_name(name)
        wanted = name.lower()
        new = [(name, value) for value in values]
        index = next((i for i, (key, _) in enumerate(self.fields) if key.lower() == wanted), len(self.fields))
        kept = [pair for pair in self.fields[index:] if pair[0].lower() != wanted]
        return type(self)((*self.fields[:index], *new, *kept))

    def prepended(self, name: str, value: str) -> Self:
        return type(self)(((canonical_name(name), value), *self.fields))

    def extended(self, fields: Iterable[tuple[str, str]]) -> Self:
        return type(self)((*self.fields, *((canonical_name(name), value) for name, value in fields)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    @property
    def call_id(self) -> str:
        return self.headers.get("Call-ID") or ""

    @property
    def cseq(self) -> tuple[int, str]:
        """Number and method; ``parse`` has made sure that both are there."""
        number, _, method = (self.headers.get("CSeq") or "0 ").partition(" ")
        return int(number), method.strip()

    @property
    def sender(self) -> NameAddress:
        """The From header."""
        return NameAddress.parse(self.headers.get("From") or "")

    @property
    def recipient(self) -> NameAddress:
        """The To header."""
        return NameAddress.parse(self.headers.get("To") or "")

    @property
    def via(self) -> Via:
        """The topmost Via."""
        return Via.parse(self.headers.values("Via")[0])

    @property
    def contact(self) -> NameAddress | None:
        """The first Contact, or None when there is none that can be read."""
        for value in self.headers.values("Contact"):
            try:
                return NameAddress.parse(value)
            except ValueError:
                continue
        return None

    @property
    def content_type(self) -> str:
        """Media type in lower case without parameters; empty when there is no body."""
        return (self.headers.get("Content-Type") or "").partition(";")[0].strip().lower() if self.body else ""

    @property
    def start_line(self) -> str:
        raise NotImplementedError

    def serialize(self) -> bytes:
        """The datagram; Content-Length is ours. Raises ValueError when a value would break out of its line."""
        fields = [(name, value) for name, value in self.headers.fields if name.lower() != "content-length"]
        lines = [self.start_line, *(f"{name}: {value}" for name, value in fields), f"Content-Length: {len(self.body)}"]
        for line in lines:
            if _FORBIDDEN.search(line):
                raise ValueError(f"a control character in {line[:40]!r}")
        return "\r\n".join((*lines, "", "")).encode("utf-8", "surrogateescape") + self.body


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(_Message):
    method: str
    uri: str

    @property
    def start_line(self) -> str:
        return f"{self.method} {self.uri} SIP/2.0"

    def with_headers(self, headers: Headers) -> "Request":
        return replace(self, headers=headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response(_Message):
    status: int
    reason: str = ""

    @property
    def start_line(self) -> str:
        return f"SIP/2.0 {self.status} {self.reason}"


Message = Request | Response

REASONS = {
    100: "Trying",
    180: "Ringing",
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    415: "Unsupported Media Type",
    420: "Bad Extension",
    422: "Session Interval Too Small",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    491: "Request Pending",
    500: "Server Internal Error",
    503: "Service Unavailable",
}


def response_to(
    request: Request, status: int, *fields: tuple[str, str], to_tag: str = "", body: bytes = b"", content_type: str = ""
) -> Response:
    """The response of 8.2.6.2: Via, From, To, Call-ID and CSeq as in the request, ``to_tag`` where none was."""
    recipient = request.headers.get("To") or ""
    if to_tag and status != 100 and request.recipient.tag is None:
        recipient = f"{recipient};tag={to_tag}"
    copied = [
        *(("Via", value) for value in request.headers.values("Via")),
        ("From", request.headers.get("From") or ""),
        ("To", recipient),
        ("Call-ID", request.call_id),
        ("CSeq", request.headers.get("CSeq") or ""),
    ]
    if body:
        fields = (*fields, ("Content-Type", content_type))
    return Response(status=status, reason=REASONS[status], headers=Headers.of(*copied, *fields), body=body)


def peek_call_id(data: bytes) -> str | None:
    """The Call-ID of a datagram without parsing the rest: what the driver routes by."""
    match = _CALL_ID.search(data, 0, MAX_HEAD)
    return match[1].decode("utf-8", "surrogateescape") if match else None


def parse(data: bytes) -> Message:
    """Read one datagram. Raises MessageError."""
    if len(data) > MAX_DATAGRAM:
        raise MessageError("longer than a datagram")
    data = data.lstrip(b"\r\n")
    head, body = _split_head(data)
    lines = _unfold(head)
    headers = _parse_fields(lines[1:])
    body = _cut_body(headers, body)
    message: Message
    if match := _STATUS_LINE.fullmatch(lines[0].rstrip(" \t")):
        message = Response(status=int(match[1]), reason=match[2] or "", headers=headers, body=body)
    elif match := _REQUEST_LINE.fullmatch(lines[0].rstrip(" \t")):
        message = Request(method=match[1], uri=match[2], headers=headers, body=body)
    else:
        raise MessageError(f"no start line: {lines[0][:60]!r}")
    _check_mandatory(message)
    return message


def _split_head(data: bytes) -> tuple[str, bytes]:
    end = re.search(rb"\r?\n\r?\n", data)
    if end is None:
        raise MessageError("no empty line after the headers")
    if end.start() > MAX_HEAD:
        raise MessageError("headers too long")
    return data[: end.start()].decode("utf-8", "surrogateescape"), data[end.end() :]


def _unfold(head: str) -> list[str]:
    """Lines with their continuations joined (7.3.1: a line that begins with a blank goes on with the one before)."""
    lines: list[str] = []
    for line in re.split(r"\r?\n", head):
        if line[:1] in {" ", "\t"} and lines:
            lines[-1] = f"{lines[-1].rstrip()} {line.strip()}"
        else:
            lines.append(line)
    for line in lines:
        if _FORBIDDEN.search(line):
            raise MessageError("a control character in a header")
    return lines


def _parse_fields(lines: list[str]) -> Headers:
    if len(lines) > MAX_FIELDS:
        raise MessageError("too many headers")
    fields = []
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.strip()
        if not colon or not _TOKEN.fullmatch(name):
            raise MessageError(f"no header: {line[:60]!r}")
        fields.append((canonical_name(name), value.strip(" \t")))
    return Headers(tuple(fields))


def _cut_body(headers: Headers, body: bytes) -> bytes:
    """18.3: over UDP, bytes behind Content-Length are dropped, too few make the message bad, none given means all."""
    length = headers.get("Content-Length")
    if length is None:
        return body
    if not re.fullmatch(r"[0-9]{1,6}", length):
        raise MessageError("Content-Length is no number")
    if int(length) > len(body):
        raise MessageError("the body is shorter than its Content-Length")
    return body[: int(length)]


def _check_mandatory(message: Message) -> None:
    """8.1.1: without these nobody could answer or match it."""
    for name in ("Via", "From", "To", "Call-ID", "CSeq"):
        if not message.headers.get(name):
            raise MessageError(f"no {name}")
    cseq = re.fullmatch(r"([0-9]{1,10})\s+(\S+)", message.headers.get("CSeq") or "")
    if cseq is None or int(cseq[1]) >= 2**32:
        raise MessageError("CSeq is no number and method")
    if isinstance(message, Request) and cseq[2] != message.method:
        raise MessageError("CSeq names another method")
    try:
        _ = message.via, message.sender, message.recipient
    except ValueError as error:
        raise MessageError(str(error)) from None
