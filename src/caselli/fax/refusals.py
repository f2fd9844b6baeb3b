"""Every way we say no: a slug for programs, a sentence for people, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


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
