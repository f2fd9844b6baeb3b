"""A program asks a person for consent, in a real browser: whose policy decides whether the redirect gets through."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
STATE = "a-state-of-24-characters"


class Program(BaseHTTPRequestHandler):
    """It notes what browsers bring it."""

    def do_GET(self):
        address = urlsplit(self.path)
        if address.path == "/done":
            self.server.brought.append({name: one for name, (one,) in parse_qs(address.query).items()})
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<link rel=icon href=data:,><h1>Back at the program</h1>")

    def log_message(self, *_):
        pass


@pytest.fixture
def program():
    # A browser also opens connections on which it asks nothing: they must keep nobody waiting.
    with ThreadingHTTPServer(("127.0.0.1", 0), Program) as server:
        server.brought = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_alice_lets_a_program_act_for_her_and_takes_it_back(caselli, demo, visit, program):
    back = "http://127.0.0.1/done"
    named = ("--user", "olivia", "--name", "Patient portal", "--kind", "consent", "--redirect-uri", back)
    app = caselli.told("app", "create", *named)
    here = f"http://127.0.0.1:{program.server_address[1]}/done"
    asked = {"response_type": "code", "client_id": app["client_id"], "redirect_uri": here, "state": STATE}
    consent = f"/oauth/authorize.php?{urlencode(asked)}"

    page = visit("alice")
    page.goto(consent)
    expect(page.get_by_role("heading", level=1)).to_have_text("Let Patient portal act for you?")
    page.get_by_role("button", name="Do not allow").click()
    expect(page.get_by_role("heading")).to_have_text("Back at the program")
    assert program.brought.pop() == {"error": "access_denied", "state": STATE}

    page.goto(consent)
    page.get_by_role("button", name="Allow", exact=True).click()
    expect(page.get_by_role("heading")).to_have_text("Back at the program")
    brought = program.brought.pop()
    assert brought["state"] == STATE
    form = {"grant_type": "authorization_code", "code": brought["code"], "redirect_uri": here}
    form |= {"client_id": app["client_id"], "client_secret": app["client_secret"]}
    with urlopen(Request(f"{demo['web']}/oauth/token.php", urlencode(form).encode()), timeout=60) as answer:
        told = json.load(answer)
    assert told["scope"] == "fax:read fax:send"

    page.goto("/account")
    page.get_by_role("link", name="Show apps").click()
    page.get_by_role("button", name="Take back what Patient portal may").click()
    expect(page.get_by_text("Patient portal can do nothing for you any more.")).to_be_visible()
    expect(page.get_by_text("You have allowed no app to act for you.")).to_be_visible()
