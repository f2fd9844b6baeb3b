"""What a file is, by its content. A signature only says which decoder to ask; the decoder confirms."""

import contextlib
import re
from enum import Enum
from typing import Final

from caselli.documents.pages import FileKind

HEAD_BYTES: Final = 1024
"""A PDF may begin behind that much of something else (ISO 32000-1, annex H, 3.4.1)."""

SAVE_AS_PDF: Final = "Save it as PDF and upload that."
PRINT_TO_PDF: Final = "Open it, print it to PDF and upload that."
SAVE_AS_JPEG: Final = "Save it as JPEG, PNG or PDF and upload that."
UNPACK: Final = "Unpack it and upload the documents in it."
NOTHING_TO_SEE: Final = "A fax has only pages: upload a PDF, an image or a text."


class Stranger(Enum):
    """What we know by sight but do not take: what to call it, and what to do with it."""

    WORD = ("a Word document", SAVE_AS_PDF)
    EXCEL = ("an Excel workbook", SAVE_AS_PDF)
    POWERPOINT = ("a PowerPoint presentation", SAVE_AS_PDF)
    OPEN_DOCUMENT = ("an OpenDocument file", SAVE_AS_PDF)
    OLD_OFFICE = ("an old Office document", SAVE_AS_PDF)
    RICH_TEXT = ("a rich text document", SAVE_AS_PDF)
    POSTSCRIPT = ("a PostScript file", SAVE_AS_PDF)
    PRINTER_DATA = ("data for a printer", PRINT_TO_PDF)
    GIF = ("a GIF image", SAVE_AS_JPEG)
    WEBP = ("a WebP image", SAVE_AS_JPEG)
    BMP = ("a BMP image", SAVE_AS_JPEG)
    HEIF = ("an HEIC or AVIF image", SAVE_AS_JPEG)
    ARCHIVE = ("an archive of files", UNPACK)
    PROGRAM = ("a program", NOTHING_TO_SEE)
    SOUND_OR_FILM = ("a sound or a film", NOTHING_TO_SEE)
    UNKNOWN = ("nothing we know", "Upload a PDF, JPEG, PNG, TIFF, HTML or text file.")

    @property
    def looks_like(self) -> str:
        return str(self.value[0])

    @property
    def remedy(self) -> str:
        return str(self.value[1])


_IMAGES: Final = (
    (b"\xff\xd8\xff", FileKind.JPEG),
    (b"\x89PNG\r\n\x1a\n", FileKind.PNG),
    (b"II*\x00", FileKind.TIFF),
    (b"MM\x00*", FileKind.TIFF),
    (b"II+\x00", FileKind.TIFF),
    (b"MM\x00+", FileKind.TIFF),
)
_STRANGERS: Final = (
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Stranger.OLD_OFFICE),
    (0, b"{\\rtf", Stranger.RICH_TEXT),
    (0, b"%!PS", Stranger.POSTSCRIPT),
    (0, b"\xc5\xd0\xd3\xc6", Stranger.POSTSCRIPT),
    (0, b"\x1b%-12345X", Stranger.PRINTER_DATA),
    (0, b"\x1bE", Stranger.PRINTER_DATA),
    (0, b"GIF8", Stranger.GIF),
    (8, b"WEBP", Stranger.WEBP),
    (0, b"RIFF", Stranger.SOUND_OR_FILM),
    (4, b"ftypheic", Stranger.HEIF),
    (4, b"ftypheix", Stranger.HEIF),
    (4, b"ftypmif1", Stranger.HEIF),
    (4, b"ftypavif", Stranger.HEIF),
    (4, b"ftyp", Stranger.SOUND_OR_FILM),
    (0, b"ID3", Stranger.SOUND_OR_FILM),
    (0, b"OggS", Stranger.SOUND_OR_FILM),
    (0, b"fLaC", Stranger.SOUND_OR_FILM),
    (0, b"\x1aE\xdf\xa3", Stranger.SOUND_OR_FILM),
    (0, b"\x7fELF", Stranger.PROGRAM),
    (0, b"\x1f\x8b", Stranger.ARCHIVE),
    (0, b"7z\xbc\xaf\x27\x1c", Stranger.ARCHIVE),
    (0, b"Rar!", Stranger.ARCHIVE),
    (0, b"BZh", Stranger.ARCHIVE),
    (0, b"\xfd7zXZ\x00", Stranger.ARCHIVE),
    (0, b"(\xb5/\xfd", Stranger.ARCHIVE),
    (257, b"ustar", Stranger.ARCHIVE),
)
_ZIPPED: Final = (
    (b"word/document", Stranger.WORD),
    (b"xl/workbook", Stranger.EXCEL),
    (b"ppt/presentation", Stranger.POWERPOINT),
    (b"application/vnd.oasis.opendocument", Stranger.OPEN_DOCUMENT),
)
# What prints nothing and does not move the pen: no text has it. 1A ends a DOS text and is cut off before.
_NOT_TEXT: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
# The elements by which browsers know a page without a head (WHATWG MIME Sniffing, 7.1), and those of a head.
# Atomic: what a comment was found to be stays one, or a file of comments alone would be tried in every grouping.
_HTML: Final = re.compile(
    r"(?>\s+|<!--.*?-->|<\?xml\b[^>]*>)*+<(?:!doctype\s+html\b"
    r"|(?:html|head|body|title|meta|link|style|script|iframe|h1|div|font|table|a|b|br|p)(?=[\s>/]))",
    re.IGNORECASE | re.DOTALL,
)
_HTML_HEAD_BYTES: Final = 4096
_CHARSET: Final = re.compile(rb"<meta\b[^<>]{0,500}?\bcharset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_CHARSETS: Final = re.compile(
    r"iso-?8859-?\d{1,2}|windows-\d{3,4}|cp\d{3,4}|koi8-[rut]|gb2312|gbk|gb18030|big5(-hkscs)?|euc-(jp|kr)|shift[_-]jis|"
    r"iso-2022-(jp|kr)|ks_c_5601-1987|tis-620|mac-?roman",
    re.IGNORECASE,
)
"""Those a page may name; the rest are read as UTF-8. Python knows others, some of which no text is written in."""
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK: Final = b"\xef\xbb\xbf"


