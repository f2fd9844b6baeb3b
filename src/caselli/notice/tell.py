"""Tells people what happened to their faxes, as the settings of the extension say; and who sent one by mail, always."""

from datetime import datetime

from django.db import transaction

from caselli.approval.request import approvers, authors_of
from caselli.fax.number import spoken
from caselli.fax.status import FaxStatus, ShownStatus
from caselli.notice import answer, attaching, letter, rules, values
from caselli.notice.letter import To
from caselli.notice.outbox import About
from caselli.notice.rules import Happening, Wants
from caselli.notice.wording import text_of
from caselli.store.models import Extension, Fax, Preferences, ReceivedFax, User


def fax_ended(fax_id: int, shown: str, at: str) -> None:
    """To the owner, and to who sent it by mail. ``at``: when it ended, in ISO 8601; the same end told again sends
    nothing.
    """
    happening = rules.happening_of(ShownStatus(shown))
    found = Fax.objects.select_related("extension__organization", "extension__owner", "approved_by", "added_by")
    fax = found.filter(pk=fax_id).first()
    if happening is None or fax is None:
        return
    extension = fax.extension
    tags = values.of_fax(fax) | {"status": shown, "ended": values.said(datetime.fromisoformat(at), extension)}
    pages = attaching.pages(extension, fax.pages_blob, f"fax {tags['document'].removesuffix('.pdf')}.pdf")
    about = f"fax {fax.pk} {happening} {at}"
    mail = answer.mail_to_answer(fax)
    if mail is not None:
        answer.ended(fax, mail, happening, tags, about, pages)
    if _listens(extension) and not (mail is not None and letter.same(mail.sender, extension.owner.email)):
        attached = tags | {"attached": attaching.in_words([], pages)}
        _post(extension.owner, extension, happening, attached, About(key=about, fax=fax), pages)


def fax_received(received_id: int) -> None:
    """To the owner of the extension that got it."""
    found = ReceivedFax.objects.select_related("extension__organization", "extension__owner")
    received = found.filter(pk=received_id, blob__gt="").first()
    if received is None or not _listens(received.extension):
        return
    extension = received.extension
    days = extension.delete_after_days
    name = f"received fax {received.received_at:%Y-%m-%d} {received.sender.replace('*', '-')}.pdf"
    pages = attaching.pages(extension, received.blob, name)
    tags = values.of_extension(extension) | {
        "sender": spoken(received.sender),
        "pages": rules.counted(received.pages, "page"),
        "received": values.said(received.received_at, extension),
        "link": values.address(f"/received/{received.pk}"),
        "erased": f"It is erased after {rules.counted(days, 'day')}." if days else "",
        "attached": attaching.in_words([], pages),
    }
    about = About(key=f"received {received.pk}", received=received)
    _post(extension.owner, extension, Happening.RECEIVED, tags, about, pages)


def fax_awaits(fax_id: int, at: str) -> None:
    """To those who may say yes."""
    fax = (
        Fax.objects.select_related("extension__organization", "extension__owner", "extension__approver", "added_by")
        .filter(pk=fax_id)
        .first()
    )
    if fax is None or fax.status != FaxStatus.AWAITING_APPROVAL:
        return
    tags = values.of_fax(fax) | {
        "added_by": _added_by(fax),
        "unconfirmed_days": rules.counted(Preferences.current().unconfirmed_days, "day"),
        "link": values.on_approval_host(values.address(f"/approvals/{fax.uid}")),
    }
    for person in approvers(fax.extension, *authors_of(fax)):
        about = About(key=f"fax {fax.pk} {Happening.AWAITING_APPROVAL} {at} {person.pk}", fax=fax)
        _post(person, fax.extension, Happening.AWAITING_APPROVAL, tags, about)


def _added_by(fax: Fax) -> str:
    if fax.added_by:
        return fax.added_by.called
    mail = answer.mail_of(fax)
    return mail.sender if mail else fax.get_channel_display()


def _listens(extension: Extension) -> bool:
    return extension.notify != Wants.OFF and extension.owner.is_active and extension.organization.enabled


def _post(
    person: User,
    extension: Extension,
    happening: Happening,
    tags: dict[str, str],
    about: About,
    attached: list[letter.Attached] | None = None,
) -> None:
    with transaction.atomic():
        subject, body = rules.fill(text_of(happening, extension.organization_id), tags)
        to = To(person.email, person.get_full_name(), replies=letter.replies_for(extension, person.email))
        letter.post(to, subject, body, about, attached or [])
