"""Addresses in SIP headers (RFC 3261 19.1, 20.10, 20.42): URIs, name-addr with parameters, Via."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import quote, unquote

SocketAddress = tuple[str, int]
"""IP address in its usual writing (no brackets) and UDP port."""

DEFAULT_PORT = 5060

_HOST_PORT = r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._\-]+)(?:[ \t]*:[ \t]*(\d{1,5}))?"
_URI = re.compile(rf"(sips?):(?:([^@\s<>\"]*)@)?{_HOST_PORT}((?:;[^?\s<>]*)?)(?:\?(\S*))?", re.IGNORECASE)
_VIA = re.compile(rf"SIP\s*/\s*2\.0\s*/\s*([A-Za-z]+)\s+{_HOST_PORT}\s*(;.*)?", re.IGNORECASE)
_USER_SAFE = "-_.!~*'()&=+$,;?/"  # 25.1, user-unreserved and mark

Parameters = tuple[tuple[str, str | None], ...]


def split_list(text: str, separator: str = ",") -> Iterator[str]:
    """The parts between separators that stand outside quotes and angle brackets; empty ones left out."""
    start, quoted, angle, skip = 0, False, False, False
    for index, char in enumerate(text):
        if skip:
            skip = False
        elif quoted:
            skip = char == "\\"
            quoted = char != '"'
        elif char == '"':
            quoted = True
        elif char in "<>":
            angle = char == "<"
        elif char == separator and not angle:
            if part := text[start:index].strip():
                yield part
            start = index + 1
    if part := text[start:].strip():
        yield part


def parse_parameters(text: str) -> Parameters:
    """``;name=value;flag``: names in lower case, a flag's value is None."""
    found: list[tuple[str, str | None]] = []
    for part in split_list(text, ";"):
        name, equals, value = part.partition("=")
        found.append((name.strip().lower(), value.strip() if equals else None))
    return tuple(found)


def write_parameters(parameters: Parameters) -> str:
    return "".join(f";{name}" if value is None else f";{name}={value}" for name, value in parameters)


def bracketed(host: str) -> str:
    """An IPv6 address takes brackets in a URI or a Via."""
    return f"[{host}]" if ":" in host else host


def host_and_port(host: str, port: int | None) -> str:
    return bracketed(host) if port is None else f"{bracketed(host)}:{port}"


@dataclass(frozen=True, slots=True)
class Uri:
    """A ``sip:`` URI. ``user`` is unescaped; ``host`` has no brackets."""

    user: str
    host: str
    port: int | None = None
    parameters: Parameters = ()
    scheme: str = "sip"
    headers: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for anything that is no sip or sips URI."""
        match = _URI.fullmatch(text.strip())
        if match is None or (match[4] and int(match[4]) > 65535):
            raise ValueError(f"no SIP URI: {text[:60]!r}")
        user = unquote((match[2] or "").partition(":")[0], errors="surrogateescape")
        return cls(
            user=user,
            host=match[3].strip("[]"),
            port=int(match[4]) if match[4] else None,
            parameters=parse_parameters(match[5] or ""),
            scheme=match[1].lower(),
            headers=match[6] or "",
        )

    def __str__(self) -> str:
        user = f"{quote(self.user, safe=_USER_SAFE, errors='surrogateescape')}@" if self.user else ""
        headers = f"?{self.headers}" if self.headers else ""
        where = host_and_port(self.host, self.port)
        return f"{self.scheme}:{user}{where}{write_parameters(self.parameters)}{headers}"

    def parameter(self, name: str) -> str | None:
        """Its value, empty for a flag, None when it is not there."""
        return next((value or "" for key, value in self.parameters if key == name), None)

    @property
    def loose(self) -> bool:
        """``lr``: the proxy routes as RFC 3261 does (19.1.1)."""
        return self.parameter("lr") is not None


@dataclass(frozen=True, slots=True)
class NameAddress:
    """From, To, Contact, Route: a URI of any scheme, with what stands before and behind it."""

    uri: str
    display: str = ""
    parameters: Parameters = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError when there is no address in it."""
        text = text.strip()
        match = re.fullmatch(r"((?:\"(?:[^\"\\]|\\.)*\"|[^<\"])*)<([^<>]*)>\s*(;.*)?", text, re.DOTALL)
        if match is not None:
            display = match[1].strip()
            if display.startswith('"'):
                display = re.sub(r"\\(.)", r"\1", display[1:-1])
            uri, rest = match[2].strip(), match[3] or ""
        else:
            # 20.10: without angle brackets the parameters are the header's, not the URI's.
            uri, semicolon, tail = text.partition(";")
            display, rest = "", semicolon + tail
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+", uri):
            raise ValueError(f"no address: {text[:60]!r}")
        return cls(uri=uri, display=display, parameters=parse_parameters(rest))

    def __str__(self) -> str:
        escaped = self.display.replace("\\", "\\\\").replace('"', '\\"')
        display = f'"{escaped}" ' if self.display else ""
        return f"{display}<{self.uri}>{write_parameters(self.parameters)}"

    @property
    def tag(self) -> str | None:
        return next((value for name, value in self.parameters if name == "tag"), None)

    def with_tag(self, tag: str) -> Self:
        kept = tuple(pair for pair in self.parameters if pair[0] != "tag")
        return replace(self, parameters=(*kept, ("tag", tag)))

    @property
    def sip_uri(self) -> Uri:
        """Raises ValueError for another scheme (``tel:``)."""
        return Uri.parse(self.uri)


@dataclass(frozen=True, slots=True)
class Via:
    """``host`` without brackets; ``port`` None when the default is meant."""

    transport: str
    host: str
    port: int | None = None
    parameters: Parameters = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError."""
        match = _VIA.fullmatch(text.strip())
        if match is None or (match[3] and int(match[3]) > 65535):
            raise ValueError(f"no Via: {text[:60]!r}")
        port = int(match[3]) if match[3] else None
        return cls(match[1].upper(), match[2].strip("[]"), port, parse_parameters(match[4] or ""))

    def __str__(self) -> str:
        where = host_and_port(self.host, self.port)
        return f"SIP/2.0/{self.transport} {where}{write_parameters(self.parameters)}"

    def parameter(self, name: str) -> str | None:
        """Its value, empty for a flag (``rport``), None when it is not there."""
        return next((value or "" for key, value in self.parameters if key == name), None)

    @property
    def branch(self) -> str:
        return self.parameter("branch") or ""

    @property
    def sent_by(self) -> str:
        return f"{self.host.lower()}:{self.port or DEFAULT_PORT}"

    def seen_from(self, source: SocketAddress) -> Self:
        """18.2.1 and RFC 3581: where the request really came from; always noted, which helps behind NAT."""
        kept = tuple(pair for pair in self.parameters if pair[0] not in {"received", "rport"})
        port = (("rport", str(source[1])),) if self.parameter("rport") is not None else ()
        return replace(self, parameters=(*kept, ("received", source[0]), *port))

    def response_address(self) -> SocketAddress:
        """18.2.2: where the response goes, after ``seen_from``."""
        port = self.parameter("rport")
        if port is not None and port.isdecimal() and 0 < int(port) < 65536:
            return self.parameter("received") or self.host, int(port)
        return self.parameter("received") or self.host, self.port or DEFAULT_PORT
