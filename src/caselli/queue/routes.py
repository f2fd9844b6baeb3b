"""Which trunks lead to a number, which of them a delivery has tried in vain, and what else holds a delivery back."""

from collections.abc import Sequence

from caselli.queue.rules import TRUNK_AT_FAULT
from caselli.store.models import Delivery, Trunk


def in_service() -> list[Trunk]:
    """All of them, in their order."""
    return list(Trunk.objects.filter(enabled=True).order_by("position", "id"))


def leading(delivery: Delivery, trunks: Sequence[Trunk] | None = None) -> list[Trunk]:
    """Those in service that may carry this delivery, in their order; empty for none. ``trunks``: read before."""
    known = in_service() if trunks is None else trunks
    ours = (one for one in known if one.organization_id in {None, delivery.organization_id})
    may = (one for one in ours if one.sandbox or not delivery.sandbox)
    return [one for one in may if delivery.destination.startswith(one.prefix)]


def switched_off(delivery: Delivery) -> str:
    """What is switched off, so that the delivery waits whatever line is free; empty for nothing."""
    extension = delivery.fax.extension
    if not extension.organization.enabled:
        return f"{extension.organization.name} is switched off."
    if not extension.fax_enabled:
        return f"Faxing is switched off for extension {extension.number}."
    return ""


def held_back(delivery: Delivery, trunks: Sequence[Trunk] | None = None) -> str:
    """Why a queued delivery cannot go out now, and what to do; empty where it only waits for a free line."""
    if off := switched_off(delivery):
        return f"{off} It goes out when your administrator switches it on."
    if not leading(delivery, trunks):
        return "No trunk leads to this number now: ask your administrator for one."
    return ""


def is_another_untried(delivery: Delivery, dials: int) -> bool:
    """Whether a trunk leads there that did not fail in the present tries; ``dials``: how many calls they are."""
    latest = delivery.attempts.order_by("-number").values_list("trunk_id", "cause")[:dials]
    failed = {trunk_id for trunk_id, cause in latest if cause in {one.slug for one in TRUNK_AT_FAULT}}
    return any(trunk.pk not in failed for trunk in leading(delivery))
