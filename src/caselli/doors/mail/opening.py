"""A mail that was taken becomes a fax, or is refused, once. What goes wrong with us is tried again, for ever."""

import errno
from collections.abc import Sequence
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from caselli.approval.rules import needs_confirmation
from caselli.directory.addresses import ascii_domain
from caselli.doors.mail import check, content, parse, trust
from caselli.fax.refusals import Refusal, RefusalKind, Refusals
from caselli.fax.submission import Submission
from caselli.intake import mail as intake
from caselli.intake.submit import submit
from caselli.notice.rules import pause
from caselli.store import blobs
from caselli.store.models import Channel, Extension, IncomingMail, Preferences, User
from caselli.store.promise import TELL, promise
from caselli.store.references import erase_unreferred

AT_ONCE = 200
FIRST_PAUSE = timedelta(seconds=20)
"""Most first tries that came to nothing ended with their process."""
LONGEST_PAUSE = timedelta(minutes=30)
LONGEST_WAIT = timedelta(days=5)
"""For a DNS that does not answer, where the sender has to be proven."""
_AGAIN = timedelta(days=1)
_OURS = frozenset({RefusalKind.CONVERTER_LOST, RefusalKind.STORAGE_FULL})
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_State = IncomingMail.State

log = structlog.get_logger()


class Trouble(RuntimeError):  # noqa: N818 - it names what happened
    """Nothing is wrong with the mail. The text says what is, for the administrator."""


def open_mail(mail_id: int) -> None:
    """Make a fax of it that waits for its sender, or refuse it. Once more does no harm; a trouble of ours is written
    down with the mail, which is tried again.
    """
    mail = _begin(mail_id)
    if mail is None:
        return
    try:
        _prove(mail)
        with transaction.atomic():
            _open(mail_id)
    except Exception as error:
        log.exception("a mail could not be opened, and is tried again", mail=mail_id, tries=mail.tries)
        IncomingMail.objects.filter(pk=mail_id, state=_State.WAITING).update(words=_in_words(error))


def open_due(longest: timedelta) -> int:
    """What waits for its next try, and what nobody came to open because a process died; returns how many were tried."""
    until = timezone.now() + longest
    due = IncomingMail.objects.filter(state=_State.WAITING, next_try_at__lte=timezone.now()).order_by("next_try_at")
    count = 0
    for mail_id in list(due.values_list("pk", flat=True)[:AT_ONCE]):
        if timezone.now() >= until:
            break
        open_mail(mail_id)
        count += 1
    return count


def _begin(mail_id: int) -> IncomingMail | None:
    """Count the try and set the next one before anything can go wrong: a mail that kills its reader waits, too."""
    with transaction.atomic():
        mail = _locked(mail_id, skip=True)
        now = timezone.now()
        if mail is None or mail.next_try_at is None or mail.next_try_at > now:
            return None
        mail.tries += 1
        mail.next_try_at = now + (min(pause(mail.tries - 1), LONGEST_PAUSE) if mail.tries > 1 else FIRST_PAUSE)
        mail.save(update_fields=["tries", "next_try_at"])
        return mail


def _locked(mail_id: int, *, skip: bool = False) -> IncomingMail | None:
    """None where it waits no more; with ``skip`` also where another one is at it."""
    waiting = IncomingMail.objects.select_for_update(of=("self",), skip_locked=skip, no_key=True)
    found = waiting.select_related("extension__organization").filter(pk=mail_id, state=_State.WAITING)
    return found.first()


def _prove(mail: IncomingMail) -> None:
    """Find out who proves the sender, unless that is known: most often since the dialogue."""
    if mail.dmarc not in {"", "temperror"}:
        return
    envelope = trust.Envelope(mail.client_ip, mail.helo, mail.reverse_path)
    front_server = Preferences.current().front_server.strip()
    try:
        proof = trust.prove(blobs.path(mail.blob), envelope, mail.sender, front_server)
    except OSError:
        raise
    except Exception:
        log.exception("the sender of a mail could not be judged", mail=mail.pk)
        proof = trust.Proof("temperror", "temperror", "temperror")
    IncomingMail.objects.filter(pk=mail.pk).update(
        spf=proof.spf, dkim=proof.dkim, dmarc=proof.dmarc, judged_by=proof.judged_by
    )


