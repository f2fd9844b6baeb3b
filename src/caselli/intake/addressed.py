"""Destinations become the deliveries of a fax."""

from collections.abc import Sequence

from caselli.intake.rules import Destination
from caselli.store.models import Delivery, Fax


def deliveries(fax: Fax, destinations: Sequence[Destination]) -> list[Delivery]:
    return [
        Delivery(
            fax=fax,
            organization_id=fax.organization_id,
            extension_id=fax.extension_id,
            position=position,
            given=destination.given[:60],
            destination=destination.number,
            to_extension_id=destination.extension.extension_id if destination.extension else None,
        )
        for position, destination in enumerate(destinations, 1)
    ]
