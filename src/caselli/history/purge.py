"""Pages and documents are erased after the days allowed; the record stays.

How many days: what the extension sets for its own faxes and inbox; where it sets nothing, what the server's
preferences say of sent faxes, and an inbox is kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from caselli.approval.rules import warned_before_the_end
from caselli.fax.status import FaxStatus
from caselli.history import received
from caselli.notice import outbox
from caselli.store import journey
from caselli.store.models import Extension, Fax, IncomingMail, OutgoingMail, Preferences, ReceivedFax
from caselli.store.promise import TELL, promise
from caselli.store.references import erase_unreferred

AT_ONCE = 200
LONGEST = timedelta(minutes=20)
"""Of one round; what is left over is the next one's, an hour later."""
_UNCONFIRMED = (FaxStatus.AWAITING_APPROVAL, FaxStatus.APPROVED)
_OVER = (FaxStatus.RELEASED, FaxStatus.CANCELED, FaxStatus.REFUSED)


@dataclass(frozen=True, slots=True)
class Erased:
    faxes: int = 0
    received: int = 0


def purge(longest: timedelta = LONGEST, at_once: int = AT_ONCE) -> Erased:
    """Cancel what nobody confirmed in its days, erase what has rested for its days, as far as the time allows.

    The extensions take turns, each for ``at_once`` faxes, so that no full one keeps the others waiting.
    """
    now = timezone.now()
    until = now + longest
    preferences = Preferences.current()
    warned_before = warned_before_the_end(preferences.unconfirmed_days)
    before = now - timedelta(days=preferences.unconfirmed_days)
    warn_unconfirmed(before + warned_before, now, until)
    give_up_unconfirmed(before, now, until, warned=now - warned_before)
    of_extensions = Extension.objects.order_by("pk").values_list("pk", "delete_after_days")
    faxes: dict[int, datetime] = {}
    inboxes: dict[int, datetime] = {}
    for extension, own in of_extensions.iterator():
        days = own or preferences.sent_days
        if days is not None:
            faxes[extension] = now - timedelta(days=days)
        if own is not None:
            inboxes[extension] = now - timedelta(days=own)
    return Erased(
        _in_turns(faxes, lambda extension, before: _purge_some(extension, before, until, at_once), until, at_once),
        _in_turns(inboxes, lambda extension, before: _delete_some(extension, before, at_once), until, at_once),
    )


def _in_turns(due: dict[int, datetime], some: Callable[[int, datetime], int], until: datetime, at_once: int) -> int:
    """Call ``some`` for each extension, and again for those that had ``at_once``, until nothing is left to do."""
    count = 0
    while due:
        left: dict[int, datetime] = {}
        for extension, before in due.items():
            if timezone.now() >= until:
                return count
            erased = some(extension, before)
            count += erased
            if erased >= at_once:
                left[extension] = before
        due = left
    return count


def _purge_some(extension: int, before: datetime, until: datetime, at_once: int) -> int:
    due = Fax.objects.filter(
        extension_id=extension,
        status__in=_OVER,
        ended_at__isnull=False,  # as the index says
        ended_at__lt=before,
    )
    chosen = due.order_by("ended_at").values_list("pk", flat=True)[:at_once]
    count = 0
    for pk in list(chosen):
        if (now := timezone.now()) >= until:
            break
        count += _purge_one(pk, now)
    return count


def _delete_some(extension: int, before: datetime, at_once: int) -> int:
    due = ReceivedFax.objects.filter(extension_id=extension, blob__gt="", received_at__lt=before)
    chosen = list(due.order_by("received_at")[:at_once])
    for fax in chosen:
        received.delete(fax)
    return len(chosen)


def warn_unconfirmed(before: datetime, now: datetime, until: datetime) -> int:
    """Tell the senders of mails once that what they have not confirmed since before that time will be erased."""
    count = 0
    due = IncomingMail.objects.filter(
        fax__status=FaxStatus.AWAITING_APPROVAL, fax__added_at__lt=before, confirmed_at=None, warned_at=None
    ).order_by("fax__added_at")
    while chosen := list(due.values_list("pk", "fax_id")[:AT_ONCE]):
        for pk, fax_id in chosen:
            if timezone.now() >= until:
                return count
            with transaction.atomic():
                journey.lock_fax(fax_id)
                if due.filter(pk=pk).update(warned_at=now):
                    promise(TELL, what="erased_soon", fax_id=fax_id)
                    count += 1
    return count


def give_up_unconfirmed(before: datetime, now: datetime, until: datetime, warned: datetime) -> int:
    """What waited for a yes, or was held, since before that time will not be sent any more.

    What the sender of a mail has not confirmed only if that one was warned before ``warned``: the days may have become
    fewer, and the server may have been off.
    """
    count = 0
    lately = Q(warned_at=None) | Q(warned_at__gt=warned)
    unwarned = Exists(IncomingMail.objects.filter(lately, fax=OuterRef("pk"), confirmed_at=None))
    timed = Q(status=FaxStatus.APPROVED, send_at__isnull=False)  # goes out by itself
    due = Fax.objects.filter(~unwarned, ~timed, status__in=_UNCONFIRMED, added_at__lt=before).order_by("added_at")
    while chosen := list(due.values_list("pk", flat=True)[:AT_ONCE]):
        for pk in chosen:
            if timezone.now() >= until:
                return count
            with transaction.atomic():
                locked = journey.lock_fax(pk)
                if locked.status in _UNCONFIRMED:
                    journey.cancel_unreleased(locked, journey.By(now, note="nobody confirmed it"))
                    count += 1
    return count


def _purge_one(fax_id: int, now: datetime) -> bool:
    """The row first, the files after: a crash between leaves files that the sweep finds, never a row without files."""
    with transaction.atomic():
        fax = journey.lock_fax(fax_id)
        if fax.status not in _OVER or fax.ended_at is None:
            return False
        erased = {fax.pages_blob, *fax.documents.values_list("blob", flat=True)} - {""}
        fax.documents.update(blob="")
        journey.advance_fax(fax, FaxStatus.PURGED, journey.By(now), pages_blob="")
    for digest in erased:
        erase_unreferred(digest)
    outbox.erase(OutgoingMail.objects.filter(fax_id=fax_id))
    return True
