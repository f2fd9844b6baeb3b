"""The pages of a fax for people's eyes: as images for a web page, as a PDF to keep."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageSequence

from caselli.documents.coding import code_page
from caselli.documents.rules import DOTS_PER_INCH, ROWS_PER_INCH
from caselli.documents.tiff import CodedPage, read_class_f

_STANDARD_RESOLUTION: Final = 150
"""A received fax with fewer rows an inch has 98 of them: its pixels are twice as high as wide."""


class NoSuchPage(LookupError):  # noqa: N818 - a sentence
    """The fax has no page of that number."""


def page_png(tiff: Path, number: int, width: int | None = None) -> bytes:
    """Page ``number`` (from 1) of a fax's TIFF: its very pixels in two levels, or ``width`` pixels wide in smooth grey.

    The smooth one has square pixels, the exact one those of the line: 204 x 196 an inch, or 204 x 98.
    Raises NoSuchPage.
    """
    with Image.open(tiff, formats=("TIFF",)) as image:
        _turn_to(image, number)
        file = io.BytesIO()
        if width is None:
            image.save(file, "PNG", compress_level=4)
        else:
            _smooth(image, width).save(file, "PNG", compress_level=4, bits=4)
    return file.getvalue()


def _turn_to(image: Image.Image, number: int) -> None:
    if number < 1:
        raise NoSuchPage(f"page {number}")
    try:
        image.seek(number - 1)
    except EOFError:
        raise NoSuchPage(f"page {number}") from None


def _smooth(image: Image.Image, width: int) -> Image.Image:
    across, down = _resolution(image)
    length = max(1, round(image.height * width * across / (image.width * down)))
    grey = image.convert("L").resize((width, length), Image.Resampling.BOX)
    # Sixteen greys are as smooth to the eye as all of them, in half the bytes.
    indexed = Image.frombytes("P", grey.size, grey.point(_NEAREST_GREY).tobytes())
    indexed.putpalette([level * 17 for level in range(16) for _ in range(3)])
    return indexed


_NEAREST_GREY: Final = [round(level / 17) for level in range(256)]


def _resolution(image: Image.Image) -> tuple[float, float]:
    across, down = image.info.get("dpi", (DOTS_PER_INCH, ROWS_PER_INCH))
    return float(across) or DOTS_PER_INCH, float(down) or ROWS_PER_INCH


def pages_pdf(tiff: Path) -> bytes:
    """All pages as they went down the line, pixel for pixel, as a PDF."""
    pages = read_class_f(tiff.read_bytes())
    if pages is not None:
        return _pdf([(page, ROWS_PER_INCH) for page in pages])
    with Image.open(tiff, formats=("TIFF",)) as image:
        return _pdf([_recoded(frame) for frame in ImageSequence.Iterator(image)])


def _recoded(image: Image.Image) -> tuple[CodedPage, int]:
    black = ~np.asarray(image.convert("1"))
    rows_per_inch = ROWS_PER_INCH if _resolution(image)[1] > _STANDARD_RESOLUTION else ROWS_PER_INCH // 2
    return CodedPage(image.width, image.height, code_page(np.packbits(black, axis=1), image.width)), rows_per_inch


def _pdf(pages: Sequence[tuple[CodedPage, int]]) -> bytes:
    """Three objects a page: page, image, and the words that paint it. T.6 is what a PDF calls CCITTFax with K -1."""
    kids = " ".join(f"{3 + 3 * index} 0 R" for index in range(len(pages)))
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>".encode()]
    for index, (page, rows_per_inch) in enumerate(pages):
        first = 3 + 3 * index
        width, length = page.width * 72 / DOTS_PER_INCH, page.length * 72 / rows_per_inch
        painting = f"q {width:.2f} 0 0 {length:.2f} 0 0 cm /I Do Q".encode()
        size = f"/Width {page.width}/Height {page.length}"
        coding = f"/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns {page.width}/Rows {page.length}>>"
        objects += [
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width:.2f} {length:.2f}]/Contents {first + 2} 0 R"
            f"/Resources<</XObject<</I {first + 1} 0 R>>>>>>".encode(),
            _stream(f"/Type/XObject/Subtype/Image{size}/ColorSpace/DeviceGray/BitsPerComponent 1{coding}", page.coded),
            _stream("", painting),
        ]
    return _file(objects)


def _stream(entries: str, content: bytes) -> bytes:
    return f"<<{entries}/Length {len(content)}>>stream\n".encode() + content + b"\nendstream"


def _file(objects: Sequence[bytes]) -> bytes:
    parts = [b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"]
    size, places = len(parts[0]), []
    for number, content in enumerate(objects, start=1):
        places.append(size)
        parts.append(b"%d 0 obj\n%b\nendobj\n" % (number, content))
        size += len(parts[-1])
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    parts += (
        b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(objects) + 1, table),
        b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, size),
    )
    return b"".join(parts)