def recognise(content: bytes) -> FileKind | Stranger:
    """The kind of a file that is not empty."""
    head = content[:HEAD_BYTES]
    if head.startswith(b"%PDF-"):
        return FileKind.PDF
    for magic, kind in _IMAGES:
        if head.startswith(magic):
            return kind
    if _HTML.match(_head_of_text(content)):
        return FileKind.HTML
    # A text may speak of %PDF-; a PDF also has objects.
    if b"%PDF-" in head and re.search(rb"\d\s+obj\b", content):
        return FileKind.PDF
    return _stranger(head, content) or (FileKind.TEXT if decode_text(content) is not None else _binary(head))


def _head_of_text(content: bytes) -> str:
    head = content[:_HTML_HEAD_BYTES]
    if head.startswith(_UTF16_MARKS):
        return head.decode("utf-16", "ignore")
    return head.removeprefix(_UTF8_MARK).decode("latin-1")


def _stranger(head: bytes, content: bytes) -> Stranger | None:
    if head.startswith(b"PK\x03\x04"):
        # Names stand in the local header of each member, and again in the directory at the end.
        names = content[:4096] + content[-65536:]
        return next((stranger for name, stranger in _ZIPPED if name in names), Stranger.ARCHIVE)
    for offset, magic, stranger in _STRANGERS:
        if head.startswith(magic, offset):
            return stranger
    return None


def _binary(head: bytes) -> Stranger:
    """Signatures of two letters, with which a text may well begin."""
    if head.startswith(b"BM"):
        return Stranger.BMP
    return Stranger.PROGRAM if head.startswith(b"MZ") else Stranger.UNKNOWN


def decode_text(content: bytes) -> str | None:
    """The text, or None if this is none: strict UTF-8, UTF-16 by its mark, else Windows' western letters."""
    if content.startswith(_UTF16_MARKS):
        encodings: tuple[str, ...] = ("utf-16",)
    elif b"\x00" in content:
        return None
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        text = text.rstrip("\x1a")
        return None if _NOT_TEXT.search(text) else text
    return None


def decode_html(content: bytes) -> str:
    """A web page as text: by its mark, else as it says itself, else UTF-8, else Windows' western letters.

    Letters that are wrong in that encoding are shown as such: a page is never refused for them.
    """
    return _NOT_TEXT.sub("", _decoded(content))


def _decoded(content: bytes) -> str:
    if content.startswith(_UTF16_MARKS):
        return content.decode("utf-16", "replace")
    if content.startswith(_UTF8_MARK):
        return content.decode("utf-8-sig", "replace")
    named = _CHARSET.search(content[:_HTML_HEAD_BYTES])
    if named and _CHARSETS.fullmatch(name := named[1].decode("ascii")):
        # As browsers do: who says Latin-1 has written in Windows' letters.
        western = re.fullmatch("iso-?8859-?1", name, re.IGNORECASE)
        with contextlib.suppress(LookupError):
            return content.decode("cp1252" if western else name, "replace")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
