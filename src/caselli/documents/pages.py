"""What the documents have become: fax pages, ready for the line."""

from dataclasses import dataclass, field
from enum import StrEnum


class FileKind(StrEnum):
    """The kinds we take, told by content and never by name."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"
    TIFF = "tiff"
    TEXT = "text"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class FileInfo:
    """One file handed in: what it is, and how many fax pages it made."""

    name: str
    kind: FileKind
    pages: int


@dataclass(frozen=True, slots=True)
class PageInfo:
    """One fax page: ``width`` (1,728) and ``length`` in pixels, ``coded_bytes`` in T.6."""

    width: int
    length: int
    coded_bytes: int


@dataclass(frozen=True, slots=True)
class FaxDocument:
    """All pages of one fax in the order of its files.

    ``tiff``: a class-F TIFF (RFC 2306): T.6, one strip a page, white is 0, 204 x 196 dpi, tag 297 counts the pages.
    """

    tiff: bytes = field(repr=False)
    pages: tuple[PageInfo, ...]
    files: tuple[FileInfo, ...]
