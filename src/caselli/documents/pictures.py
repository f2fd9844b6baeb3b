"""JPEG, PNG and TIFF to black and white pages, decoded by Pillow."""

import io
import math
import os
from collections.abc import Iterator
from functools import partial
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

# Opening an image does not load these two by itself, and a confined process can load no module.
from PIL import ExifTags, Image, MpoImagePlugin, TiffImagePlugin  # noqa: F401 - see above

from caselli.documents.bilevel import Black, Grey, Packed, pack, picture_to_black
from caselli.documents.jobs import Job, Objected, Objection, Outcome
from caselli.documents.press import Press
from caselli.documents.rules import (
    PAGE_WIDTH,
    FaxScan,
    Placement,
    fax_scan,
    image_is_absurd,
    place_image,
)

_FORMATS: Final = ("JPEG", "PNG", "TIFF")
_REDUCED_COPY: Final = 1
"""NewSubfileType, bit 0: a thumbnail beside the page."""
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What brings an image of each EXIF orientation upright."""
_SIDEWAYS: Final = {5, 6, 7, 8}
"""Orientations that exchange width and length."""
_SHRINK: Final = Image.Resampling.BOX
_ENLARGE: Final = Image.Resampling.BICUBIC

# The sizes are checked below, before anything is decoded.
Image.MAX_IMAGE_PIXELS = None


def convert_picture(job: Job, source: int, result: int) -> Outcome:
    """Each frame of a TIFF, or the one image of the other kinds."""
    with os.fdopen(os.dup(source), "rb") as file, Press(result, job.max_pages) as press:
        file.seek(0)
        with Image.open(file, formats=_FORMATS) as image:
            for frame in _frames(image):
                press.expect(1)
                press.add(_page(frame))
        return press.finish()


def _frames(image: Image.Image) -> Iterator[Image.Image]:
    if image.format != "TIFF":
        yield image
        return
    number = 0
    while True:
        try:
            image.seek(number)
        except EOFError:
            return
        if not int(cast("TiffImagePlugin.TiffImageFile", image).tag_v2.get(254, 0)) & _REDUCED_COPY:
            yield image
        number += 1


def _page(image: Image.Image) -> "partial[Packed]":
    """What is left to do for the page of this frame; it no longer needs the frame."""
    if image_is_absurd(*image.size):
        raise Objected(Objection.ABSURD_SIZE, f"{image.width:,} x {image.height:,}")
    orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    sideways = orientation in _SIDEWAYS
    dpi = _resolution(image, sideways=sideways)
    # Pillow turns a TIFF while it loads, and tells the size after that.
    turn = None if image.format == "TIFF" else _TURNS.get(orientation)
    width, length = image.size[::-1] if turn and sideways else image.size
    scan = fax_scan(width, length, dpi) if image.mode == "1" else None
    if scan is not None:
        return partial(_fax_page, np.asarray(_turned(image, turn)), scan)
    place = place_image(width, length, dpi)
    size = (place.length, place.width) if place.turned else (place.width, place.length)
    grey = _turned(_grey(image, size[::-1] if turn and sideways else size), turn)
    grey = grey.resize(size, _SHRINK if grey.width >= size[0] else _ENLARGE)
    return partial(_placed, np.asarray(_turned(grey, Image.Transpose.ROTATE_270 if place.turned else None)), place)


def _turned(image: Image.Image, turn: Image.Transpose | None) -> Image.Image:
    return image if turn is None else image.transpose(turn)


def _resolution(image: Image.Image, *, sideways: bool) -> tuple[float, float] | None:
    """Dots an inch across and down the page, if the file says so in numbers."""
    told = image.info.get("dpi")
    try:
        across, down = (float(one) for one in told or ())
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    if not (math.isfinite(across) and math.isfinite(down)):
        return None
    return (down, across) if sideways else (across, down)


def _grey(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """On white paper, in grey, no smaller than ``size`` and perhaps not much larger."""
    # JPEG decodes straight to grey, and to half or a quarter of the size.
    image.draft("L", size)
    if image.has_transparency_data:
        return _on_white(image, size)
    if image.mode in {"I", "F"} or image.mode.startswith("I;16"):
        return _from_deep(np.asarray(image))
    if image.mode == "CMYK":
        return image.convert("RGB").convert("L")
    return image.getchannel(0) if image.mode == "LAB" else image.convert("L")


def _on_white(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    clear = image.convert("RGBA")
    if clear.width >= size[0]:
        clear = clear.resize(size, _SHRINK)
    paper = Image.new("RGBA", clear.size, "white")
    paper.alpha_composite(clear)
    return paper.convert("L")


def _from_deep(samples: NDArray[np.generic]) -> Image.Image:
    """More than 8 bits: white is the largest number of the type; of floating point, 1 or whatever comes next."""
    values = np.nan_to_num(samples.astype(np.float32))
    top = float(values.max(initial=0.0))
    white = next((most for most in (1.0, 255.0, 65_535.0) if top <= most), top)
    if white == 1.0 and samples.dtype.kind != "f":
        white = 255.0
    return Image.fromarray((values.clip(0.0, white) * (255.0 / white)).astype(np.uint8))


def _fax_page(white: Black, scan: FaxScan) -> Packed:
    page = np.zeros((scan.page_length, PAGE_WIDTH), np.bool_)
    rows = np.repeat(~white, scan.repeat, axis=0)
    page[: rows.shape[0]] = rows
    return pack(page)


def _placed(grey: Grey, place: Placement) -> Packed:
    page = np.zeros((place.page_length, PAGE_WIDTH), np.bool_)
    page[: place.length, place.left : place.left + place.width] = picture_to_black(grey)
    return pack(page)


def warm_up_images() -> Iterator[bytes]:
    """Small files that make every decoder and every treatment work once."""
    ramp = np.add.outer(np.arange(128), np.arange(128)).astype(np.uint8)
    grey = Image.fromarray(ramp)
    shaded = Image.fromarray((255 - ramp // 8).astype(np.uint8))
    alpha = Image.merge("LA", (grey, grey))
    deep = Image.fromarray(ramp.astype(np.uint16))
    for image, form, options in (
        (grey, "JPEG", {"exif": b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00"}),
        (shaded.convert("CMYK"), "JPEG", {}),
        (alpha, "PNG", {}),
        (deep, "PNG", {}),
        (grey.convert("1"), "TIFF", {"compression": "group4"}),
        (shaded, "TIFF", {"compression": "tiff_lzw"}),
    ):
        file = io.BytesIO()
        image.save(file, form, **options)
        yield file.getvalue()
