"""Where Django's mails go (password resets, invitations): into the same outbox as the notices."""

from collections.abc import Sequence
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import sanitize_address

from caselli.notice import outbox


class Mailbox(BaseEmailBackend):
    """A mail is safe when ``send`` returns, in the caller's transaction where there is one."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        return sum(_put(one) for one in email_messages)


def _put(mail: EmailMessage) -> bool:
    recipients = mail.recipients()
    if not recipients:
        return False
    sender = mail.from_email
    if sender == settings.DEFAULT_FROM_EMAIL:
        sender = outbox.sender()
        mail.from_email = f"Caselli <{sender}>"
    mail.extra_headers.setdefault("Auto-Submitted", "auto-generated")
    message = mail.message()
    content = message.as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # of Django's own class
    outbox.put(message, content, (_bare(sender), [_bare(one) for one in recipients]))
    return True


def _bare(address: str) -> str:
    """The address alone, in the ASCII writing of the envelope."""
    return parseaddr(sanitize_address(address, "utf-8"))[1]
