"""What happens at the final dot: read, judged, taken. In a thread, with the database; every way out is one answer."""

import errno
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import DatabaseError

from caselli.doors.mail import check, parse, trust
from caselli.doors.mail.message import Head
from caselli.doors.mail.rules import Code, answer, refuse
from caselli.fax.refusals import Refusal, RefusalKind, Refusals
from caselli.intake import mail as intake
from caselli.intake.mail import Taken
from caselli.intake.rules import IntakeLimits
from caselli.store.models import Preferences

NO_ROOM = Code(452, "4.3.1")
NO_ROOM_WORDS = "The disk of this server is full. Nothing was taken; send the mail again later."
NOT_YET = Code(451, "4.7.26")
TROUBLE = Code(451, "4.3.0")
TROUBLE_WORDS = "This server cannot take mails at the moment. Nothing was taken; send the mail again later."
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class NotYetError(Exception):
    """Nothing is wrong with the mail, as far as we know: it may come again. The text says why."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail with its envelope. ``content``: good until its dialogue closes it. ``via``: ``IncomingMail.Via``."""

    via: str
    content: Path
    size: int
    reverse_path: str
    helo: str
    client_ip: str | None


@dataclass(frozen=True, slots=True)
class Judged:
    """Nothing is wrong with it, as far as can be said before it is drawn."""

    head: Head
    addressed: check.Addressed

    @property
    def must_be_proven(self) -> bool:
        return self.addressed.extension.organization.mail_proof_required


@dataclass(frozen=True, slots=True)
class Terms:
    """Of the preferences, what the dialogue needs. ``address`` is empty where no faxes are taken by email; ``limit`` of
    a mail in bytes; ``intake``: of recipients and files.
    """

    address: str
    limit: int
    front_server: str
    intake: IntakeLimits


def terms() -> Terms:
    preferences = Preferences.current()
    address = preferences.fax_address.strip() if preferences.email_accepted else ""
    return Terms(
        address,
        preferences.mail_megabytes * 1_000_000,
        preferences.front_server.strip(),
        IntakeLimits(preferences.recipients_limit, preferences.files_limit),
    )


def judge(letter: Letter, limits: IntakeLimits | None = None) -> Judged:
    """Raises Refusal or Refusals, DatabaseError, OSError. ``limits``: where they are known already."""
    whole = letter.content.read_bytes()
    head = parse.read_head(whole)
    addressed = check.addressed(head, limits)
    check.contents(parse.read(whole, head), addressed.extension, limits=limits)
    return Judged(head, addressed)


def judge_and_take(letter: Letter, limits: IntakeLimits | None = None) -> Taken | Judged:
    """Taken, or only judged where it must be proven first. Raises as ``judge``."""
    judged = judge(letter, limits)
    return judged if judged.must_be_proven else take(letter, judged, None)


def prove(letter: Letter, judged: Judged, front_server: str) -> trust.Proof:
    """Asks the DNS, which may take seconds. Needs no database."""
    envelope = trust.Envelope(letter.client_ip, letter.helo, letter.reverse_path)
    return trust.prove(letter.content, envelope, judged.addressed.sender, front_server)


def take_proven(letter: Letter, judged: Judged, proof: trust.Proof) -> Taken:
    """Raises Refusal where the proof fails, NotYetError where it may succeed later; DatabaseError, OSError."""
    if proof.dmarc == "temperror":
        sender = judged.addressed.sender
        raise NotYetError(f"DNS does not answer yet whether this mail is from {sender}. Send it again later.")
    if refusal := refuse_unproven(judged, proof):
        raise refusal
    return take(letter, judged, proof)


def refuse_unproven(judged: Judged, proof: trust.Proof) -> Refusal | None:
    if proof.dmarc == "pass":
        return None
    sender, organization = judged.addressed.sender, judged.addressed.extension.organization.name
    return Refusal(
        RefusalKind.MAIL_UNPROVEN,
        "sender",
        f"Nothing proves that this mail is from {sender}, and {organization} takes only mails that are proven "
        f"(SPF {proof.spf}, DKIM {proof.dkim}, DMARC {proof.dmarc}).",
        f"Send it through the mail server of {sender.rpartition('@')[2]}, whose administrator sets up DMARC.",
    )


def take(letter: Letter, judged: Judged, proof: trust.Proof | None) -> Taken:
    """Safe on the disk and in the database when this returns. Raises DatabaseError, OSError."""
    known = proof or trust.Proof("", "", "")
    return intake.take(
        intake.Arrived(
            via=letter.via,
            content=letter.content,
            size=letter.size,
            sender=judged.addressed.sender,
            extension_id=judged.addressed.extension.pk,
            subject=judged.head.subject,
            message_id=judged.head.message_id,
            automatic=bool(judged.head.automatic),
            reverse_path=letter.reverse_path,
            helo=letter.helo,
            client_ip=letter.client_ip,
            spf=known.spf,
            dkim=known.dkim,
            dmarc=known.dmarc,
            judged_by=known.judged_by,
        )
    )


def refusals_of(error: Refusal | Refusals) -> tuple[Refusal, ...]:
    return error.all if isinstance(error, Refusals) else (error,)


def why_not(error: Exception, told: Any, *, utf8: bool) -> str:
    """The answer, and a line of the log (``told``: a bound logger)."""
    match error:
        case Refusal() | Refusals():
            refusals = refusals_of(error)
            told.info("refused a mail", kinds=[one.kind.value for one in refusals], why=str(error))
            return refuse(refusals, utf8=utf8)
        case NotYetError():
            told.info("took no mail yet", why=str(error))
            return answer(NOT_YET, str(error), utf8=utf8)
        case OSError() if error.errno in _FULL:
            told.warning("took no mail, the disk is full", error=str(error))
            return answer(NO_ROOM, NO_ROOM_WORDS)
        case OSError() | DatabaseError():
            told.warning("took no mail", error=str(error).strip())
        case _:
            told.error("took no mail, by a mistake of ours", exc_info=error)
    return answer(TROUBLE, TROUBLE_WORDS)
