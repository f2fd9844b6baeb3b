"""Other recipients for a fax that is not on its way yet: checked as at the door, and an approval is void then.

Who changes the recipients of a mail's fax that its sender has confirmed vouches in the sender's place. Where it is not
confirmed yet, its sender is asked again, with the new recipients.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from caselli.approval import request
from caselli.fax.refusals import Refusal, RefusalKind, Refusals
from caselli.fax.status import FaxStatus, Mover
from caselli.intake import check, rules
from caselli.intake.addressed import deliveries
from caselli.store import journey
from caselli.store.models import ApprovedHow, Delivery, Fax, IncomingMail, User, searchable

CHANGEABLE = frozenset({FaxStatus.AWAITING_APPROVAL, FaxStatus.APPROVED})
_TOLD = 150


def readdress(
    fax: Fax, person: User | None, ip: str | None, given: Sequence[str], how: ApprovedHow = ApprovedHow.WEB
) -> bool:
    """Send it to ``given`` instead. False where that changes nothing. Raises Refusals; then all stays as it was.

    Where the organization asks for a second person, the fax waits for a yes from now on; else who changes it approves.
    """
    with transaction.atomic():
        locked = Fax.objects.select_related("extension__organization").get(pk=journey.lock_fax(fax.pk).pk)
        if locked.status not in CHANGEABLE:
            raise Refusals((_too_late(),))
        destinations = _read(locked, given)
        before, after = request.destinations_of(locked), [one.number for one in destinations]
        if before == after:
            return False
        _replace(locked, destinations)
        by = journey.By(timezone.now(), Mover.PERSON, person.pk if person else None, _told(before, after))
        locked.sent_to = searchable(after)
        locked.changed_by = person
        locked.save(update_fields=["sent_to", "changed_by"])
        journey.note(locked, by)
        if locked.status == FaxStatus.APPROVED:
            _approve_again(locked, person, ip, how, by.at)
        elif request.unconfirmed(locked):
            journey.tell_who_is_asked(locked, by.at)
        else:
            _confirm_again(locked, person, ip, by.at)
    return True


def _read(fax: Fax, given: Sequence[str]) -> list[rules.Destination]:
    limits = check.limits()
    reads = check.recipients(fax.extension, given, limits, sandbox=fax.sandbox)
    refusals = [one.refusal for one in reads if one.refusal] + rules.check_recipients(reads, limits)
    if refusals:
        raise Refusals(tuple(refusals))
    return [one.destination for one in reads if one.destination]


def _replace(fax: Fax, destinations: Sequence[rules.Destination]) -> None:
    """Nothing refers to a delivery that never went anywhere. Who stays keeps the name."""
    named = dict(fax.deliveries.values_list("destination", "name"))
    fax.deliveries.all().delete()
    names = [named.get(one.number, "") for one in destinations]
    Delivery.objects.bulk_create(deliveries(fax, destinations, names))


def _approve_again(fax: Fax, person: User | None, ip: str | None, how: ApprovedHow, at: datetime) -> None:
    if request.program_asks(fax) or request.reasons(fax.extension, fax.pages, request.destinations_of(fax)):
        refusal = request.refuse_without_approver(fax.extension, fax.added_by_id, fax.changed_by_id)
        if refusal:
            raise Refusals((refusal,))
        request.ask(fax, at, note="its recipients were changed")
        return
    Fax.objects.filter(pk=fax.pk).update(
        approved_at=at,
        approved_by=person,
        approved_ip=ip,
        approved_how=how.value,
        approved_content=request.content_of(fax),
    )


def _confirm_again(fax: Fax, person: User | None, ip: str | None, at: datetime) -> None:
    """The sender's word was given to other recipients."""
    IncomingMail.objects.filter(fax=fax).update(confirmed_at=at, confirmed_ip=ip, confirmed_by=person)


def _too_late() -> Refusal:
    return Refusal(
        RefusalKind.STEP_IMPOSSIBLE,
        "fax",
        "The recipients of this fax cannot be changed any more.",
        "Look at the fax again: it is on its way, or has ended.",
    )


def _told(before: Sequence[str], after: Sequence[str]) -> str:
    """``added A; removed B``: for the record, shortened where they are many."""
    added = [one for one in after if one not in before]
    removed = [one for one in before if one not in after]
    parts = [f"{word} {', '.join(some)}" for word, some in (("added", added), ("removed", removed)) if some]
    told = "; ".join(parts) or "the order changed"
    return "recipients: " + (told if len(told) <= _TOLD else f"{told[:_TOLD]}…")
