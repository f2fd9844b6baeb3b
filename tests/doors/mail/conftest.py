"""For tests over real sockets: rows that all connections see, for a whole module, and a door that reads them."""

from types import SimpleNamespace

import pytest
from django.db import connection
from mail_server import mail_door

from caselli.store.models import (
    AuthorizedAddress,
    Extension,
    IncomingMail,
    Organization,
    Preferences,
    Trunk,
    User,
)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Alice and Bob of one clinic, their extensions and addresses; Bob's address sends from Alice's extension too."""
    del django_db_setup
    with django_db_blocker.unblock():
        Preferences.objects.update_or_create(
            id=1, defaults={"email_accepted": True, "fax_address": "fax@caselli.example", "mail_megabytes": 1}
        )
        clinic = Organization.objects.create(number="0073", name="Acme Clinic", country="US")
        alice, bob = (
            User.objects.create_user(f"{name}-of-mail", organization=clinic, email=f"{name}@acme.example")
            for name in ("alice", "bob")
        )
        desk = Extension.objects.create(organization=clinic, number="210", name="Front desk", owner=alice)
        lab = Extension.objects.create(organization=clinic, number="211", name="Lab", owner=bob)
        trunk = Trunk.objects.create(name="Trunk of mail tests", host="127.0.0.1", port=5080)
        for extension, address in ((desk, "alice@acme.example"), (desk, "bob@acme.example"), (lab, "bob@acme.example")):
            AuthorizedAddress.objects.create(extension=extension, address=address)
        yield SimpleNamespace(clinic=clinic, desk=desk, lab=lab)
        IncomingMail.objects.filter(extension__organization=clinic).delete()
        Trunk.objects.filter(pk=trunk.pk).delete()
        Extension.objects.filter(organization=clinic).delete()
        User.objects.filter(organization=clinic).delete()
        clinic.delete()
        Preferences.objects.all().delete()
        with connection.cursor() as cursor:  # what was promised of these mails
            cursor.execute("DELETE FROM procrastinate_jobs")


@pytest.fixture(scope="module")
def door(world):
    del world
    with mail_door() as one:
        yield one
