"""A fax for an extension of ours arrives without a call: page for page, with its attempt, like any other delivery."""

from collections.abc import Sequence
from datetime import datetime

from caselli.fax import causes
from caselli.fax.outcome import CallEnd
from caselli.fax.status import DeliveryStatus
from caselli.store import journey
from caselli.store.models import Attempt, Delivery, Fax, ReceivedFax
from caselli.store.promise import TELL, promise


def arrive(fax: Fax, delivery: Delivery, at: datetime, deliveries: Sequence[Delivery] | None = None) -> None:
    """Put the queued delivery into its extension's inbox, in the caller's transaction.

    ``fax`` and ``deliveries`` as in ``journey.advance_deliveries``. Into an inbox that was switched off since the fax
    was handed in nothing comes: the delivery has failed.
    """
    extension = delivery.to_extension
    assert extension is not None
    if not (extension.fax_enabled and extension.organization.enabled):
        cause = causes.EXTENSION_OFF.slug
        by = journey.By(at, note=cause)
        journey.advance_deliveries(fax, [delivery], DeliveryStatus.FAILED, by, deliveries, cause=cause)
        return
    pages = [{"number": number, "confirmed": True} for number in range(1, fax.pages + 1)]
    journey.advance_deliveries(fax, [delivery], DeliveryStatus.SENDING, journey.By(at), deliveries)
    Attempt.objects.create(
        delivery=delivery,
        number=delivery.attempts.count() + 1,
        trunk_name="inside",
        started_at=at,
        answered_at=at,
        ended_at=at,
        pages_confirmed=fax.pages,
        end=CallEnd.COMPLETED,
        cause=causes.DELIVERED.slug,
        remote_id=extension.name[:40],
        pages=pages,
    )
    received = ReceivedFax.objects.create(
        organization_id=extension.organization_id,
        extension=extension,
        delivery=delivery,
        sender=fax.extension.extended,
        pages=fax.pages,
        blob=fax.pages_blob,
        received_at=at,
    )
    promise(TELL, what="received", received_id=received.pk)
    journey.advance_deliveries(
        fax,
        [delivery],
        DeliveryStatus.DELIVERED,
        journey.By(at),
        deliveries,
        cause=causes.DELIVERED.slug,
        pages_confirmed=fax.pages,
    )
