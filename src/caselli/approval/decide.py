"""A person's yes or no: the sender's of a mail first, then the second person's where the organization asks for one.

Each verb raises Refusal where it has no effect: the fax has been decided on, or is not any more what was looked at.
"""

from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from caselli.approval import request
from caselli.approval.request import content_of, may_approve
from caselli.fax.refusals import Refusal, RefusalKind
from caselli.fax.status import FaxStatus, Mover
from caselli.intake.check import refuse_sender
from caselli.queue.release import release_in_time
from caselli.store import journey
from caselli.store.models import SAID_NO, SENDER_SAID_NO, ApprovedHow, Event, Fax, IncomingMail, User

MOST_REASON = 190
"""Characters of a reason."""


def approve(
    fax: Fax, person: User | None, ip: str | None, seen_content_hash: str, how: ApprovedHow = ApprovedHow.WEB
) -> None:
    """Say yes to what was looked at; the fax goes out, or waits as Approved where it is held or its time is to come.

    ``person`` is None where somebody proved in another way that they may (the link of a mail): the caller vouches.
    To a mail's fax that its sender has not confirmed, this is the sender's yes: a second person's may follow.
    """
    with transaction.atomic():
        locked = _lock_waiting(fax, person)
        content = content_of(locked)
        if content != seen_content_hash:
            raise Refusal(
                RefusalKind.CONTENT_CHANGED,
                "fax",
                "This fax has been changed since you looked at it, and nothing was approved.",
                "Look at it as it is now, and approve it then.",
            )
        if refusal := refuse_sender(locked.extension, None):
            raise refusal
        by = _by(person, f"approved by {how.label}{_where(ip)}")
        confirmed = replace(by, note=f"confirmed by {how.label}{_where(ip)}")
        if request.unconfirmed(locked) and _confirm(locked, confirmed, ip):
            return
        approval: dict[str, Any] = {
            "approved_at": by.at,
            "approved_by": person,
            "approved_ip": ip,
            "approved_how": how.value,
            "approved_content": content,
        }
        release_in_time(locked, by, **approval)


def _confirm(fax: Fax, by: journey.By, ip: str | None) -> bool:
    """The sender's word, or that of who may send from the extension. True: the fax waits for a second person now."""
    mail = IncomingMail.objects.select_for_update(no_key=True).get(fax=fax)
    mail.confirmed_at, mail.confirmed_ip, mail.confirmed_by_id = by.at, ip, by.person_id
    mail.save(update_fields=["confirmed_at", "confirmed_ip", "confirmed_by"])
    if not request.reasons(fax.extension, fax.pages, request.destinations_of(fax)):
        return False
    if refusal := request.refuse_without_approver(fax.extension, fax.added_by_id, fax.changed_by_id, by.person_id):
        raise refusal
    journey.note(fax, by)
    journey.tell_who_is_asked(fax, by.at)
    return True


def refuse(fax: Fax, person: User | None, ip: str | None, reason: str) -> None:
    """Say no: the fax is cancelled, and the reason stands with it."""
    reason = " ".join(reason.split())[:MOST_REASON]
    if not reason:
        raise Refusal(
            RefusalKind.REASON_MISSING,
            "reason",
            "There is no reason yet, and nothing was decided.",
            "Say in a few words why the fax shall not be sent.",
        )
    with transaction.atomic():
        locked = _lock_waiting(fax, person)
        journey.cancel_unreleased(locked, _by(person, f"{SAID_NO}{reason}"))
        journey.note(locked, _by(person, f"declined{_where(ip)}"))


def _lock_waiting(fax: Fax, person: User | None) -> Fax:
    locked = journey.lock_fax(fax.pk)
    if locked.status != FaxStatus.AWAITING_APPROVAL:
        raise Refusal(RefusalKind.STEP_IMPOSSIBLE, "fax", what_became_of(locked), "Your click has changed nothing.")
    if person is not None and not may_approve(person, locked):
        raise Refusal(
            RefusalKind.NOT_ALLOWED,
            "fax",
            "You may not decide on this fax: it needs the yes of a second person, who may approve it.",
            "Fax info says who is asked.",
        )
    return locked


def what_became_of(fax: Fax) -> str:
    """Of one that waited for a yes, in a sentence."""
    if fax.approved_at is not None:
        who = f" by {fax.approved_by.called}" if fax.approved_by else ""
        return f"This fax has been approved already{who}."
    ended = Event.objects.filter(
        fax=fax, delivery=None, old=FaxStatus.AWAITING_APPROVAL, new=FaxStatus.CANCELED
    ).first()
    if ended is not None and ended.note == SENDER_SAID_NO:
        return "This fax has been declined by its sender."
    if ended is not None and ended.person is not None:
        said = "declined" if ended.note.startswith(SAID_NO) else "cancelled"
        return f"This fax has been {said} by {ended.person.called}."
    return "This fax does not wait for a yes any more."


def _by(person: User | None, note: str = "") -> journey.By:
    return journey.By(timezone.now(), Mover.PERSON, person.pk if person else None, note)


def _where(ip: str | None) -> str:
    return f" from {ip}" if ip else ""
