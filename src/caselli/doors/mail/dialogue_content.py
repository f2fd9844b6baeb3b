"""The content of one mail as it comes over the wire: dots undone, line ends judged, size kept, straight into a file."""

import os
import tempfile
from contextlib import suppress
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Self

_END = b"\r\n.\r\n"
_STARTS_OF_END = tuple(_END[:length] for length in range(len(_END) - 1, 0, -1))


class Fault(Enum):
    """What makes it no mail to take. The rest of it is read and thrown away, so that the dialogue can say so."""

    TOO_LARGE = "too large"
    BARE_LINE_END = "a bare line end"
    NO_ROOM = "no room on the disk"


class IncomingContent:
    """Takes what the connection gives, in pieces of any size, until the line with a single dot (RFC 5321 4.1.1.4).

    Only CR LF dot CR LF ends a mail; a CR or LF alone is a fault, because servers that take it for a line end can be
    made to see two mails where others see one (SMTP smuggling). ``limit`` and ``size`` in bytes, without the end.

    The file has no name: when this process dies, nothing is left of it. It belongs to the shelf's file system, so
    that a full one is noticed here. Raises OSError when there can be no file at all.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - closed by close
        self._limit = limit
        self._held = b"\r\n"  # the end may follow DATA at once; this one is not content
        self._virtual = len(self._held)
        self.size = 0
        self.fault: Fault | None = None

    @property
    def path(self) -> Path:
        """Good in this process, until it is closed."""
        return Path(f"/proc/self/fd/{self._file.fileno()}")

    def feed(self, data: bytes) -> bytes | None:
        """None while the mail goes on; at its end what follows it on the connection."""
        data = self._held + data
        end = data.find(_END)
        if end >= 0:
            self._held = b""
            self._keep(data[: end + 2])
            return data[end + len(_END) :]
        held = next((len(start) for start in _STARTS_OF_END if data.endswith(start)), 0)
        cut = len(data) - held
        self._held = data[cut:]
        self._keep(data[:cut])
        return None

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _keep(self, lines: bytes) -> None:
        """``lines``: cut between two of them, or within one, never within a line end."""
        if self.fault is not None or not lines:
            return
        pairs = lines.count(b"\r\n")
        if lines.count(b"\r") != pairs or lines.count(b"\n") != pairs:
            self._give_up(Fault.BARE_LINE_END)
            return
        content = lines.replace(b"\r\n.", b"\r\n")[self._virtual :]
        self._virtual = 0
        self.size += len(content)
        if self.size > self._limit:
            self._give_up(Fault.TOO_LARGE)
            return
        try:
            self._write(content)
        except OSError:
            self._give_up(Fault.NO_ROOM)

    def _write(self, content: bytes) -> None:
        rest = memoryview(content)
        while rest:
            rest = rest[self._file.write(rest) :]

    def _give_up(self, fault: Fault) -> None:
        self.fault = fault
        with suppress(OSError):
            os.ftruncate(self._file.fileno(), 0)
