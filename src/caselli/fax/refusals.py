"""Every way we say no: a slug for programs, a sentence for people, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class RefusalKind(StrEnum):
    """The slug; stable, part of every door's contract."""

    RECIPIENT_MISSING = "recipient_missing"
    RECIPIENT_INVALID = "recipient_invalid"
    RECIPIENT_UNKNOWN_EXTENSION = "recipient_unknown_extension"
    RECIPIENT_AMBIGUOUS = "recipient_ambiguous"
    RECIPIENT_REPEATED = "recipient_repeated"
    DESTINATION_BLOCKED = "destination_blocked"
    RECIPIENTS_TOO_MANY = "recipients_too_many"
    RECIPIENT_NAME_INVALID = "recipient_name_invalid"
    SANDBOX_ONLY = "sandbox_only"
    FILE_MISSING = "file_missing"
    FILE_EMPTY = "file_empty"
    FILE_TOO_LARGE = "file_too_large"
    FILE_KIND_UNKNOWN = "file_kind_unknown"
    FILE_ENCRYPTED = "file_encrypted"
    FILE_DAMAGED = "file_damaged"
    FILE_TOO_MANY_PAGES = "file_too_many_pages"
    FILE_TOO_COMPLEX = "file_too_complex"
    FILES_TOO_MANY = "files_too_many"
    SEND_AT_INVALID = "send_at_invalid"
    PRIORITY_INVALID = "priority_invalid"
    HEADER_INVALID = "header_invalid"
    METADATA_INVALID = "metadata_invalid"
    CALLBACK_INVALID = "callback_invalid"
    EXTENSION_UNKNOWN = "extension_unknown"
    EXTENSION_FAX_OFF = "extension_fax_off"
    ORGANIZATION_OFF = "organization_off"
    NOT_ALLOWED = "not_allowed"
    STEP_IMPOSSIBLE = "step_impossible"
    NO_APPROVER = "no_approver"
    CONTENT_CHANGED = "content_changed"
    REASON_MISSING = "reason_missing"
    NO_TRUNK = "no_trunk"
    STORAGE_FULL = "storage_full"
    ALLOWANCE_USED_UP = "allowance_used_up"
    CONVERTER_LOST = "converter_lost"
    MAIL_OFF = "mail_off"
    MAIL_ADDRESS_UNKNOWN = "mail_address_unknown"
    MAIL_TOO_LARGE = "mail_too_large"
    MAIL_DAMAGED = "mail_damaged"
    MAIL_AUTOMATIC = "mail_automatic"
    MAIL_UNPROVEN = "mail_unproven"
    MAIL_ENCRYPTED = "mail_encrypted"
    MAIL_EMPTY = "mail_empty"
    SENDER_UNKNOWN = "sender_unknown"
    SENDER_AMBIGUOUS = "sender_ambiguous"
    SUBJECT_INVALID = "subject_invalid"
    LINK_INVALID = "link_invalid"
    LINK_TOO_SOON = "link_too_soon"


