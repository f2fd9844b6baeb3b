import pytest
from playwright.sync_api import Page, expect, sync_playwright
from running import Running, running


@pytest.fixture(scope="session")
def caselli() -> Running:
    """One Caselli for all stories: started as a newcomer starts it."""
    yield from running()


@pytest.fixture(scope="module")
def chromium(browser_type_launch_args):
    """Started here and ended with this module: while it lives, no event loop of another test can run in its thread."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**browser_type_launch_args)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def demo(caselli):
    return caselli.told("demo")


@pytest.fixture
def visit(chromium, demo):
    """Open a browser, signed in: ``visit("alice")``. Nothing may be said in its console."""
    contexts, complaints = [], []

    def open_as(login, **options) -> Page:
        context = chromium.new_context(base_url=demo["web"], **({"viewport": {"width": 1280, "height": 900}} | options))
        contexts.append(context)
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(f"{message.text} {message.location['url']}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        password = next(one["password"] for one in demo["users"] if one["login"] == login)
        page.goto("/")
        page.get_by_label("Login").fill(login)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Manage extensions")
        page.wait_for_load_state()  # until then no script listens
        return page

    yield open_as
    for context in contexts:
        context.close()
    # The browser notes a refused form (422) in its console, and a picture of a staged page that was still on its way
    # when OK handed the file in; these are no complaints.
    assert [one for one in complaints if "status of 422" not in one and "/staged/" not in one] == []
