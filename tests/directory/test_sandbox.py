"""Which trunks are the sandbox's: those that lead to the answering machine, and only as long as they do."""

import pytest
from django.conf import settings

from caselli.directory import sandbox
from caselli.directory.forms import TrunkForm
from caselli.store.models import Trunk


def marked():
    return set(Trunk.objects.filter(sandbox=True).values_list("name", flat=True))


@pytest.fixture
def machine():
    return settings.CONFIGURATION.machine_sip


def test_what_leads_to_the_machine_is_marked_and_nothing_else(cast, machine):
    Trunk.objects.update(host="192.0.2.1")
    Trunk.objects.create(name="Was", host="sip.example.com", sandbox=True)
    Trunk.objects.create(name="Is", host=machine.host, port=machine.port)
    sandbox.settle()
    assert marked() == {"Is"}


def test_a_server_with_trunks_and_none_to_the_machine_gets_one_for_everybody(cast, machine):
    Trunk.objects.update(host="sip.example.com")
    sandbox.settle()
    sandbox.settle()  # the next start makes no second one
    made = Trunk.objects.get(sandbox=True)
    assert (made.host, made.port, made.prefix, made.organization) == (machine.host, machine.port, "+120255501", None)
    assert made.position > cast.trunk.position


def test_one_that_is_switched_off_stays_off(cast):
    Trunk.objects.update(host="sip.example.com")
    sandbox.settle()
    Trunk.objects.filter(sandbox=True).update(enabled=False)
    sandbox.settle()
    assert list(Trunk.objects.filter(sandbox=True).values_list("enabled", flat=True)) == [False]


def test_a_server_that_is_still_set_up_has_none(db):
    sandbox.settle()
    assert not Trunk.objects.exists()


def test_a_trunk_that_is_led_elsewhere_is_no_way_of_the_sandbox_any_more(cast, machine):
    def change(**told):
        form = TrunkForm.filled(told, Trunk.objects.get(pk=cast.trunk.pk), cast.admin)
        assert form.is_valid(), form.errors
        return form.save().sandbox

    assert change(host=machine.host, port=machine.port) is True
    assert marked() == {"Provider"}
    assert change(host="sip.example.com") is False
    assert marked() == set()
