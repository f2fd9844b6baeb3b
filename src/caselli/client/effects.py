"""What a plan asks of whoever runs it. A plan is a generator: it yields one of these, is sent what came of it, and
never touches a socket or a clock. So the same plan serves :class:`Client` and :class:`AsyncClient`, and tests run it
by hand.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a multipart body. ``content``: bytes, or a path that is opened anew for every try."""

    field: str
    name: str
    content: bytes | Path


@dataclass(frozen=True, slots=True)
class Request:
    """``json``: the body, where there are no ``parts``; beside them ``form`` holds the other fields, as text."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """``headers`` by lower-case names. The body of an open stream is empty."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Send:
    """Answered by the :class:`Answer`."""

    request: Request


@dataclass(frozen=True, slots=True)
class Sleep:
    """Answered by None after so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Now:
    """Answered by a clock that only goes forward, in seconds."""


@dataclass(frozen=True, slots=True)
class Open:
    """Answered by the :class:`Answer`; a good one stays open to :class:`Read`. ``silence``: seconds, at most."""

    request: Request
    silence: float


@dataclass(frozen=True, slots=True)
class Read:
    """Answered by the next bytes of the open stream; empty at its end."""


@dataclass(frozen=True, slots=True)
class Close:
    """Answered by None: the stream, if one is open, is no more."""


@dataclass(frozen=True, slots=True)
class Give:
    """One item for who iterates. Answered by None."""

    item: Any


Effect = Send | Sleep | Now | Open | Read | Close | Give
Plan = Generator[Effect, Any, T]


class LineLost(Exception):  # noqa: N818 - a sentence
    """Thrown into a plan: no answer came. ``sent``: the server may have heard the request."""

    def __init__(self, words: str, *, sent: bool) -> None:
        super().__init__(words)
        self.sent = sent
