"""T.6 (Group 4) coding of two-level pages by the system's libtiff, which spandsp brings along.

Pillow's encoder is the same library behind a loop over single pixels that holds the interpreter's lock: 6.5 ms a page
instead of 3.7, and nothing else can run beside it.
"""

import ctypes
import os
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

_LIBRARY: Final = "libtiff.so.6"
_STRIP_START: Final = 8
"""The strip follows the header of eight bytes."""


class CodingFailed(RuntimeError):  # noqa: N818 - a sentence
    """libtiff would not write: no room, in memory or under the file size limit."""


@cache
def _libtiff() -> ctypes.CDLL:
    library = ctypes.CDLL(_LIBRARY)
    library.TIFFFdOpen.restype = ctypes.c_void_p
    library.TIFFFdOpen.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p]
    # Variadic: the values go as plain ints, which is what libtiff takes from its caller for these tags.
    library.TIFFSetField.argtypes = [ctypes.c_void_p, ctypes.c_uint32]
    library.TIFFWriteEncodedStrip.restype = ctypes.c_ssize_t
    library.TIFFWriteEncodedStrip.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_void_p, ctypes.c_ssize_t]
    library.TIFFFlushData.argtypes = [ctypes.c_void_p]
    library.TIFFClose.argtypes = [ctypes.c_void_p]
    library.TIFFSetErrorHandler(None)
    return library


def code_page(packed: NDArray[np.uint8], width: int) -> bytes:
    """T.6 of rows of packed bits, most significant first, 1 is black. Raises CodingFailed."""
    rows = np.ascontiguousarray(packed)
    length = rows.shape[0]
    library = _libtiff()
    scratch = os.memfd_create("page")
    try:
        tiff = library.TIFFFdOpen(os.dup(scratch), b"page", b"w")
        if not tiff:
            raise CodingFailed("libtiff did not open")
        for tag, value in ((256, width), (257, length), (258, 1), (259, 4), (262, 0), (277, 1), (278, length)):
            library.TIFFSetField(tiff, tag, ctypes.c_int(value))
        written = library.TIFFWriteEncodedStrip(tiff, 0, rows.ctypes.data, rows.nbytes)
        flushed = library.TIFFFlushData(tiff)
        size = os.fstat(scratch).st_size - _STRIP_START
        coded = os.pread(scratch, size, _STRIP_START)
        library.TIFFClose(tiff)
    finally:
        os.close(scratch)
    if written != rows.nbytes or not flushed:
        raise CodingFailed(f"libtiff coded {written} of {rows.nbytes} bytes")
    return coded
