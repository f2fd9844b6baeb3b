"""What of a mail's parts is text, what is a document, and what is neither: the fate of every kind of part."""

import re
from dataclasses import dataclass, field
from typing import Final

from caselli.documents import signatures
from caselli.documents.pages import FileKind
from caselli.doors.mail import fates, fields, names, texts
from caselli.doors.mail.message import Part, PartKind
from caselli.doors.mail.structure import Count, Entity, damaged, take_apart
from caselli.doors.mail.texts import Text

MOST_MAILS_DEEP: Final = 5

# The name that Exchange gives a text behind an attachment.
_TEXT_BEHIND: Final = re.compile(r"ATT\d{4,6}\.(txt|html?)", re.IGNORECASE)
_TEXTS: Final = ("text/plain", "text/html")


@dataclass(slots=True)
class Gathered:
    """``documents`` in their order, pictures among them; ``texts`` in theirs."""

    texts: list[Text] = field(default_factory=list)
    documents: list[Part] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a mail is in the end: ``inline`` are the pictures that its HTML text shows."""

    text: Text
    attachments: tuple[Part, ...]
    inline: tuple[Part, ...]
    left_out: tuple[str, ...]


@dataclass(slots=True)
class Gatherer:
    """Walks through one mail. ``mails``: how many lie around the one that is read now, ``level``: how deep it lies."""

    count: Count
    mails: int = 0
    level: int = 0

    def sorted(self, entity: Entity) -> Sorted:
        """Raises Refusal where a part can never be read."""
        gathered = Gathered()
        self._walk(entity, gathered)
        return _sort(gathered)

    def _walk(self, entity: Entity, into: Gathered) -> None:
        match entity.kind:
            case "multipart/alternative":
                self._alternative(entity, into)
            case "multipart/signed":
                for part in entity.parts[:1]:
                    self._walk(part, into)
                into.left_out.append(fates.SEAL)
            case "multipart/encrypted":
                raise fates.encrypted()
            case "message/rfc822" | "message/global" | "message/news":
                self._mail(entity, into)
            case "application/octet-stream" if name_of(entity).lower().endswith(".eml"):
                self._mail(entity, into)
            case kind if kind.startswith("multipart/"):
                for part in entity.parts:
                    self._walk(part, into)
            case _:
                self._leaf(entity, into)

    def _alternative(self, entity: Entity, into: Gathered) -> None:
        """One text in several forms: the last that has something to say in each (RFC 2046, 5.1.4)."""
        plain = html = ""
        strange: list[Entity] = []
        for part in entity.parts:
            one = Gathered()
            if part.kind in _TEXTS and fields.disposition(part.header) != "attachment":
                self._text(part, one)
            elif part.kind.startswith("text/") and fates.of(part.kind, "", b"") is None:
                strange.append(part)
            else:
                self._walk(part, one)
            text = texts.joined(one.texts)
            plain, html = text.plain or plain, text.html or html
            into.left_out += one.left_out
            # Some programs put the documents into both forms.
            known = {document.content for document in into.documents}
            into.documents += [document for document in one.documents if document.content not in known]
        into.texts.append(Text(plain, html))
        if not (plain or html):
            for part in strange:
                self._leaf(part, into)

    def _mail(self, entity: Entity, into: Gathered) -> None:
        """A mail within the mail: its text, with who wrote it, is a document; so are its documents."""
        if self.mails >= MOST_MAILS_DEEP:
            raise fates.too_deep(MOST_MAILS_DEEP)
        content, whole = entity.content()
        if not whole:
            raise damaged("A mail that is attached came damaged: its coding is broken.")
        inner = take_apart(content, self.count, entity.level + 1)
        found = Gatherer(self.count, self.mails + 1, inner.level).sorted(inner)
        if document := text_of_mail(inner, found, self.count):
            into.documents.append(document)
        into.documents += found.attachments
        into.left_out += found.left_out

    def _leaf(self, entity: Entity, into: Gathered) -> None:
        name = name_of(entity)
        attached = fields.disposition(entity.header) == "attachment" or (name and entity.level > self.level)
        behind = name and _TEXT_BEHIND.fullmatch(name)
        if entity.kind in _TEXTS and (not attached or behind):
            self._text(entity, into)
            return
        if fate := fates.of(entity.kind, name, b""):
            into.left_out.append(fate)
            return
        content, whole = entity.content()
        if fate := fates.of(entity.kind, name, content, entity.header):
            into.left_out.append(fate)
            return
        if not whole:
            raise fates.broken(name or names.given(len(into.documents) + 1, entity.kind))
        if entity.kind.startswith("text/"):
            content = _in_utf8(content, entity)
        content_id = texts.usual_id(next(fields.raw(entity.header, "content-id"), ""))
        into.documents.append(Part(PartKind.ATTACHMENT, name, entity.kind, content, content_id))

    def _text(self, entity: Entity, into: Gathered) -> None:
        content, whole = entity.content()
        if not whole:
            raise damaged("The mail is damaged: the coding of its text is broken.")
        charset = fields.parameter(entity.header, "content-type", "charset")
        if entity.kind == "text/html":
            html = fields.clean(fields.decode(content, charset or texts.charset_of_html(content)))
            into.texts.append(Text(html="" if texts.shows_nothing(html) else html))
            return
        plain = fields.clean(fields.decode(content, charset))
        if fields.parameter(entity.header, "content-type", "format").lower() == "flowed":
            delete = fields.parameter(entity.header, "content-type", "delsp").lower() == "yes"
            plain = texts.unflowed(plain, delete_space=delete)
        self._plain(plain, into)

    @staticmethod
    def _plain(plain: str, into: Gathered) -> None:
        if texts.is_encrypted(plain):
            raise fates.encrypted()
        plain, sealed = texts.without_seal(plain)
        if sealed:
            into.left_out.append(fates.SEAL)
        plain, files = texts.without_files(plain)
        into.texts.append(Text(plain if plain.strip() else ""))
        for name, content in files:
            into.documents.append(Part(PartKind.ATTACHMENT, names.usual(name), "application/octet-stream", content))


def _in_utf8(content: bytes, entity: Entity) -> bytes:
    """A text in the charset that the mail names: the document alone would not tell it any more."""
    charset = fields.parameter(entity.header, "content-type", "charset")
    if not charset or signatures.recognise(content) not in {FileKind.TEXT, signatures.Stranger.UNKNOWN}:
        return content
    text = fields.decoded(content, charset)
    return content if text is None else text.encode("utf-8-sig" if entity.kind == "text/html" else "utf-8")


def name_of(entity: Entity) -> str:
    """The name of a part as it is shown, empty where it has none."""
    header = entity.header
    return names.usual(
        fields.parameter(header, "content-disposition", "filename") or fields.parameter(header, "content-type", "name")
    )


def text_of_mail(mail: Entity, found: Sorted, count: Count) -> Part | None:
    """A mail within the mail as a document, None where it has no text. Its pictures are in its HTML alone."""
    head = [(name, fields.text_of(mail.header, name.lower())) for name in ("From", "Date", "Subject")]
    subject = head[-1][1]
    lines = [(name, value) for name, value in head if value]
    if found.text.plain and not found.inline:
        top = "".join(f"{name}: {value}\n" for name, value in lines)
        content = f"{top}\n{found.text.plain}".encode()
        return Part(PartKind.ATTACHMENT, names.of_mail(subject, ".txt"), "text/plain", content)
    if found.text.html:
        content = texts.with_head(found.text.html, lines, found.inline, count.room)
        count.room -= max(0, len(content) - len(found.text.html))
        return Part(PartKind.ATTACHMENT, names.of_mail(subject, ".html"), "text/html", content)
    return None


def _sort(gathered: Gathered) -> Sorted:
    text = texts.joined(gathered.texts)
    shown = texts.shown_pictures(text.html)
    attachments: list[Part] = []
    inline: list[Part] = []
    left_out = list(gathered.left_out)
    for position, document in enumerate(gathered.documents, 1):
        name = document.name or names.given(position, document.content_type)
        is_inline = document.content_id in shown and fates.is_picture(document)
        kind = PartKind.INLINE if is_inline else PartKind.ATTACHMENT
        part = Part(kind, name, document.content_type, document.content, document.content_id)
        if is_inline:
            inline.append(part)
        elif fate := fates.of_attachment(part):
            left_out.append(fate)
        else:
            attachments.append(part)
    return Sorted(text, tuple(attachments), tuple(inline), tuple(dict.fromkeys(left_out)))
