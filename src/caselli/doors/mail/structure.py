"""A mail taken apart: which bytes are whose header and whose content. Bounded whatever the mail is, and linear.

Python's parser walks all open levels at every line, and holds a mail five times: fine for people's mails, not for those
of somebody who wants to keep us busy. So we find the parts ourselves (RFC 2046, 5.1); fields are read by the library.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.policy import compat32
from typing import Final

from caselli.doors.mail import fields
from caselli.fax.refusals import Refusal, RefusalKind

HEADER_BYTES: Final = 512_000
"""Of the whole mail. Long lists of recipients and many seals make 100,000."""
PART_HEADER_BYTES: Final = 64_000
MOST_FIELDS: Final = 2_000
MOST_PARTS: Final = 1_000
MOST_LEVELS: Final = 30
_LONGEST_BOUNDARY: Final = 200
"""RFC 2046 allows 70."""

_MAILBOX: Final = (b"From ", b">From ")
_NEWLINE: Final = 0x0A
_BEHIND_DELIMITER: Final = re.compile(rb"(--)?[ \t]*(?:\r?\n|\r?\Z)")
_FIELD: Final = re.compile(rb"[!-9;-~\x80-\xff]+[ \t]*:")
_SEND_AGAIN: Final = "Send it again from a usual mail program, or hand the document in on the web page."


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of a mail from ``start`` up to ``end``, not copied."""

    mail: bytes
    start: int
    end: int

    def __bytes__(self) -> bytes:
        return self.mail[self.start : self.end]


@dataclass(slots=True)
class Entity:
    """A mail or a part of one: ``header``, ``coded`` (its content as it came), ``parts`` of a multipart.

    ``kind``: the content type in lower case. ``level``: 0 for the mail itself.
    """

    header: Message
    kind: str
    coded: Piece
    level: int
    parts: list["Entity"] = field(default_factory=list)

    @property
    def encoding(self) -> str:
        words = re.findall(r"[a-z0-9-]+", next(fields.raw(self.header, "content-transfer-encoding"), "").lower())
        return words[0] if words else ""

    def content(self) -> tuple[bytes, bool]:
        """Decoded, and whether the coding was whole. Never longer than what came."""
        match self.encoding:
            case "base64":
                return fields.from_base64(bytes(self.coded))
            case "quoted-printable":
                return _from_quoted_printable(bytes(self.coded)), True
            case "x-uuencode" | "uuencode" | "x-uue" | "uue":
                return from_uuencode(bytes(self.coded))
            case _:
                return bytes(self.coded), True


def damaged(sentence: str) -> Refusal:
    return Refusal(RefusalKind.MAIL_DAMAGED, "mail", sentence, _SEND_AGAIN)


@dataclass(slots=True)
class Count:
    """Of one mail and the mails within it: ``parts``, and bytes of pictures that may still be copied into texts."""

    parts: int = 0
    room: int = 25_000_000


def header_of(beginning: bytes, most: int = HEADER_BYTES) -> tuple[Message, int]:
    """The header, and where the content begins: behind an empty line, or where a line is no field.

    ``beginning``: of the mail, ``most`` + 1 bytes of it suffice. Raises Refusal where there is too much of it.
    """
    found, start = _header_lines(beginning)
    if start > most:
        raise damaged(f"The mail is damaged: a header is longer than {most // 1000:,} kB.")
    if len(found) > MOST_FIELDS:
        raise damaged(f"The mail is damaged: a header has more than {MOST_FIELDS:,} fields.")
    header = Message(policy=compat32)
    for lines in found:
        unfolded = b"".join(lines)
        if b"\r" in unfolded:
            # A line end for some programs, none for others: what it hides is a trick.
            raise damaged("The mail is damaged: a header has carriage returns that end no line.")
        name, _colon, value = unfolded.decode("ascii", "surrogateescape").partition(":")
        header.set_raw(name.rstrip(), value.strip())
    return header, start


