"""A fetched mail is judged as one that comes by SMTP, and taken or refused. Where it lies does not matter here."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from caselli.doors.mail import check, dialogue_take, parse
from caselli.doors.mail.dialogue_take import Letter
from caselli.doors.mail.message import Head
from caselli.fax.refusals import Refusal, RefusalKind, Refusals
from caselli.intake import mail as intake
from caselli.store.models import IncomingMail

VIA = IncomingMail.Via.IMAP.value


@dataclass(frozen=True, slots=True)
class Fate:
    """``refusals``: empty where it was taken. ``answered``: its sender hears of it by mail.

    ``key`` is the same for the same mail, however often it is looked at.
    """

    key: str
    sender: str
    subject: str
    refusals: tuple[Refusal, ...] = ()
    answered: bool = False

    @property
    def is_taken(self) -> bool:
        return not self.refusals


def take(content: Path, size: int) -> Fate:
    """Judge the mail in this file, and take it or write down that it is refused. Raises NotYetError, OSError where the
    disk does not take it, and DatabaseError.
    """
    letter = Letter(VIA, content, size, reverse_path="", helo="", client_ip=None)
    try:
        head = _head(content)
    except Refusal as refusal:
        return Fate(_hash(content), "", "", (refusal,))
    sender, extensions = check.authorized(head)
    if extensions and _taken_before(sender, head.message_id):
        return Fate(head.message_id, sender, head.subject)
    try:
        judged = replace(dialogue_take.judge(letter), head=head)
        if judged.must_be_proven:
            proof = dialogue_take.prove(letter, judged, dialogue_take.terms().front_server)
            dialogue_take.take_proven(letter, judged, proof)
        else:
            dialogue_take.take(letter, judged, None)
    except (Refusals, Refusal) as refused:
        return _refuse(letter, head, dialogue_take.refusals_of(refused))
    return Fate(head.message_id, judged.addressed.sender, head.subject)


def refuse_too_large(header: Path, size: int, most: int) -> Fate:
    """A mail of which only the header was fetched. ``most``: megabytes."""
    refusal = Refusal(
        RefusalKind.MAIL_TOO_LARGE,
        "mail",
        f"The mail is larger than {most} MB.",
        "Send smaller files, or fewer of them.",
    )
    try:
        head = _head(header)
    except Refusal:
        return Fate(_hash(header), "", "", (refusal,))
    return _refuse(Letter(VIA, header, size, "", "", None), head, (refusal,))


def _head(content: Path) -> Head:
    """Raises Refusal. A mail without a Message-ID is known by what is in it."""
    head = parse.read_head(content)
    return head if head.message_id.strip() else replace(head, message_id=_hash(content))


def _refuse(letter: Letter, head: Head, refusals: tuple[Refusal, ...]) -> Fate:
    """Only an authorized address is ever answered; the others are shown to the administrator."""
    sender, extensions = check.authorized(head)
    if not extensions:
        return Fate(head.message_id, ", ".join(head.senders), head.subject, refusals)
    arrived = intake.Arrived(
        via=VIA,
        content=letter.content,
        size=letter.size,
        sender=sender,
        extension_id=extensions[0].pk,
        subject=head.subject,
        message_id=head.message_id,
        automatic=bool(head.automatic),
    )
    taken = intake.refuse(arrived, Refusals(refusals))
    return Fate(head.message_id, sender, head.subject, refusals, answered=not taken.mail.automatic)


def _taken_before(sender: str, message_id: str) -> bool:
    """At any time, not in a window: a mail that could not be moved for a week is no second fax."""
    found = IncomingMail.objects.filter(via=VIA, sender=sender, message_id=message_id.replace("\0", "")[:300])
    return found.exclude(state=IncomingMail.State.REFUSED).exists()


def _hash(content: Path) -> str:
    with content.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
