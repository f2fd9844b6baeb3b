"""Steps that are written at once are the same steps, and told as if they were taken one by one."""

import pytest
from cast import begun
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from caselli.fax.status import DeliveryStatus, FaxStatus, Mover, StepRefused
from caselli.store import journey
from caselli.store.journey import By, StaleStep, Step
from caselli.store.models import Delivery, Event, Fax

NUMBERS = ("+12025550100", "+12025550101")


@pytest.fixture
def new_fax(cast):
    """With two deliveries; ``more``: columns."""
    return lambda **more: begun(cast.desk, *NUMBERS, channel="api", **more)


def steps(at, *names):
    return [Step(FaxStatus(one), By(at, note=f"now {one}")) for one in names]


TO_THE_QUEUE = ("rendered", "pre_approved", "released")


def history(fax):
    """With the deliveries by their places."""
    told = Event.objects.filter(fax=fax).order_by("id")
    columns = ("delivery__position", "old", "new", "shown", "mover", "note", "at", "organization", "extension")
    return list(told.values_list(*columns))


def row(fax):
    return Fax.objects.values("status", "shown_status", "ended_at", "approved_how").get(pk=fax.pk)


@pytest.mark.parametrize("knows", [True, False], ids=["deliveries at hand", "deliveries read"])
def test_steps_at_once_are_as_steps_one_by_one(new_fax, knows):
    at = timezone.now()
    singly, at_once = new_fax(), new_fax()
    for step in steps(at, *TO_THE_QUEUE[:-1]):
        journey.advance_fax(singly, step.new, step.by)
    journey.advance_fax(singly, FaxStatus.RELEASED, steps(at, "released")[0].by, approved_how="api")
    every = list(at_once.deliveries.all()) if knows else None
    journey.walk_fax(at_once, steps(at, *TO_THE_QUEUE), every, approved_how="api")
    assert history(at_once) == history(singly)
    assert [one[3] for one in history(at_once)] == ["", "Pre-Approved", "Scheduled For Sending"]
    assert row(at_once) == row(singly)
    assert (at_once.status, at_once.shown_status, at_once.approved_how) == ("released", "Scheduled For Sending", "api")


def test_one_writing_whatever_the_number_of_steps(new_fax):
    fax = new_fax()
    every = list(fax.deliveries.all())
    with CaptureQueriesContext(connection) as said:
        journey.walk_fax(fax, steps(timezone.now(), *TO_THE_QUEUE), every)
        journey.advance_deliveries(fax, every, DeliveryStatus.QUEUED, By(timezone.now()), every, queued_at=fax.added_at)
    words = [" ".join(one["sql"].split()[:3]) for one in said.captured_queries]
    assert [one for one in words if one.split()[0] in {"UPDATE", "INSERT"}] == [
        'UPDATE "store_fax" SET',
        'INSERT INTO "store_event"',
        'UPDATE "store_delivery" SET',
        'INSERT INTO "store_event"',
    ]
    assert not [one for one in said.captured_queries if 'FROM "store_delivery"' in one["sql"]]
    assert sum("caselli_fax" in one["sql"] for one in said.captured_queries) == 2


@pytest.mark.parametrize(
    ("names", "mover"),
    [
        (("rendered", "released"), Mover.SYSTEM),
        (("pre_approved",), Mover.SYSTEM),
        (("rendered", "pre_approved"), Mover.PERSON),
        (("rendered", "pre_approved", "released", "canceled"), Mover.SYSTEM),
    ],
)
def test_the_table_is_asked_about_each_step(new_fax, names, mover):
    fax = new_fax()
    with pytest.raises(StepRefused):
        journey.walk_fax(fax, [Step(FaxStatus(one), By(timezone.now(), mover)) for one in names])
    assert (fax.status, row(fax)["status"], history(fax)) == ("received", "received", [])


@pytest.mark.parametrize("knows", [True, False])
def test_a_fax_that_somebody_else_has_moved_stays_where_it_is(new_fax, knows):
    fax = new_fax()
    every = list(fax.deliveries.all()) if knows else None
    Fax.objects.update(status="canceled")
    with pytest.raises(StaleStep, match="not received any more"):
        journey.walk_fax(fax, steps(timezone.now(), *TO_THE_QUEUE), every)
    assert (fax.status, fax.shown_status, history(fax)) == ("received", "Not approved", [])


def released(new_fax, **more):
    fax = new_fax(**more)
    journey.walk_fax(fax, steps(timezone.now(), *TO_THE_QUEUE))
    return fax, list(fax.deliveries.all())


