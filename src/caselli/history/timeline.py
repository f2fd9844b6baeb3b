"""What happened to a fax, told: the read side that the web and the command line share."""

from collections.abc import Mapping
from types import MappingProxyType

from django.db.models import Prefetch, QuerySet

from caselli.fax.causes import ALL, DELIVERED
from caselli.fax.status import DeliveryStatus
from caselli.history.told import AttemptTold, DeliveryTold, FaxTold
from caselli.store.models import Attempt, Delivery, Fax

DELIVERY_WORDS: Mapping[DeliveryStatus, str] = MappingProxyType(
    {
        DeliveryStatus.WAITING: "Waiting",
        DeliveryStatus.QUEUED: "Waiting for a line",
        DeliveryStatus.SENDING: "On the line",
        DeliveryStatus.RETRY_WAIT: "Will be tried again",
        DeliveryStatus.DELIVERED: "Delivered",
        DeliveryStatus.FAILED: "Failed",
        DeliveryStatus.UNKNOWN: "Unknown",
        DeliveryStatus.CANCELED: "Canceled",
    }
)
"""What people call the fate of one recipient."""

_CONFIRMED_BY_PERSON = "A person confirmed that it arrived."
_BY_ITSELF = "Nothing to do: it is tried again by itself."
_IN_RECEIVED_FAXES = "It lies in the received faxes of that extension."
_RESTS_WITHOUT_REMEDY = frozenset({DeliveryStatus.DELIVERED, DeliveryStatus.CANCELED})


def told(fax: Fax) -> FaxTold:
    """Tell one fax; quick when it comes from :func:`with_story`, right in any case."""
    return FaxTold(
        id=str(fax.uid),
        extension=fax.extension.extended,
        channel=fax.channel,
        status=fax.shown_status,
        added_at=fax.added_at,
        deliveries=tuple(_tell_delivery(one) for one in fax.deliveries.all()),
    )


def tell_all(faxes: QuerySet[Fax]) -> list[FaxTold]:
    """Tell the faxes of a queryset in its order, with a fixed number of queries."""
    return [told(fax) for fax in with_story(faxes)]


def with_story(faxes: QuerySet[Fax]) -> QuerySet[Fax]:
    """The queryset with everything that :func:`told` reads."""
    deliveries = Delivery.objects.prefetch_related(Prefetch("attempts", Attempt.objects.order_by("number")))
    return faxes.select_related("extension__organization").prefetch_related(Prefetch("deliveries", deliveries))


def reason_of(delivery: Delivery) -> str:
    """Why the delivery stands where it stands, one sentence; empty while there is nothing to say."""
    if delivery.status == DeliveryStatus.DELIVERED:
        if delivery.to_extension_id is not None:
            return _IN_RECEIVED_FAXES
        # Only a person's word makes a delivery "delivered" with pages that no far machine confirmed.
        return DELIVERED.sentence if delivery.pages_confirmed >= delivery.fax.pages else _CONFIRMED_BY_PERSON
    if delivery.status == DeliveryStatus.CANCELED and delivery.pages_confirmed:
        return f"It was cancelled when {delivery.pages_confirmed} of {delivery.fax.pages} pages had been confirmed."
    return sentence_of(delivery.cause)


def remedy_of(delivery: Delivery) -> str:
    """What a person can do about it; empty where nothing needs doing."""
    cause = ALL.get(delivery.cause)
    if cause is None or delivery.status in _RESTS_WITHOUT_REMEDY:
        return ""
    return _BY_ITSELF if delivery.status == DeliveryStatus.RETRY_WAIT else cause.remedy


def sentence_of(cause: str) -> str:
    """The sentence of a cause's slug. A slug of another version, which the table no longer has, is shown as it is."""
    if not cause:
        return ""
    known = ALL.get(cause)
    return known.sentence if known else f"{cause.replace('_', ' ').capitalize()}."


def result_of(attempt: Attempt) -> str:
    """How one call ended, with its delivery: a sentence; empty while it is under way."""
    if attempt.cause == DELIVERED.slug and attempt.delivery.to_extension_id is not None:
        return _IN_RECEIVED_FAXES
    return sentence_of(attempt.cause)


def _tell_delivery(delivery: Delivery) -> DeliveryTold:
    status = DeliveryStatus(delivery.status)
    return DeliveryTold(
        to=delivery.destination,
        status=DELIVERY_WORDS[status],
        reason=reason_of(delivery),
        remedy=remedy_of(delivery),
        next_try_at=delivery.next_try_at if status is DeliveryStatus.RETRY_WAIT else None,
        attempts=tuple(_tell_attempt(one) for one in delivery.attempts.all()),
    )


def _tell_attempt(attempt: Attempt) -> AttemptTold:
    return AttemptTold(
        started_at=attempt.started_at,
        trunk=attempt.trunk_name,
        seconds=round(attempt.seconds, 1),
        pages_confirmed=attempt.pages_confirmed,
        rate=attempt.rate,
        ecm=attempt.ecm,
        transport=attempt.transport or None,
        remote_id=attempt.remote_id,
        sip_code=attempt.sip_code or None,
        t30_code=attempt.t30_code,
        reason=result_of(attempt),
    )
