"""An administrator tests a trunk: in a real browser, by script and without, and in the terminal."""

import time

import pytest
from playwright.sync_api import expect, sync_playwright
from readable import trouble_on_desk_and_phone

PATIENCE = 120_000
"""Milliseconds for a call of one page, on a machine that does other things too."""
TRUNK = "Answering machine"


@pytest.fixture(scope="module")
def demo(caselli):
    return caselli.told("demo")


@pytest.fixture
def visit(browser_type_launch_args, demo):
    """Open a browser at the trunk's page, signed in as the organization's administrator."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**browser_type_launch_args)

        def open_trunk(**options):
            page = browser.new_context(base_url=demo["web"], **options).new_page()
            page.set_default_timeout(PATIENCE)
            page.goto("/")
            page.get_by_label("Login").fill("olivia")
            password = next(one["password"] for one in demo["users"] if one["login"] == "olivia")
            page.get_by_label("Password").fill(password)
            page.get_by_role("button", name="Sign in").click()
            expect(page.get_by_role("heading", level=1)).to_have_text("Manage extensions")
            page.goto("/administration/trunks")
            page.get_by_role("link", name=TRUNK).last.click()
            expect(page.get_by_role("button", name="Does it answer?")).to_be_visible()
            page.wait_for_load_state()  # until then no script listens
            return page

        yield open_trunk
        browser.close()


@pytest.mark.browser
def test_a_question_and_a_call_move_by_themselves_to_their_words(visit):
    page = visit()
    tests = page.locator("#tests")
    page.evaluate("window.neverReloaded = true")
    before = tests.locator(".test").evaluate_all("every => every.map(one => one.id)")
    tests.get_by_role("button", name="Does it answer?").click()
    newest = tests.locator(".test").first
    for one in before:  # other stories asked too: theirs is not the answer
        expect(newest).not_to_have_id(one)
    expect(newest).to_contain_text("The host answered: it is there, and speaks SIP with us.")
    tests.get_by_label("Number to call").fill("+1 202 555 0101")
    tests.get_by_role("button", name="Call this number").click()
    expect(newest).to_contain_text("The line was busy (486).", timeout=PATIENCE)
    expect(page.locator("#news")).to_contain_text("The line was busy (486).")
    newest.get_by_text("Messages", exact=True).click()
    expect(newest.locator(".ladder")).to_contain_text("486 Busy Here to INVITE")
    assert page.evaluate("window.neverReloaded")
    assert trouble_on_desk_and_phone(page) == []


@pytest.mark.browser
def test_without_script_a_reload_shows_how_far_it_is(visit):
    page = visit(java_script_enabled=False)
    with page.expect_navigation():
        page.get_by_role("button", name="Does it know us?").click()
    deadline = time.monotonic() + PATIENCE / 1000
    while page.locator(".test").first.get_by_text("Under way").count():
        assert time.monotonic() < deadline
        page.reload()
    expect(page.locator(".test").first).to_contain_text("the password is right")
    page.get_by_text("Messages", exact=True).first.click()
    page.get_by_role("link", name="Open the messages on a page of their own").first.click()
    expect(page.locator(".ladder")).to_contain_text("REGISTER")


def test_the_terminal_says_the_same_and_ends_with_it(caselli):
    alive = caselli.ask("trunk", "test", TRUNK)
    assert alive.returncode == 0, alive.stderr
    assert "Passed: The host answered" in alive.stdout
    busy = caselli.ask("trunk", "test", TRUNK, "--number", "+12025550101", "--json")
    assert busy.returncode == 1
    assert '"sentence": "The line was busy (486)."' in busy.stdout
