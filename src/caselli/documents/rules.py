"""How a document lies on a fax page, and how long it will take: pure.

A fax page is 1,728 pixels wide at 204 dots an inch, with 196 rows an inch (T.4, fine).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

PAGE_WIDTH: Final = 1728
DOTS_PER_INCH: Final = 204
ROWS_PER_INCH: Final = 196
A4_WIDTH: Final = 1687
"""210 mm: A4 is narrower than the fax page; stretched, it would not be true to scale."""
A4_LENGTH: Final = 2292
LONGEST_TRUE: Final = 2744
"""14 inches, American legal: the longest page sent at its own scale. What is longer is made to fit A4."""
SHORTEST: Final = 1078
"""5.5 inches: shorter paper jams in machines that print."""
LONGEST_FAX: Final = 10_000
"""Rows of a page that came as a fax already and is passed on as it is."""
MOST_PIXELS: Final = 200_000_000
"""An A4 page at 1,200 dpi has 140 million."""
LONGEST_SIDE: Final = 60_000

_SLACK: Final = 1.005
"""Letter is 1,734 pixels wide, and sizes are rounded by whoever wrote the file."""
_HONEST_DPI: Final = (100.0, 1250.0)
"""Below lie 72 and 96, which cameras and screens write without meaning anything."""
_HONEST_INCHES: Final = (0.5, 24.0)
_MOST_ENLARGED: Final = 4.0
_FAX_ROWS_PER_INCH: Final = ((90.0, 105.0, 2), (180.0, 210.0, 1))


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the content lies: ``width`` x ``length`` pixels, ``left`` from the edge, on a page of ``page_length`` rows.

    ``turned``: a quarter turn clockwise before that; ``width`` and ``length`` are those after the turn.
    """

    width: int
    length: int
    left: int
    page_length: int
    turned: bool = False


@dataclass(frozen=True, slots=True)
class FaxScan:
    """An image that is a fax page already: pass every pixel, each row ``repeat`` times."""

    repeat: int
    page_length: int


def _scale(width: float, length: float) -> float:
    """From true scale (pixels, rows) down to what fits; never enlarges."""
    if width <= PAGE_WIDTH * _SLACK and length <= LONGEST_TRUE * _SLACK:
        return min(1.0, PAGE_WIDTH / width, LONGEST_TRUE / length)
    return min(PAGE_WIDTH / width, A4_LENGTH / length)


def _placed(width: float, length: float, *, turned: bool) -> Placement:
    columns = min(PAGE_WIDTH, max(1, round(width)))
    rows = max(1, round(length))
    return Placement(columns, rows, (PAGE_WIDTH - columns) // 2, max(rows, SHORTEST), turned)


def place_page(width_inches: float, length_inches: float) -> Placement:
    """A page of paper: at true scale, centred; turned when that shows it larger; scaled down only when it must be."""
    upright = (width_inches * DOTS_PER_INCH, length_inches * ROWS_PER_INCH)
    turned = (length_inches * DOTS_PER_INCH, width_inches * ROWS_PER_INCH)
    scale, turned_scale = _scale(*upright), _scale(*turned)
    if width_inches > length_inches and turned_scale > scale * _SLACK:
        return _placed(turned[0] * turned_scale, turned[1] * turned_scale, turned=True)
    return _placed(upright[0] * scale, upright[1] * scale, turned=False)


def place_image(width: int, length: int, dpi: tuple[float, float] | None) -> Placement:
    """An image of ``width`` x ``length`` pixels: as paper where its resolution is honest, else across an A4 page."""
    if dpi is not None and all(_HONEST_DPI[0] <= one <= _HONEST_DPI[1] for one in dpi):
        inches = (width / dpi[0], length / dpi[1])
        if all(_HONEST_INCHES[0] <= one <= _HONEST_INCHES[1] for one in inches):
            return place_page(*inches)
    scale = min(A4_WIDTH / width, _MOST_ENLARGED)
    rows = length * scale * ROWS_PER_INCH / DOTS_PER_INCH
    if rows > A4_LENGTH:
        scale, rows = scale * A4_LENGTH / rows, A4_LENGTH
    return _placed(width * scale, rows, turned=False)


def fax_scan(width: int, length: int, dpi: tuple[float, float] | None) -> FaxScan | None:
    """The way a two-level image of a fax page's width is passed unchanged; None if it is no fax page."""
    if width != PAGE_WIDTH:
        return None
    rows_per_inch = ROWS_PER_INCH if dpi is None else dpi[1]
    for least, most, repeat in _FAX_ROWS_PER_INCH:
        if least <= rows_per_inch <= most and length * repeat <= LONGEST_FAX:
            return FaxScan(repeat, max(length * repeat, SHORTEST))
    return None


def image_is_absurd(width: int, length: int) -> bool:
    """More pixels than any paper holds: not worth decoding."""
    return width * length > MOST_PIXELS or max(width, length) > LONGEST_SIDE


_CALL_SECONDS: Final = 14.3
"""Answer, called station's tone, T.38 switch, DIS/DCS, training, goodbye."""
_PAGE_SECONDS: Final = 4.6
"""Between the last bits of a page and the first of the next: PPS, MCF and the modem's training."""
_BITS_PER_SECOND: Final = 14_400


def seconds_on_line(coded_bytes: Iterable[int]) -> float:
    """About how long a call takes that sends pages of so many T.6 bytes at 14,400 bit/s with error correction."""
    pages = tuple(coded_bytes)
    return _CALL_SECONDS + sum(_PAGE_SECONDS + size * 8 / _BITS_PER_SECOND for size in pages)