@pytest.mark.parametrize("way", [("queued", "failed", "queued"), ("queued", "failed", "canceled"), ("canceled",)])
def test_deliveries_at_once_are_as_one_by_one(new_fax, way):
    (singly, ones), (at_once, others) = released(new_fax), released(new_fax)
    for new in map(DeliveryStatus, way):
        by = By(timezone.now(), Mover.SYSTEM if new is DeliveryStatus.FAILED else Mover.PERSON)
        for one in ones:
            journey.advance_delivery(one, new, by, cause="x", queued_at=by.at)
        journey.advance_deliveries(at_once, others, new, by, others, cause="x", queued_at=by.at)
    assert [one[1:] for one in history(at_once)[3:]] == [one[1:] for one in history(singly)[3:]]
    assert row(at_once) == row(singly)
    assert (at_once.shown_status, at_once.ended_at) == (row(singly)["shown_status"], row(singly)["ended_at"])
    columns = ("status", "cause", "ended_at", "queued_at", "next_try_at", "trunk", "cancel_wished")
    assert list(at_once.deliveries.values_list(*columns)) == list(singly.deliveries.values_list(*columns))
    assert [one.ended_at for one in others] == [one.ended_at for one in at_once.deliveries.all()]


def test_that_a_fax_has_ended_is_told_once_when_the_last_of_several_rests(new_fax):
    fax, every = released(new_fax)
    journey.advance_deliveries(fax, every, DeliveryStatus.QUEUED, By(timezone.now()), every, queued_at=fax.added_at)
    assert not ProcrastinateJob.objects.exists()
    journey.advance_deliveries(fax, every, DeliveryStatus.FAILED, By(timezone.now()), cause="x")
    assert [one.args["what"] for one in ProcrastinateJob.objects.all()] == ["ended"]
    assert [one[3] for one in history(fax)][-2:] == ["", "Send Failed"]


def test_a_program_is_called_back_for_each_step_in_their_order(new_fax):
    fax, every = released(new_fax, callback_url="https://a.example/hook")
    journey.advance_deliveries(fax, every, DeliveryStatus.QUEUED, By(timezone.now()), every, queued_at=fax.added_at)
    called = [one.args["event_id"] for one in ProcrastinateJob.objects.order_by("id")]
    assert called == list(Event.objects.order_by("id").values_list("pk", flat=True))
    assert len(called) == 5


def test_deliveries_of_which_one_was_moved_already_are_not_moved(new_fax):
    fax, every = released(new_fax)
    Delivery.objects.filter(pk=every[1].pk).update(status="canceled")
    with pytest.raises(StaleStep, match="not all are waiting any more"):
        journey.advance_deliveries(fax, every, DeliveryStatus.QUEUED, By(timezone.now()), queued_at=fax.added_at)
    assert len(history(fax)) == 3
    assert [one.status for one in every] == ["waiting", "waiting"]


def test_none_to_move_is_nothing_to_write(new_fax, django_assert_num_queries):
    fax, _ = released(new_fax)
    with django_assert_num_queries(0):
        journey.advance_deliveries(fax, [], DeliveryStatus.QUEUED, By(timezone.now()))


def test_deliveries_of_several_faxes_are_moved_in_one_writing(new_fax):
    faxes = [released(new_fax)[0] for _ in range(3)]
    every = list(Delivery.objects.filter(fax__in=faxes).order_by("fax", "position"))
    by = By(timezone.now())
    with CaptureQueriesContext(connection) as said:
        journey.advance_deliveries_of(faxes, every, DeliveryStatus.QUEUED, by, every, queued_at=by.at)
        journey.advance_deliveries_of(faxes, every[:4], DeliveryStatus.FAILED, by, every, cause="x")
    assert len(said.captured_queries) == 2 * 3 + 2  # and once: how the faxes are seen, and that they have ended
    assert [row(one)["shown_status"] for one in faxes] == ["Send Failed", "Send Failed", "Scheduled For Sending"]
    assert [one.args["fax_id"] for one in ProcrastinateJob.objects.order_by("id")] == [one.pk for one in faxes[:2]]
    assert [[one[2:4] for one in history(fax)][3:] for fax in faxes] == [
        [("queued", ""), ("queued", ""), ("failed", ""), ("failed", "Send Failed")],
        [("queued", ""), ("queued", ""), ("failed", ""), ("failed", "Send Failed")],
        [("queued", ""), ("queued", "")],
    ]
