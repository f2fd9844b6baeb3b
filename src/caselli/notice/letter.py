"""A notice as a mail: plain text, and what is attached to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.headerregistry import Address, HeaderRegistry, MessageIDHeader
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, make_msgid

from django.conf import settings
from django.utils import timezone

from caselli.directory.addresses import ascii_domain
from caselli.notice import outbox
from caselli.notice.rules import message_id, one_line
from caselli.store.models import Extension, Role, User

_FIELDS = HeaderRegistry()
# Otherwise the library encodes a long Message-ID as if it were words, and no mail program finds the mail it names.
_FIELDS.map_to_type("in-reply-to", MessageIDHeader)  # type: ignore[arg-type]  # as the library does itself
_FIELDS.map_to_type("references", MessageIDHeader)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class To:
    """``answers``: the Message-ID of the mail that this one answers, so that mail programs show them together.

    ``replies``: the address of a person to whom a reply goes; empty: to our sender.
    """

    address: str
    name: str = ""
    answers: str = ""
    replies: str = ""


@dataclass(frozen=True, slots=True)
class Attached:
    """A PDF."""

    name: str
    content: bytes


def post(to: To, subject: str, body: str, about: outbox.About, attached: Sequence[Attached] = ()) -> bool:
    """Put the mail into the outbox, in the caller's transaction. False: it was there, or nobody could get it."""
    address, sender = deliverable(to.address), deliverable(outbox.sender())
    if not address or not sender:
        return False
    policy = (SMTP if (address + sender).isascii() else SMTPUTF8).clone(header_factory=_FIELDS)
    mail = EmailMessage(policy=policy)
    mail["From"] = _address("Caselli", sender)
    mail["To"] = _address(one_line(to.name, 100), address)
    if (replies := deliverable(to.replies)) and replies.isascii():
        mail["Reply-To"] = _address("", replies)
    mail["Subject"] = subject
    mail["Date"] = format_datetime(timezone.now())
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    answers = message_id(to.answers)
    if answers:
        mail["In-Reply-To"] = answers
        mail["References"] = answers
    # RFC 3834: nobody's automatic reply is wanted; the second is what Exchange understands.
    mail["Auto-Submitted"] = "auto-replied" if to.answers else "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(body, cte="7bit" if body.isascii() else "quoted-printable")
    for one in attached:
        mail.add_attachment(one.content, "application", "pdf", filename=one_line(one.name, 120))
    return outbox.put(mail, mail.as_bytes(), (sender, [address]), about) is not None


def replies_for(extension: Extension, address: str) -> str:
    """Whose address a reply to a mail to ``address`` goes to: the extension's owner, or who administers it.

    Empty where the operator has named an address for our mails: a reply is read there. Without one it would go to the
    fax address, which takes no letters.
    """
    if settings.CONFIGURATION.mail_from:
        return ""
    administrators = User.objects.filter(
        organization_id=extension.organization_id, role=Role.ORGANIZATION_ADMINISTRATOR, is_active=True
    ).order_by("pk")
    people = [extension.owner, *administrators] if extension.owner.is_active else list(administrators)
    others = (one.email for one in people if one.email and not same(one.email, address))
    return next(others, "")


def same(one: str, other: str) -> bool:
    """Whether mails to both go to one mailbox."""
    return deliverable(one).lower() == deliverable(other).lower()


def deliverable(text: str) -> str:
    """The address with its domain in ASCII (IDNA); empty where it is none."""
    local, _, domain = text.strip().rpartition("@")
    try:
        there = ascii_domain(domain).encode("ascii").decode("ascii") if domain else ""
    except UnicodeError:
        return ""
    return f"{local}@{there}" if local and there and not set(" \t\r\n") & set(local + there) else ""


def _address(name: str, bare: str) -> Address:
    local, _, domain = bare.rpartition("@")
    return Address(name, username=local, domain=domain)
