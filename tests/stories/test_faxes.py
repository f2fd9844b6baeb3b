"""What becomes of faxes, in a browser, with real calls: in part, inside the house, cancelled, chosen, found again."""

import re
import zipfile

import pytest
from paper import letter
from playwright.sync_api import expect
from pypdfium2 import PdfDocument

pytestmark = pytest.mark.browser
PATIENCE = 120_000
SENT = "/extensions/0003*210/sent"
ARRIVES = ("+12025550140", "+12025550141", "+12025550142")
FAILS = ("+12025550107", "+12025550101")


@pytest.fixture(scope="module")
def five(caselli, tmp_path_factory):
    """A fax to five recipients, two of them failing, on its way while other stories are told."""
    return caselli.send(",".join((*ARRIVES, *FAILS)), letter(tmp_path_factory.mktemp("papers"), name="five"))


@pytest.fixture
def alice(visit, five):
    page = visit("alice")
    page.goto(SENT)
    return page


def send(page, to, paper, hold=False):
    page.get_by_label("Send fax to").fill(to)
    page.get_by_label("Fax files", exact=True).set_input_files(paper)
    if hold:
        page.get_by_label("Hold until I say so").check()
    page.get_by_role("button", name="OK").click()
    row = row_of(page, paper.name)
    expect(row).to_be_visible(timeout=PATIENCE)  # the thanks alone may be those for the fax before
    expect(page.locator("#messages")).to_contain_text("Your fax to")
    return row


def row_of(page, document):
    return page.locator("tbody.one").filter(has_text=document)


def tries(told):
    return {one["to"]: len(one["attempts"]) for one in told["deliveries"]}


def test_a_blocked_destination_is_refused_at_the_door_with_its_reason(alice, caselli, tmp_path):
    blocked = ("--prefix", "+12025550148", "--organization", "0003")
    assert caselli.ask("blocked", "add", *blocked, "--reason", "premium numbers").returncode == 0
    alice.get_by_label("Send fax to").fill("+1 202 555 0148")
    alice.get_by_label("Fax files", exact=True).set_input_files(letter(tmp_path, name="dear"))
    alice.get_by_role("button", name="OK").click()
    alert = alice.get_by_role("alert")
    expect(alert).to_contain_text("premium numbers")
    expect(alice.get_by_text("dear.pdf").first).to_be_visible()
    alice.goto(SENT)
    expect(row_of(alice, "dear.pdf")).to_have_count(0)


def test_a_fax_inside_the_house_arrives_page_for_page_with_its_attempt(alice, visit, caselli, tmp_path):
    row = send(alice, "211", letter(tmp_path, pages=3, name="inside"))
    expect(row.locator(".c-status")).to_have_text("Sent")
    row.get_by_role("link", name="Fax info").click()
    expect(alice.locator(".call")).to_contain_text("inside")
    expect(alice.locator(".call")).to_contain_text("3 of 3")
    sent = alice.request.get(f"{alice.url}/pages.pdf").body()

    bob = visit("bob")
    bob.goto("/extensions/0003*211/received")
    bob.locator("tr.unread").first.get_by_role("link").first.click()
    expect(bob.get_by_role("heading", level=1)).to_contain_text("Fax from 0003*210")
    assert bob.request.get(f"{bob.url}/pages.pdf").body() == sent
    assert len(PdfDocument(sent)) == 3


def test_a_search_stands_in_the_address_and_is_kept_over_a_reload(alice):
    alice.get_by_label("Search in faxes to").fill("555-0107")
    alice.get_by_role("button", name="Search").click()
    alice.wait_for_url("**to=555-0107**")
    expect(row_of(alice, "five.pdf")).to_have_count(1)
    found = alice.locator("tbody.one").count()
    alice.reload()
    expect(alice.get_by_label("Search in faxes to")).to_have_value("555-0107")
    expect(alice.locator("tbody.one")).to_have_count(found)


def test_cancelled_on_the_line_it_tells_what_was_confirmed(alice, tmp_path):
    row = send(alice, "+12025550143", letter(tmp_path, pages=6, name="halfway"))
    expect(row.locator(".notes")).to_contain_text(re.compile("Sending, page [2-4] of 6"), timeout=PATIENCE)
    row.get_by_role("button", name=re.compile("^Cancel")).click()
    expect(row.locator(".c-status")).to_have_text("Canceled", timeout=PATIENCE)
    confirmed = re.compile("It was cancelled when [1-5] of 6 pages had been confirmed")
    expect(row.locator(".notes")).to_contain_text(confirmed)
    row.get_by_role("link", name="Fax info").click()
    expect(alice.locator(".why")).to_have_text(confirmed)
    expect(alice.locator(".call")).to_contain_text(re.compile("[1-5] of 6"))


def test_several_chosen_are_downloaded_sent_again_and_cancelled_at_once(alice, tmp_path):
    names = ("chosen-1.pdf", "chosen-2.pdf")
    for name in names:
        send(alice, "+12025550107", letter(tmp_path, name=name.removesuffix(".pdf")))
    for name in names:
        expect(row_of(alice, name)).to_contain_text("There is no such number.", timeout=PATIENCE)
        row_of(alice, name).get_by_role("checkbox").check()
    bar = alice.locator("#several")
    expect(bar).to_contain_text("2 faxes chosen")
    with alice.expect_download() as told:
        bar.get_by_role("button", name="Download").click()
    with zipfile.ZipFile(told.value.path()) as archive:
        assert [len(PdfDocument(archive.read(one))) for one in archive.namelist()] == [1, 1]
    bar.get_by_role("button", name="Resend").click()
    expect(alice.locator("#messages")).to_contain_text("2 faxes go out again, to those only who have not got them.")
    for name in names:
        row_of(alice, name).get_by_role("checkbox").check()
    bar.get_by_role("button", name="Cancel").click()
    expect(alice.locator("#messages")).to_contain_text("What could still be stopped of 2 faxes is cancelled.")


def test_a_fax_that_arrived_in_part_goes_again_to_the_rest_only(alice, caselli, five):
    told = caselli.wait_for(five, lambda told: told["status"] != "Scheduled For Sending", 120)
    assert told["status"] == "Partially Sent"
    before = tries(told)
    assert [before[one] for one in ARRIVES] == [1, 1, 1]
    alice.reload()
    row = row_of(alice, "five.pdf")
    expect(row).to_contain_text("3 of 5 recipients")
    row.locator(".c-status").get_by_role("button").click()
    caselli.wait_for(five, lambda told: tries(told) != before, 60)
    told = caselli.wait_for(five, lambda told: told["status"] != "Scheduled For Sending", 120)
    assert told["status"] == "Partially Sent"
    assert {one for one, count in tries(told).items() if count > before[one]} == set(FAILS)
    received = [one["called"] for one in caselli.received]
    assert [received.count(one) for one in ARRIVES] == [1, 1, 1]
