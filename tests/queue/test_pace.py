"""No trunk gets more new calls in any second than it takes, over all dialers; nothing waits longer than for that."""

import itertools
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection

from caselli.queue.claim import AHEAD, claim, claim_round
from caselli.store.models import Attempt, Delivery, Trunk

SECOND = timedelta(seconds=1)


def begins(trunk):
    return list(Attempt.objects.filter(trunk=trunk).order_by("started_at").values_list("started_at", flat=True))


def most_in_a_second(moments):
    return max(sum(first <= one < first + SECOND for one in moments) for first in moments)


def many(make_fax, count):
    make_fax(*(f"+1202555{place:04}" for place in range(count)))


def test_a_single_fax_goes_out_at_once_on_the_slowest_trunk(make_fax):
    Trunk.objects.update(calls_a_second=1)
    make_fax("+12025550100")
    (one,) = claim("a")
    assert one.not_before <= time.monotonic()


def test_what_the_pace_holds_back_tells_when_it_may_go(make_fax):
    Trunk.objects.update(calls_a_second=1)
    many(make_fax, 2)
    first = claim_round("a")
    assert len(first.calls) == 1
    assert first.again_in == pytest.approx((SECOND - AHEAD).total_seconds(), abs=0.2)
    assert claim_round("a").calls == []


def test_once_nothing_waits_or_no_channel_is_free_nobody_is_woken_by_a_pace(make_fax):
    Trunk.objects.update(calls_a_second=1, channels=1)
    many(make_fax, 2)
    assert claim_round("a").again_in is None
    Delivery.objects.filter(status="queued").update(status="canceled")
    Trunk.objects.update(channels=5)
    assert claim_round("a").again_in is None


def test_what_the_pace_of_one_trunk_holds_back_goes_by_the_next(cast, make_fax):
    Trunk.objects.update(calls_a_second=1)
    second = Trunk.objects.create(name="Second", host="h", position=20, calls_a_second=1, channels=5)
    many(make_fax, 3)
    assert Counter(one.trunk for one in claim("a")) == {cast.trunk: 1, second: 1}
    assert claim("a") == []


def test_a_call_claimed_ahead_of_its_moment_knows_when_to_begin(cast, make_fax):
    Trunk.objects.update(calls_a_second=50, channels=50)
    many(make_fax, 30)
    claimed = claim("a")
    moments = [one.not_before for one in claimed]
    assert 1 < len(claimed) <= 50 * AHEAD.total_seconds() + 1
    assert {round(later - earlier, 3) for earlier, later in itertools.pairwise(moments)} == {0.02}


def test_a_changed_pace_acts_at_once(make_fax):
    Trunk.objects.update(calls_a_second=1, channels=50)
    many(make_fax, 30)
    assert len(claim("a")) == 1
    Trunk.objects.update(calls_a_second=1_000, next_call_at=None)
    assert len(claim("a")) == 29


@pytest.mark.django_db(transaction=True)
def test_three_dialers_together_keep_the_pace(cast, make_fax):
    Trunk.objects.update(calls_a_second=20, channels=100)
    many(make_fax, 40)
    stop = time.monotonic() + 1.5

    def work(name):
        while time.monotonic() < stop:
            claim_round(name)
        connection.close()

    threads = [threading.Thread(target=work, args=(f"dialer-{number}",)) for number in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    moments = begins(cast.trunk)
    assert most_in_a_second(moments) <= 20
    assert len(moments) > 20
