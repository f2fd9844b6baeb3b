"""What the converter is asked and what it answers: frozen messages, JSON between the processes.

The answers are written by a process that has read a stranger's file: everything in them is checked.
"""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final


class Work(StrEnum):
    """What a converter can be asked to do with a file."""

    PDF = "pdf"
    PICTURE = "picture"
    TEXT = "text"
    HTML = "html"
    """To PDF, as it is: whoever asks has taken away what may not be drawn."""
    WEB_PAGE = "web_page"
    """A stranger's HTML to PDF: cleaned first."""
    PROBE = "probe"


@dataclass(frozen=True, slots=True)
class Job:
    """``seconds``: wall clock and processor; ``memory_bytes`` on top of the converter's own; ``output_bytes``: written.

    ``max_pages``: the pages left for this file; one more than that may not be made.
    """

    work: str
    max_pages: int
    seconds: float
    memory_bytes: int
    output_bytes: int

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, text: bytes) -> "Job":
        return cls(**json.loads(text))


class Objection(StrEnum):
    """Why a file became no pages."""

    EMPTY = "empty"
    BLANK = "blank"
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    READER_CRASHED = "reader_crashed"
    TOO_MANY_PAGES = "too_many_pages"
    ABSURD_SIZE = "absurd_size"
    TOO_COMPLEX = "too_complex"


class Objected(Exception):  # noqa: N818 - a sentence
    """A file turns out not to become pages. ``detail``: for people where it is a number, else for our log."""

    def __init__(self, objection: Objection, detail: str = "") -> None:
        super().__init__(objection, detail)
        self.objection = objection
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Strip:
    """One coded page of the result: ``size`` bytes, one after the other."""

    width: int
    length: int
    size: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Pages, or why there are none."""

    strips: tuple[Strip, ...] = ()
    objection: Objection | None = None
    detail: str = ""

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, text: bytes) -> "Outcome":
        """Raises ValueError when this is not an outcome."""
        try:
            fields = json.loads(text)
            strips = tuple(Strip(int(one["width"]), int(one["length"]), int(one["size"])) for one in fields["strips"])
            objection = None if fields["objection"] is None else Objection(fields["objection"])
            return cls(strips, objection, str(fields["detail"]))
        except (KeyError, TypeError) as wrong:
            raise ValueError(f"not an outcome: {text[:80]!r}") from wrong


Worker = Callable[[Job, int, int], Outcome]
"""Takes the job, the descriptor of the file and that of the result. Raises Objected."""


def work_once(worker: Worker, content: bytes) -> None:
    """Have the worker load all it needs, by a small file of our own, before any process is confined."""
    source, result = os.memfd_create("source"), os.memfd_create("result")
    try:
        os.write(source, content)
        worker(Job(Work.PROBE, max_pages=9, seconds=0, memory_bytes=0, output_bytes=0), source, result)
    finally:
        os.close(source)
        os.close(result)


class End(StrEnum):
    """How the process came to its end that worked on the file."""

    EXIT = "exit"
    SIGNAL = "signal"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Ending:
    """``number``: the exit status or the signal."""

    end: End
    number: int

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, text: bytes) -> "Ending":
        fields = json.loads(text)
        return cls(End(fields["end"]), int(fields["number"]))


MESSAGE_BYTES: Final = 4096
"""No message of the control socket is longer."""
