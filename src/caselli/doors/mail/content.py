"""What of a mail becomes the fax: its text, its attachments, a cover page, by the settings of the extension."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from caselli.documents.pages import FileKind
from caselli.documents.signatures import recognise
from caselli.doors.mail.cover import cover, message_of
from caselli.doors.mail.cutting import cut_html, cut_plain
from caselli.doors.mail.message import Mail, Part
from caselli.doors.mail.texts import shows_nothing, usual_id
from caselli.fax.refusals import Refusal, RefusalKind
from caselli.fax.submission import HandedFile
from caselli.store.models import Extension, MailContent

PLAIN_TEXT: Final = "Text of the mail.txt"
HTML_TEXT: Final = "Text of the mail.html"
COVER: Final = "Cover page.html"

MOST_BYTES: Final = 25_000_000
"""Of the HTML with its pictures in it: what a document may have."""
_SOURCE: Final = re.compile(r"(\bsrc\s{0,8}=\s{0,8}[\"']?\s{0,8})cid:([^\"'\s<>]{1,500})", re.IGNORECASE)
_LONGEST_TAG: Final = 2_000
_DATA: Final = re.compile(r"\bsrc\s{0,8}=\s{0,8}[\"']?\s{0,8}data:image/", re.IGNORECASE)
_CELL: Final = re.compile(r"<t[dh]\b", re.IGNORECASE)
_ROW: Final = re.compile(r"<tr\b", re.IGNORECASE)
_LONGEST_STUB: Final = 400
_PICTURES: Final = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF87a": "gif", b"GIF89a": "gif"}


@dataclass(frozen=True, slots=True)
class _Text:
    """One of the two is empty. ``loose``: pictures of the HTML that cannot be drawn in it, but perhaps as documents."""

    plain: str = ""
    html: str = ""
    loose: tuple[Part, ...] = ()


def files_of(
    mail: Mail, extension: Extension, recipients: Sequence[str], most: int = MOST_BYTES
) -> tuple[HandedFile, ...]:
    """The documents of the fax in their order; empty when there is nothing to send. Nothing is converted here.

    Attachments count (``HandedFile.counts``) against the files that a fax may have; text and cover page do not. The
    cover page, where the extension has one, carries the text, which is no document of its own then. Pictures that the
    text shows are drawn within it and go only where it goes: a logo below a letter is no document beside the others.

    Raises Refusal when those pictures have together more than ``most`` bytes.
    """
    content = MailContent(extension.mail_content)
    attachments = () if content is MailContent.TEXT else mail.attachments
    wanted = extension.mail_cover or content is not MailContent.ATTACHMENTS or not attachments
    text = _text_of(mail, most, cut=extension.mail_cut) if wanted else None
    if not attachments and text is None:
        return ()
    made = _cover(mail, extension, recipients, text) if extension.mail_cover else _as_document(text)
    loose = text.loose if text else ()
    return made + tuple(HandedFile(part.name, part.content) for part in (*attachments, *loose))


def _cover(mail: Mail, extension: Extension, recipients: Sequence[str], text: _Text | None) -> tuple[HandedFile, ...]:
    message = (text.html or message_of(text.plain)) if text else ""
    page = cover(mail.head, extension, recipients, message)
    return (HandedFile(COVER, page.encode("utf-8-sig", "replace"), counts=False),)


def _as_document(text: _Text | None) -> tuple[HandedFile, ...]:
    if text is None:
        return ()
    # The mark settles how it is written, whatever an HTML text says of that itself.
    if text.plain and recognise(content := text.plain.encode("utf-8-sig", "replace")) is FileKind.TEXT:
        return (HandedFile(PLAIN_TEXT, content, counts=False),)
    # A plain text that would be taken for something else ("%PDF-", "<html>", a bell in it) is drawn from HTML too.
    html = f"<!DOCTYPE html>{text.html or message_of(text.plain)}"
    return (HandedFile(HTML_TEXT, html.encode("utf-8-sig", "replace"), counts=False),)


def _text_of(mail: Mail, most: int, *, cut: bool) -> _Text | None:
    """The text in the one form that is sent; None where nothing is to be seen of it."""
    plain, html = (cut_plain(mail.plain), cut_html(mail.html)) if cut else (mail.plain, mail.html)
    if html and not shows_nothing(html) and _html_shows_more(plain, html, mail.inline):
        shown, loose = _with_pictures(html, mail.inline, most)
        return _Text(html=shown, loose=loose)
    return _Text(plain) if plain.strip() else None


def _html_shows_more(plain: str, html: str, inline: Sequence[Part]) -> bool:
    """Plain text makes the clearer fax, unless the HTML shows what it cannot: a picture, or a table with columns."""
    if not plain.strip() or (len(plain) < _LONGEST_STUB and "html" in plain.lower()):
        return True
    ids = {usual_id(part.content_id) for part in inline}
    if any(usual_id(found[2]) in ids for found in _SOURCE.finditer(html)) or _DATA.search(html):
        return True
    return len(_CELL.findall(html)) > len(_ROW.findall(html))


def _with_pictures(html: str, inline: Sequence[Part], most: int) -> tuple[str, tuple[Part, ...]]:
    """The HTML with its pictures in it, and those that no page can show in their place.

    Raises Refusal when it becomes larger than ``most`` bytes.
    """
    within = {usual_id(part.content_id): part for part in inline}
    drawn: dict[str, str] = {}
    loose: dict[str, Part] = {}
    size = len(html)

    def source(found: re.Match[str]) -> str:
        nonlocal size
        name = usual_id(found[2])
        part = within.get(name)
        if part is None or not _in_picture(html, found.start()):
            return found[0]
        kind = _kind_of(part.content)
        if not kind:
            loose[name] = part
            return found[0]
        size += len(part.content) * 4 // 3
        if size > most:
            raise _too_large(most)
        if name not in drawn:
            drawn[name] = f"data:image/{kind};base64,{base64.b64encode(part.content).decode()}"
        return found[1] + drawn[name]

    shown = _SOURCE.sub(source, html)
    return shown, tuple(part for part in loose.values() if _may_be_document(part.content))


def _in_picture(html: str, position: int) -> bool:
    tag = html.rfind("<", max(0, position - _LONGEST_TAG), position)
    return tag >= 0 and html[tag : tag + 4].lower() == "<img"


def _kind_of(content: bytes) -> str:
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "webp"
    return next((kind for start, kind in _PICTURES.items() if content.startswith(start)), "")


def _may_be_document(content: bytes) -> bool:
    """A drawing in SVG is read as a text, and a text is no picture."""
    return bool(content) and recognise(content) not in {FileKind.TEXT, FileKind.HTML}


def _too_large(most: int) -> Refusal:
    return Refusal(
        RefusalKind.FILE_TOO_LARGE,
        "files",
        f"The pictures in the text of the mail have together more than {most // 1_000_000} MB.",
        "Make them smaller, or attach them as a PDF.",
    )
