"""Every page of the web door, found by walking along its links as each person may, and looked at on a desk in light and
on a phone in dark: it fits, axe finds nothing, nothing is said in the console, and one knows where one is.

Whoever adds a page to which no link leads, or a page that looks wrong, fails here.
"""

from collections import Counter, defaultdict
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from django.urls import Resolver404, resolve
from mails import mail_to, mailed
from paper import letter
from playwright.sync_api import expect

from caselli.doors.web.urls import urlpatterns

pytestmark = pytest.mark.browser
PATIENCE = 120_000
"""Milliseconds, on a machine that does other things too."""
SENT = "/extensions/0003*210/sent"
LOOKS = (
    (1280, "light", ()),
    (360, "dark", ("color-contrast", "scrollable-region-focusable", "target-size")),
)
"""Width, colours, and the rules that may find something else there than on the desk before; none: all rules."""
A_KIND = Counter(fax=6, sent=3)
"""So many of a kind of page are opened by each person, where there are as many; 1 of the others."""

ELSEWHERE = {
    # Steps on the way to another page.
    "home": "leads on",
    "account_login": "under its other name",
    "account_logout": "under its other name",
    "without-slash": "leads on",
    "mfa_reauthenticate": "leads on",
    "mfa_reauthenticate_webauthn": "leads on",
    "account_set_password": "leads on",
    "account_inactive": "reached by who was switched off: test_account",
    "account_reauthenticate": "after some time: test_account",
    "account_reset_password_done": "after a mail: test_account",
    "account_reset_password_from_key": "from a mail: test_account",
    "account_reset_password_from_key_done": "from a mail: test_account",
    # The link of a mail: tests/doors/web/test_confirm.
    "confirm": "from a mail",
    "confirm-told": "from a mail",
    "confirm-picture": "from a mail",
    # What not everybody has.
    "usersessions_list": "who is signed in twice: test_account",
    "mail-attachment": "who gets faxes by mail: tests/doors/web/test_mails",
    "fax-send": "who holds a fax: tests/doors/web/test_statuses",
    # What is looked at by who has set up a second factor.
    "second-factor-first": "test_account",
    "mfa_authenticate": "test_account",
    "mfa_deactivate_totp": "test_account",
    "mfa_view_recovery_codes": "test_account",
    "mfa_generate_recovery_codes": "test_account",
    "mfa_download_recovery_codes": "test_account",
    "mfa_list_webauthn": "test_account",
    "mfa_edit_webauthn": "test_account",
    "mfa_remove_webauthn": "test_account",
    "user-second-factor": "test_account",
    "set-up": "test_set_up",
    "set-up-leave": "test_set_up",
    # What the demo has none of.
    "app-take-back": "who lets an app act: test_apps",
    "authorize": "from an app: test_apps",
    "api-key-end": "who has made a key: tests/doors/web/test_api_keys",
    **dict.fromkeys(("app-remove", "app-secret"), "who has registered an app: tests/doors/web/test_apps"),
    **dict.fromkeys(
        (
            "webhook",
            "webhook-message",
            "webhook-redeliver",
            "webhook-remove",
            "webhook-secret",
            "webhook-switch",
            "webhook-test",
        ),
        "who has a webhook: tests/doors/web/administration/test_webhooks",
    ),
    # Drawn by script while a file is uploaded: test_upload.
    "staged-picture": "test_upload",
    "staged-remove": "test_upload",
}
GATHER = """() => {
    const of = (names, within = "") => names.flatMap((name) =>
        [...document.querySelectorAll(`${within}[${name}]`)].map((one) => one.getAttribute(name)));
    const links = [...document.querySelectorAll("a[href]:not([download])")].map((one) => one.getAttribute("href"));
    const drawn = [...document.querySelectorAll("body *")].map((one) => `${one.tagName}.${one.getAttribute("class")}`);
    return {
        links,
        named: of(["href", "src", "action", "hx-get", "hx-post", "data-check-at", "data-stage-at"], "body "),
        drawn: [...new Set(drawn)],
    };
}"""


@pytest.fixture(scope="module")
def office(caselli, demo, tmp_path_factory):
    """An office in which everything has happened once; the fax that takes longest to arrive."""
    paper = letter(tmp_path_factory.mktemp("papers"), pages=2, name="walk")
    arriving = caselli.send("+12025550100", paper)
    for to in ("+12025550107", "211,+12025550107", "+12025550108"):
        caselli.send(to, paper)
    caselli.send("210", paper, sender="211")
    assert caselli.ask("organization", "change", "0003", "--approve-all").returncode == 0
    caselli.send("+12025550100,211", paper)
    assert caselli.ask("organization", "change", "0003", "--no-approve-all").returncode == 0
    mailed(demo, "210: +1 202 555 0102", paper)
    mail_to(Path(demo["mail"]), "alice@acme.example", "+1 202-555-0102")
    assert caselli.ask("share", "add", "0003*210", "--user", "bob").returncode == 0
    assert caselli.ask("mail-text", "change", "0003/sent", "--subject", "Sent: {to}").returncode == 0
    assert caselli.ask("blocked", "add", "--prefix", "+1900", "--reason", "premium numbers").returncode == 0
    secret = tmp_path_factory.mktemp("secrets") / "password"
    secret.write_text("secret\n")
    mailbox = ("--name", "Faxes", "--host", "127.0.0.1", "--login", "faxes", "--password-file", str(secret))
    assert caselli.ask("mailbox", "add", *mailbox, "--no-enabled").returncode == 0
    assert caselli.ask("trunk", "test", "Answering machine").returncode == 0
    return arriving


