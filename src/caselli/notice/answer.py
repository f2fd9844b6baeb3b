"""Answers to mails that were to be faxed. They go to the authorized address the mail came from and to no other, and
never to what a machine has sent by itself (RFC 3834).
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from caselli.approval.request import content_of
from caselli.fax.status import FaxStatus, Mover
from caselli.history.declined import why_not_sent
from caselli.notice import attaching, letter, rules, values
from caselli.notice.letter import Attached, To
from caselli.notice.outbox import About
from caselli.notice.rules import Happening
from caselli.notice.wording import text_of
from caselli.store.models import SENDER_SAID_NO, AuthorizedAddress, Channel, Event, Fax, IncomingMail

REFUSALS_AN_HOUR = 10
"""So many are told to one address; more of them are no person's, but a machine's that answers our answers."""


def confirm(fax_id: int) -> None:
    """Asks who sent the fax by mail for their yes; once for each content of it."""
    _ask(fax_id, Happening.CONFIRM)


def erased_soon(fax_id: int) -> None:
    """Warns who sent the fax by mail that it will be erased, because nobody has approved it."""
    _ask(fax_id, Happening.ERASED_SOON)


def not_sent(fax_id: int) -> None:
    """Tells who sent the fax by mail that it was cancelled before it went out; not those who did so themselves, nor
    those who were asked and warned, and gave no answer.
    """
    fax = _fax(fax_id)
    mail = mail_to_answer(fax) if fax is not None else None
    if fax is None or mail is None or fax.status != FaxStatus.CANCELED:
        return
    ends = Event.objects.filter(fax=fax, delivery=None, new=FaxStatus.CANCELED).exclude(old=FaxStatus.CANCELED)
    step = ends.select_related("person").latest("id")
    unanswered = step.mover == Mover.SYSTEM and mail.confirmed_at is None
    if unanswered or step.note == SENDER_SAID_NO:
        return
    who = step.person.called if step.person else "Somebody"
    reason = why_not_sent([fax]).get(fax.pk) or f"{who} cancelled it."
    tags = values.of_fax(fax) | values.of_mail(mail) | {"link": values.confirm_link(fax), "reason": reason}
    _post(mail, Happening.NOT_SENT, tags, About(key=f"fax {fax.pk} not sent {step.pk}", fax=fax))


def mail_refused(mail_id: int) -> None:
    """Tells once why a mail that was taken became no fax."""
    found = IncomingMail.objects.select_related("extension__organization", "extension__owner").filter(pk=mail_id)
    mail = found.first()
    if mail is None or mail.state != IncomingMail.State.REFUSED or not _may_be_answered(mail) or _are_many(mail):
        return
    _post(mail, Happening.MAIL_REFUSED, values.of_refused(mail), About(key=f"mail {mail.pk} refused"))


def ended(
    fax: Fax, mail: IncomingMail, happening: Happening, tags: dict[str, str], about: str, pages: list[Attached]
) -> None:
    """How it ended, with the transmission report, and a link for who may have no login."""
    report = attaching.report(fax)
    told = tags | {"link": values.confirm_link(fax), "attached": attaching.in_words(report, pages)}
    _post(mail, happening, told, About(key=f"{about} answer", fax=fax), [*report, *pages])


def mail_of(fax: Fax) -> IncomingMail | None:
    """None where it came another way."""
    if fax.channel != Channel.EMAIL:
        return None
    return IncomingMail.objects.select_related("extension__organization", "extension__owner").filter(fax=fax).first()


def mail_to_answer(fax: Fax) -> IncomingMail | None:
    """The mail that the fax was, where it may be answered."""
    mail = mail_of(fax)
    return mail if mail is not None and _may_be_answered(mail) else None


def _may_be_answered(mail: IncomingMail) -> bool:
    """What the address may do now counts, not what it might when the mail came."""
    authorized = AuthorizedAddress.objects.filter(extension=mail.extension, address=mail.sender)
    return not mail.automatic and mail.extension.organization.enabled and authorized.exists()


def _are_many(mail: IncomingMail) -> bool:
    lately = timezone.now() - timedelta(hours=1)
    same = IncomingMail.objects.filter(sender=mail.sender, state=IncomingMail.State.REFUSED, ended_at__gt=lately)
    return same.filter(pk__lt=mail.pk).count() >= REFUSALS_AN_HOUR


def _fax(fax_id: int) -> Fax | None:
    return Fax.objects.select_related("extension__organization", "extension__owner").filter(pk=fax_id).first()


def _ask(fax_id: int, happening: Happening) -> None:
    fax = _fax(fax_id)
    mail = mail_to_answer(fax) if fax is not None else None
    if fax is None or mail is None or fax.status != FaxStatus.AWAITING_APPROVAL:
        return
    about = About(key=f"fax {fax.pk} {happening} {content_of(fax)[:32]}", fax=fax)
    _post(mail, happening, values.of_unconfirmed(fax, mail), about)


def _post(
    mail: IncomingMail,
    happening: Happening,
    tags: dict[str, str],
    about: About,
    attached: list[Attached] | None = None,
) -> None:
    with transaction.atomic():
        subject, body = rules.fill(text_of(happening, mail.extension.organization_id), tags)
        replies = letter.replies_for(mail.extension, mail.sender)
        letter.post(To(mail.sender, answers=mail.message_id, replies=replies), subject, body, about, attached or [])
