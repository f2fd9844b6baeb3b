"""From grey to black and white, each sort of content in the way that keeps it legible and small.

Measured: an error diffusion makes a photo three times the bytes of clustered dots, and a dither of any kind makes a
noisy scan unreadable; one threshold for all of a scan loses its shaded half.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Grey = NDArray[np.uint8]
"""Rows of pixels, 0 black to 255 white."""
Black = NDArray[np.bool_]
"""Rows of pixels, true where black."""
Packed = NDArray[np.uint8]
"""Rows of eight pixels a byte, the most significant bit leftmost, 1 where black."""


@dataclass(frozen=True, slots=True)
class Box:
    """A picture on the page, in pixels; ``right`` and ``bottom`` are outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def area(self) -> int:
        return max(0, self.right - self.left) * max(0, self.bottom - self.top)


class Content(Enum):
    """What a picture shows, as far as the choice of black and white goes."""

    CRISP = auto()
    """Black on white already but for its edges: a clean scan, a screenshot, a bar code."""
    SCAN = auto()
    """Paper with ink on it, as a scanner or a camera saw it."""
    PHOTO = auto()


CUT: Final = 140
"""Crisp content: a thin black line smoothed over two pixels stays."""
_BAND: Final = 64
"""Rows."""
_WHOLE_PAGE: Final = 0.5
"""Pictures that cover so much of the page are the page: a scan, perhaps in strips, perhaps with its text behind it."""
_DETAIL_RADIUS: Final = 8
_DETAIL_CONTRAST: Final = 32
_LIGHTEST_SHADE, _DARKEST_SHADE = 220, 56
_PLAIN_ENDS: Final[Grey] = np.array(
    [0 if level <= _DARKEST_SHADE else 255 if level >= _LIGHTEST_SHADE else level for level in range(256)], np.uint8
)
"""Behind text, a hint of a shade (a highlighter, every other row) is paper, and a dark one black: dots disturb."""


def pack(black: Black) -> Packed:
    return np.packbits(black, axis=1)


def pack_page(grey: Grey, pictures: Sequence[Box] = ()) -> Packed:
    """A drawn page (text and lines, not smoothed) with pictures on it."""
    packed = _pack_two_levels(grey)
    return pack(_to_black(grey, pictures)) if packed is None else packed


