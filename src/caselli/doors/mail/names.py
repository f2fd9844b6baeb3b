"""What a document of a mail is called: for people, never empty, no path. Pure."""

import re
import unicodedata
from typing import Final

_LONGEST: Final = 120
_ENDINGS: Final = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/tiff": ".tif",
    "image/gif": ".gif",
    "text/plain": ".txt",
    "text/html": ".html",
}


def usual(name: str) -> str:
    """A name as the mail gives it, without folders, and without letters that do not print or turn the direction."""
    last = re.split(r"[/\\]", name)[-1]
    seen = "".join(" " if one.isspace() else one for one in last if unicodedata.category(one) not in {"Cc", "Cf", "Cs"})
    plain = " ".join(seen.split()).strip(". ")
    if plain.count('"') == 1:
        plain = plain.strip('"')  # it should have ended somewhere
    if len(plain) <= _LONGEST:
        return plain
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending) > 10:
        return plain[: _LONGEST - 1] + "…"
    return stem[: _LONGEST - len(ending) - 2] + "…." + ending


def given(position: int, kind: str) -> str:
    """For a document that has none."""
    return f"document {position}{_ENDINGS.get(kind, '')}"


def of_mail(subject: str, ending: str) -> str:
    """For a mail within a mail."""
    plain = usual(re.sub(r"[/\\]", "-", subject)) or "mail"
    return (plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…") + ending
