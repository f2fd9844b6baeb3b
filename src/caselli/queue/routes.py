"""Which trunks lead to a number, and which of them a delivery has tried in vain."""

from caselli.queue.rules import TRUNK_AT_FAULT
from caselli.store.models import Delivery, Trunk


def leading(delivery: Delivery) -> list[Trunk]:
    """The trunks in service that may carry this delivery, in their order; empty for none."""
    trunks = Trunk.objects.filter(enabled=True)
    ours = trunks.filter(organization=None) | trunks.filter(organization=delivery.organization_id)
    return [one for one in ours.order_by("position", "id") if delivery.destination.startswith(one.prefix)]


def is_another_untried(delivery: Delivery, dials: int) -> bool:
    """Whether a trunk leads there that did not fail in the present tries; ``dials``: how many calls they are."""
    latest = delivery.attempts.order_by("-number").values_list("trunk_id", "cause")[:dials]
    failed = {trunk_id for trunk_id, cause in latest if cause in {one.slug for one in TRUNK_AT_FAULT}}
    return any(trunk.pk not in failed for trunk in leading(delivery))
