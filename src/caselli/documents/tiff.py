"""The class-F TIFF (RFC 2306) around pages that are coded already, and the way back to them."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from caselli.documents.rules import DOTS_PER_INCH, ROWS_PER_INCH

GROUP_4: Final = 4


@dataclass(frozen=True, slots=True)
class CodedPage:
    """``coded``: one page in T.6, black is 1, most significant bit first."""

    width: int
    length: int
    coded: bytes = field(repr=False)


_SHORT, _LONG, _RATIONAL = 3, 4, 5
_ENTRIES: Final = 19
_DIRECTORY_BYTES: Final = 2 + 12 * _ENTRIES + 4 + 16


def write_class_f(pages: Sequence[CodedPage]) -> bytes:
    """Each page's directory stands before its strip, so that the whole can be read in one go."""
    parts = [struct.pack("<2sHI", b"II", 42, 8)]
    start = 8
    for number, page in enumerate(pages):
        strip = start + _DIRECTORY_BYTES
        padding = len(page.coded) % 2
        following = strip + len(page.coded) + padding
        last = number == len(pages) - 1
        parts += (_directory(page, strip, number, len(pages), 0 if last else following), page.coded, bytes(padding))
        start = following
    return b"".join(parts)


def _directory(page: CodedPage, strip: int, number: int, total: int, following: int) -> bytes:
    resolutions = strip - 16
    entries = (
        (254, _LONG, 1, 2),  # NewSubfileType: one page of several
        (256, _LONG, 1, page.width),
        (257, _LONG, 1, page.length),
        (258, _SHORT, 1, 1),  # BitsPerSample
        (259, _SHORT, 1, GROUP_4),
        (262, _SHORT, 1, 0),  # PhotometricInterpretation: min-is-white
        (266, _SHORT, 1, 1),  # FillOrder
        (273, _LONG, 1, strip),
        (274, _SHORT, 1, 1),  # Orientation
        (277, _SHORT, 1, 1),  # SamplesPerPixel
        (278, _LONG, 1, page.length),  # RowsPerStrip
        (279, _LONG, 1, len(page.coded)),
        (282, _RATIONAL, 1, resolutions),
        (283, _RATIONAL, 1, resolutions + 8),
        (284, _SHORT, 1, 1),  # PlanarConfiguration
        (293, _LONG, 1, 0),  # T6Options
        (296, _SHORT, 1, 2),  # ResolutionUnit: inch
        (297, _SHORT, 2, number | total << 16),  # PageNumber
        (327, _SHORT, 1, 0),  # CleanFaxData: no bad rows
    )
    return b"".join(
        (
            struct.pack("<H", len(entries)),
            *(struct.pack("<HHII", *entry) for entry in entries),
            struct.pack("<IIIII", following, DOTS_PER_INCH, 1, ROWS_PER_INCH, 1),
        )
    )


def read_class_f(tiff: bytes) -> tuple[CodedPage, ...] | None:
    """The coded pages of a TIFF as :func:`write_class_f` makes it; None if it is another sort of TIFF."""
    if tiff[:4] != b"II*\x00" or len(tiff) < 8:
        return None
    pages: list[CodedPage] = []
    (start,) = struct.unpack_from("<I", tiff, 4)
    while start:
        if len(pages) * _DIRECTORY_BYTES > len(tiff):
            return None
        page, start = _read_directory(tiff, start)
        if page is None:
            return None
        pages.append(page)
    return tuple(pages)


def _read_directory(tiff: bytes, start: int) -> tuple[CodedPage | None, int]:
    try:
        (count,) = struct.unpack_from("<H", tiff, start)
        raw = [struct.unpack_from("<HHI4s", tiff, start + 2 + 12 * index) for index in range(count)]
        (following,) = struct.unpack_from("<I", tiff, start + 2 + 12 * count)
    except struct.error:
        return None, 0
    values = {
        tag: int.from_bytes(value[: 2 if kind == _SHORT else 4], "little")
        for tag, kind, number, value in raw
        if number == 1
    }
    expected = {258: 1, 259: GROUP_4, 262: 0, 266: 1, 278: values.get(257)}
    strip, size = values.get(273, 0), values.get(279, 0)
    if any(values.get(tag) != value for tag, value in expected.items()) or not strip or strip + size > len(tiff):
        return None, 0
    return CodedPage(values[256], values[257], tiff[strip : strip + size]), following
