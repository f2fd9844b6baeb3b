"""Destinations become the deliveries of a fax."""

from collections.abc import Sequence
from itertools import repeat

from caselli.intake.rules import Destination
from caselli.store.models import Delivery, Fax


def deliveries(fax: Fax, destinations: Sequence[Destination], names: Sequence[str] = ()) -> list[Delivery]:
    """``names``: what the recipients are called, one for each destination or none at all."""
    return [
        Delivery(
            fax=fax,
            organization_id=fax.organization_id,
            extension_id=fax.extension_id,
            position=position,
            given=destination.given[:60],
            destination=destination.number,
            to_extension_id=destination.extension.extension_id if destination.extension else None,
            name=name,
            sandbox=fax.sandbox,
        )
        for position, (destination, name) in enumerate(zip(destinations, names or repeat(""), strict=False), 1)
    ]
