"""One's own account in a real browser: a passkey, an authenticator app, and pages that everybody can read."""

import base64
import hashlib
import hmac
import re
import struct
import time

import pytest
from playwright.sync_api import Page, expect
from readable import trouble_in

pytestmark = pytest.mark.browser
LOGIN = "olivia"
"""Nobody else's story signs in as her: what she sets up here disturbs nobody."""
DESKTOP = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
PHONE = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"}
KEY_IN_THE_DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def open_browser(chromium, caselli):
    """A browser at the page of signing in, under a name (passkeys need one). Nothing may be said in its console."""
    contexts, complaints = [], []
    base = caselli.told("demo")["web"].replace("127.0.0.1", "localhost")

    def open_it(**look) -> Page:
        context = chromium.new_context(base_url=base, **(look or DESKTOP))
        contexts.append(context)
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(f"{message.text} {message.location['url']}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/login")
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def sign_in(caselli):
    password = caselli.told("demo")["users"][0]["password"]

    def sign_in(page):
        page.get_by_label("Login").fill(LOGIN)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()

    return sign_in


@pytest.fixture
def look_at():
    """All that is wrong with the page that is open: what axe finds, and what does not fit."""
    found = {}

    def look(page):
        page.wait_for_load_state()  # until then no script listens
        if trouble := trouble_in(page):
            found[page.url] = trouble

    yield look
    assert found == {}


def visit(page, look_at, *addresses):
    for address in addresses:
        page.goto(address)
        look_at(page)


def sign_out(page):
    page.locator(".menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def code_of(secret):
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def test_a_passkey_is_added_signs_in_alone_and_is_removed(open_browser, sign_in, look_at):
    page = open_browser()
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": KEY_IN_THE_DEVICE})
    sign_in(page)
    page.wait_for_url("**/extensions")
    page.locator(".menu summary").click()
    page.get_by_role("link", name="Your account").click()
    page.get_by_role("link", name="Add a passkey").click()
    look_at(page)
    page.get_by_label("Name").fill("Office laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    visit(page, look_at, "/account", "/account/codes", "/account/codes/new", "/account/passkeys")
    page.get_by_role("link", name="Rename").click()
    look_at(page)
    page.get_by_label("Name").fill("Reception")
    page.get_by_role("button", name="Keep name").click()
    expect(page.locator(".account-list")).to_contain_text("Reception")
    sign_out(page)

    page.goto("/approvals")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/approvals")
    sign_out(page)

    sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Now the second factor")
    look_at(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/extensions")
    page.goto("/account/passkeys")
    page.get_by_role("link", name="Remove").click()
    look_at(page)
    page.get_by_role("button", name="Remove the passkey").click()
    expect(page.get_by_text("None yet.")).to_be_visible()


def test_an_app_is_set_up_and_its_code_opens(open_browser, sign_in, look_at):
    page = open_browser(**PHONE)
    sign_in(page)
    page.wait_for_url("**/extensions")
    page.goto("/account/app/add")
    look_at(page)
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    expect(page.get_by_role("img", name="QR code")).not_to_have_js_property("naturalWidth", 0)
    secret = page.locator(".secret").inner_text()
    page.get_by_label("Code from your app").fill(code_of(secret))
    page.get_by_role("button", name="Switch on").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    visit(page, look_at, "/account", "/account/codes", "/account/confirm/code")
    recovery = re.findall(r"\d{8}", page.request.get("/account/codes/download").text())
    page.goto("/account")
    sign_out(page)

    sign_in(page)
    look_at(page)
    page.get_by_label("Code from your app").fill(recovery[0])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/extensions")
    page.goto("/account")
    expect(page.locator("main")).to_contain_text("9 left")
    page.get_by_role("link", name="Remove authenticator app").click()
    look_at(page)
    page.get_by_role("button", name="Remove the app").click()
    expect(page.locator("#messages")).to_contain_text("Your authenticator app is removed.")


@pytest.mark.parametrize("look", [DESKTOP, PHONE], ids=["desktop, light", "phone, dark"])
def test_the_pages_of_signing_in_and_of_the_account_are_accessible_and_fit(open_browser, sign_in, look_at, look):
    page = open_browser(**look)
    gone = "/account/forgotten/1-gone-gone"
    visit(page, look_at, "/account/forgotten", "/account/forgotten/sent", "/account/switched-off", gone, "/login")
    sign_in(page)
    page.wait_for_url("**/extensions")
    page.locator(".menu summary").click()
    look_at(page)
    visit(page, look_at, "/account", "/account/password", "/account/passkeys", "/account/sessions", "/account/confirm")


def test_signing_in_by_https_lasts_and_plain_http_works_beside_it(chromium, caselli, sign_in):
    demo = caselli.told("demo")
    context = chromium.new_context(ignore_https_errors=True)
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(f"{demo['web_tls']}/login")
    sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Manage extensions")
    page.goto(f"{demo['web_tls']}/account")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    secure = {one["name"]: one["secure"] for one in context.cookies()}
    assert secure["sessionid"]
    assert secure["csrftoken"]
    page.goto(f"{demo['web']}/account")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    context.close()