def _header_lines(content: bytes) -> tuple[list[list[bytes]], int]:
    """The lines of each field, and where the header is over. Not by the library, which ends it at odd names."""
    found: list[list[bytes]] = []
    position = 0
    while position < len(content):
        newline = content.find(b"\n", position)
        after = len(content) if newline < 0 else newline + 1
        line = content[position:after].removesuffix(b"\n").removesuffix(b"\r")
        if not line:
            return found, after
        if found and line[:1] in b" \t":
            found[-1].append(line)
        elif _FIELD.match(line):
            found.append([line])
        elif position or not line.startswith(_MAILBOX):  # a line of a mailbox file, which some gateways leave there
            break
        position = after
    return found, position


def take_apart(mail: bytes, count: Count, level: int = 0) -> Entity:
    """The whole mail as a tree. ``level``: how deep it lies, where it is a part of another itself.

    Raises Refusal (MAIL_DAMAGED, FILES_TOO_MANY).
    """
    return _entity(Piece(mail, 0, len(mail)), level, "text/plain", count)


def _entity(piece: Piece, level: int, default: str, count: Count) -> Entity:
    """Recursive, at most MOST_LEVELS deep."""
    count.parts += 1
    if count.parts > MOST_PARTS:
        raise Refusal(
            RefusalKind.FILES_TOO_MANY,
            "files",
            f"The mail has more than {MOST_PARTS:,} parts.",
            "Send several mails, or join the documents into one PDF.",
        )
    if level > MOST_LEVELS:
        raise damaged(f"The mail is damaged: its parts lie in one another, more than {MOST_LEVELS} deep.")
    most = PART_HEADER_BYTES if level else HEADER_BYTES
    header, length = header_of(piece.mail[piece.start : min(piece.end, piece.start + most + 1)], most)
    kind = fields.content_type(header, default)
    entity = Entity(header, kind, Piece(piece.mail, piece.start + length, piece.end), level)
    if kind.startswith("multipart/"):
        inner = "message/rfc822" if kind == "multipart/digest" else "text/plain"
        for part in _split(entity.coded, fields.boundary(header)):
            entity.parts.append(_entity(part, level + 1, inner, count))
    return entity


def _split(piece: Piece, boundary: str) -> Iterator[Piece]:
    """The parts between the delimiter lines; what stands before the first and behind the last is for nobody."""
    if not 0 < len(boundary) <= _LONGEST_BOUNDARY:
        raise damaged("The mail is damaged: it has parts, and does not say where they begin.")
    mail, end = piece.mail, piece.end
    delimiter = b"--" + boundary.encode("utf-8", "surrogateescape")
    begun: int | None = None
    position = piece.start
    while (at := mail.find(delimiter, position, end)) >= 0:
        position = at + len(delimiter)
        rest = _BEHIND_DELIMITER.match(mail, position, end)
        if rest is None or not (at == piece.start or mail[at - 1] == _NEWLINE):
            continue
        if begun is not None:
            yield Piece(mail, begun, max(begun, _before_line_end(mail, at)))
        if rest[1]:
            return
        begun = position = rest.end()
    if begun is None:
        raise damaged("The mail is damaged: it has parts, and none of them can be found.")
    yield Piece(mail, begun, end)


def _before_line_end(mail: bytes, at: int) -> int:
    """The line end before a delimiter belongs to the delimiter."""
    return at - 2 if mail[at - 2 : at] == b"\r\n" else at - 1


def _from_quoted_printable(coded: bytes) -> bytes:
    # Blanks behind the last sign of a line were added on the way (RFC 2045, 6.7).
    return binascii.a2b_qp(re.sub(rb"=[ \t]+(?=\r?\n)", b"=", coded))


def from_uuencode(coded: bytes) -> tuple[bytes, bool]:
    """The content of the first uuencoded file, and whether it was whole."""
    found: list[bytes] = []
    begun = False
    for line in coded.splitlines():
        if not begun:
            begun = re.match(rb"begin [0-7]{3,4} ", line) is not None
            continue
        if line.strip() == b"end":
            return b"".join(found), True
        try:
            found.append(binascii.a2b_uu(line))
        except binascii.Error:
            break
    return b"".join(found), False
