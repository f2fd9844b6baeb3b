"""From the browser alone: a second organization with user, extension and a trunk of its own; and a fax goes out."""

import email
import re
import time
from email import policy
from urllib.parse import urlsplit

import pytest
from paper import letter
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
PATIENCE = 120_000
"""Milliseconds for a fax, on a machine that does other things too."""
PASSWORD = "ferry-lantern-harbour-27"


@pytest.fixture
def demo(caselli):
    return caselli.told("demo")


@pytest.fixture
def window(chromium, demo):
    """A browser of its own: ``window()``."""
    contexts = []

    def open_one(**options) -> Page:
        look = {"viewport": {"width": 1280, "height": 900}} | options
        contexts.append(chromium.new_context(base_url=demo["web"], **look))
        contexts[-1].set_default_timeout(60_000)
        return contexts[-1].new_page()

    yield open_one
    for context in contexts:
        context.close()


def sign_in(page, login, password):
    page.goto("/login")
    page.get_by_label("Login").fill(login)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Manage extensions")


@pytest.fixture
def admin(window, demo):
    page = window()
    sign_in(page, "admin", next(one["password"] for one in demo["users"] if one["login"] == "admin"))
    return page


def link_in_mail_to(caselli, address, limit=90.0):
    """The link of the newest mail to this address: its path."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        for file in sorted((caselli.home / "mail").glob("*.eml"), reverse=True):
            mail = email.message_from_bytes(file.read_bytes(), policy=policy.default)
            if address in str(mail["To"]):
                link = re.search(r"https?://\S+", mail.get_body(("plain",)).get_content())
                return urlsplit(link.group()).path
    raise AssertionError(f"no mail to {address} in {limit} s")


def add_organization(page):
    page.get_by_role("link", name="Administration").first.click()
    page.get_by_role("link", name="Organizations").click()
    page.get_by_role("link", name="Add an organization").click()
    page.get_by_label("Number").fill("0003")
    page.get_by_label("Name").fill("Harbour Office")
    page.get_by_label("Country").fill("United States")
    page.get_by_label("Time zone").fill("America/New York")
    page.get_by_role("button", name="Add the organization").click()
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("Number: Another organization has this number already.")
    expect(summary).to_be_focused()
    summary.get_by_role("link").click()
    expect(page.get_by_label("Number")).to_be_focused()
    expect(page.get_by_label("Name")).to_have_value("Harbour Office")
    page.get_by_label("Number").fill("0007")
    page.get_by_role("button", name="Add the organization").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("0007 Harbour Office")


def add_user(page):
    page.get_by_role("link", name="0 users").click()
    page.get_by_role("link", name="Add a user").first.click()
    page.get_by_label("First name").fill("Hanna")
    page.get_by_label("Last name").fill("Harbour")
    page.get_by_label("Mail address").fill("hanna@harbour.example")
    page.get_by_label("Login").fill("hanna")
    expect(page.get_by_label("Organization")).to_have_text(re.compile("0007 Harbour Office"))
    page.get_by_role("button", name="Add and invite").click()
    expect(page.locator("#messages")).to_contain_text("The invitation is on its way to hanna@harbour.example.")


def add_extension(page):
    page.goto("/administration/organizations")
    page.get_by_role("link", name="Harbour Office").first.click()
    page.get_by_role("link", name="0 extensions").click()
    page.get_by_role("link", name="Add an extension").first.click()
    page.get_by_label("Number").fill("310")
    page.get_by_label("Name").fill("Pilot house")
    page.get_by_label("Owner").select_option("Hanna Harbour (hanna)")
    page.get_by_role("button", name="Add the extension").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fax settings of Extension 310 Pilot house")
    page.get_by_label("Station ID").fill("+1 202 555 0310")
    page.get_by_label("Header line").fill("Harbour Office")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#messages")).to_have_text("The fax settings are saved.")


def add_trunk(page, machine):
    host, _, port = machine.partition(":")
    page.goto("/administration/organizations")
    page.get_by_role("link", name="Harbour Office").first.click()
    page.get_by_role("link", name="0 trunks of its own").click()
    page.get_by_role("link", name="Add a trunk").first.click()
    page.get_by_label("Name", exact=True).fill("Harbour line")
    page.get_by_label("Host").fill(host)
    page.get_by_label("Port").fill(port)
    page.get_by_role("button", name="Add the trunk").click()
    expect(page.locator("#messages")).to_contain_text("The trunk Harbour line is added.")
    expect(page.locator(".head")).to_contain_text("In service")


def send_fax(page, paper):
    page.get_by_role("link", name="310 Pilot house").first.click()
    page.get_by_role("link", name="Send Fax").click()
    page.get_by_label("Send fax to").fill("(202) 555-0100")
    page.get_by_label("Fax files", exact=True).set_input_files(paper)
    page.get_by_role("button", name="OK").click()
    row = page.locator("tbody.one").filter(has_text=paper.name)
    expect(row.locator(".c-status")).to_have_text("Sent", timeout=PATIENCE)
    row.get_by_role("link", name="Fax info").click()
    expect(page.locator(".call")).to_contain_text("Harbour line")


def test_an_administrator_sets_up_a_second_organization_and_a_fax_goes_out(admin, window, caselli, tmp_path):
    add_organization(admin)
    add_user(admin)
    add_extension(admin)
    add_trunk(admin, caselli.environment["CASELLI_MACHINE_SIP"])

    hanna = window()
    hanna.goto(link_in_mail_to(caselli, "hanna@harbour.example"))
    for field in hanna.locator("input[type=password]").all():
        field.fill(PASSWORD)
    hanna.get_by_role("button", name="Keep it and sign in").click()
    expect(hanna.get_by_role("heading", level=1)).to_have_text("Manage extensions")
    expect(hanna.locator(".extension")).to_have_count(1)
    send_fax(hanna, letter(tmp_path, words="From the harbour", name="harbour"))
    assert any(one["called"] == "+12025550100" for one in caselli.received)

    admin.goto("/administration/audit")
    for said in (
        "added organization 0007 Harbour Office",
        "added user Hanna Harbour (hanna)",
        "added trunk Harbour line",
    ):
        expect(admin.locator(".audit")).to_contain_text(said)
    admin.goto("/extensions")
    expect(admin.locator(".extensions-of h2")).to_have_text([re.compile("Acme Clinic"), re.compile("Harbour Office")])


def test_settings_are_saved_without_script_too(window, demo):
    page = window(java_script_enabled=False)
    sign_in(page, "admin", next(one["password"] for one in demo["users"] if one["login"] == "admin"))
    page.goto("/administration/preferences")
    page.get_by_label("Maximum mail size, MB").fill("20")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#messages")).to_have_text("Saved. The preferences act at once.")
    expect(page.get_by_label("Maximum mail size, MB")).to_have_value("20")
    page.get_by_label("Maximum mail size, MB").fill("10")
    page.get_by_role("link", name="Discard").click()
    page.goto("/administration/preferences")
    expect(page.get_by_label("Maximum mail size, MB")).to_have_value("20")
