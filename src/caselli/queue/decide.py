"""What a person decides about a fax: send it now, send again, cancel, or what became of an unknown one.

Each verb raises Refusal when there is nothing to decide any more (an old page's click, somebody was quicker).
"""

from django.db import transaction
from django.utils import timezone

from caselli.approval.request import ask, content_of
from caselli.directory.blocked import refuse_blocked
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
    del ip  # the approval stays the one that was given
    with transaction.atomic():
        locked = journey.lock_fax(fax.pk)
        failed = list(locked.deliveries.filter(status=DeliveryStatus.FAILED))
        if locked.status != FaxStatus.RELEASED or not failed:
            raise _impossible("There is nothing to send again: no recipient of this fax has failed.")
        _check_sender(locked)
        blocked = {one.pk: refusal for one in failed if (refusal := _blocked(one))}
        if len(blocked) == len(failed):
            raise next(iter(blocked.values()))
        for delivery in failed:
            if delivery.pk not in blocked:
                _queue_again(delivery, _by(person))


def _check_sender(fax: Fax) -> None:
    """Where faxing is switched off, nothing is put into the queue; what lies there already waits."""
    if refusal := refuse_sender(fax.extension, None):
        raise refusal


def _blocked(delivery: Delivery) -> Refusal | None:
    if delivery.to_extension_id is not None:
        return None
    return refuse_blocked(delivery.organization_id, delivery.destination, spoken(delivery.destination))


def cancellable(fax: FaxStatus, fates: frozenset[DeliveryStatus]) -> bool:
    """Whether :func:`cancel` would find anything to stop. ``fates``: those of the fax's deliveries."""
    if fax is FaxStatus.RELEASED:
        return bool(fates & (_STOPPABLE | {DeliveryStatus.SENDING}))
    return fax in _CANCELLABLE_FAX


def cancel(fax: Fax, person: User | None, ip: str | None) -> None:
    """Cancel what can still be cancelled. A call under way is hung up by the dialer, which then tells what is true."""
    del ip
    with transaction.atomic():
        locked = journey.lock_fax(fax.pk)
        by = _by(person)
        if FaxStatus(locked.status) in _CANCELLABLE_FAX:
            journey.cancel_unreleased(locked, by)
            return
        stopped = 0
        for delivery in locked.deliveries.select_for_update():
            if DeliveryStatus(delivery.status) in _STOPPABLE:
                journey.advance_delivery(delivery, DeliveryStatus.CANCELED, by, cause="canceled")
                stopped += 1
            elif delivery.status == DeliveryStatus.SENDING:
                Delivery.objects.filter(pk=delivery.pk).update(cancel_wished=True)
                stopped += 1
        if not stopped:
            raise _impossible("There is nothing left to cancel.")
        journey.wake_dialers()


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
        if refusal := _blocked(locked):
            raise refusal
        _queue_again(locked, _by(person))


def _lock_unknown(delivery: Delivery) -> Delivery:
    journey.lock_fax(delivery.fax_id)
    locked = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if locked.status != DeliveryStatus.UNKNOWN:
        raise _impossible("What became of this recipient's fax is known by now.")
    return locked


def _queue_again(delivery: Delivery, by: journey.By) -> None:
    """From the first unconfirmed page on, with all tries anew; a purged page cannot come here (the fax is PURGED)."""
    confirmed = 0 if delivery.pages_confirmed >= delivery.fax.pages else delivery.pages_confirmed
    journey.advance_delivery(
        delivery,
        DeliveryStatus.QUEUED,
        by,
        queued_at=by.at,
        ended_at=None,
        cause="",
        dials=0,
        answered=0,
        gear=0,
        pages_confirmed=confirmed,
    )
    if delivery.to_extension_id is not None:
        arrive(journey.lock_fax(delivery.fax_id), delivery, by.at)
    journey.wake_dialers()
