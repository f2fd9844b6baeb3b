"""What the processes say, line by line: on the terminal with the speaker's name, and in CASELLI_HOME/logs, bounded."""

import logging
import sys
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

FILE_BYTES = 5_000_000
FILES = 5
LONGEST_LINE = 16_384


class _Quiet(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """A full disk must not stop the service, and there is nowhere to write about it: the terminal has the line."""


class Journal:
    """``say`` writes one line. ``quiet`` lines go to the file only."""

    def __init__(self, folder: Path, width: int = 10) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "caselli.log"
        self._file = _Quiet(self.path, maxBytes=FILE_BYTES, backupCount=FILES - 1, encoding="utf-8", errors="replace")
        self._width = width
        self._terminal = True

    def say(self, speaker: str, line: str, *, quiet: bool = False) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        name = f"{speaker:<{self._width}}"
        self._file.handle(logging.makeLogRecord({"msg": f"{now} {name} {line}"}))
        if quiet or not self._terminal:
            return
        try:
            print(f"{name} {line}", flush=True)
        except (OSError, ValueError):  # the terminal or the pipe behind it is gone; the file stays
            self._terminal = False

    def close(self) -> None:
        self._file.close()


class Lines:
    """Bytes come in as a pipe delivers them, whole lines come out; a line without end is cut at LONGEST_LINE bytes."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        *whole, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST_LINE:
            whole.append(self._rest)
            self._rest = b""
        return [_text(line) for line in whole if line.strip()]

    def close(self) -> list[str]:
        rest, self._rest = self._rest, b""
        return [_text(rest)] if rest.strip() else []


def _text(line: bytes) -> str:
    return line[:LONGEST_LINE].decode("utf-8", "replace").rstrip()


def complain(text: str) -> None:
    print(f"caselli: {text}", file=sys.stderr, flush=True)
