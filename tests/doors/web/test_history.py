"""Sent Fax History to the letter: each status with its word, its click and its columns, read from the page."""

import re
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from caselli.doors.web.rows import rows
from caselli.doors.web.times import Clock, zone_of
from caselli.fax.status import FaxStatus, Mover, ShownStatus
from caselli.store import journey
from caselli.store.models import Delivery, Event, Extension, Fax, Organization, Trunk


class ReadRow:
    """One row as a person reads it."""

    def __init__(self, page, fax):
        start = page.index(f'hx-get="{reverse("fax-row", args=[fax.uid])}"')
        self.html = page[start : page.index("</tbody>", start)]
        cells = re.findall(r'<td role="cell" class="(c-\w+)">(.*?)</td>', self.html, re.DOTALL)
        self.cells = dict(cells)

    def words(self, cell):
        visible = re.sub(r'<span class="unheard">.*?</span>', "", self.cells[cell], flags=re.DOTALL)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", visible)).split())

    @property
    def status(self):
        return self.words("c-status")

    @property
    def click(self):
        """Where a click on the status leads: an action, a page, or nowhere."""
        found = re.search(r'(?:action|href)="/faxes/[0-9a-f-]{36}/?(\w*)"', self.cells["c-status"])
        return None if found is None else found[1] or "info"

    @property
    def buttons(self):
        """What stands in the Sent on column beside its date."""
        return re.findall(r'>(Resend|Cancel)<span class="unheard">', self.cells["c-sent"])

    @property
    def has_date(self):
        return "<time" in self.cells["c-sent"]

    @property
    def notes(self):
        start = self.html.find('class="notes"')
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.html[start:])).split()) if start >= 0 else ""


@pytest.fixture
def read(alice, sent_page):
    def row(fax):
        return ReadRow(alice.get(sent_page).content.decode(), fax)

    return row


def waiting(make_fax, status, shown, how=""):
    """A fax that came by another door and waits there."""
    fax = make_fax("+12025550100", hold=True)
    Fax.objects.filter(pk=fax.pk).update(
        status=status,
        shown_status=shown,
        approved_how=how,
        **({} if how else {"approved_at": None, "approved_by": None}),
    )
    fax.refresh_from_db()
    return fax


TABLE = {
    # status: (what a click does, what stands in "Sent on", a date there)
    "Not approved": ("info", ["Cancel"], False),
    "Pre-Approved": (None, ["Cancel"], False),
    "Approved": ("send", ["Cancel"], False),
    "Scheduled For Sending": ("info", ["Cancel"], False),
    "Sent": (None, [], True),
    "Partially Sent": ("resend", ["Resend"], True),
    "Send Failed": ("resend", ["Resend", "Cancel"], False),
    "Canceled": (None, [], False),
    "Purged": (None, [], False),
}


@pytest.fixture
def fax_in(make_fax, run_calls, alice):
    """A fax in the status of that name."""

    def canceled():
        fax = make_fax("+12025550100", hold=True)
        alice.post(reverse("fax-cancel", args=[fax.uid]))
        return fax

    def purged():
        (fax,) = run_calls(make_fax("+12025550100"))
        journey.advance_fax(fax, FaxStatus.PURGED, journey.By(timezone.now()), pages_blob="")
        return fax

    makers = {
        "Not approved": lambda: waiting(make_fax, FaxStatus.AWAITING_APPROVAL, ShownStatus.NOT_APPROVED),
        "Pre-Approved": lambda: waiting(make_fax, FaxStatus.PRE_APPROVED, ShownStatus.PRE_APPROVED, "api"),
        "Approved": lambda: make_fax("+12025550100", hold=True),
        "Scheduled For Sending": lambda: make_fax("+12025550100"),
        "Sent": lambda: run_calls(make_fax("+12025550100"))[0],
        "Partially Sent": lambda: run_calls(make_fax("+12025550100", "+12025550107"))[0],
        "Send Failed": lambda: run_calls(make_fax("+12025550107"))[0],
        "Canceled": canceled,
        "Purged": purged,
    }
    return lambda status: makers[status]()


def test_all_nine_statuses_are_in_the_table():
    assert list(TABLE) == [one.value for one in ShownStatus]


