"""The lines are shared out: a bulk of one holds up nobody else, and a number in use holds up nothing but itself."""

from collections import Counter
from datetime import timedelta

from django.utils import timezone

from caselli.fax.outcome import CallEnd, CallReport
from caselli.queue import claim as claiming
from caselli.queue import report
from caselli.queue.claim import claim
from caselli.store.models import Delivery, Extension, Organization, Trunk

GONE = CallReport(CallEnd.REJECTED, sip_code=404)


def numbers(claimed):
    return [one.delivery.destination for one in claimed]


def bulk(make_fax, count, extension=None, first=0):
    make_fax(*(f"+1202555{first + place:04}" for place in range(count)), extension=extension)


def test_a_bulk_of_one_organization_holds_up_no_single_fax_of_another(cast, make_fax):
    bulk(make_fax, 30)
    make_fax("+4930123456", extension=cast.foreign)
    assert "+4930123456" in numbers(claim("a"))


def test_a_bulk_of_one_extension_holds_up_no_single_fax_of_a_colleague(cast, make_fax):
    bulk(make_fax, 30)
    make_fax("+12025550999", extension=cast.lab)
    assert "+12025550999" in numbers(claim("a"))


def test_also_where_the_trunk_has_one_channel_the_next_turn_is_the_other_s(cast, make_fax):
    Trunk.objects.update(channels=1)
    bulk(make_fax, 30)
    (first,) = claim("a")
    make_fax("+4930123456", extension=cast.foreign)
    report.ended(first.attempt_id, GONE)
    assert numbers(claim("a")) == ["+4930123456"]


def test_priority_counts_inside_its_extension_alone(cast, make_fax):
    Trunk.objects.update(channels=1)
    bulk(make_fax, 3)
    make_fax("+12025550999", extension=cast.lab)
    Delivery.objects.filter(extension=cast.lab).update(queued_at=timezone.now() - timedelta(hours=1))
    Delivery.objects.filter(destination="+12025550002").update(priority=9)
    (first,) = claim("a")
    assert first.delivery.extension == cast.lab
    report.ended(first.attempt_id, GONE)
    assert numbers(claim("a")) == ["+12025550002"]


def test_calls_on_an_organization_s_own_trunk_take_nothing_from_it_on_a_shared_one(cast, make_fax):
    Trunk.objects.create(name="Own", host="h", organization=cast.clinic, position=1, channels=3, calls_a_second=1_000)
    bulk(make_fax, 4, cast.foreign, first=1000)
    assert len(claim("a", most=1)) == 1
    bulk(make_fax, 4)
    assert Counter(one.trunk.name for one in claim("a")) == {"Own": 3, "Provider": 1}
    on_shared = Delivery.objects.filter(status="sending", trunk=cast.trunk)
    assert Counter(on_shared.values_list("organization", flat=True)) == {cast.clinic.pk: 1, cast.rival.pk: 1}


def test_a_number_in_use_holds_up_no_other_number_of_its_extension(make_fax):
    for _ in range(3 * claiming.LEAST_WINDOW):
        make_fax("+12025550100")
    make_fax("+12025550101")
    (first,) = claim("a", most=1)
    assert numbers([first]) == ["+12025550100"]
    assert numbers(claim("a")) == ["+12025550101"]


def test_what_no_free_trunk_takes_holds_up_nothing_that_one_takes(cast, make_fax):
    Trunk.objects.update(prefix="+49", channels=1)
    Trunk.objects.create(name="America", host="h", prefix="+1", channels=1)
    make_fax(*(f"+493012345{last}" for last in range(9)))
    make_fax("+12025550100")
    assert sorted(numbers(claim("a"))) == ["+12025550100", "+493012345" + "0"]


def test_three_organizations_get_equal_shares_while_one_waits_with_everything(cast, make_fax):
    third = Organization.objects.create(number="0005", name="Third")
    theirs = Extension.objects.create(organization=third, number="1", name="Third", owner=cast.admin)
    Trunk.objects.update(channels=6)
    bulk(make_fax, 60)
    bulk(make_fax, 30, cast.foreign, first=1000)
    bulk(make_fax, 30, theirs, first=2000)
    got, open_calls = Counter(), []
    for _ in range(45):
        open_calls += claim("a")
        under_way = Counter(one.delivery.organization_id for one in open_calls)
        assert set(under_way.values()) == {2}
        ended = open_calls.pop(0)
        got[ended.delivery.organization_id] += 1
        report.ended(ended.attempt_id, GONE)
    assert set(got.values()) == {15}


def test_who_is_switched_off_gets_no_line(cast, make_fax):
    make_fax("+12025550100")
    make_fax("+4930123456", extension=cast.foreign)
    Organization.objects.filter(pk=cast.rival.pk).update(enabled=False)
    Extension.objects.filter(pk=cast.desk.pk).update(fax_enabled=False)
    assert claim("a") == []
    Extension.objects.filter(pk=cast.desk.pk).update(fax_enabled=True)
    assert numbers(claim("a")) == ["+12025550100"]
