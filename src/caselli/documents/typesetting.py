"""A text as pages for WeasyPrint: pure.

Browsers' ``dir=auto`` would leave lines that run from right to left at the left edge: each paragraph's first strong
letter (Unicode's bidirectional algorithm, P2 and P3) decides, and lines of one direction stand in one block.
"""

import html
import math
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

COLUMNS: Final = 82
LINES: Final = 60
"""What an A4 page of the style below holds of western letters."""
_LINES_IN_BLOCK: Final = 30
"""WeasyPrint lays out short blocks much quicker than long ones."""

_ENDLESS: Final = re.compile(r"[^ \t\n]{1000,}")

_STYLE: Final = """
@page { size: A4; margin: 15mm 17mm }
body { margin: 0; font: 10pt/1.24 'DejaVu Sans Mono', 'Noto Sans Mono', monospace }
section + section { break-before: page }
pre { margin: 0; font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 8; orphans: 1; widows: 1 }
pre.rtl { direction: rtl; text-align: right }
"""


def typeset(text: str) -> str:
    """HTML of the text: a form feed begins a new page, long lines wrap, everything else stays where it was put."""
    pages = _with_plain_lines(text).rstrip("\f\n").split("\f")
    sections = "".join(f"<section>{''.join(_blocks(page))}</section>" for page in pages)
    return f"<!DOCTYPE html><meta charset='utf-8'><style>{_STYLE}</style>{sections}"


def least_pages(text: str) -> int:
    """Fewer pages than this the text cannot take: no need to lay it out to see that it is too long."""
    pages = _with_plain_lines(text).rstrip("\f\n").split("\f")
    return sum(max(1, math.ceil(_lines(page) / (LINES + 6))) for page in pages)


def _with_plain_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\v", "\n")


def _lines(page: str) -> int:
    return sum(max(1, math.ceil(len(line.encode("utf-16-le")) / 2 / (COLUMNS * 2))) for line in page.split("\n"))


def _blocks(page: str) -> Iterator[str]:
    block: list[str] = []
    rightward = True
    for line in page.split("\n"):
        direction = runs_rightward(line)
        # A line without letters goes with the one above.
        turned = direction is not None and direction != rightward
        if block and (turned or len(block) == _LINES_IN_BLOCK):
            yield _block(block, rightward=rightward)
            block = []
        if direction is not None:
            rightward = direction
        block.append(line)
    yield _block(block, rightward=rightward)


def _block(lines: list[str], *, rightward: bool) -> str:
    # WeasyPrint needs two minutes for 100,000 letters without a blank, and half a second for as many in lines.
    lines = [_ENDLESS.sub(_in_pieces, line) for line in lines]
    # A blank at its end keeps an empty last line from vanishing; HTML drops a line break right after the tag.
    text = html.escape("\n".join(lines), quote=False)
    return f"<pre{'' if rightward else ' class=rtl'}>\n{text}{'' if lines[-1] else ' '}</pre>"


def _in_pieces(word: re.Match[str]) -> str:
    """The word broken where a line is full, as ``overflow-wrap`` breaks it; a mark stays with its letter."""
    pieces, piece, columns = [], "", 0
    for letter in word[0]:
        wide = 0 if unicodedata.combining(letter) else 1
        if columns + wide > COLUMNS:
            pieces.append(piece)
            piece, columns = "", 0
        piece += letter
        columns += wide
    return "\n".join([*pieces, piece])


def runs_rightward(line: str) -> bool | None:
    """By the first strong letter; None without any."""
    for letter in line:
        match unicodedata.bidirectional(letter):
            case "L":
                return True
            case "R" | "AL":
                return False
    return None
