"""Nothing waits for a line for ever: what its organization no longer waits for has failed, with its reason."""

from datetime import datetime, timedelta

from django.db.models import DateTimeField, ExpressionWrapper, F
from django.db.models.functions import Now
from django.utils import timezone

from caselli.fax.causes import EXPIRED, NO_TRUNK, SWITCHED_OFF, Cause
from caselli.fax.status import DeliveryStatus
from caselli.queue.routes import leading, switched_off
from caselli.store import journey
from caselli.store.models import Delivery

AT_ONCE = 200
_HOUR = timedelta(hours=1)


def give_up_expired() -> int:
    """Fail what was queued longer ago than its organization's hours. The claim leaves it alone from that moment on."""
    count = 0
    while overdue := _overdue():
        now = timezone.now()
        count += sum(_give_up(one, now) for one in overdue)
    return count


def _overdue() -> list[Delivery]:
    hours = ExpressionWrapper(Now() - F("organization__queue_hours") * _HOUR, output_field=DateTimeField())
    queued = Delivery.objects.select_related("fax__extension__organization").filter(
        status=DeliveryStatus.QUEUED, queued_at__lt=hours
    )
    return list(queued.order_by("fax_id", "id")[:AT_ONCE])


def _give_up(delivery: Delivery, now: datetime) -> bool:
    cause = _cause(delivery)
    try:
        journey.advance_delivery(delivery, DeliveryStatus.FAILED, journey.By(now, note=cause.slug), cause=cause.slug)
    except journey.StaleStep:
        return False
    return True


def _cause(delivery: Delivery) -> Cause:
    if switched_off(delivery):
        return SWITCHED_OFF
    return EXPIRED if leading(delivery) else NO_TRUNK
