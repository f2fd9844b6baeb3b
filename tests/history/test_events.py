"""Events are read in order and without gaps, although numbers are given before commits."""

import json

import pytest
from django.db import connection
from django.utils import timezone

from caselli.fax.outcome import CallEnd, CallReport, PageReport
from caselli.history import events
from caselli.history.events import Settled
from caselli.queue import report
from caselli.queue.claim import claim
from caselli.store.models import Event

SENT = CallReport(CallEnd.COMPLETED, answered=True, sip_code=200, t30_code=0, pages=(PageReport(1, confirmed=True),))


def send(fax):
    for one in claim("dialer"):
        report.dialled(one.attempt_id)
        report.ended(one.attempt_id, SENT)


def everything():
    return events.told(events.of_all(0, events.newest()))


def test_a_fax_that_is_sent_tells_its_whole_journey(make_fax):
    send(make_fax("+12025550100"))
    told = everything()
    assert [one.kind.value for one in told] == [
        "fax.created",
        "fax.approved",
        "fax.scheduled",
        "delivery.sending",
        "delivery.delivered",
        "fax.sent",
    ]
    assert [one.number for one in told] == sorted({one.number for one in told})


def test_an_event_says_what_it_is_about_and_how_it_stood_after_it(cast, make_fax):
    fax = make_fax("+12025550100")
    send(fax)
    bodies = [json.loads(one.body) for one in everything()]
    delivered, sent = bodies[-2:]
    assert delivered["type"] == "delivery.delivered"
    assert delivered["data"]["fax"]["id"] == str(fax.uid)
    assert delivered["data"]["delivery"]["to"] == "+12025550100"
    assert delivered["data"]["delivery"]["status"] == "delivered"
    assert sent["data"]["fax"]["status"] == "sent"
    assert sent["data"]["fax"]["extension"] == cast.desk.extended
    assert sent["timestamp"].endswith("Z")
    sending = bodies[3]
    assert sending["data"]["delivery"]["status"] == "sending"
    scheduled = bodies[2]
    assert scheduled["data"]["fax"]["status"] == "scheduled"


def test_every_step_says_whose_it_is(cast, make_fax):
    send(make_fax("+12025550100"))
    assert set(Event.objects.values_list("organization", "extension")) == {(cast.clinic.pk, cast.desk.pk)}
    assert list(Event.objects.exclude(shown="").values_list("shown", flat=True)) == ["Scheduled For Sending", "Sent"]


def test_an_organization_reads_on_from_a_number_what_is_its_own(cast, make_fax):
    make_fax("+12025550100")
    foreign = make_fax("+12025550101", extension=cast.foreign)
    upto = events.newest()
    ours = events.of_organization(cast.clinic.pk, 0, upto)
    assert {one.fax.extension for one in ours} == {cast.desk}
    assert events.of_organization(cast.clinic.pk, ours[-1].pk, upto) == []
    theirs = events.of_extensions([cast.foreign.pk], [cast.rival.pk], 0, upto)
    assert {one.fax_id for one in theirs} == {foreign.pk}
    assert events.of_extensions([cast.lab.pk], [cast.clinic.pk], 0, upto) == []


@pytest.fixture
def another():
    """A second connection to the same database."""
    made = connection.copy()
    yield made
    made.close()


def _write(cursor, fax):
    cursor.execute(
        "INSERT INTO store_event (fax_id, organization_id, extension_id, at, old, new, mover, note)"
        " VALUES (%s, %s, %s, %s, 'rendered', 'awaiting_approval', 'system', '') RETURNING id",
        [fax.pk, fax.organization_id, fax.extension_id, timezone.now()],
    )
    return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_nothing_behind_an_open_transaction_is_settled_before_it_ends(transactional_db, make_fax, another):
    fax = make_fax("+12025550100")
    settled = Settled()
    before = settled.look()
    assert before == events.newest()
    another.set_autocommit(False)
    with another.cursor() as slow, connection.cursor() as quick:
        early = _write(slow, fax)
        late = _write(quick, fax)
        assert early < late
        for _ in range(3):
            assert settled.look() == before
            assert settled.waits
        another.commit()
        assert settled.look() == late
    assert not settled.waits
    assert [one.pk for one in events.of_all(before, late)] == [early, late]


@pytest.mark.django_db(transaction=True)
def test_a_number_whose_transaction_failed_holds_up_nobody(transactional_db, make_fax, another):
    fax = make_fax("+12025550100")
    settled = Settled()
    another.set_autocommit(False)
    with another.cursor() as slow, connection.cursor() as quick:
        _write(slow, fax)
        late = _write(quick, fax)
        settled.look()
        another.rollback()
        assert settled.look() == late


@pytest.mark.django_db(transaction=True)
def test_who_writes_something_else_for_long_holds_up_nobody(transactional_db, make_fax, another):
    fax = make_fax("+12025550100")
    another.set_autocommit(False)
    with another.cursor() as slow:
        slow.execute("UPDATE store_fax SET names = 'x' WHERE id = %s", [fax.pk])
        assert Settled().look() == events.newest()
        another.rollback()


@pytest.mark.django_db(transaction=True)
def test_one_after_the_other_settles_also_where_there_is_always_one_open(transactional_db, make_fax, another):
    fax = make_fax("+12025550100")
    third = connection.copy()
    settled = Settled()
    for one in (another, third):
        one.set_autocommit(False)
    try:
        with another.cursor() as first, third.cursor() as second:
            early = _write(first, fax)
            for cursor, other in [(second, another), (first, third)] * 2:
                settled.look()
                _write(cursor, fax)
                other.commit()
                settled.look()
            assert early < settled.look() < _write(first, fax)
    finally:
        third.close()
