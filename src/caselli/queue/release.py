"""A fax goes into the queue; what is for our own extensions arrives at once."""

from typing import Any

from caselli.directory.blocked import prefixes
from caselli.fax.causes import BLOCKED
from caselli.fax.status import DeliveryStatus, FaxStatus
from caselli.queue.arrive import arrive
from caselli.store import journey
from caselli.store.models import Fax


def release(fax: Fax, by: journey.By, **changes: Any) -> None:
    """Queue every waiting delivery, in the caller's transaction. ``changes`` are written with the fax's step.

    What was blocked since the fax was handed in has failed.
    """
    journey.advance_fax(fax, FaxStatus.RELEASED, by, **changes)
    blocked = prefixes(fax.organization_id)
    for delivery in fax.deliveries.filter(status=DeliveryStatus.WAITING):
        journey.advance_delivery(delivery, DeliveryStatus.QUEUED, by, queued_at=by.at, priority=fax.priority)
        if delivery.to_extension_id is not None:
            arrive(delivery, by.at)
        elif delivery.destination.startswith(blocked):
            cause = BLOCKED.slug
            journey.advance_delivery(delivery, DeliveryStatus.FAILED, journey.By(by.at, note=cause), cause=cause)
    journey.wake_dialers()
