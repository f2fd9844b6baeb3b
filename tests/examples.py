"""The examples of a page of docs/, as a reader copies them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
_BLOCK = re.compile(r"^```(bash|python)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """``name``: of the file it is saved as; empty where it is just run."""

    chapter: str
    language: str
    name: str
    text: str


def examples_of(page: str) -> Iterator[Example]:
    text = (DOCS / page).read_text()
    headings = [(one.start(), one[1]) for one in _HEADING.finditer(text)]
    for block in _BLOCK.finditer(text):
        chapter = [title for at, title in headings if at < block.start()][-1]
        yield Example(chapter, block[1], block[2] or "", block[3])
