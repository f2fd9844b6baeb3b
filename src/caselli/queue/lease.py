"""Every call lives under a lease. Who dies does not renew it, and then the recorded steps say what is true."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from caselli.fax import causes
from caselli.fax.outcome import CallEnd, CallReport
from caselli.queue.claim import LEASE
from caselli.queue.report import conclude
from caselli.queue.rules import Steps, fate_of_lost_call
from caselli.store.models import Attempt


def renew(attempt_ids: Iterable[int]) -> None:
    Attempt.objects.filter(pk__in=list(attempt_ids), ended_at__isnull=True).update(lease_until=timezone.now() + LEASE)


def recover(dialer: str | None = None) -> int:
    """End the calls whose lease ran out; with ``dialer``, all that an earlier process of that name left behind.

    Only a dialer which holds its own name (no second process can) may give it. Returns how many were ended.
    """
    now = timezone.now()
    lost = Q(lease_until__lt=now)
    if dialer is not None:
        lost |= Q(dialer=dialer)
    ids = Attempt.objects.filter(lost, ended_at__isnull=True).values_list("pk", flat=True)
    return sum(_end_lost(attempt_id, now, dialer) for attempt_id in ids)


def _end_lost(attempt_id: int, now: datetime, dialer: str | None) -> bool:
    with transaction.atomic():
        attempt = (
            Attempt.objects.select_for_update(of=["self"], skip_locked=True)
            .select_related("delivery__fax")
            .filter(pk=attempt_id, ended_at__isnull=True)
            .first()
        )
        if attempt is None or attempt.lease_until is None or (attempt.lease_until >= now and attempt.dialer != dialer):
            return False
        steps = Steps(
            dialled=attempt.dialled_at is not None,
            answered=attempt.answered_at is not None,
            final_page_out=attempt.final_page_out_at is not None,
            pages_confirmed=attempt.first_page - 1 + attempt.pages_confirmed,
            pages=attempt.delivery.fax.pages,
        )
        report = CallReport(
            end=CallEnd.SIGNALLING_LOST,
            seconds=(now - attempt.started_at).total_seconds(),
            answered=steps.answered,
            final_page_out=steps.final_page_out,
        )
        conclude(attempt, report, fate_of_lost_call(steps, causes.DIALER_LOST), now)
    return True
