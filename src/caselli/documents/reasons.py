"""What people are told when a file does not become pages, and what they can do about it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from caselli.documents.jobs import Objected, Objection
from caselli.documents.rules import MOST_PIXELS
from caselli.documents.signatures import Stranger
from caselli.fax.refusals import Refusal, RefusalKind

_FIELD = "files"


def _refusal(kind: RefusalKind, name: str, sentence: str, remedy: str) -> Refusal:
    return Refusal(kind, _FIELD, f"“{name}” {sentence}" if name else sentence, remedy, name)


def no_file() -> Refusal:
    return _refusal(RefusalKind.FILE_MISSING, "", "There is no file to send.", "Add at least one file.")


def unreadable(name: str) -> Refusal:
    """The file was there when it was handed in and is not now."""
    return _refusal(RefusalKind.FILE_MISSING, name, "is not there any more.", "Upload it again.")


def too_large(name: str, size: int, most: int) -> Refusal:
    has, may = _megabytes(size), _megabytes(most)
    return _refusal(
        RefusalKind.FILE_TOO_LARGE,
        name,
        f"has {has if has != may else f'more than {may}'}; a file may have {may}.",
        "Make it smaller (scan at 200 dpi in black and white) or send it in parts.",
    )


def stranger(name: str, looks: Stranger) -> Refusal:
    if looks is Stranger.UNKNOWN:
        sentence = "is of a kind we do not know."
    else:
        sentence = f"looks like {looks.looks_like}, which cannot be faxed as it is."
    return _refusal(RefusalKind.FILE_KIND_UNKNOWN, name, sentence, looks.remedy)


_SAID: Final[Mapping[Objection, tuple[RefusalKind, str, str]]] = MappingProxyType(
    {
        Objection.EMPTY: (RefusalKind.FILE_EMPTY, "is empty.", "Check the file and upload it again."),
        Objection.BLANK: (
            RefusalKind.FILE_EMPTY,
            "shows nothing by itself: there is no text in it, and pictures from elsewhere are not loaded.",
            "Open it, print it to a PDF and upload that.",
        ),
        Objection.ENCRYPTED: (
            RefusalKind.FILE_ENCRYPTED,
            "is protected by a password.",
            "Save it without the password and upload it again.",
        ),
        Objection.DAMAGED: (
            RefusalKind.FILE_DAMAGED,
            "is damaged: it cannot be read to its end.",
            "Open it, print it to a new PDF and upload that.",
        ),
        Objection.READER_CRASHED: (
            RefusalKind.FILE_DAMAGED,
            "cannot be read: it is damaged, or needs more memory than a document may take.",
            "Open it, print it to a new PDF and upload that.",
        ),
        Objection.ABSURD_SIZE: (
            RefusalKind.FILE_TOO_COMPLEX,
            f"is an image of {{detail}} pixels; at most {MOST_PIXELS // 1_000_000} million can be read.",
            "Save it at 300 dpi or less and upload it again.",
        ),
        Objection.TOO_COMPLEX: (
            RefusalKind.FILE_TOO_COMPLEX,
            "takes too long or too much memory to become fax pages.",
            "Print it to a new PDF, or scan it in black and white at 200 dpi.",
        ),
    }
)


def empty(name: str) -> Refusal:
    return objected(name, Objected(Objection.EMPTY), 0)


def objected(name: str, objection: Objected, max_pages: int) -> Refusal:
    """The refusal for what the converter found."""
    # Written by the process that read the file: a number or two is all it may tell people.
    detail = objection.detail[:40]
    if objection.objection is Objection.TOO_MANY_PAGES:
        return too_many_pages(name, detail, max_pages)
    kind, sentence, remedy = _SAID[objection.objection]
    return _refusal(kind, name, sentence.format(detail=detail), remedy)


def too_many_pages(name: str, pages: str, max_pages: int) -> Refusal:
    """``pages``: how many this file has, as far as that is known."""
    sentence = f"has {pages} pages; " if pages else "has too many pages; "
    return _refusal(
        RefusalKind.FILE_TOO_MANY_PAGES,
        name,
        f"{sentence}a fax may have {max_pages} in all its files.",
        "Send fewer pages, or send them in several faxes.",
    )


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB".replace(".0 MB", " MB")
