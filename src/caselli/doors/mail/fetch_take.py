"""A fetched mail is judged as one that comes by SMTP, and taken or refused. Where it lies does not matter here."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from caselli.doors.mail import check, parse, rules, trust
from caselli.doors.mail.message import Head
from caselli.fax.refusals import Refusal, RefusalKind, Refusals
from caselli.intake import mail as intake
from caselli.store.models import Extension, IncomingMail, Preferences

VIA = IncomingMail.Via.IMAP


class NotNow(Exception):  # noqa: N818 - it names what happened
    """Nothing is wrong with the mail: it is looked at again later. The text says why."""


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
    """Judge the mail in this file, and take it or write down that it is refused. Raises NotNow, OSError where the disk
    does not take it, and DatabaseError.
    """
    try:
        head = parse.read_head(content)
    except Refusal as refusal:
        return Fate(_hash(content), "", "", (refusal,))
    key = head.message_id or _hash(content)
    try:
        addressed = check.addressed(head)
        if _taken_before(addressed.sender, key):
            return Fate(key, addressed.sender, head.subject)
        check.contents(parse.read(content), addressed.extension)
        proof = _proof(content, addressed.sender, addressed.extension)
    except (Refusals, Refusal) as refused:
        return _refuse(content, size, head, key, refused)
    arrived = _arrived(content, size, head, key, addressed.sender, addressed.extension, proof)
    intake.take(arrived)
    return Fate(key, addressed.sender, head.subject)


def refuse_too_large(header: Path, size: int, most: int) -> Fate:
    """A mail of which only the header was fetched. ``most``: megabytes."""
    refusal = Refusal(
        RefusalKind.MAIL_TOO_LARGE,
        "mail",
        f"The mail is larger than {most} MB.",
        "Send smaller files, or fewer of them.",
    )
    try:
        head = parse.read_head(header)
    except Refusal:
        return Fate(_hash(header), "", "", (refusal,))
    return _refuse(header, size, head, head.message_id or _hash(header), refusal)


def _refuse(content: Path, size: int, head: Head, key: str, refused: Refusals | Refusal) -> Fate:
    """Only an authorized address is ever answered; the others are shown to the administrator."""
    refusals = refused if isinstance(refused, Refusals) else Refusals((refused,))
    sender, extensions = check.authorized(head)
    if not extensions:
        return Fate(key, ", ".join(head.senders), head.subject, refusals.all)
    taken = intake.refuse(_arrived(content, size, head, key, sender, extensions[0]), refusals)
    return Fate(key, sender, head.subject, refusals.all, answered=not taken.mail.automatic)


def _arrived(
    content: Path, size: int, head: Head, key: str, sender: str, extension: Extension, proof: trust.Proof | None = None
) -> intake.Arrived:
    return intake.Arrived(
        via=VIA,
        content=content,
        size=size,
        sender=sender,
        extension_id=extension.pk,
        subject=head.subject,
        message_id=key,
        automatic=bool(head.automatic),
        spf=proof.spf if proof else "",
        dkim=proof.dkim if proof else "",
        dmarc=proof.dmarc if proof else "",
        judged_by=proof.judged_by if proof else "",
    )


def _taken_before(sender: str, key: str) -> bool:
    """At any time, not in a window: a mail that could not be moved for a week is no second fax."""
    found = IncomingMail.objects.filter(via=VIA, sender=sender, message_id=key[:300])
    return found.exclude(state=IncomingMail.State.REFUSED).exists()


def _proof(content: Path, sender: str, extension: Extension) -> trust.Proof | None:
    """Only where the organization asks for one; otherwise the mail is judged when it is opened. Raises Refusal."""
    if not extension.organization.mail_proof_required:
        return None
    believed = rules.believed(Preferences.current().front_server, VIA, None, ())
    proof = trust.prove(content, trust.Envelope(client_ip=None, helo="", reverse_path=""), sender, believed)
    if proof.dmarc == "temperror":
        raise NotNow("The sender’s DNS does not answer, so a mail cannot be proven yet. It is tried again.")
    if proof.dmarc != "pass":
        raise Refusal(
            RefusalKind.MAIL_UNPROVEN,
            "sender",
            "This mail does not prove that it is from its sender, and the organization asks for that.",
            "Send it from the mail server of that address; its administrator sees to SPF, DKIM and DMARC.",
        )
    return proof


def _hash(content: Path) -> str:
    with content.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
