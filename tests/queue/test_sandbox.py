"""A sandbox's fax goes by the sandbox's trunks and by no other, whatever becomes of them."""

import pytest
from django.utils import timezone

from caselli.fax.outcome import CallEnd, CallReport
from caselli.queue import report
from caselli.queue.claim import claim, promote_due
from caselli.queue.routes import held_back, leading
from caselli.store.models import Delivery, Fax, Trunk

NUMBER = "+12025550100"
DOWN = CallReport(CallEnd.REJECTED, sip_code=503)


@pytest.fixture
def machine(cast):
    return Trunk.objects.create(name="Machine", host="h", prefix="+120255501", position=20, sandbox=True)


@pytest.fixture
def sandboxed(make_fax):
    fax = make_fax(NUMBER)
    Fax.objects.filter(pk=fax.pk).update(sandbox=True)
    fax.deliveries.update(sandbox=True)
    return fax


def test_it_goes_by_the_sandboxs_trunk_though_another_comes_first(machine, sandboxed):
    (one,) = claim("a")
    assert one.trunk == machine


def test_without_such_a_trunk_it_waits(cast, sandboxed):
    assert claim("a") == []
    assert leading(sandboxed.deliveries.get()) == []
    assert "No trunk leads to this number" in held_back(sandboxed.deliveries.get())


@pytest.mark.parametrize("change", [{"enabled": False}, {"channels": 1}, {"prefix": "+49"}])
def test_it_waits_too_where_that_trunk_takes_nothing_now(cast, machine, make_fax, sandboxed, change):
    Trunk.objects.filter(pk=machine.pk).update(**change)
    if "channels" in change:
        other = make_fax("+12025550101")
        other.deliveries.update(status="sending", trunk=machine)
    assert claim("a") == []


def test_where_that_trunk_fails_no_other_is_tried(cast, machine, sandboxed):
    (one,) = claim("a")
    report.dialled(one.attempt_id)
    report.ended(one.attempt_id, DOWN)
    assert Delivery.objects.get().status == "retry_wait"
    assert Delivery.objects.get().next_try_at > timezone.now()  # no other trunk, so it has to wait
    Delivery.objects.update(next_try_at=timezone.now())
    Trunk.objects.update(next_call_at=None)  # its pace may hold the next call back for a moment
    promote_due()
    (again,) = claim("a")
    assert again.trunk == machine


def test_a_second_sandbox_trunk_is_another_one(cast, machine, sandboxed):
    second = Trunk.objects.create(name="Second machine", host="h", position=30, sandbox=True)
    (one,) = claim("a")
    report.dialled(one.attempt_id)
    report.ended(one.attempt_id, DOWN)
    promote_due()
    (again,) = claim("a")
    assert again.trunk == second


def test_a_real_fax_may_go_to_the_machine(cast, machine, make_fax):
    Trunk.objects.filter(pk=cast.trunk.pk).update(enabled=False)
    make_fax(NUMBER)
    (one,) = claim("a")
    assert one.trunk == machine


def test_sandbox_faxes_in_front_hold_nobody_up(cast, make_fax, sandboxed):
    make_fax("+12125550123")
    (one,) = claim("a")
    assert one.delivery.destination == "+12125550123"
