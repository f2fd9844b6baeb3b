"""A mail is read: its head, on which it is judged in the dialogue, and all that could become pages."""

import re
from email.message import Message
from pathlib import Path
from typing import Final

from caselli.doors.mail import addresses, fields
from caselli.doors.mail.gather import Gatherer
from caselli.doors.mail.message import Head, Mail
from caselli.doors.mail.structure import HEADER_BYTES, Count, damaged, header_of, take_apart
from caselli.fax.refusals import Refusal

_ONCE: Final = ("From", "Subject", "Content-Type")
_LISTS: Final = ("list-id", "list-unsubscribe", "list-post", "mailing-list")
_REPLIES: Final = ("x-autoreply", "x-autorespond", "x-autoresponder")


def read_head(content: Path | bytes) -> Head:
    """Read no more than the header. Raises Refusal (MAIL_DAMAGED)."""
    if isinstance(content, bytes):
        beginning = content[: HEADER_BYTES + 1]
    else:
        with content.open("rb") as file:
            beginning = file.read(HEADER_BYTES + 1)
    return _head(header_of(beginning)[0])


def read(content: Path | bytes, head: Head | None = None) -> Mail:
    """Read all of it. Raises Refusal: MAIL_DAMAGED, MAIL_ENCRYPTED, FILE_DAMAGED, FILES_TOO_MANY.

    ``head``: where it was read already.
    """
    whole = content if isinstance(content, bytes) else content.read_bytes()
    count = Count()
    try:
        entity = take_apart(whole, count)
        head = head or _head(entity.header)
        found = Gatherer(count).sorted(entity)
    except Refusal:
        raise
    except (ValueError, LookupError, ArithmeticError, TypeError, AttributeError, RecursionError) as error:
        # The library's readers of header fields have ways to fail that nobody has listed.
        raise damaged("The mail is damaged: its parts cannot be told from one another.") from error
    return Mail(head, found.text.plain, found.text.html, found.attachments, found.inline, found.left_out)


def _head(header: Message) -> Head:
    if not header.keys():
        raise damaged("This is no mail: it has no header.")
    for name in _ONCE:
        # One program would believe the first, the next one the last: who signed which is open (RFC 6376, 8.15).
        if len(list(fields.raw(header, name.lower()))) > 1:
            raise damaged(f"The mail is damaged: it has more than one {name}.")
    senders = [one for field in fields.raw(header, "from") for one in addresses.read(_letters(field))]
    return Head(
        senders=tuple(dict.fromkeys(one.address for one in senders)),
        shown_sender=fields.words(senders[0].shown) if senders else "",
        subject=fields.text_of(header, "subject"),
        message_id=fields.text_of(header, "message-id"),
        date=fields.text_of(header, "date"),
        automatic=_automatic(header),
    )


def _letters(field: str) -> str:
    """8-bit bytes as what they are in UTF-8; what is not cannot be an address."""
    return field.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _automatic(header: Message) -> str:
    """Why nobody is to answer (RFC 3834), empty for a person's mail."""
    submitted = re.split(r"[;(]", fields.text_of(header, "auto-submitted"))[0].strip().lower()
    if submitted == "auto-replied" or any(fields.text_of(header, name) for name in _REPLIES):
        return "an automatic reply"
    if fields.content_type(header) == "multipart/report" or fields.text_of(header, "return-path") == "<>":
        return "a delivery report"
    if any(fields.text_of(header, name) for name in _LISTS):
        return "a mail of a mailing list"
    if fields.text_of(header, "precedence").lower() in {"bulk", "list", "junk", "auto_reply"}:
        return "a mail to many"
    return "" if submitted in {"", "no"} else "a mail that a program has written"
