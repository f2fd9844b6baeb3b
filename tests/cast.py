"""One cast for all tests: Alice owns extension 210, Bob is in her organization, Charlie must see nothing of theirs."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.utils import timezone

from caselli.fax.status import FaxStatus, Mover
from caselli.queue.release import release
from caselli.store import blobs, journey
from caselli.store.models import Delivery, Extension, Fax, Organization, Role, Trunk, User, searchable


@dataclass(frozen=True)
class Cast:
    clinic: Organization
    rival: Organization
    admin: User
    olivia: User
    alice: User
    bob: User
    charlie: User
    desk: Extension  # 0003*210, Alice's
    lab: Extension  # 0003*211, Bob's
    foreign: Extension  # 0004*310, Charlie's
    trunk: Trunk


def _user(name: str, organization: Organization | None, role: Role = Role.USER) -> User:
    return User.objects.create_user(
        name, password="secret", first_name=name.title(), organization=organization, role=role
    )


@pytest.fixture
def cast(db: None) -> Cast:
    clinic = Organization.objects.create(number="0003", name="Acme Clinic", country="US", time_zone="America/New_York")
    rival = Organization.objects.create(number="0004", name="Rival Lab", country="DE", time_zone="Europe/Berlin")
    alice, bob, charlie = _user("alice", clinic), _user("bob", clinic), _user("charlie", rival)
    return Cast(
        clinic=clinic,
        rival=rival,
        admin=_user("admin", None, Role.ADMINISTRATOR),
        olivia=_user("olivia", clinic, Role.ORGANIZATION_ADMINISTRATOR),
        alice=alice,
        bob=bob,
        charlie=charlie,
        desk=Extension.objects.create(organization=clinic, number="210", name="Front desk", owner=alice),
        lab=Extension.objects.create(organization=clinic, number="211", name="Lab", owner=bob),
        foreign=Extension.objects.create(organization=rival, number="310", name="Rival", owner=charlie),
        trunk=Trunk.objects.create(name="Provider", host="127.0.0.1", port=5070, channels=2, calls_a_second=1_000),
    )


FaxMaker = Callable[..., Fax]


def begun(sender: Extension, *numbers: str, **columns: object) -> Fax:
    """A fax as a submission begins, with its deliveries; of ``columns`` the channel has to be named."""
    fax = Fax.objects.create(
        organization=sender.organization,
        extension=sender,
        sent_to=searchable(numbers),
        **{"added_at": timezone.now()} | columns,
    )
    for position, number in enumerate(numbers, 1):
        to = Extension.objects.filter(number=number.partition("*")[2]).first() if "*" in number else None
        Delivery.objects.create(
            fax=fax,
            organization=sender.organization,
            extension=sender,
            position=position,
            given=number,
            destination=number,
            to_extension=to,
        )
    return fax


@pytest.fixture
def make_fax(cast: Cast) -> FaxMaker:
    """A fax as ``submit`` leaves it, without the conversion: ``make_fax("+12025550100", pages=3)``."""

    def make(*numbers: str, pages: int = 1, hold: bool = False, extension: Extension | None = None) -> Fax:
        sender = extension or cast.desk
        now = timezone.now()
        blob = blobs.keep(b"pages of a fax")
        fax = begun(sender, *numbers, channel="web", pages=pages, pages_blob=blob, added_at=now, added_by=sender.owner)
        journey.advance_fax(fax, FaxStatus.RENDERED, journey.By(now))
        by = journey.By(now, Mover.PERSON, sender.owner_id)
        approval = {"approved_at": now, "approved_by": sender.owner, "approved_ip": "192.0.2.7", "approved_how": "web"}
        if hold:
            journey.advance_fax(fax, FaxStatus.APPROVED, by, **approval)
        else:
            release(fax, by, **approval)
        return Fax.objects.get(pk=fax.pk)

    return make
