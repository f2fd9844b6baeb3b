"""A message as its signatures see it: the header fields as they were written, the body line by line, never whole."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property, partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

HEADER_BYTES: Final = 256 * 1024
FIELDS: Final = 1_000
_PIECE: Final = 64 * 1024
_END: Final = b"\r\n"
_NAME: Final = re.compile(rb"([\x21-\x39\x3b-\x7e]+):")
_BLANKS: Final = re.compile(rb"[\t ]+")
_HELD_SIMPLE: Final = re.compile(rb"\r?\Z")
_HELD_RELAXED: Final = re.compile(rb" ?\r?\Z")


class UnreadableError(ValueError):
    """The header cannot be read, or is longer than any honest one."""


class Message:
    """``fields``: names and values as written, folded lines and the end of the line included (CRLF)."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.fields = _read_fields(file)
        self._body = file.tell()

    def named(self, name: bytes) -> list[bytes]:
        """Values of the fields of that name (in lower case), from the top."""
        return [value for one, value in self.fields if one.lower() == name]

    @cached_property
    def simple(self) -> "Body":
        return self._canonical(relaxed=False)

    @cached_property
    def relaxed(self) -> "Body":
        return self._canonical(relaxed=True)

    def _canonical(self, *, relaxed: bool) -> "Body":
        self._file.seek(self._body)
        body = Body(relaxed=relaxed)
        for piece in iter(partial(self._file.readline, _PIECE), b""):
            body.feed(piece)
        body.end()
        return body


class Body:
    """The body in canonical form (RFC 6376, 3.4.3 and 3.4.4): its ``length`` in bytes and its ``digest`` by SHA-256."""

    def __init__(self, *, relaxed: bool) -> None:
        self.length = 0
        self._hash = sha256()
        self._relaxed = relaxed
        self._held = b""  # the end of a piece, until it is known whether the line ends here
        self._ends = 0  # line ends that count only if a text follows

    @property
    def digest(self) -> bytes:
        return self._hash.digest()

    def feed(self, piece: bytes) -> None:
        """A line with its end, or a piece of a longer one."""
        text, ended = self._held + piece, piece.endswith(b"\n")
        if ended:
            text = text[:-1].removesuffix(b"\r")
        if self._relaxed:
            text = _BLANKS.sub(b" ", text)
        if ended:
            self._held = b""
            self._add(text.removesuffix(b" ") if self._relaxed else text)
            self._ends += 1
        else:
            held = (_HELD_RELAXED if self._relaxed else _HELD_SIMPLE).search(text)
            self._held = held.group() if held else b""
            self._add(text.removesuffix(self._held))

    def end(self) -> None:
        self._add(self._held.removesuffix(b" ") if self._relaxed else self._held)
        self._ends = 0
        if self.length or not self._relaxed:
            self._write(_END)

    def _add(self, text: bytes) -> None:
        if text:
            while self._ends:
                some = min(self._ends, _PIECE)
                self._write(_END * some)
                self._ends -= some
            self._write(text)

    def _write(self, text: bytes) -> None:
        self._hash.update(text)
        self.length += len(text)


@contextmanager
def opened(content: Path | bytes) -> Iterator[BinaryIO]:
    if isinstance(content, bytes):
        yield BytesIO(content)
    else:
        with content.open("rb") as file:
            yield file


def _read_fields(file: BinaryIO) -> list[tuple[bytes, bytes]]:
    """Leaves the file at the body. Raises UnreadableError."""
    fields: list[tuple[bytes, list[bytes]]] = []
    left = HEADER_BYTES
    for number, line in enumerate(iter(partial(file.readline, left + 1), b"")):
        left -= len(line)
        if left < 0 or len(fields) > FIELDS:
            raise UnreadableError("the header is too long")
        text = line[:-1].removesuffix(b"\r") if line.endswith(b"\n") else line
        if not text:
            break
        if b"\r" in text:  # other readers end the line there, and see fields that no signature has seen
            raise UnreadableError("a line ends by half")
        if text[:1] in {b"\t", b" "} and fields:
            fields[-1][1].append(text + _END)
        elif named := _NAME.match(text):
            fields.append((named.group(1), [text[named.end() :] + _END]))
        elif not (number == 0 and text.startswith(b"From ")):  # the line of a mailbox file
            raise UnreadableError("a line of the header is no field")
    return [(name, b"".join(lines)) for name, lines in fields]
