"""The line at the top of each page: when it was sent, by whom, and which page it is, as senders of faxes must tell (in
the United States 47 CFR 68.318 (d)).

It is joined to the page as it is coded, bit by bit, so that 200 pages cost no decoding. A white row is the one bit 1
after another white row (T.6: vertical mode, no shift), so the leading ones of a page are the rows of its white margin:
the line takes their place, and the page stays as long as it was. Where there is no margin, the page grows instead.
"""

import os
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from caselli.documents.coding import code_page
from caselli.documents.tiff import CodedPage, read_class_f, write_class_f

ROWS: Final = 40
"""5 mm; the last of them are white, as the page expects above it."""
_MARGIN: Final = 64
_GAP: Final = 48
_BASELINE: Final = 30
_LARGEST, _SMALLEST = 26, 12
_END_OF_BLOCK: Final = 0x001001
_END_BITS: Final = 24


@dataclass(frozen=True, slots=True)
class HeaderLine:
    """``said``: what stands at the left, the same on each page."""

    said: str

    @property
    def at_left(self) -> str:
        return "".join(one if one.isprintable() else " " for one in self.said)

    def at_right(self, page: int, pages: int) -> str:
        return f"Page {page} of {pages}"


def with_header(document: Path, header: HeaderLine, to: Path, first_page: int = 1) -> None:
    """Write ``document``, a class-F TIFF, to ``to`` with the line on each page from ``first_page`` on.

    Raises ValueError if it is another sort of TIFF, and OSError.
    """
    pages = read_class_f(document.read_bytes())
    if not pages:
        raise ValueError(f"not a fax as we keep it: {document}")
    joined = [
        page if number < first_page else join(page, header, number, len(pages)) for number, page in enumerate(pages, 1)
    ]
    descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(write_class_f(joined))


def join(page: CodedPage, header: HeaderLine, number: int, pages: int) -> CodedPage:
    line, bits = _without_end(code_page(_packed(header, number, pages, page.width), page.width))
    margin = min(ROWS, page.length - 1, _leading_ones(page.coded))
    rest = 8 * len(page.coded) - margin
    below = int.from_bytes(page.coded, "big") & ((1 << rest) - 1)
    padding = -(bits + rest) % 8
    whole = ((line << rest) | below) << padding
    return replace(page, length=page.length + ROWS - margin, coded=whole.to_bytes((bits + rest + padding) // 8, "big"))


def _leading_ones(coded: bytes) -> int:
    start = coded[: ROWS // 8 + 1]
    bits = f"{int.from_bytes(start, 'big'):0{8 * len(start)}b}"
    return len(bits) - len(bits.lstrip("1"))


def _without_end(coded: bytes) -> tuple[int, int]:
    """The rows alone, as a number and its count of bits: the end-of-block code and the padding behind it go."""
    value = int.from_bytes(coded, "big")
    padding = (value & -value).bit_length() - 1
    value >>= padding
    assert value & ((1 << _END_BITS) - 1) == _END_OF_BLOCK
    return value >> _END_BITS, 8 * len(coded) - padding - _END_BITS


def _packed(
    header: HeaderLine, number: int, pages: int, width: int
) -> "np.ndarray[tuple[int, int], np.dtype[np.uint8]]":
    right = header.at_right(number, pages)
    size, left = _fitting(header.at_left, header.at_right(pages, pages), width)
    sheet = Image.new("1", (width, ROWS), 1)
    drawing = ImageDraw.Draw(sheet)
    drawing.text((_MARGIN, _BASELINE), left, fill=0, font=_font(size), anchor="ls")
    drawing.text((width - _MARGIN, _BASELINE), right, fill=0, font=_font(size), anchor="rs")
    rows = ~np.asarray(sheet)
    rows[-2:] = False
    packed = np.packbits(rows, axis=1)
    return packed.reshape(ROWS, -1)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype("DejaVuSans.ttf", size)


@cache
def _fitting(left: str, right: str, width: int) -> tuple[int, str]:
    """The largest size in which both stand beside each other; what is too long even so loses its end."""
    room = width - 2 * _MARGIN - _GAP
    for size in range(_LARGEST, _SMALLEST - 1, -1):
        if _font(size).getlength(left) + _font(size).getlength(right) <= room:
            return size, left
    while left and _font(_SMALLEST).getlength(left) + _font(_SMALLEST).getlength(right) > room:
        left = left[:-1]
    return _SMALLEST, left
