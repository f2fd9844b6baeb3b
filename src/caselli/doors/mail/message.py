"""A mail as it is read: who wrote it, what its subject says, and what of it could become pages. Frozen, no tables."""

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Head:
    """The header fields that decide, decoded. ``senders``: the addresses of From, as written; one in any honest mail.

    ``automatic``: why nobody is to answer it (a phrase, RFC 3834), empty for a person's mail. ``shown_sender``: the
    display name of From. ``date``: the Date field as it was written.
    """

    senders: tuple[str, ...]
    shown_sender: str
    subject: str
    message_id: str
    date: str
    automatic: str = ""


class PartKind(StrEnum):
    ATTACHMENT = "attachment"
    INLINE = "inline"
    """A picture that the HTML text shows by its ``content_id``."""


@dataclass(frozen=True, slots=True)
class Part:
    """``name``: for people, never empty, no path. ``content_type``: as the mail says, in lower case."""

    kind: PartKind
    name: str
    content_type: str
    content: bytes = field(repr=False)
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """``plain`` and ``html``: the text in the two forms it came in, each empty where it was missing or blank.

    ``left_out``: a sentence for each part that will be on no page, by our rules of what is no document (docs/email.md).
    """

    head: Head
    plain: str
    html: str
    attachments: tuple[Part, ...]
    inline: tuple[Part, ...]
    left_out: tuple[str, ...] = ()