def _pack_two_levels(grey: Grey) -> Packed | None:
    """None if there is more than black and white. Band by band, which stays in the processor's cache."""
    packed = np.empty((grey.shape[0], grey.shape[1] // 8), np.uint8)
    for top in range(0, grey.shape[0], _BAND):
        band = grey[top : top + _BAND]
        if _has_greys(band):
            return None
        packed[top : top + _BAND] = np.packbits(band, axis=1)
    return ~packed


def _to_black(grey: Grey, pictures: Sequence[Box]) -> Black:
    covered = sum(box.area for box in pictures)
    if covered >= _WHOLE_PAGE * grey.size:
        return picture_to_black(grey)
    black = _shaded(_PLAIN_ENDS[grey])
    for box in pictures:
        part = np.s_[box.top : box.bottom, box.left : box.right]
        if grey[part].size and _has_greys(grey[part]):
            black[part] = picture_to_black(grey[part])
    return black


def picture_to_black(grey: Grey) -> Black:
    """A picture: by what it seems to show."""
    match content_of(grey):
        case Content.CRISP:
            return grey < CUT
        case Content.SCAN:
            return _scan(grey)
        case Content.PHOTO:
            return _shaded(grey)


def _has_greys(grey: Grey) -> bool:
    # 0 and 255 become the two highest values: one comparison for both.
    return bool((grey - np.uint8(1) < 254).any())


_CRISP_SHARE: Final = 0.03
_BLOCK: Final = 16
"""Pixels of the half-size picture: 4 mm of paper."""
_IS_PAPER: Final = 0.85
_IS_INK: Final = 0.65
_LEAST_PAPER: Final = 0.6
_MOST_UNEVEN: Final = 0.05
_LEAST_EVEN: Final = 0.3
_LEAST_INK: Final = 0.4
_DARKEST_PAPER: Final = 70
_PLAIN_PAPER: Final = 150


def content_of(grey: Grey) -> Content:
    """A scan is mostly paper, whose brightness changes slowly, and what is not paper is mostly clearly darker: ink.

    The limits were set on 27 pictures and documents; the nearest photo has twice the unevenness of the worst page.
    """
    middle = np.count_nonzero((grey > 64) & (grey < 200))
    if middle <= _CRISP_SHARE * grey.size:
        return Content.CRISP
    half, quarter = (_in_blocks(Image.fromarray(grey).reduce(by), _BLOCK * 2 // by) for by in (2, 4))
    if not half.size:
        return Content.PHOTO
    # The brightest of the means: noise is gone from them.
    paper = quarter[: half.shape[0], : half.shape[1]].max(axis=(2, 3)).astype(np.float32)
    dark, middling, bright = np.percentile(paper, (10, 50, 90))
    if middling < _DARKEST_PAPER or dark < _LEAST_EVEN * bright:
        return Content.PHOTO
    unevenness = sum(float(np.abs(np.diff(paper, axis=axis)).mean()) for axis in (0, 1) if paper.shape[axis] > 1)
    paper_share, no_ink_share = (
        np.count_nonzero(half > (paper * level).astype(np.uint8)[:, :, None, None]) / half.size
        for level in (_IS_PAPER, _IS_INK)
    )
    inked = 1 - no_ink_share >= _LEAST_INK * (1 - paper_share) and paper_share < 1
    even = unevenness <= _MOST_UNEVEN * float(paper.mean())
    return (
        Content.SCAN if even and paper_share >= _LEAST_PAPER and (inked or middling > _PLAIN_PAPER) else Content.PHOTO
    )


def _in_blocks(image: Image.Image, side: int) -> Grey:
    """The picture as rows and columns of square blocks, without what is left over at the edges."""
    pixels = np.asarray(image)
    rows, columns = pixels.shape[0] // side, pixels.shape[1] // side
    return pixels[: rows * side, : columns * side].reshape(rows, side, columns, side).swapaxes(1, 2)


_INK: Final = 0.82
_SURELY_INK: Final = 0.35
_MEAN_RADIUS: Final = 10


def _scan(grey: Grey) -> Black:
    """Darker than its surroundings, or too dark to be paper at all (the inside of a black bar)."""
    image = Image.fromarray(grey)
    smooth = np.asarray(image.filter(ImageFilter.BoxBlur(1)))
    small = image.reduce(4)
    surroundings = small.filter(ImageFilter.BoxBlur(_MEAN_RADIUS))
    floor = float(np.percentile(np.asarray(small), 95)) * _SURELY_INK
    levels = surroundings.point([max(int(level * _INK), int(floor)) for level in range(256)])
    threshold = levels.resize(image.size, Image.Resampling.BILINEAR)
    return smooth < np.asarray(threshold)


def _shaded(grey: Grey) -> Black:
    """Dots for even shades; what differs from its surroundings (text in grey or colour, an edge) becomes plain."""
    surroundings = np.asarray(Image.fromarray(grey).filter(ImageFilter.BoxBlur(_DETAIL_RADIUS)))
    dots = _dots(_BAND, grey.shape[1])
    black = np.empty(grey.shape, np.bool_)
    for top in range(0, grey.shape[0], _BAND):
        here, around = grey[top : top + _BAND], surroundings[top : top + _BAND]
        darker = around > _raised(here)
        lighter = here > _raised(around)
        black[top : top + _BAND] = ((here < dots[: here.shape[0]]) | darker) & ~lighter
    return black


def _raised(grey: Grey) -> Grey:
    """By the contrast that makes a detail; what would be above white stays there, and nothing is brighter."""
    return np.minimum(grey, 255 - _DETAIL_CONTRAST) + np.uint8(_DETAIL_CONTRAST)


@cache
def _screen() -> Grey:
    """Thresholds 1 to 254 of 8 x 8 pixels: two dots at 45 degrees that grow from their middles, 36 lines an inch."""
    rows, columns = np.mgrid[0:8, 0:8]
    height = np.cos(2 * np.pi * (rows + columns + 0.5) / 8) + np.cos(2 * np.pi * (rows - columns + 0.25) / 8)
    order = np.argsort(np.argsort(-height, axis=None, kind="stable"), kind="stable").reshape(8, 8)
    return np.asarray(254 - order * 253 // 63, dtype=np.uint8)


def _dots(rows: int, columns: int) -> Grey:
    tiles = (rows // 8 + 1, columns // 8 + 1)
    return np.tile(_screen(), tiles)[:rows, :columns]
