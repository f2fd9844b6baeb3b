"""PDF pages drawn by PDFium, through its own calls: what a person filled into a form belongs on the fax."""

import contextlib
import ctypes
import math
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from caselli.documents.bilevel import Box, Grey, pack_page
from caselli.documents.jobs import Job, Objected, Objection, Outcome
from caselli.documents.press import Press
from caselli.documents.rules import LONGEST_TRUE, PAGE_WIDTH, Placement, place_page

_POINTS_PER_INCH: Final = 72
# Text and lines in two levels from the start: smoothed and cut, small print dies. Images are smoothed.
_FLAGS: Final = (
    pdfium.FPDF_ANNOT
    | pdfium.FPDF_GRAYSCALE
    | pdfium.FPDF_PRINTING
    | pdfium.FPDF_RENDER_NO_SMOOTHTEXT
    | pdfium.FPDF_RENDER_NO_SMOOTHPATH
)
_MOST_OBJECTS: Final = 5000
"""Objects of a page that are looked through for pictures."""
_DEEPEST: Final = 4
_SMALLEST_PICTURE: Final = 24 * 24

Matrix = tuple[float, float, float, float, float, float]


def convert_pdf(job: Job, source: int, result: int) -> Outcome:
    """All pages of the PDF behind the descriptor ``source``."""
    with (
        _opened(os.pread(source, os.fstat(source).st_size, 0)) as (document, form),
        Press(result, job.max_pages) as press,
    ):
        count = pdfium.FPDF_GetPageCount(document)
        if count < 1:
            raise Objected(Objection.DAMAGED, "no pages")
        press.expect(count)
        sheets = _sheets()
        for number in range(count):
            _draw(document, form, number, press, sheets[number % len(sheets)])
        return press.finish()


def _sheets() -> NDArray[np.uint8]:
    """To be drawn on by turns: one is coded while the next is drawn."""
    shape = (3, LONGEST_TRUE, PAGE_WIDTH)
    # Private: what a process shares comes in pieces of 4 kB whatever is asked for.
    memory = mmap.mmap(-1, math.prod(shape), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    # A new process pays for each piece of memory it touches first: a few large ones are 4 ms a page cheaper. Kernels
    # without them say EINVAL.
    with contextlib.suppress(OSError):
        memory.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(memory, np.uint8).reshape(shape)


@contextmanager
def _opened(content: bytes) -> Iterator[tuple[Any, Any]]:
    # PDFium reads from these very bytes as long as the document is open.
    document = pdfium.FPDF_LoadMemDocument64(content, len(content), None)
    if not document:
        locked = pdfium.FPDF_GetLastError() in {pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY}
        raise Objected(Objection.ENCRYPTED if locked else Objection.DAMAGED, "PDFium does not open it")
    # The environment must stand before the first page is loaded, or its fields are not drawn.
    information = pdfium.FPDF_FORMFILLINFO(version=2)
    form = pdfium.FPDFDOC_InitFormFillEnvironment(document, information)
    try:
        yield document, form
    finally:
        pdfium.FPDFDOC_ExitFormFillEnvironment(form)
        pdfium.FPDF_CloseDocument(document)


def _draw(document: Any, form: Any, number: int, press: Press, sheet: Grey) -> None:
    """Draw one page on the sheet and hand it to the press."""
    page = pdfium.FPDF_LoadPage(document, number)
    if not page:
        raise Objected(Objection.DAMAGED, f"page {number + 1} does not load")
    try:
        width, length = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
        place = place_page(max(width, 1.0) / _POINTS_PER_INCH, max(length, 1.0) / _POINTS_PER_INCH)
        grey = sheet[: place.page_length]
        grey.fill(255)
        bitmap = pdfium.FPDFBitmap_CreateEx(
            PAGE_WIDTH, place.page_length, pdfium.FPDFBitmap_Gray, grey.ctypes.data, PAGE_WIDTH
        )
        where = (place.left, 0, place.width, place.length, int(place.turned))
        pdfium.FPDF_RenderPageBitmap(bitmap, page, *where, _FLAGS)
        pdfium.FPDF_FFLDraw(form, bitmap, page, *where, _FLAGS)
        pdfium.FPDFBitmap_Destroy(bitmap)
        pictures = tuple(_pictures(page, place))
        press.add(partial(pack_page, grey, pictures))
    finally:
        pdfium.FPDF_ClosePage(page)


def _pictures(page: Any, place: Placement) -> Iterator[Box]:
    """Where images lie on the fax page."""
    count = min(pdfium.FPDFPage_CountObjects(page), _MOST_OBJECTS)
    for index in range(count):
        for corners in _images(pdfium.FPDFPage_GetObject(page, index), 0):
            box = _on_page(page, place, corners)
            if box.area >= _SMALLEST_PICTURE:
                yield box


def _images(thing: Any, depth: int) -> Iterator[list[tuple[float, float]]]:
    """The corners of each image in an object of the page, in the page's own space."""
    kind = pdfium.FPDFPageObj_GetType(thing)
    if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
        left, bottom, right, top = (ctypes.c_float() for _ in range(4))
        if pdfium.FPDFPageObj_GetBounds(thing, left, bottom, right, top):
            yield [(x.value, y.value) for x in (left, right) for y in (bottom, top)]
    elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
        matrix = pdfium.FS_MATRIX()
        pdfium.FPDFPageObj_GetMatrix(thing, matrix)
        for index in range(min(pdfium.FPDFFormObj_CountObjects(thing), _MOST_OBJECTS)):
            for corners in _images(pdfium.FPDFFormObj_GetObject(thing, index), depth + 1):
                yield [
                    (matrix.a * x + matrix.c * y + matrix.e, matrix.b * x + matrix.d * y + matrix.f) for x, y in corners
                ]


def _on_page(page: Any, place: Placement, corners: list[tuple[float, float]]) -> Box:
    pixels: list[tuple[int, int]] = []
    for x, y in corners:
        column, row = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(page, place.left, 0, place.width, place.length, int(place.turned), x, y, column, row)
        pixels.append((column.value, row.value))
    columns, rows = zip(*pixels, strict=True)
    return Box(
        max(0, min(columns)), max(0, min(rows)), min(PAGE_WIDTH, max(columns)), min(place.page_length, max(rows))
    )
