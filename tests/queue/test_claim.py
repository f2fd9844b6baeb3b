"""Claims against real PostgreSQL, also by several dialers at once."""

import threading
from collections import Counter

import pytest
from django.db import connection
from django.utils import timezone

from caselli.fax.outcome import CallEnd, CallReport
from caselli.queue import report
from caselli.queue.claim import claim, promote_due, wished_to_end
from caselli.queue.decide import cancel
from caselli.store.models import Attempt, Delivery, Trunk


def numbers(claimed):
    return [one.delivery.destination for one in claimed]


def test_a_released_fax_is_claimed_with_all_that_its_call_needs(cast, make_fax):
    fax = make_fax("+12025550100", pages=3)
    (one,) = claim("dialer-1")
    assert (one.trunk, one.extension, one.pages, one.first_page) == (cast.trunk, cast.desk, 3, 1)
    assert one.pages_blob == fax.pages_blob
    attempt = Attempt.objects.get(pk=one.attempt_id)
    assert attempt.dialer == "dialer-1"
    assert attempt.lease_until > timezone.now()
    assert Delivery.objects.get().status == "sending"


def test_what_is_claimed_is_not_claimed_again(make_fax):
    make_fax("+12025550100")
    assert len(claim("a")) == 1
    assert claim("b") == []


def test_a_trunk_carries_no_more_calls_than_it_has_channels(cast, make_fax):
    make_fax("+12025550120", "+12025550121", "+12025550122")
    assert len(claim("a")) == cast.trunk.channels == 2
    assert claim("a") == []


def test_one_call_at_a_time_to_a_number(make_fax):
    make_fax("+12025550100")
    make_fax("+12025550100")
    assert len(claim("a")) == 1
    assert claim("a") == []


def test_the_oldest_of_an_extension_goes_first_and_priority_before_age(make_fax):
    make_fax("+12025550120")
    make_fax("+12025550121")
    urgent = make_fax("+12025550122")
    urgent.deliveries.update(priority=5)
    assert numbers(claim("a")) == ["+12025550122", "+12025550120"]


def test_a_held_fax_is_not_claimed(make_fax):
    make_fax("+12025550100", hold=True)
    assert claim("a") == []


def test_the_trunk_is_chosen_by_prefix_organization_and_position(cast, make_fax):
    Trunk.objects.update(prefix="+49")
    theirs = Trunk.objects.create(name="Rival's", host="h", organization=cast.rival, prefix="", position=1)
    ours = Trunk.objects.create(name="Ours", host="h", organization=cast.clinic, prefix="+1202", position=9)
    make_fax("+12025550100")
    make_fax("+12025550101", extension=cast.foreign)
    make_fax("+4930123456")
    chosen = {one.delivery.destination: one.trunk for one in claim("a")}
    assert chosen == {"+12025550100": ours, "+12025550101": theirs, "+4930123456": cast.trunk}


def test_a_full_trunk_gives_way_to_the_next(cast, make_fax):
    second = Trunk.objects.create(name="Second", host="h", position=20, channels=1)
    make_fax(*(f"+120255501{last}" for last in range(20, 25)))
    first_round = Counter(one.trunk for one in claim("a"))
    second_round = Counter(one.trunk for one in claim("a"))
    assert first_round + second_round == {cast.trunk: 2, second: 1}


def test_a_trunk_that_is_switched_off_gets_no_call(cast, make_fax):
    Trunk.objects.update(enabled=False)
    make_fax("+12025550100")
    assert claim("a") == []


def test_a_retry_that_is_due_is_queued_again(make_fax):
    make_fax("+12025550101")
    (one,) = claim("a")
    report.dialled(one.attempt_id)
    report.ended(one.attempt_id, CallReport(CallEnd.REJECTED, sip_code=486))
    assert claim("a") == []
    assert 0 < promote_due() < 200
    Delivery.objects.update(next_try_at=timezone.now())
    assert promote_due() is None
    assert numbers(claim("a")) == ["+12025550101"]


def test_a_wish_to_end_a_call_reaches_the_dialer_that_drives_it(cast, make_fax):
    fax = make_fax("+12025550100")
    (one,) = claim("a")
    cancel(fax, cast.alice, "192.0.2.1")
    assert wished_to_end("a") == [one.attempt_id]
    assert wished_to_end("b") == []


@pytest.mark.django_db(transaction=True)
def test_six_dialers_at_once_never_exceed_the_channels_and_never_call_a_number_twice(cast, make_fax):
    Trunk.objects.update(channels=8)
    for last in range(20, 60):
        make_fax(f"+120255501{last}")
        make_fax(f"+120255501{last}")
    done, errors, most = [], [], []
    barrier = threading.Barrier(6)

    def work(name):
        try:
            barrier.wait()
            while claimed := claim(name, most=2):
                most.append(Delivery.objects.filter(status="sending").count())
                for one in claimed:
                    done.append(one.delivery.pk)
                    report.ended(one.attempt_id, CallReport(CallEnd.REJECTED, sip_code=404))
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(f"dialer-{number}",)) for number in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    while claimed := claim("rest"):
        for one in claimed:
            done.append(one.delivery.pk)
            report.ended(one.attempt_id, CallReport(CallEnd.REJECTED, sip_code=404))
    assert errors == []
    assert max(most) <= 8
    assert len(done) == len(set(done)) == 80
