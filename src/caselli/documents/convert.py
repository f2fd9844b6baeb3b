"""From files to fax pages: the one verb every door uses, and the only place that starts a converter."""

from dataclasses import dataclass, field
from pathlib import Path

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A document as it was handed in. ``name`` is for people only; ``content`` says what it is."""

    name: str
    content: bytes | Path = field(repr=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """``max_pages`` of the whole fax; ``max_file_bytes``, ``seconds`` and ``memory_bytes`` of each file."""

    max_pages: int = 200
    max_file_bytes: int = 25 * MEGABYTE
    seconds: float = 60.0
    memory_bytes: int = 1 << 30