@pytest.mark.parametrize("status", TABLE)
def test_a_status_its_click_and_its_columns(fax_in, read, status):
    row = read(fax_in(status))
    click, buttons, date = TABLE[status]
    assert (row.status, row.click, row.buttons, row.has_date) == (status, click, buttons, date)


@pytest.mark.parametrize("status", TABLE)
def test_every_row_leads_to_fax_info(fax_in, read, status):
    fax = fax_in(status)
    assert f'href="{reverse("fax", args=[fax.uid])}" title="Fax info"' in read(fax).cells["c-info"]


def test_the_approved_column_says_when_by_whom_and_how(fax_in, read):
    assert read(fax_in("Not approved")).words("c-approved") == "Approved not yet"
    by_web = read(fax_in("Sent")).words("c-approved")
    assert re.fullmatch(r"Approved today \d\d:\d\d by Alice, web", by_web)
    assert read(fax_in("Pre-Approved")).words("c-approved").endswith("API pre-approval")


def test_a_click_on_approved_sends(fax_in, read, alice):
    fax = fax_in("Approved")
    alice.post(reverse("fax-send", args=[fax.uid]))
    assert read(fax).status == "Scheduled For Sending"


def test_a_click_on_partially_sent_resends_to_the_rest_only(fax_in, read, alice):
    fax = fax_in("Partially Sent")
    alice.post(reverse("fax-resend", args=[fax.uid]))
    assert read(fax).status == "Scheduled For Sending"
    assert list(fax.deliveries.values_list("destination", "status")) == [
        ("+12025550100", "delivered"),
        ("+12025550107", "queued"),
    ]


def test_a_click_on_send_failed_sends_again(fax_in, read, alice):
    fax = fax_in("Send Failed")
    alice.post(reverse("fax-resend", args=[fax.uid]))
    assert read(fax).status == "Scheduled For Sending"


def test_who_may_only_look_gets_no_buttons(fax_in):
    """Sharing to read comes later; the rows know it already."""
    from caselli.doors.web.rows import rows
    from caselli.doors.web.times import Clock, zone_of

    for status in ("Approved", "Send Failed", "Partially Sent"):
        (row,) = rows([fax_in(status)], Clock(zone_of("UTC"), timezone.now()), may_act=False)
        assert (row.click, row.resend, row.cancel) == (None, None, None)


def test_a_failure_tells_its_reason_and_remedy_in_the_row(make_fax, run_calls, read):
    (fax,) = run_calls(make_fax("+12025550107"))
    assert read(fax).notes.endswith("There is no such number. Check the number with the recipient.")


def test_what_failed_of_several_is_named(make_fax, run_calls, read):
    (fax,) = run_calls(make_fax("+12025550100", "+12025550107"))
    assert "+1 202-555-0107 There is no such number." in read(fax).notes
    assert "0100" not in read(fax).notes


def test_a_busy_line_tells_when_it_is_tried_again(make_fax, run_calls, read):
    (fax,) = run_calls(make_fax("+12025550101"))
    row = read(fax)
    assert row.status == "Scheduled For Sending"
    assert re.search(r"The line was busy\. Next try at \d\d:\d\d", row.notes)


def test_an_unknown_outcome_leads_to_the_decision_instead_of_sending(make_fax, run_calls, read):
    (fax,) = run_calls(make_fax("+12025550108"))
    row = read(fax)
    assert (row.status, row.click, row.buttons) == ("Send Failed", "info", ["Resend", "Cancel"])
    assert "the fax may have arrived" in row.notes
    assert "/resend" not in row.html


def test_what_is_held_back_tells_by_what(cast, make_fax, read, alice, browser_of, sent_page):
    fax = make_fax("+12025550100")
    Trunk.objects.update(enabled=False)
    assert "No trunk leads to this number now" in read(fax).notes
    Extension.objects.filter(pk=cast.desk.pk).update(fax_enabled=False)
    assert "Faxing is switched off for extension 210." in read(fax).notes
    told = " ".join(re.sub("<[^>]+>", " ", alice.get(reverse("fax", args=[fax.uid])).content.decode()).split())
    assert "It goes out when your administrator switches it on. Otherwise it fails" in told
    Organization.objects.update(enabled=False)
    page = browser_of(cast.admin).get(sent_page).content.decode()
    assert f"{cast.clinic.name} is switched off." in ReadRow(page, fax).notes


