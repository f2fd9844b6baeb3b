"""Tests of a trunk, from the question to the words, against real PostgreSQL."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from caselli.directory import trunk_test
from caselli.directory.trunk_test import Kind, ask, end, end_overdue, latest, take
from caselli.fax import trunk_words
from caselli.fax.outcome import Direction, LadderEntry, LadderProtocol
from caselli.fax.refusals import Refusal, RefusalKind
from caselli.fax.trunk_words import Told
from caselli.queue.claim import claim
from caselli.store.models import BlockedDestination, Trunk, TrunkTest

NUMBER = "+12025550100"
ARRIVED = Told(True, "It arrived.", "", ("Way: T.38",))


def refused(trunk, kind, number=""):
    with pytest.raises(Refusal) as caught:
        ask(trunk, kind, number)
    return caught.value


def test_a_test_is_asked_for_taken_once_and_ended_in_words(cast):
    asked = ask(cast.trunk, Kind.OPTIONS, person=cast.olivia)
    taken = take()
    assert taken is not None
    assert (taken.test_id, taken.kind, taken.trunk, taken.number) == (asked.pk, Kind.OPTIONS, cast.trunk, "")
    assert take() is None
    ladder = (LadderEntry(0.1, LadderProtocol.SIP, Direction.SENT, "OPTIONS", "OPTIONS sip:a SIP/2.0"),)
    assert end(asked.pk, ARRIVED, ladder)
    assert not end(asked.pk, trunk_words.LOST)
    (test,) = latest(cast.trunk)
    assert (trunk_test.result(test), test.asked_by) == (ARRIVED, cast.olivia)
    assert test.entries[0]["name"] == "OPTIONS"


@pytest.mark.parametrize(("told", "down"), [(ARRIVED, False), (trunk_words.LOST, True)])
def test_a_test_that_is_passed_brings_a_trunk_that_was_down_back_at_once(cast, told, down):
    Trunk.objects.update(down_until=timezone.now() + timedelta(minutes=5))
    ask(cast.trunk, Kind.OPTIONS)
    taken = take()
    assert taken is not None
    end(taken.test_id, told)
    assert (Trunk.objects.get(pk=cast.trunk.pk).down_until is not None) is down


def test_one_test_of_a_trunk_at_a_time(cast):
    other = Trunk.objects.create(name="Other", host="192.0.2.1")
    first = ask(cast.trunk, Kind.OPTIONS)
    assert refused(cast.trunk, Kind.REGISTRATION).field == "kind"
    ask(other, Kind.OPTIONS)
    end(first.pk, ARRIVED)
    ask(cast.trunk, Kind.REGISTRATION)


def test_a_number_is_read_with_the_country_of_the_trunks_organization(cast):
    Trunk.objects.filter(pk=cast.trunk.pk).update(organization=cast.clinic)
    trunk = Trunk.objects.get(pk=cast.trunk.pk)
    assert ask(trunk, Kind.CALL, " (202) 555-0100 ").number == NUMBER


def test_a_trunk_of_all_takes_international_numbers_only(cast):
    refusal = refused(cast.trunk, Kind.CALL, "202 555 0100")
    assert refusal.field == "number"
    assert "+1 202-555-0100" in refusal.remedy
    assert ask(cast.trunk, Kind.CALL, "+1 202 555 0100").number == NUMBER


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("", RefusalKind.RECIPIENT_MISSING),
        ("211", RefusalKind.RECIPIENT_INVALID),
        ("0003*211", RefusalKind.RECIPIENT_INVALID),
        ("pizza", RefusalKind.RECIPIENT_INVALID),
        (NUMBER, RefusalKind.DESTINATION_BLOCKED),
    ],
)
def test_what_is_no_number_or_blocked_is_refused_beside_the_field(cast, number, kind):
    BlockedDestination.objects.create(prefix="+1202555")
    refusal = refused(cast.trunk, Kind.CALL, number)
    assert (refusal.kind, refusal.field) == (kind, "number")
    assert not TrunkTest.objects.exists()


def test_a_number_that_was_blocked_meanwhile_is_not_called(cast):
    test = ask(cast.trunk, Kind.CALL, NUMBER)
    BlockedDestination.objects.create(prefix="+1")
    assert take() is None
    test.refresh_from_db()
    assert trunk_test.result(test) == trunk_words.BLOCKED


def test_a_test_call_waits_for_no_channel_and_takes_none_from_a_fax(cast, make_fax):
    make_fax("+12025550120", "+12025550121")
    assert len(claim("a")) == cast.trunk.channels
    test = ask(cast.trunk, Kind.CALL, NUMBER)
    assert take() is None
    test.refresh_from_db()
    assert trunk_test.result(test) == trunk_words.NO_CHANNEL


def test_a_test_call_holds_a_channel_and_its_number(cast, make_fax):
    cast.trunk.channels = 3
    cast.trunk.calls_a_second = 1000
    cast.trunk.save()
    ask(cast.trunk, Kind.CALL, NUMBER)
    taken = take()
    assert taken is not None
    make_fax(NUMBER, "+12025550120", "+12025550121", "+12025550122")
    claimed = claim("a")
    assert [one.delivery.destination for one in claimed] == ["+12025550120", "+12025550121"]
    end(taken.test_id, ARRIVED)
    assert [one.delivery.destination for one in claim("a")] == [NUMBER]


def test_no_test_call_to_a_number_that_a_fax_is_going_to(cast, make_fax):
    make_fax(NUMBER)
    claim("a")
    test = ask(cast.trunk, Kind.CALL, NUMBER)
    assert take() is None
    test.refresh_from_db()
    assert trunk_test.result(test) == trunk_words.NUMBER_IN_USE


def test_a_test_call_takes_its_place_in_the_trunks_pace(cast):
    Trunk.objects.filter(pk=cast.trunk.pk).update(calls_a_second=1, next_call_at=timezone.now() + timedelta(seconds=5))
    ask(cast.trunk, Kind.CALL, NUMBER)
    taken = take()
    assert taken is not None
    assert 4 < taken.wait <= 5
    cast.trunk.refresh_from_db()
    assert cast.trunk.next_call_at > timezone.now() + timedelta(seconds=5)


def test_the_caller_is_who_faxes_go_out_as(cast):
    cast.trunk.username = "office"
    cast.trunk.save()
    ask(cast.trunk, Kind.CALL, NUMBER)
    taken = take()
    assert taken is not None
    assert (taken.calling, taken.station_id) == ("office", "")
    end(taken.test_id, ARRIVED)
    cast.desk.caller_number = "+12025550123"
    cast.desk.save()
    ask(cast.trunk, Kind.CALL, NUMBER)
    taken = take()
    assert taken is not None
    assert (taken.calling, taken.station_id) == ("+12025550123", "+12025550123")


def test_what_nobody_takes_ends_by_itself(cast):
    test = ask(cast.trunk, Kind.OPTIONS)
    assert end_overdue() == 0
    TrunkTest.objects.update(asked_at=timezone.now() - trunk_test.TAKEN_WITHIN)
    assert take() is None
    (test,) = latest(cast.trunk)
    assert trunk_test.result(test) == trunk_words.UNTAKEN


@pytest.mark.parametrize("kind", list(Kind))
def test_what_a_dead_dialer_left_ends_by_itself(cast, kind):
    ask(cast.trunk, kind, NUMBER)
    assert take() is not None
    within = trunk_test.ENDED_WITHIN[kind]
    assert end_overdue(timezone.now() + within - timedelta(seconds=5)) == 0
    assert end_overdue(timezone.now() + within + timedelta(seconds=5)) == 1
    assert trunk_test.result(TrunkTest.objects.get()) == trunk_words.LOST


def test_old_tests_go_when_new_ones_come(cast):
    for _ in range(trunk_test.KEPT + 3):
        last = ask(cast.trunk, Kind.OPTIONS)
        end(last.pk, ARRIVED)
    kept = TrunkTest.objects.filter(trunk=cast.trunk)
    assert kept.count() == trunk_test.KEPT
    assert kept.latest("id") == last


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_and_two_who_take_at_once_have_one_test(cast):
    barrier = threading.Barrier(4)
    asked, took, errors = [], [], []

    def run(deed, results):
        try:
            barrier.wait(60)
            results.append(deed())
        except Refusal as refusal:
            errors.append(refusal)
        finally:
            connection.close()

    def both(deed, results):
        threads = [threading.Thread(target=run, args=(deed, results)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)

    both(lambda: ask(cast.trunk, Kind.OPTIONS), asked)
    assert (len(asked), len(errors)) == (1, 3)
    both(take, took)
    assert sum(one is not None for one in took) == 1
