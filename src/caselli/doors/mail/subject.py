"""What a subject says: the recipients, and before them, if wished, the extension to send from. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from caselli.fax.number import split_recipients
from caselli.fax.refusals import Refusal, RefusalKind

EXAMPLE: Final = "+1 202 555 0100, 211"

_FIELD: Final = "subject"
_MOST_LETTERS: Final = 32_000
"""999 recipients of 30 letters each fit."""
_MOST_SHOWN: Final = 3
_EXTENSION: Final = re.compile(r"\s*((?:[0-9]{1,6}\*)?[0-9]{1,10})\s*:(.*)", re.DOTALL)
# A prefix of one word, with a count as some programs write it: Re[2]:, AW (2):
_PREFIX: Final = re.compile(r"\s*([^\W\d_][^\W\d_.\- ]{0,12}(?:\s?[\[(]\d{1,3}[\])])?)\s*:", re.UNICODE)
# Without letters: what stands beside words is no recipient, or "Order 2024-1234" would be dialled.
_RECIPIENT: Final = re.compile(r"(?:tel:|fax:)?\s*[+(\[0-9][0-9\s()\[\]+*./\-‐-―−~]*", re.IGNORECASE)
_COMMAS: Final = str.maketrans({"、": ",", "،": ",", "؛": ";"})


@dataclass(frozen=True, slots=True)
class Subject:
    """``extension``: as written (``210``, ``0003*210``), empty where none is named. ``recipients``: as written."""

    extension: str
    recipients: tuple[str, ...]


def read(text: str, sends_from: str = "") -> Subject:
    """Read a decoded subject. ``sends_from``: an extension to begin the examples with, where one must be named.

    Raises Refusal, field ``subject``: what is wrong, and an example that fits.
    """
    if len(text) > _MOST_LETTERS:
        raise _refuse(f"The subject is too long: it has {len(text):,} letters.", sends_from)
    plain = _plain(text)
    if prefix := _prefix(plain):
        raise _prefixed(prefix[1], plain[prefix.end() :], sends_from)
    extension, rest = "", plain
    if named := _EXTENSION.match(plain):
        extension, rest = named[1], named[2]
    recipients = split_recipients(rest)
    if not recipients:
        raise _nobody(extension, sends_from)
    if wrong := [one for one in recipients if not _may_be_recipient(one)]:
        right = [one for one in recipients if one not in wrong]
        raise _wrong(wrong, right, extension or sends_from)
    return Subject(extension, tuple(_bare(one) for one in recipients))


def example(recipients: tuple[str, ...] = (), sends_from: str = "") -> str:
    """A subject that fits, as people see it in their mail program."""
    shown = ", ".join(recipients[:5]) or EXAMPLE
    return f"Subject: {sends_from}: {shown}" if sends_from else f"Subject: {shown}"


def _plain(text: str) -> str:
    """Full-width digits and letters as the usual ones; marks of writing direction, which nobody sees, are gone."""
    usual = unicodedata.normalize("NFKC", text).translate(_COMMAS)
    return "".join(one for one in usual if unicodedata.category(one) != "Cf").strip()


def _may_be_recipient(text: str) -> bool:
    return bool(_RECIPIENT.fullmatch(text)) and any(one.isdigit() for one in text)


def _bare(text: str) -> str:
    return re.sub(r"\Afax:\s*", "", text, flags=re.IGNORECASE)


def _prefix(plain: str, position: int = 0) -> re.Match[str] | None:
    found = _PREFIX.match(plain, position)
    # tel: and fax: begin a number and are no prefix of a reply.
    return None if found is None or found[1].lower() in {"tel", "fax"} else found


def _prefixed(prefix: str, rest: str, sends_from: str) -> Refusal:
    """``rest``: behind the first prefix; what of it may stay is the example."""
    position = 0
    while another := _prefix(rest, position):
        position = another.end()
    named = _EXTENSION.match(rest, position)
    extension, written = (named[1], named[2]) if named else ("", rest[position:])
    good = tuple(one for one in split_recipients(written) if _may_be_recipient(one))
    return _refuse(f"The subject begins with “{prefix}:”, which is no recipient.", extension or sends_from, good)


def _nobody(extension: str, sends_from: str) -> Refusal:
    where = f"Behind “{extension}:” the subject" if extension else "The subject"
    return Refusal(
        RefusalKind.RECIPIENT_MISSING,
        _FIELD,
        f"{where} names nobody to send the fax to.",
        _remedy((), extension or sends_from),
    )


def _wrong(wrong: list[str], right: list[str], sends_from: str) -> Refusal:
    shown = [f"“{_short(one)}”" for one in wrong[:_MOST_SHOWN]]
    more = len(wrong) - len(shown)
    if more:
        shown.append(f"{more} more")
    listed = shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
    what = "is no phone number and no extension" if len(wrong) == 1 else "are no phone numbers and no extensions"
    return _refuse(f"In the subject, {listed} {what}.", sends_from, tuple(right))


def _refuse(sentence: str, sends_from: str, recipients: tuple[str, ...] = ()) -> Refusal:
    return Refusal(RefusalKind.SUBJECT_INVALID, _FIELD, sentence, _remedy(recipients, sends_from))


def _remedy(recipients: tuple[str, ...], sends_from: str) -> str:
    return f"Write only the recipients, with commas between them, like this: {example(recipients, sends_from)}"


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
