"""What is given to the methods, in the ways that are handy, and as the API wants it."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from caselli.client.effects import Part


@dataclass(frozen=True, slots=True)
class Recipient:
    """``to``: a phone number, best in E.164, or an extension. ``name``: for people."""

    to: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A document that is not on the disk. ``name``: for people; what it is, its content says."""

    name: str
    content: bytes


Recipients = str | Recipient | Iterable[str | Recipient]
Files = str | os.PathLike[str] | File | Iterable[str | os.PathLike[str] | File]


def recipients_of(given: Recipients) -> list[Recipient]:
    many = [given] if isinstance(given, str | Recipient) else list(given)
    return [one if isinstance(one, Recipient) else Recipient(one) for one in many]


def parts_of(given: Files, field: str = "files") -> tuple[Part, ...]:
    """Raises OSError where a path cannot be read, before anything is sent."""
    many = [given] if isinstance(given, str | os.PathLike | File) else list(given)
    return tuple(_part(one, field) for one in many)


def _part(given: str | os.PathLike[str] | File, field: str) -> Part:
    if isinstance(given, File):
        return Part(field, given.name, given.content)
    path = Path(given)
    with path.open("rb"):
        return Part(field, path.name, path)
