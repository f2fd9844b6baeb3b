"""A multipart form (RFC 7578), a part at a time, as old clients write it: no part is left out for how it is named.

Django's own parser passes over parts without a name, and over those whose filename is not UTF-8: a document less in a
fax, in silence. Knows no request: it reads from anything that has ``read``.
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import unquote

_PIECE = 1 << 16
LONGEST_HEAD = 16_384
"""Bytes of one part's headers."""
MOST_PARTS = 200
_PARAMETER = re.compile(r";\s*([\w*.-]+)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^;\"]*))", re.DOTALL)


class Readable(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


class MultipartError(ValueError):
    """It is no multipart form, or breaks off; the text says where."""


@dataclass(frozen=True, slots=True)
class Head:
    """``filename``: None where the part is no file; without the folders that some clients write before it."""

    name: str
    filename: str | None
    encoding: str = ""


def boundary_of(content_type: str) -> bytes:
    """Raises MultipartError."""
    found = dict(_parameters(content_type)).get("boundary", "").strip()
    if not found or len(found) > 200 or not found.isascii():
        raise MultipartError("Content-Type names no boundary")
    return found.encode()


def parts(stream: Readable, boundary: bytes) -> Iterator[tuple[Head, Iterator[bytes]]]:
    """Each part with its content in pieces; what of it is not read is passed over. Raises MultipartError."""
    window = _Window(stream)
    delimiter = b"\r\n--" + boundary
    _drain(window.until(delimiter))
    for _ in range(MOST_PARTS):
        if window.is_at_the_end():
            return
        head = _head(_limited(window.until(b"\r\n\r\n")))
        # Behind the headers of a part without content the empty line may be the boundary's own (RFC 2046, 5.1.1).
        content = iter(()) if window.passes(delimiter[2:]) else window.until(delimiter)
        yield head, _decoded(content, head.encoding)
        _drain(content)
    raise MultipartError(f"it has more than {MOST_PARTS} parts")


class _Window:
    """What was read of the stream and not given out yet. Begins with a line break: the first boundary may lack it."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._buffer = bytearray(b"\r\n")

    def _fill(self) -> bool:
        piece = self._stream.read(_PIECE)
        self._buffer += piece
        return bool(piece)

    def until(self, mark: bytes) -> Iterator[bytes]:
        """Everything before the next ``mark``, which is passed over."""
        kept = len(mark) - 1
        while (place := self._buffer.find(mark)) < 0:
            if len(self._buffer) > kept:
                piece = bytes(self._buffer[:-kept])
                del self._buffer[:-kept]
                yield piece
            if not self._fill():
                raise MultipartError("it breaks off before its last boundary")
        piece = bytes(self._buffer[:place])
        del self._buffer[: place + len(mark)]
        if piece:
            yield piece

    def passes(self, mark: bytes) -> bool:
        """Whether ``mark`` comes next; then it is passed over."""
        while len(self._buffer) < len(mark) and self._fill():
            pass
        found = self._buffer.startswith(mark)
        if found:
            del self._buffer[: len(mark)]
        return found

    def is_at_the_end(self) -> bool:
        """Behind a boundary: it was the last one. Some clients forget the hyphens that say so."""
        while len(self._buffer) <= LONGEST_HEAD and len(self._buffer.strip()) < 2 and self._fill():
            pass
        return self._buffer.startswith(b"--") or not self._buffer.strip()


def _drain(pieces: Iterator[bytes]) -> None:
    for _ in pieces:
        pass


def _limited(pieces: Iterator[bytes]) -> bytes:
    found = bytearray()
    for piece in pieces:
        found += piece
        if len(found) > LONGEST_HEAD:
            raise MultipartError("the headers of a part are too long")
    return bytes(found)


def _head(block: bytes) -> Head:
    """``block``: from the end of the boundary to the empty line."""
    try:
        text = block.decode()
    except UnicodeDecodeError:
        text = block.decode("latin-1")
    lines = re.sub(r"\r\n[ \t]+", " ", text).split("\r\n")[1:]
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    given = dict(_parameters(headers.get("content-disposition", "")))
    filename = _extended(given["filename*"]) if "filename*" in given else given.get("filename")
    if filename is not None:
        filename = re.split(r"[/\\]", filename)[-1].strip()
    return Head(given.get("name", ""), filename or None, headers.get("content-transfer-encoding", "").lower())


def _parameters(value: str) -> Iterator[tuple[str, str]]:
    for name, quoted, plain in _PARAMETER.findall(value):
        yield name.lower(), re.sub(r"\\([\"\\])", r"\1", quoted) if quoted else plain.strip()


def _extended(value: str) -> str:
    """RFC 8187: ``UTF-8''na%C3%AFve.pdf``."""
    charset, _, rest = value.partition("'")
    try:
        return unquote(rest.partition("'")[2], encoding=charset or "utf-8", errors="replace")
    except LookupError:
        return unquote(rest.partition("'")[2], errors="replace")


def _decoded(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """RFC 7578, 4.7 abolished other encodings than the bytes themselves; base64 is met all the same."""
    if encoding != "base64":
        yield from pieces
        return
    left = b""
    for piece in pieces:
        left += re.sub(rb"\s", b"", piece)
        whole = len(left) - len(left) % 4
        yield _of_base64(left[:whole])
        left = left[whole:]
    if left:
        raise MultipartError("base64 breaks off")


def _of_base64(text: bytes) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise MultipartError("base64 cannot be read") from None
