"""Addresses of a From field (RFC 5322, RFC 6532), read strictly: who is taken at their word must be one and plain."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_MOST_LETTERS: Final = 8_000
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|<[^<>]*>|[,:;]|[^",:;<>()\\]+|\\.|.', re.DOTALL)
_SEPARATORS: Final = frozenset(",;")
_NOWHERE: Final = frozenset(":<>)\\")
_LOCAL: Final = re.compile(r"[^\s@\"(),:;<>\[\\\]\x00-\x1f\x7f]{1,64}")
_DOMAIN: Final = re.compile(r"[^\s@\"(),:;<>\\\[\]\x00-\x1f\x7f]{1,255}|\[[0-9A-Fa-f.:IPv]{3,60}\]")


@dataclass(frozen=True, slots=True)
class Address:
    """``address``: local part and domain as written, without quotes that mean nothing. ``shown``: still encoded."""

    address: str
    shown: str = ""


def read(field: str) -> tuple[Address, ...]:
    """The addresses of one field, unfolded, encoded words not yet decoded: decoded first, a name could forge another.

    Empty where the field is none that can be read with certainty. Groups give their members.
    """
    if len(field) > _MOST_LETTERS or (text := _without_comments(field)) is None:
        return ()
    found: list[Address] = []
    before = ""
    try:
        for words, angle in _items(text):
            if one := _one((before + words.strip()), angle):
                found.append(one)
                before = ""
            elif angle or "@" in words:
                return ()
            elif words.strip():
                # A name with a comma that should stand in quotes: Smith, John <john@example.com>
                before += words.strip() + ", "
    except ValueError:
        return ()
    return () if before else tuple(found)


def _items(text: str) -> Iterator[tuple[str, str]]:
    """What stands between the commas: words, and what is in angles, with them. Raises ValueError on nonsense."""
    words, angle = "", ""
    for piece in _TOKEN.findall(text):
        if piece in _SEPARATORS:
            yield words, angle
            words, angle = "", ""
        elif piece == ":" and not angle:
            words = ""  # that was the name of a group
        elif angle or piece in _NOWHERE:
            if piece.strip():
                raise ValueError(piece)
        elif piece.startswith("<"):
            angle = piece
        else:
            words += piece
    yield words, angle


def _without_comments(text: str) -> str | None:
    """None where a comment or a quotation does not end."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for letter in text:
        if escaped:
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter == '"' and not depth:
            quoted = not quoted
        elif letter == "(" and not quoted:
            depth += 1
        elif letter == ")" and not quoted and depth:
            depth -= 1
            continue
        if not depth:
            kept.append(letter)
    return None if depth or quoted else "".join(kept)


def _one(words: str, angle: str) -> Address | None:
    if angle:
        address = _plain(angle[1:-1].strip())
        return Address(address, _unquoted(words)) if address else None
    address = _plain(words)
    return Address(address) if address else None


def _plain(text: str) -> str:
    """The address, or empty where it is none."""
    local, at, domain = text.rpartition("@")
    local, domain = local.strip(), domain.strip().rstrip(".")
    if local.startswith('"') and local.endswith('"') and len(local) > 1:
        local = _unquoted(local)
    if not at or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        return ""
    return f"{local}@{domain}"


def _unquoted(text: str) -> str:
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text


def without_tag(address: str) -> str:
    """``alice@x`` for ``alice+fax@x``; the address itself where it has no tag."""
    local, at, domain = address.rpartition("@")
    name, plus, _tag = local.partition("+")
    return f"{name}{at}{domain}" if plus and name else address