def test_a_call_under_way_tells_its_phase_and_pages(make_fax, read):
    fax = make_fax("+12025550100", pages=3)
    delivery = fax.deliveries.get()
    assert "Waiting for a line" in read(fax).notes
    journey.advance_delivery(delivery, "sending", journey.By(timezone.now()))
    for phase, page, words in (
        ("", 0, "Taking a line"),
        ("dialling", 0, "Dialling"),
        ("negotiating", 0, "Negotiating"),
        ("sending", 2, "Sending, page 2 of 3"),
    ):
        Delivery.objects.filter(pk=delivery.pk).update(phase=phase, phase_page=page, pages_confirmed=1)
        assert words in read(fax).notes
    assert '<progress max="3" value="1"' in read(fax).html
    Delivery.objects.filter(pk=delivery.pk).update(cancel_wished=True)
    assert "Ending the call" in read(fax).notes


def test_three_recipients_are_listed_more_are_counted(cast, make_fax, run_calls, read):
    few, many = run_calls(
        make_fax("+12025550100", cast.lab.extended), make_fax("+12025550107", *(f"+1202555012{n}" for n in range(5)))
    )
    assert read(few).words("c-to") == "+1 202-555-0100 0003*211 Lab"
    assert read(many).words("c-to") == "5 of 6 recipients"


def test_a_purged_fax_keeps_its_record_and_loses_its_pages(fax_in, read):
    row = read(fax_in("Purged"))
    assert "erased" in row.words("c-document")
    assert "<img" not in row.html


def test_a_held_fax_says_how_it_is_sent(fax_in, read):
    fax = fax_in("Approved")
    assert read(fax).notes.endswith("> It is kept until you send it. Press “Approved”.")
    (row,) = rows([fax], Clock(zone_of("UTC"), timezone.now()), may_act=False)
    assert [(one.text, one.remedy) for one in row.notes] == [("It is kept until somebody sends it.", "")]


def test_two_clicks_at_once_have_one_effect_and_a_sentence(fax_in, alice, htmx, sent_page):
    fax = fax_in("Approved")
    first = alice.post(reverse("fax-send", args=[fax.uid]), headers=htmx(sent_page)).content.decode()
    second = alice.post(reverse("fax-send", args=[fax.uid]), headers=htmx(sent_page)).content.decode()
    assert "The fax is on its way." in first
    assert "This fax is not waiting to be sent. Look at the fax again" in second
    for answer in (first, second):
        assert 'id="messages"' in answer
        assert "Scheduled For Sending" in answer
    assert Event.objects.filter(fax=fax, new="released").count() == 1


def test_an_old_pages_click_without_script_is_told_on_the_page_it_came_from(fax_in, alice, sent_page):
    fax = fax_in("Sent")
    answer = alice.post(reverse("fax-cancel", args=[fax.uid]), {"back": f"{sent_page}?to=0100"}, follow=True)
    assert answer.redirect_chain == [(f"{sent_page}?to=0100", 302)]
    assert "There is nothing left to cancel." in answer.content.decode()


def test_a_click_leads_to_no_other_site(fax_in, alice, sent_page):
    fax = fax_in("Approved")
    answer = alice.post(reverse("fax-send", args=[fax.uid]), {"back": "https://evil.example/"})
    assert answer.url == sent_page


def test_a_row_is_fetched_alone_and_takes_no_message_with_it(fax_in, alice, sent_page, htmx):
    fax = fax_in("Sent")
    alice.post(reverse("fax-cancel", args=[fax.uid]))
    row = alice.get(reverse("fax-row", args=[fax.uid]), headers=htmx(sent_page)).content.decode()
    assert row.strip().startswith("<tbody")
    assert "messages" not in row
    assert "nothing left to cancel" in alice.get(sent_page).content.decode()


def test_the_steps_of_a_person_are_written_down_as_theirs(cast, fax_in, alice):
    fax = fax_in("Approved")
    alice.post(reverse("fax-send", args=[fax.uid]))
    step = Event.objects.get(fax=fax, new="released")
    assert (step.mover, step.person) == (Mover.PERSON, cast.alice)
