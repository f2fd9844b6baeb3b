"""What the front server says of a mail (Authentication-Results, RFC 8601), and when it is to be believed.

The field is text that anybody may write. So it counts only in a mail that the front server itself hands over, and
DMARC, on which something may hang, only in the topmost of its name: what stands below may have come with the mail. So
may all that stands below the front server's own Received: its filters write above it (RFC 8601, 4), and those that did
not run, or do not see a mail before the queue, have written nothing.
"""

import re
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Final

import authres
from django.conf import settings

from caselli.directory.addresses import ascii_domain
from caselli.doors.mail.trust_dns import Questions
from caselli.doors.mail.trust_message import Message
from caselli.doors.mail.trust_spf import client

_FIELD_BYTES: Final = 8_192
_BY: Final = re.compile(r"(?:\[(?:IPv6:)?([0-9A-Fa-f.:]+)\]\))?(?:\A|\s)by\s+([^\s;()]+)", re.IGNORECASE)
"""Of a Received: the client's address, where it stands right before, and the server."""
_WORDS: Final = frozenset({"none", "pass", "fail", "softfail", "neutral", "policy", "temperror", "permerror"})


def hands_over(front_server: str, client_ip: str | None, questions: Questions) -> bool:
    """No client (a mailbox, a socket), this machine, a trusted proxy, or an address of the front server in DNS.

    Raises as Questions.ask.
    """
    address = client(client_ip)
    if address is None:
        return not client_ip
    if _is_ours(address):
        return True
    kind = "A" if address.version == 4 else "AAAA"
    return any(client(record.address) == address for record in questions.ask(ascii_domain(front_server), kind))


def _is_ours(address: IPv4Address | IPv6Address) -> bool:
    return address.is_loopback or any(address in one for one in settings.CONFIGURATION.trusted_proxies)


def read(message: Message, front_server: str, domain: str, *, fetched: bool) -> tuple[str, str, str] | None:
    """SPF, DKIM and DMARC of the sender's ``domain``; None where the front server says nothing that can be read.

    A server with a filter for each (opendkim, opendmarc) writes as many fields, one right below the other. ``fetched``
    from a mailbox: its provider vouches for it, wherever the field stands (Gmail's stands below its Received).
    """
    fields = _fields(message, front_server.strip().lower(), fetched=fetched)
    top = _results(fields[0]) if fields else None
    if top is None:
        return None
    told = [top, *(found for one in fields[1:] if (found := _results(one)))]
    spf, dkim = (
        next((word for one in told if (word := _word(one.get(method, []))) != "none"), "none")
        for method in ("spf", "dkim")
    )
    return spf, dkim, _dmarc(top.get("dmarc", []), domain)


def _fields(message: Message, front_server: str, *, fetched: bool) -> list[bytes]:
    """The topmost of that name, and those that follow it at once."""
    found: list[bytes] = []
    for name, value in message.fields:
        kind = name.lower()
        if kind == b"authentication-results" and _server(_text(value)).lower() == front_server:
            found.append(value)
        elif found or (kind == b"received" and not fetched and _let_in(value, front_server)):
            break
    return found


def _let_in(received: bytes, front_server: str) -> bool:
    """Whether the front server took the mail from somebody else here, and not from a filter of its own machine."""
    for client_ip, server in _BY.findall(" ".join(received.decode("utf-8", "replace").split())):
        if server.lower() == front_server:
            address = client(client_ip)
            return address is None or not _is_ours(address)
    return False


def _text(value: bytes) -> str:
    return _without_comments(value[:_FIELD_BYTES].decode("utf-8", "replace"))


def _without_comments(text: str) -> str:
    """Unfolded, a blank for each comment (RFC 5322, 3.2.2): authres stumbles over some. What is not closed ends it."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for one in re.sub(r"\r?\n", "", text):
        if escaped or one == "\\":
            escaped = not escaped
        elif not depth and one == '"':
            quoted = not quoted
        elif not quoted and one in "()":
            depth = max(0, depth + (1 if one == "(" else -1))
            one = " "  # noqa: PLW2901 - stands for the comment
        if not depth:
            kept.append(one)
    return "".join(kept)


def _server(text: str) -> str:
    """The authserv-id: the first word."""
    words = text.replace(";", " ; ").split(maxsplit=1)
    return words[0].strip('"') if words else ""


def _results(value: bytes) -> dict[str, list[Any]] | None:
    """By method; None where it cannot be read."""
    if len(value) > _FIELD_BYTES:
        return None
    try:
        told = authres.core_features().parse_value(_text(value)).results
    except Exception:  # noqa: BLE001 - authres raises anything on what it cannot read
        return None
    found: dict[str, list[Any]] = {}
    for one in told:
        found.setdefault(one.method, []).append(one)
    return found


def _dmarc(results: list[Any], domain: str) -> str:
    """Of the same From that we read: a field that could be read in two ways proves nothing."""
    named = {
        ascii_domain(str(one.value).rpartition("@")[2])
        for result in results
        for one in result.properties
        if (one.type.lower(), one.name.lower()) == ("header", "from")
    }
    return "permerror" if len(results) > 1 or named - {domain} else _word(results)


def _word(results: list[Any]) -> str:
    words = [str(one.result).lower() for one in results]
    words = [one if one in _WORDS else "none" for one in words]
    return "pass" if "pass" in words else words[0] if words else "none"
