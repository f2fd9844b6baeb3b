"""Every call lives under a lease. Who dies does not renew it, and then the recorded steps say what is true.

Leases are given, renewed and judged by the database's clock: dialers on several machines need not agree on the time.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from caselli.fax import causes
from caselli.fax.outcome import CallEnd, CallReport
from caselli.fax.status import DeliveryStatus
from caselli.queue.claim import LEASE
from caselli.queue.report import conclude
from caselli.queue.rules import Steps, fate_of_lost_call
from caselli.store import journey
from caselli.store.models import Attempt, Delivery

_LIVES_UNTIL = Coalesce("lease_until", ExpressionWrapper(F("started_at") + LEASE, output_field=DateTimeField()))
"""An open attempt without a lease, which nobody renews, has the one it should have begun with."""


def renew(attempt_ids: Iterable[int]) -> None:
    ours = Attempt.objects.filter(pk__in=list(attempt_ids), ended_at__isnull=True)
    ours.update(lease_until=ExpressionWrapper(Now() + LEASE, output_field=DateTimeField()))


def recover(dialer: str | None = None) -> int:
    """End the calls whose lease ran out; with ``dialer``, all that an earlier process of that name left behind.

    Only a dialer which holds its own name (no second process can) may give it. Returns how many were ended.
    """
    lost = Q(lives_until__lt=Now())
    if dialer is not None:
        lost |= Q(dialer=dialer)
    ids = (
        Attempt.objects.alias(lives_until=_LIVES_UNTIL).filter(lost, ended_at__isnull=True).values_list("pk", flat=True)
    )
    return sum(_end_lost(attempt_id, lost) for attempt_id in ids) + _end_without_call()


def _end_lost(attempt_id: int, lost: Q) -> bool:
    with transaction.atomic():
        attempt = (
            Attempt.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("delivery__fax")
            .alias(lives_until=_LIVES_UNTIL)
            .filter(lost, pk=attempt_id, ended_at__isnull=True)
            .first()
        )
        if attempt is None:
            return False
        now = timezone.now()
        steps = Steps(
            dialled=attempt.dialled_at is not None,
            answered=attempt.answered_at is not None,
            final_page_out=attempt.final_page_out_at is not None,
            pages_confirmed=attempt.first_page - 1 + attempt.pages_confirmed,
            pages=attempt.delivery.fax.pages,
        )
        report = CallReport(
            end=CallEnd.SIGNALLING_LOST,
            seconds=max(0.0, (now - attempt.started_at).total_seconds()),
            answered=steps.answered,
            final_page_out=steps.final_page_out,
        )
        conclude(attempt, report, fate_of_lost_call(steps, causes.DIALER_LOST), now)
    return True


def _end_without_call() -> int:
    """On the line by its status, and no call is open: no code of ours leaves that behind, a hand in the tables may.

    Nobody can say what became of it, so a person decides.
    """
    count = 0
    for one in Delivery.objects.filter(status=DeliveryStatus.SENDING).exclude(attempts__ended_at__isnull=True):
        with transaction.atomic():
            journey.lock_fax(one.fax_id)
            if Attempt.objects.filter(delivery=one, ended_at__isnull=True).exists():
                continue
            by = journey.By(timezone.now(), note="no call is open")
            try:
                journey.advance_delivery(one, DeliveryStatus.UNKNOWN, by, cause=causes.UNKNOWN.slug)
            except journey.StaleStep:
                continue
        count += 1
    return count
