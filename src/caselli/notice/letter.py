"""A notice as a mail: plain text, with the fax attached if it is wanted."""

from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, make_msgid

from django.utils import timezone

from caselli.notice import outbox
from caselli.notice.rules import one_line
from caselli.store.models import User


@dataclass(frozen=True, slots=True)
class Attached:
    """A PDF."""

    name: str
    content: bytes


def post(to: User, subject: str, body: str, about: outbox.About, attached: Attached | None = None) -> bool:
    """Put the mail into the outbox, in the caller's transaction. False: it was there, or nobody could get it."""
    address, sender = deliverable(to.email), deliverable(outbox.sender())
    if not address or not sender:
        return False
    policy = SMTP if (address + sender).isascii() else SMTPUTF8
    mail = EmailMessage(policy=policy)
    mail["From"] = _address("Caselli", sender)
    mail["To"] = _address(one_line(to.get_full_name(), 100), address)
    mail["Subject"] = subject
    mail["Date"] = format_datetime(timezone.now())
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    # RFC 3834: nobody's automatic reply is wanted; the second is what Exchange understands.
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(body, cte="7bit" if body.isascii() else "quoted-printable")
    if attached is not None:
        mail.add_attachment(attached.content, "application", "pdf", filename=one_line(attached.name, 120))
    return outbox.put(mail, mail.as_bytes(), (sender, [address]), about) is not None


def deliverable(text: str) -> str:
    """The address with its domain in ASCII (IDNA); empty where it is none."""
    local, _, domain = text.strip().rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}" if local and domain else ""
    except UnicodeError:
        return ""


def _address(name: str, bare: str) -> Address:
    local, _, domain = bare.rpartition("@")
    return Address(name, username=local, domain=domain)
