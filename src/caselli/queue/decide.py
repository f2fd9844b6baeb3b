"""What a person decides about a fax: send it now, send again, cancel, or what became of an unknown one.

Each verb raises Refusal when there is nothing to decide any more (an old page's click, somebody was quicker).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from caselli.approval.request import ask, content_of
from caselli.directory.blocked import prefixes, refuse_blocked
from caselli.fax.number import spoken
from caselli.fax.refusals import Refusal, RefusalKind
from caselli.fax.status import DeliveryStatus, FaxStatus, Mover
from caselli.intake.check import refuse_sender
from caselli.queue.arrive import arrive
from caselli.queue.release import CHANGED, release
from caselli.store import journey
from caselli.store.models import Delivery, Fax, User

_CANCELLABLE_FAX = frozenset(
    {FaxStatus.RECEIVED, FaxStatus.AWAITING_APPROVAL, FaxStatus.PRE_APPROVED, FaxStatus.APPROVED}
)
_STOPPABLE = frozenset(
    {DeliveryStatus.QUEUED, DeliveryStatus.RETRY_WAIT, DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN}
)


def _by(person: User | None) -> journey.By:
    return journey.By(timezone.now(), Mover.PERSON, person.pk if person else None)


def _impossible(sentence: str, remedy: str = "Look at the fax again: the page was older than its state.") -> Refusal:
    return Refusal(RefusalKind.STEP_IMPOSSIBLE, "fax", sentence, remedy)


def send_held(fax: Fax, person: User | None, ip: str | None) -> None:
    """Send an approved fax that was held: what was approved, and nothing else."""
    with transaction.atomic():
        locked = journey.lock_fax(fax.pk)
        if locked.status != FaxStatus.APPROVED:
            raise _impossible("This fax is not waiting to be sent.")
        _check_sender(locked)
        by = _by(person)
        fits = locked.approved_content in {"", content_of(locked)}  # empty: approved before contents were kept
        if not fits:
            ask(locked, by.at, note=CHANGED)
        elif locked.approved_ip is None and ip is not None:
            release(locked, by, approved_ip=ip)
        else:
            release(locked, by)
    if not fits:
        raise _impossible(
            "This fax is not any more what was approved, and was not sent.", "It waits for somebody’s yes again."
        )


def resend(fax: Fax, person: User | None, ip: str | None) -> None:
    """Send again to the recipients that have not got it, and to them only; never to an unknown one.

    A number that was blocked meanwhile stays as it is; where there is no other, the refusal tells why.
    """
    for refusal in resend_several([fax], person, ip).values():
        raise refusal


def resend_several(faxes: Sequence[Fax], person: User | None, ip: str | None) -> dict[int, Refusal]:
    """As :func:`resend`, in one writing: what one of them refuses holds up no other. Refusals by the fax's id."""
    del ip  # the approval stays the one that was given
    refused: dict[int, Refusal] = {}
    with transaction.atomic():
        locked = {fax.pk: fax for fax in journey.lock_faxes(faxes)}
        every = list(Delivery.objects.filter(fax__in=locked).select_related("to_extension__organization"))
        failed = [one for one in every if one.status == DeliveryStatus.FAILED]
        blocked = {one.pk: refusal for one, refusal in _blocked(failed)}
        again: list[Delivery] = []
        for fax in locked.values():
            its = [one for one in failed if one.fax_id == fax.pk]
            free = [one for one in its if one.pk not in blocked]
            if fax.status != FaxStatus.RELEASED or not its:
                refused[fax.pk] = _impossible("There is nothing to send again: no recipient of this fax has failed.")
            elif refusal := refuse_sender(fax.extension, None):
                refused[fax.pk] = refusal
            elif not free:
                refused[fax.pk] = blocked[its[0].pk]
            else:
                again += free
        _queue_again(locked, again, every, _by(person))
    return refused


def _check_sender(fax: Fax) -> None:
    """Where faxing is switched off, nothing is put into the queue; what lies there already waits."""
    if refusal := refuse_sender(fax.extension, None):
        raise refusal


def _blocked(deliveries: Sequence[Delivery]) -> Iterator[tuple[Delivery, Refusal]]:
    """Those of them that nobody may call any more."""
    beginnings = {one: prefixes(one) for one in {delivery.organization_id for delivery in deliveries}}
    for one in deliveries:
        may_be = one.to_extension_id is None and one.destination.startswith(beginnings[one.organization_id])
        if may_be and (refusal := refuse_blocked(one.organization_id, one.destination, spoken(one.destination))):
            yield one, refusal


