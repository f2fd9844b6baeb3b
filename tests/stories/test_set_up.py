"""From an empty server to a delivered fax, in a real browser: ``caselli serve --no-demo`` and the address it prints."""

import re

import pytest
from paper import letter
from playwright.sync_api import expect, sync_playwright
from readable import DESK, trouble_on_desk_and_phone
from running import running

pytestmark = pytest.mark.browser
PATIENCE = 120_000
"""Milliseconds, on a machine that does other things too."""


@pytest.fixture(scope="module")
def empty():
    yield from running("--no-demo")


@pytest.fixture
def page(empty, browser_type_launch_args):
    """Nothing may be said in its console but the refusals that are meant."""
    complaints = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(**browser_type_launch_args)
        context = chromium.new_context(base_url=f"http://{empty.environment['CASELLI_WEB']}", viewport=DESK)
        one = context.new_page()
        one.set_default_timeout(PATIENCE)
        one.on("console", lambda message: complaints.append(f"{message.text} {message.location['url']}"))
        one.on("pageerror", lambda error: complaints.append(str(error)))
        yield one
        chromium.close()
    assert [text for text in complaints if "status of 422" not in text] == []


@pytest.fixture
def look(page):
    """The page as it is reads well on a desk and on a phone, in light and dark."""

    def now():
        assert trouble_on_desk_and_phone(page) == []

    return now


def test_who_starts_without_the_demo_is_led_to_the_first_fax(empty, page, look, tmp_path):
    heading, click = page.get_by_role("heading", level=1), lambda name: page.get_by_role("button", name=name).click()
    page.goto("/")
    expect(heading).to_have_text("This Caselli is not set up yet")
    look()

    page.goto(re.search(r"http://\S+/set-up\?key=\S+", "".join(empty.said))[0])
    expect(heading).to_have_text("Who looks after this server?")
    page.get_by_label("Login").fill("ada")
    page.get_by_label("Password", exact=True).fill("a long word 77")
    page.get_by_label("The same password once more").fill("a long word 78")
    page.get_by_label("Mail address").fill("ada@example.com")
    click("Make me the administrator")
    expect(page.get_by_role("alert")).to_contain_text("These are two different passwords.")
    look()
    page.get_by_label("Password", exact=True).fill("a long word 77")
    page.get_by_label("The same password once more").fill("a long word 77")
    click("Make me the administrator")

    expect(heading).to_have_text("Whose faxes will it send?")
    look()
    page.get_by_label("Name", exact=True).fill("Acme Clinic")
    page.get_by_label("Country").fill("united states")
    page.get_by_label("Time zone").fill("America/New York")
    click("Add the organization")

    expect(heading).to_have_text("The first extension")
    look()
    page.reload()  # it stays where it was
    page.get_by_label("Name", exact=True).fill("Front desk")
    click("Add the extension")

    expect(heading).to_have_text("Where do the calls go?")
    look()
    page.get_by_role("link", name="Enter host and login").click()
    expect(heading).to_have_text("Your provider or PBX")
    look()
    page.get_by_role("link", name="Back").click()
    click("Use the answering machine")

    expect(heading).to_have_text("Does the trunk answer?")
    look()
    click("Test it")
    expect(heading).to_have_text("Send the first fax", timeout=PATIENCE)
    expect(page.locator(".message")).to_contain_text("The host answered")
    look()
    waiting = page.context.new_page()
    waiting.set_default_timeout(PATIENCE)
    waiting.goto("/set-up")

    page.get_by_role("link", name="Send Fax").click()
    expect(page.locator(".unfinished")).to_contain_text("Caselli is not set up to the end yet.")
    page.get_by_label("Send fax to").fill("+1 202 555 0100")
    page.get_by_label("Fax files", exact=True).set_input_files(letter(tmp_path, pages=1, name="first"))
    picture = page.get_by_alt_text("Page 1 of first.pdf")  # a person sees what goes out before pressing OK
    expect(picture).to_be_visible(timeout=PATIENCE)
    expect(picture).to_have_js_property("complete", value=True)
    click("OK")
    expect(page.locator("#messages")).to_contain_text("is on its way.", timeout=PATIENCE)
    expect(waiting.get_by_role("heading", level=1)).to_have_text("Your first fax is on its way", timeout=PATIENCE)
    expect(page.locator("tbody.one .c-status")).to_have_text("Sent", timeout=PATIENCE)

    expect(waiting.get_by_role("heading", level=1)).to_have_text("Manage extensions", timeout=PATIENCE)
    expect(waiting.locator("#messages")).to_contain_text("The first fax has arrived. Caselli is set up.")
    assert page.request.get("/set-up").status == 404
    page.goto("/")
    expect(heading).to_have_text("Manage extensions")
    assert not (empty.home / "set-up-key").exists()
    assert [one["pages"] for one in empty.received] == [1]
    assert [one["kind"] for one in empty.told("audit")][::-1] == ["user", "organization", "user", "extension", "trunk"]
