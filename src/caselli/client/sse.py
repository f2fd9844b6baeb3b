"""Server-sent events (WHATWG HTML, 9.2): bytes in, messages out. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

MOST = 1_000_000
"""Bytes of one message: ours have a few hundred."""


@dataclass(frozen=True, slots=True)
class Message:
    """``id``: the last one that was said, in this message or before."""

    kind: str
    data: str
    id: str


class Parser:
    """Feed it what comes, in pieces of any size."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[str] = []
        self._kind = ""
        self._id = ""

    def feed(self, piece: bytes) -> Iterator[Message]:
        """Raises ValueError where it never ends, or is not UTF-8."""
        *lines, self._rest = (self._rest + piece).replace(b"\r\n", b"\n").split(b"\n")
        if len(self._rest) + sum(map(len, self._data)) > MOST:
            raise ValueError("a message is too long")
        for line in lines:
            if not line:
                yield from self._end()
            elif not line.startswith(b":"):
                self._take(line.decode())

    def _take(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._kind = value
        elif name == "id" and "\0" not in value:
            self._id = value

    def _end(self) -> Iterator[Message]:
        """A message without data is none; what is unfinished at the end of the stream is lost, as the standard says."""
        if self._data:
            yield Message(self._kind or "message", "\n".join(self._data), self._id)
        self._data, self._kind = [], ""
