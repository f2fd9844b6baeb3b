"""A desk with an extension, and faxes that were added when we say."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from caselli.fax.status import DeliveryStatus, FaxStatus, ShownStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from caselli.store.models import Extension, Fax

# The models are imported where they are used: pytest may read this file before Django is set up.


@pytest.fixture
def desk(db: None) -> Extension:
    from caselli.store.models import Extension, Organization, User

    organization = Organization.objects.create(number="0001", name="Acme", country="GB", time_zone="America/New_York")
    owner = User.objects.create_user("alice", password=None, organization=organization)
    return Extension.objects.create(organization=organization, number="210", name="Front desk", owner=owner)


@pytest.fixture
def added(desk: Extension) -> Callable[..., Fax]:
    from caselli.store.models import Delivery, Document, Fax, searchable

    def add(
        at: str, *to: str, status: ShownStatus = ShownStatus.SENT, channel: str = "web", name: str = "letter.pdf"
    ) -> Fax:
        fax = Fax.objects.create(
            organization=desk.organization,
            extension=desk,
            channel=channel,
            status=FaxStatus.RELEASED,
            shown_status=status,
            added_at=datetime.fromisoformat(at),
            pages=2,
            sent_to=searchable(to or ("+12025550100",)),
            names=searchable([name]),
        )
        Document.objects.create(fax=fax, position=1, name=name, kind="pdf", blob="0" * 64, size=1, pages=2)
        for position, number in enumerate(to or ("+12025550100",), 1):
            Delivery.objects.create(
                fax=fax,
                organization=desk.organization,
                extension=desk,
                position=position,
                given=number,
                destination=number,
                status=DeliveryStatus.DELIVERED,
                pages_confirmed=2,
            )
        return fax

    return add
