"""Pages and documents are erased after the days allowed; the record stays."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from caselli.fax.status import FaxStatus
from caselli.store import blobs, journey, sweep
from caselli.store.models import Fax, Preferences

AT_ONCE = 200
_UNCONFIRMED = (FaxStatus.AWAITING_APPROVAL, FaxStatus.APPROVED)
_OVER = (FaxStatus.RELEASED, FaxStatus.CANCELED, FaxStatus.REFUSED)


def purge() -> int:
    """Cancel what nobody confirmed in its days, erase what has rested for its days. Returns how many were erased."""
    now = timezone.now()
    preferences = Preferences.current()
    give_up_unconfirmed(now - timedelta(days=preferences.unconfirmed_days), now)
    if preferences.sent_days is None:
        return 0
    before = now - timedelta(days=preferences.sent_days)
    due = Fax.objects.filter(status__in=_OVER, ended_at__lt=before).order_by("ended_at")[:AT_ONCE]
    return sum(_purge_one(fax.pk, now) for fax in due)


def give_up_unconfirmed(before: datetime, now: datetime) -> int:
    """What waited for a yes, or was held, since before that time will not be sent any more."""
    count = 0
    for fax in Fax.objects.filter(status__in=_UNCONFIRMED, added_at__lt=before)[:AT_ONCE]:
        with transaction.atomic():
            locked = journey.lock_fax(fax.pk)
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
    erase_unreferred(erased)
    return True


def erase_unreferred(digests: Iterable[str]) -> None:
    """Erase those that nothing refers to any more: the same document may belong to another fax, or to an inbox."""
    for digest in digests:
        if not sweep.is_referred(digest):
            blobs.erase(digest)
