"""A programmer's first five minutes: docs/api.md, copied; then what a program of theirs would rely on, over HTTPS."""

import os
import re
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import groupby

import pytest
from examples import examples_of
from ports import free_port
from running import COMMAND

from caselli.client import Client, File, Problem, verify_webhook

QUICKSTART = "From a key to a delivered fax, in five minutes"
CHAPTERS = {name: list(blocks) for name, blocks in groupby(examples_of("api.md"), lambda one: one.chapter)}


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """The folder in which the reader sits: what they save lies there, and .venv as in the checkout."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / ".venv").symlink_to(COMMAND.parent.parent)
    return folder


@pytest.fixture(scope="module")
def copied(caselli, demo, desk):
    """Runs the examples of a chapter, with the addresses of this Caselli; what they print."""
    port = str(free_port())

    def here(text):
        return text.replace("http://127.0.0.1:8470", demo["web"]).replace("8475", port)

    path = f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}"

    def shell(script, **mine):
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=desk,
            env={**caselli.environment, "PATH": path, **mine},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout

    a_key = here(CHAPTERS[QUICKSTART][0].text)
    known = {"CASELLI_URL": demo["web"], "CASELLI_KEY": shell(f"{a_key}\nprintenv CASELLI_KEY").strip()}

    def run(chapter):
        script = ["set -euo pipefail"]
        for number, one in enumerate(CHAPTERS[chapter]):
            if one.language == "bash":
                script.append(here(one.text))
                continue
            name = one.name or f"example-{number}.py"
            (desk / name).write_text(here(one.text))
            script += [] if one.name else [f"python {name}"]
        return shell("\n".join(script), **({} if chapter == QUICKSTART else known))

    return run


def test_the_quickstart_leads_from_a_key_to_a_delivered_fax_with_verified_events(copied):
    said = copied(QUICKSTART)
    assert "not believed" not in said
    assert '"status": "scheduled"' in said
    assert '"status": "sent"' in said
    assert "Sent - The far machine confirmed every page." in said
    heard = set(re.findall(r"verified: (\S+)", said))  # what curl shows before has no end of line
    assert heard >= {"fax.created", "fax.approved", "fax.scheduled", "delivery.delivered", "fax.sent"}, said


SAID = {
    "Keys and scopes": ['"login": "alice"', '"sandbox": true'],
    "Sending": ['"order": "4711"', '"Dr. Miller"', "False", "recipients[1].to “hello” is not a phone number"],
    "Repeating a request": [],
    "What became of it": ["+12025550107 failed no_such_number", "404", "Canceled"],
    "Lists": ["Sent +12025550100"],
    "Events": ["event: fax.sent", "fax.sent"],
    "Errors": ['"field": "recipients[0].to"', "422 recipient_invalid", "recipients[1].to"],
    "The Python client": ["Sent\nSent\nSent"],
    "The command line on another server": ["Delivered: The far machine confirmed every page.", "0003*210"],
}


def test_every_chapter_with_an_example_is_run():
    assert set(CHAPTERS) == {QUICKSTART, *SAID}


@pytest.mark.parametrize("chapter", SAID)
def test_the_examples_do_what_the_page_says(chapter, copied, desk):
    (desk / "hello.txt").write_text("Hello from the API.\n")
    said = copied(chapter)
    assert [words for words in SAID[chapter] if words not in said] == [], said
    if chapter == "Repeating a request":
        first, second = said.split("\n\n")[:2] if "\n\n" in said else said.splitlines()[:2]
        assert first == second


@pytest.fixture
def receiver():
    """A program of the customer's: it keeps what comes, as it comes."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with self.server.news:
                self.server.came.append((dict(self.headers), body))
                self.server.news.notify_all()
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        server.came, server.news = [], threading.Condition()
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_program_sends_and_hears_over_https(caselli, demo, receiver):
    """The certificate is the one that Caselli made for itself; the webhook's messages are verified by the library."""
    certificate = caselli.home / "tls" / "certificate.pem"
    with Client(demo["web_tls"], demo["api_key"], certificate=certificate) as client:
        after = max((one.id for one in client.events.list()), default=0)
        webhook = client.webhooks.add(
            "Customer", f"http://127.0.0.1:{receiver.server_port}/", kinds=["fax.sent"], organization="0003"
        )
        assert (webhook.enabled, webhook.trouble) == (True, None)
        fax = client.faxes.send("+12025550100", File("hello.txt", b"Hello"), extension="0003*210", metadata={"n": "7"})
        seen = [one.status for one in client.faxes.watch(fax)]
        assert (seen[0], seen[-1]) == ("scheduled", "sent")
        kinds = []
        for event in client.events.listen(after=after):
            if event.fax.id == fax.id:
                kinds.append(event.type)
            if event.type == "fax.sent" and event.fax.id == fax.id:
                break
        assert kinds[0] == "fax.created"
        assert kinds[-3:] == ["delivery.sending", "delivery.delivered", "fax.sent"]
        with receiver.news:
            assert receiver.news.wait_for(lambda: len(receiver.came) >= 2, 60)
        client.webhooks.remove(webhook)
    (test_headers, test_body), (headers, body) = receiver.came
    assert verify_webhook(webhook.secret, test_headers, test_body).is_test
    event = verify_webhook(webhook.secret, headers, body)
    assert (event.type, event.fax.id, event.fax.metadata) == ("fax.sent", fax.id, {"n": "7"})
    with pytest.raises(Problem) as told:
        verify_webhook(webhook.secret, headers, body.replace(b"sent", b"send"))
    assert told.value.slug == "webhook_not_proven"


def test_the_command_line_speaks_with_another_server(caselli, demo, tmp_path):
    """It knows nothing of the server but an address, a key and a certificate, and touches nothing at home."""
    letter = tmp_path / "hello.txt"
    letter.write_text("Hello")
    away = {
        **os.environ,
        "CASELLI_HOME": str(tmp_path / "nowhere"),
        "CASELLI_URL": demo["web_tls"],
        "CASELLI_KEY": demo["api_key"],
        "CASELLI_CERTIFICATE": str(caselli.home / "tls" / "certificate.pem"),
    }

    def ask(*words, **more):
        return subprocess.run(
            [COMMAND, *words], env={**away, **more}, capture_output=True, text=True, timeout=180, check=False
        )

    sent = ask("send", "--from", "0003*210", "--to", "+12025550100, 0003*211", str(letter), "--wait")
    assert sent.returncode == 0, sent.stderr
    first, *lines = sent.stdout.splitlines()
    fax = first.split()[1].rstrip(",")
    assert "+1 202-555-0100  Delivered: The far machine confirmed every page." in lines
    assert "0003*211  Delivered: It lies in the received faxes of that extension." in lines
    for words in (("show", fax), ("show", fax, "--json")):
        assert ask(*words).stdout == caselli.ask(*words).stdout
    again = ask("resend", fax)
    assert (again.returncode, again.stderr.startswith("fax: There is nothing to send again")) == (2, True), again.stderr
    assert ask("show", "nonsense").returncode == 2
    assert ask("show", fax, CASELLI_KEY="caselli_nonsense").returncode == 2
    assert "CASELLI_KEY is not" in ask("show", fax, CASELLI_KEY="").stderr
    refused = ask("extension", "list")
    assert (refused.returncode, "needs the machine itself" in refused.stderr) == (2, True)
    assert ask("faxes", CASELLI_URL="http://127.0.0.1:9").returncode == 3
    assert "CASELLI_CERTIFICATE" in ask("faxes", CASELLI_CERTIFICATE=str(letter)).stderr
    assert not (tmp_path / "nowhere").exists()