def cancellable(fax: FaxStatus, fates: frozenset[DeliveryStatus]) -> bool:
    """Whether :func:`cancel` would find anything to stop. ``fates``: those of the fax's deliveries."""
    if fax is FaxStatus.RELEASED:
        return bool(fates & (_STOPPABLE | {DeliveryStatus.SENDING}))
    return fax in _CANCELLABLE_FAX


def cancel(fax: Fax, person: User | None, ip: str | None) -> None:
    """Cancel what can still be cancelled. A call under way is hung up by the dialer, which then tells what is true."""
    for refusal in cancel_several([fax], person, ip).values():
        raise refusal


def cancel_several(faxes: Sequence[Fax], person: User | None, ip: str | None) -> dict[int, Refusal]:
    """As :func:`cancel`, in one writing: what one of them refuses holds up no other. Refusals by the fax's id."""
    del ip
    with transaction.atomic():
        by = _by(person)
        locked = {fax.pk: fax for fax in journey.lock_faxes(faxes)}
        unreleased = {fax.pk for fax in locked.values() if FaxStatus(fax.status) in _CANCELLABLE_FAX}
        for pk in unreleased:
            journey.cancel_unreleased(locked[pk], by)
        released = locked.keys() - unreleased
        every = list(Delivery.objects.select_for_update().filter(fax__in=released).order_by("fax", "position"))
        stopped: dict[DeliveryStatus, list[Delivery]] = defaultdict(list)
        for delivery in every:
            stopped[DeliveryStatus(delivery.status)].append(delivery)
        for status in _STOPPABLE & stopped.keys():
            journey.advance_deliveries_of(
                locked.values(), stopped[status], DeliveryStatus.CANCELED, by, every, cause="canceled"
            )
        under_way = stopped[DeliveryStatus.SENDING]
        Delivery.objects.filter(pk__in=[one.pk for one in under_way]).update(cancel_wished=True)
        journey.wake_dialers()
    touched = {one.fax_id for status in _STOPPABLE | {DeliveryStatus.SENDING} for one in stopped[status]}
    return {pk: _impossible("There is nothing left to cancel.") for pk in released - touched}


def it_arrived(delivery: Delivery, person: User | None, ip: str | None) -> None:
    """A person asked the recipient: the fax is there. The cause stays *unknown*: it tells on whose word."""
    del ip
    with transaction.atomic():
        locked = _lock_unknown(delivery)
        journey.advance_delivery(locked, DeliveryStatus.DELIVERED, _by(person))


def send_again(delivery: Delivery, person: User | None, ip: str | None) -> None:
    """A person takes the risk that the recipient gets an unknown fax twice."""
    del ip
    with transaction.atomic():
        locked = _lock_unknown(delivery)
        _check_sender(locked.fax)
        for _, refusal in _blocked([locked]):
            raise refusal
        _queue_again({locked.fax_id: locked.fax}, [locked], None, _by(person))


def _lock_unknown(delivery: Delivery) -> Delivery:
    fax = journey.lock_fax(delivery.fax_id)
    locked = Delivery.objects.select_for_update().get(pk=delivery.pk)
    locked.fax = fax
    if locked.status != DeliveryStatus.UNKNOWN:
        raise _impossible("What became of this recipient's fax is known by now.")
    return locked


def _queue_again(
    faxes: Mapping[int, Fax], again: Sequence[Delivery], every: Sequence[Delivery] | None, by: journey.By
) -> None:
    """From the first unconfirmed page on, with all tries anew; a purged page cannot come here (the fax is PURGED).

    ``faxes``: locked, by their ids; ``every``: all of their deliveries, where they are at hand.
    """
    begun: dict[int, list[Delivery]] = defaultdict(list)
    for one in again:
        begun[0 if one.pages_confirmed >= faxes[one.fax_id].pages else one.pages_confirmed].append(one)
    for confirmed, alike in begun.items():
        journey.advance_deliveries_of(
            faxes.values(),
            alike,
            DeliveryStatus.QUEUED,
            by,
            every,
            queued_at=by.at,
            ended_at=None,
            cause="",
            dials=0,
            answered=0,
            gear=0,
            pages_confirmed=confirmed,
        )
    for one in again:
        if one.to_extension_id is not None:
            fax = faxes[one.fax_id]
            arrive(fax, one, by.at, every and [other for other in every if other.fax_id == fax.pk])
    journey.wake_dialers()