class Walker:
    """A person at a browser, who opens what the links lead to."""

    seen = defaultdict(set)
    """Of each kind of page, what was drawn on those that were looked at: one with nothing new is not looked at."""

    def __init__(self, browser, web, named, found):
        self.page = browser.new_context(base_url=web, reduced_motion="reduce").new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", lambda message: self.complain(f"{message.text} {message.location['url']}"))
        self.page.on("pageerror", lambda error: self.complain(str(error)))
        self.named, self.found = named, found
        self.refused = False

    def complain(self, words):
        if not (self.refused and "status of 4" in words):
            self.found[self.page.url].append(f"console: {words}")

    def sign_in(self, demo, login):
        self.page.goto("/login")
        self.page.get_by_label("Login").fill(login)
        self.page.get_by_label("Password").fill(next(one["password"] for one in demo["users"] if one["login"] == login))
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.wait_for_url("**/extensions")

    def walk(self, *starts):
        """From these addresses along all links."""
        opened, ways = Counter(), [*starts]
        known = set(ways)
        while ways:
            address = ways.pop(0)
            kind = kind_of(address)
            if not kind or kind.endswith("-picture") or opened[kind] >= (A_KIND[kind] or 1):
                continue
            opened[kind] += 1
            answer = self.page.goto(address)
            assert answer.ok, f"{answer.status} {address}"
            for link in self.look(kind):
                if link not in known:
                    known.add(link)
                    ways.append(link)

    def look(self, kind):
        """Look at the open page, where there is something new on it; the links on it."""
        self.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        expect(self.page.locator(".htmx-request")).to_have_count(0)
        told = self.page.evaluate(GATHER)
        here = urlsplit(self.page.url)
        self.named.update(kind_of(one) for one in told["named"])
        if set(told["drawn"]) - self.seen[kind]:
            self.seen[kind].update(told["drawn"])
            self.found[self.page.url] += trouble(self.page, here.path)
        if "" in told["links"]:
            self.found[self.page.url].append("a link without an address")
        whole = (
            one if one.startswith("/") else f"{here.path}{one}" for one in told["links"] if one.startswith(("/", "?"))
        )
        return [urldefrag(one).url for one in whole]

    def refuse(self, button, kind):
        """Press it; the page comes back and says why not."""
        self.refused = True
        self.page.get_by_role("button", name=button, exact=True).click()
        expect(self.page.get_by_role("alert").first).to_be_visible()
        self.look(kind)


def kind_of(address):
    """The name of the page with this address; empty where it is none of ours."""
    try:
        return resolve(urlsplit(address).path).url_name
    except Resolver404:
        return ""


def trouble(page, path):
    """What is wrong with the open page, however it is looked at."""
    found = []
    headings = page.locator("h1").count()
    if headings != 1:
        found.append(f"{headings} headings of the page")
    if not page.title().removesuffix(" – Caselli").strip():
        found.append("no title")
    if path.startswith(("/extensions/", "/administration/", "/faxes/", "/received/")):
        crumbs = page.locator("nav.crumbs [aria-current=page]").count()
        if crumbs != 1:
            found.append(f"{crumbs} ends of the breadcrumbs")
    page.evaluate(AXE_FILE_PATH.read_text())
    for width, colours, rules in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=colours, reduced_motion="reduce")
        found += [f"{one}, {width} px, {colours}" for one in violations(page, rules)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"wider than {width} px")
    return found


def violations(page, rules):
    options = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
    told = page.evaluate("(options) => axe.run(document, options)", options)["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in told for node in one["nodes"]]


def test_every_page_reads_well_however_it_is_looked_at(caselli, demo, office, chromium):
    named, found = set(), defaultdict(list)
    web = demo["web"].replace("127.0.0.1", "localhost")  # there are passkeys only where there is a name
    stranger = Walker(chromium, web, named, found)
    stranger.walk("/login")

    admin = Walker(chromium, web, named, found)
    admin.sign_in(demo, "admin")
    admin.walk("/administration", "/extensions")
    admin.page.goto("/administration/preferences")
    admin.page.get_by_label("Files per fax").fill("99")
    admin.refuse("Save", "preferences, refused")

    olivia = Walker(chromium, web, named, found)
    olivia.sign_in(demo, "olivia")
    olivia.walk("/administration", "/extensions")

    caselli.wait_for(office, lambda told: told["status"] == "Sent", PATIENCE / 1000)
    alice = Walker(chromium, web, named, found)
    alice.sign_in(demo, "alice")
    alice.walk("/extensions", f"{SENT}?to=abc&since=1", f"{SENT}?to=99999")
    alice.page.goto(SENT)
    alice.page.get_by_label("Send fax to").fill("999")
    alice.refuse("OK", "sent, refused")
    alice.page.goto("/nothing")
    alice.look("nothing")

    bob = Walker(chromium, web, named, found)
    bob.sign_in(demo, "bob")
    bob.walk("/extensions")
    assert {place: one for place, one in found.items() if one} == {}
    assert {one.name for one in urlpatterns} - named - ELSEWHERE.keys() == set()
