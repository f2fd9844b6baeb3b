"""A second person's yes in a real browser: Alice's fax abroad waits, Bob looks at it and approves, and it is sent."""

import pytest
from paper import letter
from playwright.sync_api import expect
from readable import trouble_in

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("policy")]
PATIENCE = 120_000
SENT = "/extensions/0003*210/sent"
DESKTOP = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
PHONE = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"}


@pytest.fixture(scope="module")
def policy(caselli):
    """Abroad needs Bob's yes; and seen from Germany, the numbers of the demo are abroad."""

    def change(*words):
        answer = caselli.ask(*words)
        assert answer.returncode == 0, answer.stderr

    change("organization", "change", "0003", "--approve-abroad", "--country", "DE")
    change("extension", "change", "0003*210", "--approver", "bob")
    yield
    change("organization", "change", "0003", "--no-approve-abroad", "--country", "US")
    change("extension", "change", "0003*210", "--approver", "")


def hand_in(page, folder, name, to="+1 202 555 0100", pages=1):
    page.goto(SENT)
    page.get_by_label("Send fax to").fill(to)
    page.get_by_label("Fax files", exact=True).set_input_files(letter(folder, pages=pages, name=name))
    page.get_by_role("button", name="OK").click()
    expect(page.locator("#messages")).to_contain_text("waits for a second person’s yes: Bob")
    return page.locator("tbody.one").filter(has_text=f"{name}.pdf")


def test_a_fax_abroad_waits_is_approved_by_a_colleague_and_is_sent(visit, tmp_path):
    alice, bob = visit("alice"), visit("bob")
    row = hand_in(alice, tmp_path, "abroad", pages=2)
    expect(row.locator(".c-status")).to_have_text("Not approved")
    expect(row.locator(".c-approved")).to_contain_text("not yet")
    row.get_by_role("link", name="Not approved").click()
    expect(alice.locator(".approved")).to_contain_text("It waits for the yes of Bob")
    alice.goto(SENT)

    bob.reload()
    bob.get_by_role("link", name="Approvals 1").click()
    line = bob.locator(".approval-line")
    expect(line).to_contain_text("It goes abroad: +1 202-555-0100.")
    picture = line.locator("img")
    expect(picture).not_to_have_js_property("naturalWidth", 0)
    line.get_by_role("link", name="Look at it").click()
    expect(bob.get_by_role("heading", level=1)).to_have_text("Fax to +1 202-555-0100")
    expect(bob.get_by_alt_text("Page 2")).to_have_count(1)
    with bob.expect_download() as document:
        bob.get_by_role("link", name="abroad.pdf").click()
    assert document.value.suggested_filename == "abroad.pdf"
    bob.get_by_role("button", name="Approve and send").click()
    expect(bob.locator("#messages")).to_contain_text("You have approved the fax to +1 202-555-0100. It is on its way.")
    expect(bob.get_by_role("heading", name="Nothing waits for your yes")).to_be_visible()

    expect(row.locator(".c-approved")).to_contain_text("by Bob", timeout=PATIENCE)  # Alice's page moved by itself
    expect(row.locator(".c-status")).to_have_text("Sent", timeout=PATIENCE)


def test_a_no_is_read_by_the_sender_and_the_list_of_others_moves_by_itself(visit, tmp_path):
    alice, bob, ada = visit("alice"), visit("bob"), visit("admin")
    row = hand_in(alice, tmp_path, "declined")
    ada.goto("/approvals")
    line = ada.locator(".approval-line").filter(has_text="1 page,")
    expect(line).to_contain_text("is asked.")
    bob.goto("/approvals")
    bob.locator(".approval-line").filter(has_text="1 page,").get_by_role("heading").get_by_role("link").click()
    bob.get_by_role("button", name="Do not send").click()
    expect(bob.locator("#reason-error")).to_contain_text("Say in a few words why")
    bob.get_by_label("Or say why not").fill("This letter is for another clinic.")
    bob.get_by_role("button", name="Do not send").click()
    expect(bob.locator("#messages")).to_contain_text("is not sent. Its sender reads why.")
    expect(row.locator(".c-status")).to_have_text("Canceled")
    expect(row.locator(".notes")).to_contain_text("declined to send it: This letter is for another clinic.")
    expect(line).to_contain_text("declined to send it: This letter is for another clinic.")


@pytest.mark.parametrize("look", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_everybody_can_read_and_use_these_pages(visit, tmp_path, look):
    alice, bob = visit("alice", **look), visit("bob", **look)
    row = hand_in(alice, tmp_path, f"readable {look['viewport']['width']}", to="+1 202 555 0100, 211")
    row.get_by_role("link", name="Fax info").click()
    bob.goto("/approvals")
    line = bob.locator(".approval-line").filter(has_text="211 Lab")
    approval = line.get_by_role("heading").get_by_role("link").get_attribute("href")
    recipients = alice.get_by_role("link", name="Change recipients").get_attribute("href")
    pages = [(bob, "/approvals"), (bob, approval), (alice, recipients), (alice, "/extensions/0003*210/sharing")]
    for page, address in pages:
        page.goto(address)
        assert trouble_in(page) == [], address
    bob.goto(approval)
    bob.get_by_role("button", name="Approve and send").focus()
    bob.keyboard.press("Enter")
    expect(bob.locator("#messages")).to_contain_text("You have approved the fax to 2 recipients.")
