"""What a program said of a fax stands on its pages."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from caselli.approval.request import PROGRAM_ASKS, ask, content_of
from caselli.store.models import Delivery, Fax
from tests.by_link import words_of


@pytest.fixture
def fax(make_fax):
    fax = make_fax("+12025550100", hold=True)
    Fax.objects.filter(pk=fax.pk).update(
        channel="api",
        send_at=timezone.now() + timedelta(days=2),
        header_line="Radiology",
        priority=3,
        metadata={"order": "4711", "empty": ""},
        callback_url="https://a.example/hook",
        sandbox=True,
    )
    Delivery.objects.update(name="Dr. Miller")
    return Fax.objects.get(pk=fax.pk)


def as_it_is(fax, **changes):
    Fax.objects.filter(pk=fax.pk).update(**changes)
    return Fax.objects.get(pk=fax.pk)


def test_fax_info_tells_all_of_it(fax, alice):
    page = words_of(alice.get(reverse("fax", args=[fax.uid])))
    for told in (
        "Said by the program",
        "order 4711",
        "empty –",
        "Header line Radiology",
        "Priority +3 within the extension",
        "Calls back https://a.example/hook",
        "It goes to the answering machine, and nowhere else",
        "+1 202-555-0100 Dr. Miller",
        "Goes out on ",
    ):
        assert told in page, told


def test_what_a_person_sent_says_nothing_of_programs(make_fax, alice):
    page = words_of(alice.get(reverse("fax", args=[make_fax("+12025550100").uid])))
    assert "Said by the program" not in page


@pytest.mark.parametrize(("status", "shown"), [("pre_approved", "Pre-Approved"), ("approved", "Approved")])
def test_the_row_says_when_it_goes_out_and_can_be_cancelled(fax, alice, status, shown):
    as_it_is(fax, status=status, shown_status=shown)
    row = words_of(alice.get("/extensions/0003*210/sent"))
    assert "Goes out on " in row
    assert "Cancel" in row


def test_once_it_has_gone_nothing_is_said_of_its_time(fax, alice):
    as_it_is(fax, status="released", shown_status="Scheduled For Sending")
    assert "Goes out" not in words_of(alice.get("/extensions/0003*210/sent"))


def test_who_approves_hears_why_they_are_asked_and_when_it_goes_out(cast, fax, browser_of):
    ask(fax, timezone.now(), PROGRAM_ASKS)
    olivia = browser_of(cast.olivia)
    page = words_of(olivia.get(reverse("approval", args=[fax.uid])))
    assert "The program that handed it in asks for a second person’s yes." in page
    assert "Goes out on " in page
    assert "Approve and send" not in page
    form = {"content": content_of(fax)}
    after = words_of(olivia.post(reverse("approval-approve", args=[fax.uid]), form, follow=True))
    assert "You have approved the fax to +1 202-555-0100. It goes out on " in after
    assert Fax.objects.get().status == "approved"


def test_where_its_time_is_over_the_yes_sends_it(cast, fax, browser_of):
    ask(fax, timezone.now(), PROGRAM_ASKS)
    as_it_is(fax, send_at=timezone.now() - timedelta(minutes=1))
    assert "Approve and send" in words_of(browser_of(cast.olivia).get(reverse("approval", args=[fax.uid])))


def test_a_fax_that_only_the_policy_asks_about_names_no_program(cast, fax, browser_of):
    cast.clinic.approve_all = True
    cast.clinic.save()
    ask(fax, timezone.now())
    page = words_of(browser_of(cast.olivia).get(reverse("approval", args=[fax.uid])))
    assert "asks for a second person’s yes for every fax" in page
    assert "program" not in page
