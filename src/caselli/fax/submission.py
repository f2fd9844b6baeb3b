"""What every door hands in: who, to whom, which files, when, with which key."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID


@dataclass(frozen=True, slots=True)
class HandedFile:
    """A file as it came: ``name`` as the sender calls it (judged by content all the same); bytes, or a path to read.

    ``counts``: against the files that a fax may have; not so the text of a mail, or a cover page, which we make.
    """

    name: str
    content: bytes | Path
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Submission:
    """One fax to be sent from ``extension_id``, through ``channel`` (a value of ``store.models.Channel``).

    ``recipients`` as they were written, one item each. ``staged``: files of that person's that were uploaded before
    (``intake.stage``); they come before ``files``. ``hold``: approved, but sent only when a person says so.
    ``key``: repeating a submission with the same key of the same extension gives the fax that is there already.
    ``person_id`` and ``ip`` tell who hands in, and from where; both may be unknown to a door.
    ``mail_id``: the mail it came in (``store.models.IncomingMail``), which becomes this fax in the same transaction;
    ``trusted``: its sender is proven, and need not confirm it, as somebody has to for all other mails.

    What a program may say besides (bounds: ``intake.terms``): ``names`` of the recipients, one each, or none at all;
    ``pre_approved``: nobody is asked, whatever the organization's policy; ``require_approval``: a second person is
    asked, whatever the policy; ``send_at``, aware: it goes out then, or at once where that is over; ``priority``
    inside its extension; ``header_line``: in place of the extension's; ``metadata`` and ``callback_url`` are kept for
    the program; ``sandbox``: it reaches the built-in answering machine, and nobody else. ``received_id``: the fax that
    was announced before, and all of whose files are here now (``intake.promised``).
    """

    extension_id: int
    channel: str
    recipients: tuple[str, ...]
    files: tuple[HandedFile, ...]
    hold: bool = False
    key: str | None = None
    person_id: int | None = None
    ip: str | None = None
    staged: tuple[UUID, ...] = ()
    mail_id: int | None = None
    trusted: bool = False
    names: tuple[str, ...] = ()
    pre_approved: bool = False
    require_approval: bool = False
    send_at: datetime | None = None
    priority: int = 0
    header_line: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    callback_url: str = ""
    sandbox: bool = False
    received_id: int | None = None
