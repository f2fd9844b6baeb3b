"""The nine statuses as product people know them: what stands in each column and what a click does, on the real page."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect, sync_playwright

from caselli.approval import confirm
from caselli.approval.request import content_of
from caselli.doors.web.live_names import live_name
from caselli.fax.status import FaxStatus, ShownStatus
from caselli.queue import decide
from caselli.store import journey
from caselli.store.models import Delivery, Fax, Organization

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@dataclass(frozen=True)
class Seed:
    """``to``: the recipients; ``bring``: what happens to the fax then. ``click``: the status is a *button*, a *link*,
    or *nothing*; ``then``: the status after a button was pressed, or where a link leads. ``approved``, ``sent_on``:
    what stands in these columns, a date written as DATE."""

    status: ShownStatus
    to: str
    bring: Callable[["Bringing"], None]
    click: str
    then: str
    approved: str
    sent_on: str


@dataclass(frozen=True)
class Bringing:
    """What a seed may do to bring its fax where it should be."""

    fax: Fax
    run_calls: Callable[[], object]

    def be_called(self):
        self.run_calls()

    def rest(self):
        """As it was handed in."""

    def be_cancelled(self):
        decide.cancel(self.fax, self.fax.added_by, "192.0.2.7")

    def be_purged(self):
        self.run_calls()
        fax = Fax.objects.get(pk=self.fax.pk)
        with_lock = journey.By(timezone.now())
        journey.advance_fax(fax, FaxStatus.PURGED, with_lock, pages_blob="")


BY_WEB = "DATE by Olivia, web"
SEEDS = (
    Seed(ShownStatus.NOT_APPROVED, "+12025550100", Bringing.rest, "link", "/approvals/", "not yet", "Cancel"),
    Seed(ShownStatus.PRE_APPROVED, "+12025550100", Bringing.rest, "nothing", "", "DATE API pre-approval", "Cancel"),
    Seed(ShownStatus.APPROVED, "+12025550100", Bringing.rest, "button", "Scheduled For Sending", BY_WEB, "Cancel"),
    Seed(ShownStatus.SCHEDULED, "+12025550100", Bringing.rest, "link", "/faxes/", BY_WEB, "Cancel"),
    Seed(ShownStatus.SENT, "+12025550100", Bringing.be_called, "nothing", "", BY_WEB, "DATE"),
    Seed(
        ShownStatus.PARTIALLY_SENT,
        "+12025550100, +12025550107",
        Bringing.be_called,
        "button",
        "Scheduled For Sending",
        BY_WEB,
        "DATE Resend",
    ),
    Seed(
        ShownStatus.SEND_FAILED,
        "+12025550107",
        Bringing.be_called,
        "button",
        "Scheduled For Sending",
        BY_WEB,
        "Resend Cancel",
    ),
    Seed(ShownStatus.CANCELED, "+12025550100", Bringing.be_cancelled, "nothing", "", BY_WEB, ""),
    Seed(ShownStatus.PURGED, "+12025550100", Bringing.be_purged, "nothing", "", BY_WEB, ""),
)


def test_every_status_has_its_seed():
    assert [seed.status for seed in SEEDS] == list(ShownStatus)


@pytest.fixture(scope="module")
def chromium(browser_type_launch_args):
    # The browser's loop lives in this thread, where Django suspects every query of blocking it; it may.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(**browser_type_launch_args)
        yield browser
        browser.close()


@pytest.fixture
def olivia(cast, live_server, chromium):
    """Olivia's browser; she administers the clinic, so she acts on Alice's extension and may approve there."""
    client = Client()
    client.force_login(cast.olivia)
    context = chromium.new_context(base_url=live_server.url)
    context.set_default_timeout(60_000)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    yield context.new_page()
    context.close()


@pytest.fixture
def bring(cast, browser_of, sent_page, letter, make_fax, run_calls):
    """A fax of this seed, made through the door; one that is pre-approved comes by the API, so by its steps alone."""

    def made(seed):
        if seed.status is ShownStatus.PRE_APPROVED:
            return _pre_approved(make_fax)
        # Alice hands in what Olivia may approve; nobody approves their own.
        Organization.objects.update(approve_all=seed.status is ShownStatus.NOT_APPROVED)
        person = cast.alice if seed.status is ShownStatus.NOT_APPROVED else cast.olivia
        held = {"hold": "on"} if seed.status is ShownStatus.APPROVED else {}
        answer = browser_of(person).post(sent_page, {"recipients": seed.to, "files": [letter()], **held})
        assert answer.status_code == 302
        fax = Fax.objects.latest("id")
        seed.bring(Bringing(fax, run_calls))
        return fax

    return made


def _pre_approved(make_fax):
    fax = make_fax("+12025550100", hold=True)
    Fax.objects.filter(pk=fax.pk).update(status=FaxStatus.RENDERED, approved_by=None, approved_how="")
    fax.refresh_from_db()
    journey.advance_fax(fax, FaxStatus.PRE_APPROVED, journey.By(timezone.now()), approved_how="api")
    return fax


def column(row, name):
    """What a person reads there, without what is only for those who hear the page."""
    text = row.locator(f".c-{name}").evaluate(
        """cell => {
            const copy = cell.cloneNode(true);
            copy.querySelectorAll(".unheard, .label").forEach((one) => one.remove());
            copy.querySelectorAll("time").forEach((one) => one.replaceWith("DATE"));
            copy.querySelectorAll("form, .links > *").forEach((one) => one.append(" "));
            return copy.textContent;
        }"""
    )
    return " ".join(text.split())


@pytest.fixture
def page(olivia, bring, sent_page):
    """Sent Faxes with a fax of each seed; the one that waits for a line comes last, so that nobody calls it."""
    faxes = {seed.status: bring(seed) for seed in sorted(SEEDS, key=lambda one: one.status is ShownStatus.SCHEDULED)}
    olivia.goto(sent_page)
    return olivia, {status: olivia.locator(f"#fax-{live_name(fax.pk)}") for status, fax in faxes.items()}, faxes


def test_each_status_stands_as_the_table_says(page):
    _, rows, _ = page
    for seed in SEEDS:
        row = rows[seed.status]
        assert column(row, "status") == seed.status.value
        assert (seed.status, column(row, "approved")) == (seed.status, seed.approved)
        assert (seed.status, column(row, "sent")) == (seed.status, seed.sent_on)
        expect(row.get_by_role("link", name="Fax info")).to_have_count(1)


def test_a_fax_by_mail_waits_for_its_sender_and_stands_with_the_link_then(olivia, sent_page, mailed):
    waits, confirmed = mailed().fax, mailed().fax
    confirm.confirm(confirmed, "192.0.2.9", content_of(confirmed))
    olivia.goto(sent_page)
    row = olivia.locator(f"#fax-{live_name(waits.pk)}")
    assert (column(row, "status"), column(row, "approved"), column(row, "sent")) == (
        "Not approved",
        "not yet",
        "Cancel",
    )
    expect(row.locator(".c-status a")).to_have_attribute("href", f"/approvals/{waits.uid}")
    row = olivia.locator(f"#fax-{live_name(confirmed.pk)}")
    assert (column(row, "status"), column(row, "approved")) == (
        "Scheduled For Sending",
        "DATE by alice@acme.example, email link",
    )


def test_each_status_is_clicked_as_the_table_says(page):
    _, rows, faxes = page
    for seed in SEEDS:
        cell = rows[seed.status].locator(".c-status")
        expect(cell.locator("button")).to_have_count(int(seed.click == "button"))
        expect(cell.locator("a")).to_have_count(int(seed.click == "link"))
        if seed.click == "link":
            expect(cell.locator("a")).to_have_attribute("href", f"{seed.then}{faxes[seed.status].uid}")
        elif seed.click == "button":
            deliveries = Delivery.objects.filter(fax=faxes[seed.status])
            got_it = set(deliveries.filter(status="delivered").values_list("pk", flat=True))
            cell.locator("button").click()
            expect(cell).to_contain_text(seed.then)
            assert set(deliveries.filter(status="queued")) == set(deliveries.exclude(pk__in=got_it))
            assert set(deliveries.filter(status="delivered").values_list("pk", flat=True)) == got_it


def test_whatever_can_be_cancelled_is_cancelled_by_its_cancel(page):
    _, rows, _ = page
    cancellable = [seed.status for seed in SEEDS if "Cancel" in seed.sent_on]
    assert len(cancellable) == 5
    for status in cancellable:
        row = rows[status]
        row.get_by_role("button", name="Cancel").click()
        expect(row.locator(".c-status")).to_contain_text("Canceled")
        assert column(row, "sent") == ""
        expect(row.locator("button")).to_have_count(0)
