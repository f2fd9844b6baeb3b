"""Reading the mails that we sent, or that still wait: plain text and files to download, nothing active."""

import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

from django.conf import settings
from django.db.models import QuerySet

from caselli.directory import demo
from caselli.directory.access import administers_server
from caselli.notice import outbox
from caselli.notice.letter import deliverable
from caselli.store.models import OutgoingMail, User

PAGE_SIZE = 50
State = OutgoingMail.State


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text of a mail; ``link`` is empty unless it is an address of this server."""

    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """A mail as it is shown."""

    sender: str
    recipients: str
    pieces: tuple[Piece, ...]
    attachments: tuple[Attachment, ...]


def may_see(user: User) -> bool:
    """Administrators of the server; while mails are kept as files, the people of the demo too: theirs go nowhere."""
    return administers_server(user) or (settings.CONFIGURATION.smtp_relay is None and _is_of_the_demo(user))


def _is_of_the_demo(user: User) -> bool:
    if not user.is_active or user.organization is None or user.organization.number != demo.ORGANIZATION:
        return False
    return bool((settings.CONFIGURATION.home / demo.LOGIN_FILE).exists())


def seen_by(user: User) -> QuerySet[OutgoingMail]:
    """All, for an administrator; for others those that went to them, and to nobody else."""
    mails = OutgoingMail.objects.exclude(state=State.ERASED)
    if administers_server(user):
        return mails
    address = deliverable(user.email).lower()
    if not address or not may_see(user):
        return mails.none()
    return mails.filter(state=State.KEPT, recipients=[address])


def turn(mails: QuerySet[OutgoingMail], older_than: int | None) -> tuple[list[OutgoingMail], int | None]:
    """A page, newest first, and the key behind which the next one begins."""
    if older_than is not None:
        mails = mails.filter(pk__lt=older_than)
    found = list(mails.defer("content")[: PAGE_SIZE + 1])
    return found[:PAGE_SIZE], found[PAGE_SIZE - 1].pk if len(found) > PAGE_SIZE else None


def whole(mail: OutgoingMail) -> bytes | None:
    """The message; None where it is not here any more (handed to the relay, or somebody removed the file)."""
    if mail.state != State.KEPT:
        return bytes(mail.content) or None
    try:
        return outbox.file_of(mail).read_bytes()
    except OSError:
        return None


def opened(content: bytes) -> Opened:
    message = BytesParser(_class=EmailMessage, policy=default).parsebytes(content)
    body = message.get_body(("plain",))
    return Opened(
        str(message["From"] or ""),
        str(message["To"] or ""),
        tuple(_pieces(_text(body) if isinstance(body, EmailMessage) else "")),
        tuple(_attachment(one) for one in message.iter_attachments()),
    )


def _text(part: EmailMessage) -> str:
    try:
        text: str = part.get_content()
    except (LookupError, ValueError):  # a character set nobody knows
        text = _bytes(part).decode("utf-8", "replace")
    return text.replace("\r\n", "\n").strip("\n")


def _attachment(part: EmailMessage) -> Attachment:
    kind = "application/pdf" if part.get_content_type() == "application/pdf" else "application/octet-stream"
    return Attachment(part.get_filename() or "attachment", kind, _bytes(part))


def _bytes(part: EmailMessage) -> bytes:
    decoded = part.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else b""


def _pieces(text: str) -> list[Piece]:
    """Only addresses of our own become links: a mail must not lead anybody elsewhere from our pages."""
    ours = settings.CONFIGURATION.public_url.rstrip("/")
    parts = re.split(rf"({re.escape(ours)}/[^\s<>\"]*[^\s<>\".,;:!?)])", text)
    return [Piece(part, part if place % 2 else "") for place, part in enumerate(parts) if part]