def _open(mail_id: int) -> None:
    mail = _locked(mail_id)  # who only looks whether somebody is at it lets go at once
    if mail is None:
        return
    blob = mail.blob
    try:
        with transaction.atomic():
            _make_fax(mail)
    except (Refusal, Refusals) as refused:
        refusals = refused.all if isinstance(refused, Refusals) else (refused,)
        theirs = tuple(check.for_mail(one) for one in refusals if one.kind not in _OURS)
        if not theirs:
            raise Trouble(str(refusals[0])) from refused
        _refuse(mail, theirs)
    transaction.on_commit(lambda: erase_unreferred(blob), robust=True)


def _make_fax(mail: IncomingMail) -> None:
    """By the settings of now, which may be others than those when it was taken. Raises Refusal, Refusals, Trouble."""
    read = parse.read(blobs.path(mail.blob))
    addressed = check.addressed(read.head)
    extension = addressed.extension
    _refuse_unproven(mail, extension)
    check.contents(read, extension)
    files = content.files_of(read, extension, addressed.recipients)
    mail.extension, mail.sender, mail.left_out = extension, addressed.sender, list(read.left_out)
    mail.save(update_fields=["extension", "sender", "left_out"])
    submit(
        Submission(
            extension_id=extension.pk,
            channel=Channel.EMAIL.value,
            recipients=addressed.recipients,
            files=files,
            person_id=_author(extension, addressed.sender),
            ip=mail.client_ip,
            mail_id=mail.pk,
            trusted=not needs_confirmation(trusts=extension.mail_trusted, dmarc=mail.dmarc),
        )
    )


def _refuse_unproven(mail: IncomingMail, extension: Extension) -> None:
    """The organization may ask for a proof since the mail was taken. Raises Refusal, Trouble."""
    if not extension.organization.mail_proof_required or mail.dmarc == "pass":
        return
    if mail.dmarc == "temperror" and timezone.now() < mail.received_at + LONGEST_WAIT:
        raise Trouble("The DNS does not tell whether the sender is genuine, and the organization asks for that.")
    raise Refusal(
        RefusalKind.MAIL_UNPROVEN,
        "sender",
        f"Nothing proves that this mail is from {mail.sender}, and {extension.organization.name} takes only mails that"
        f" are proven (SPF {mail.spf}, DKIM {mail.dkim}, DMARC {mail.dmarc}).",
        "Send it through your own mail server, whose administrator sets up DMARC.",
    )


def _author(extension: Extension, sender: str) -> int | None:
    """The one person of the organization whose own address it is."""
    local, _, domain = sender.rpartition("@")
    own = Q(email__iexact=sender) | Q(email__iexact=f"{local}@{ascii_domain(domain)}")
    found = User.objects.filter(own, organization_id=extension.organization_id, is_active=True)
    people = list(found.values_list("pk", flat=True)[:2])
    return people[0] if len(people) == 1 else None


def _refuse(mail: IncomingMail, refusals: Sequence[Refusal]) -> None:
    """Its sender is answered once: not where the mail wrote itself, and not where the address is authorized no more."""
    said = intake.said(Refusals(tuple(refusals)), timezone.now())
    answered = not mail.automatic and refusals[0].kind is not RefusalKind.SENDER_UNKNOWN
    if answered and not _said_before(mail, str(said["words"])):
        promise(TELL, what="mail_refused", mail_id=mail.pk)
    IncomingMail.objects.filter(pk=mail.pk).update(**said)
    log.info("refused a mail that had been taken", mail=mail.pk, why=said["words"])


def _said_before(mail: IncomingMail, words: str) -> bool:
    """The same mail may come again and again, out of a mailbox from which it cannot be moved."""
    if not mail.message_id:
        return False
    same = IncomingMail.objects.filter(sender=mail.sender, message_id=mail.message_id, state=_State.REFUSED)
    return same.filter(words=words, ended_at__gt=timezone.now() - _AGAIN).exists()


def _in_words(error: Exception) -> str:
    match error:
        case Trouble():
            return str(error)
        case OSError() if error.errno in _FULL:
            return "The disk of this server is full."
        case _:
            return f"Something in Caselli went wrong ({type(error).__name__}): its log tells more."
