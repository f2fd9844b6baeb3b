"""What a test sees of the pages."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from caselli.documents.convert import Limits, SourceFile, convert
from caselli.documents.pages import FaxDocument
from caselli.fax.refusals import Refusal, Refusals

BlackPixels = NDArray[np.bool_]


def fax_of(*contents: bytes, limits: Limits | None = None) -> FaxDocument:
    files = [SourceFile(f"file {number}", content) for number, content in enumerate(contents, start=1)]
    return convert(files, limits or Limits())


def refusals_of(*contents: bytes, limits: Limits | None = None) -> tuple[Refusal, ...]:
    try:
        fax_of(*contents, limits=limits)
    except Refusals as refusals:
        return refusals.all
    raise AssertionError("nothing was refused")


def pages_of(document: FaxDocument) -> list[BlackPixels]:
    """True where black, by another decoder than the one that coded."""
    with Image.open(io.BytesIO(document.tiff)) as image:
        return [~np.asarray(frame.convert("1")) for frame in ImageSequence.Iterator(image)]


def page_of(content: bytes) -> BlackPixels:
    (page,) = pages_of(fax_of(content))
    return page


def bounds(black: BlackPixels) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is black; the last two are outside."""
    rows, columns = np.flatnonzero(black.any(axis=1)), np.flatnonzero(black.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