MEANINGS: Mapping[RefusalKind, str] = MappingProxyType(
    {
        RefusalKind.RECIPIENT_MISSING: "Nobody is named to send the fax to.",
        RefusalKind.RECIPIENT_INVALID: "It is no phone number: the sentence says why, the remedy shows one that is.",
        RefusalKind.RECIPIENT_UNKNOWN_EXTENSION: "No extension of that number takes faxes.",
        RefusalKind.RECIPIENT_AMBIGUOUS: "Several extensions have that name: the remedy gives their numbers.",
        RefusalKind.RECIPIENT_REPEATED: "The same recipient stands twice, perhaps in two writings.",
        RefusalKind.RECIPIENTS_TOO_MANY: "More recipients than the preferences allow.",
        RefusalKind.RECIPIENT_NAME_INVALID: "A recipient's name is longer than 100 characters, or cannot be printed.",
        RefusalKind.SANDBOX_ONLY: "A sandbox key reaches the built-in answering machine alone.",
        RefusalKind.DESTINATION_BLOCKED: "The organization, or the whole server, blocks numbers that begin so.",
        RefusalKind.FILE_MISSING: "There is no file.",
        RefusalKind.FILE_EMPTY: "The file has no content.",
        RefusalKind.FILE_TOO_LARGE: "The file is larger than allowed.",
        RefusalKind.FILE_KIND_UNKNOWN: "What is in the file is none of PDF, JPG, PNG, TIF, TXT, HTML.",
        RefusalKind.FILE_ENCRYPTED: "The PDF needs a password to be opened.",
        RefusalKind.FILE_DAMAGED: "The file breaks off, or is broken.",
        RefusalKind.FILE_TOO_MANY_PAGES: "The documents have more pages than a fax may have.",
        RefusalKind.FILE_TOO_COMPLEX: "Drawing the file took more time or memory than allowed.",
        RefusalKind.FILES_TOO_MANY: "More files than the preferences allow.",
        RefusalKind.SEND_AT_INVALID: "The time to send it has no offset, is over a year ahead, or stands beside hold.",
        RefusalKind.PRIORITY_INVALID: "The priority is not between -10 and 10.",
        RefusalKind.HEADER_INVALID: "The header line is longer than 60 characters, or cannot be printed.",
        RefusalKind.METADATA_INVALID: "There are more than 20 entries, or one is too long, or has a key that is none.",
        RefusalKind.CALLBACK_INVALID: "The address to call back is none, or is one that nothing is sent to.",
        RefusalKind.EXTENSION_UNKNOWN: "There is no such extension, or several.",
        RefusalKind.EXTENSION_FAX_OFF: "Faxing is switched off for this extension.",
        RefusalKind.ORGANIZATION_OFF: "The organization is switched off: none of its extensions sends.",
        RefusalKind.NOT_ALLOWED: "The person may read this, but not send from the extension, or not approve the fax.",
        RefusalKind.STEP_IMPOSSIBLE: "The fax has moved on since the page was drawn; this click changed nothing.",
        RefusalKind.NO_APPROVER: "A second person’s yes is asked for, and nobody but the sender could give it.",
        RefusalKind.CONTENT_CHANGED: "The fax has been changed since it was looked at; the approval was not given.",
        RefusalKind.REASON_MISSING: "Who declines a fax says why.",
        RefusalKind.NO_TRUNK: "No trunk leads to this number.",
        RefusalKind.STORAGE_FULL: "There is no room to keep the document.",
        RefusalKind.ALLOWANCE_USED_UP: "The extension keeps as much as it may; the sentence says how much.",
        RefusalKind.CONVERTER_LOST: "The converter, a process of our own, does not work: the log says why.",
        RefusalKind.MAIL_OFF: "Faxing by mail is switched off in the server's preferences.",
        RefusalKind.MAIL_ADDRESS_UNKNOWN: "The mail is to another address than the one that receives faxes.",
        RefusalKind.MAIL_TOO_LARGE: "The mail is larger than the server's preferences allow.",
        RefusalKind.MAIL_DAMAGED: "What came cannot be read as a mail: its parts, its header or its lines are broken.",
        RefusalKind.MAIL_AUTOMATIC: "An automatic reply, a bounce or a mailing list: nobody has written this.",
        RefusalKind.MAIL_UNPROVEN: "The organization asks for a proven sender, and DMARC does not prove this one.",
        RefusalKind.MAIL_ENCRYPTED: "The mail or its only document is encrypted or packed, and cannot be read here.",
        RefusalKind.MAIL_EMPTY: "There is nothing to send: neither a document nor a text.",
        RefusalKind.SENDER_UNKNOWN: "The sender's address is authorized on no extension.",
        RefusalKind.SENDER_AMBIGUOUS: "The sender's address is authorized on several extensions, and none is named.",
        RefusalKind.SUBJECT_INVALID: "The subject is no list of recipients.",
        RefusalKind.LINK_INVALID: "The link of a mail is cut, too old, or of a fax that is gone.",
        RefusalKind.LINK_TOO_SOON: "The link was used a moment ago; the sentence says when it can be used again.",
    }
)
"""For the documentation: what each means, whatever it was about."""


# Not frozen: contextlib writes __traceback__ on an exception that passes through it.
@dataclass(unsafe_hash=True)
class Refusal(Exception):  # noqa: N818 - a word of the domain, raised through every door
    """Why something is not taken.

    ``field`` names the input it stands beside (``recipients``, ``files``, ``extension``), ``subject`` the very item
    (a file's name, a number as typed), ``item`` its place among those that were handed in, from 0; ``sentence`` says
    what is wrong, ``remedy`` what to do.
    """

    kind: RefusalKind
    field: str
    sentence: str
    remedy: str
    subject: str = ""
    item: int | None = None

    def __str__(self) -> str:
        return f"{self.sentence} {self.remedy}".strip()


@dataclass(unsafe_hash=True)
class Refusals(Exception):  # noqa: N818
    """All that is wrong with one submission, so that a person can mend it in one go."""

    all: tuple[Refusal, ...]

    def __str__(self) -> str:
        return " ".join(str(one) for one in self.all)
