"""What of a mail becomes the fax: its text, its attachments, a cover page, by the settings of the extension."""

from collections.abc import Sequence
from typing import Final

from caselli.doors.mail.message import Mail
from caselli.fax.submission import HandedFile
from caselli.store.models import Extension, MailContent

PLAIN_TEXT: Final = "Text of the mail.txt"


def files_of(mail: Mail, extension: Extension, recipients: Sequence[str]) -> tuple[HandedFile, ...]:  # noqa: ARG001
    """The documents of the fax in their order; empty when there is nothing to send. Nothing is converted here.

    Attachments count (``HandedFile.counts``) against the files that a fax may have; the text does not.
    """
    attachments = tuple(HandedFile(part.name, part.content) for part in mail.attachments)
    text = (HandedFile(PLAIN_TEXT, mail.plain.encode(), counts=False),) if mail.plain.strip() else ()
    match MailContent(extension.mail_content):
        case MailContent.TEXT:
            return text
        case MailContent.BOTH:
            return text + attachments
        case MailContent.ATTACHMENTS:
            return attachments or text
