"""What is sent to an address, and what of its answer is read."""

import socket
import ssl
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest
from far_ends import far_end
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from caselli.notice import webhook_post
from caselli.notice.webhook_post import Post, send_one
from caselli.notice.webhooks import Letter, new_secret, signed
from caselli.workers.certificate import certificate_for, names_of, utc_now

LETTER = Letter(1, "msg_1", '{"type": "fax.sent"}')
LOOPBACK = (ip_network("127.0.0.0/8"),)


@pytest.fixture
def here():
    with far_end() as end:
        yield end


@pytest.fixture(autouse=True)
def loopback_is_ours(settings):
    settings.CONFIGURATION = replace(settings.CONFIGURATION, webhooks_private=LOOPBACK)


async def send(url, secrets=("whsec_c2VjcmV0",), private=LOOPBACK):
    post = Post(private)
    try:
        return await send_one(post, url, secrets, LETTER)
    finally:
        post.close()


async def test_a_message_is_verified_by_the_library_of_standard_webhooks(here):
    former, secret = new_secret(), new_secret()
    answer = await send(here.url, [secret, former])
    assert (answer.status, answer.text) == (200, "as you like")
    came = here.came[0]
    for one in (secret, former):
        assert Verifier(one).verify(came.body, came.headers) == {"type": "fax.sent"}
    with pytest.raises(WebhookVerificationError):
        Verifier(new_secret()).verify(came.body, came.headers)
    assert came.headers["webhook-id"] == "msg_1"
    assert came.headers["content-type"] == "application/json"
    assert came.headers["host"] == here.url.removeprefix("http://").removesuffix("/hook")


def test_the_signature_tells_the_second():
    at = datetime(2026, 11, 26, 3, 0, 0, 999_999, tzinfo=UTC)
    headers = signed(LETTER, [new_secret()], at)
    assert headers["webhook-timestamp"] == str(int(at.timestamp()))


async def test_a_redirect_is_not_followed(here):
    here.answers = [302]
    answer = await send(here.url)
    assert answer.status == 302
    assert len(here.came) == 1


async def test_when_it_may_be_asked_again_is_read(here):
    def later(handler):
        handler.send_response(503)
        handler.send_header("Retry-After", "120")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    here.answers = [later, 503]
    assert [(await send(here.url)).retry_after for _ in range(2)] == ["120", ""]


async def test_nothing_is_sent_where_it_is_not_allowed(here):
    answer = await send(here.url, private=(ip_network("10.0.0.0/8"),))
    assert answer.status is None
    assert "no address of the public Internet" in answer.text
    assert here.came == []


async def test_a_name_is_looked_up_once_and_that_address_is_used(here, monkeypatch):
    asked = []

    def changes_its_mind(host, port, **_):
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "192.168.1.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(webhook_post.socket, "getaddrinfo", changes_its_mind)
    answer = await send(here.url.replace("127.0.0.1", "rebinding.example"))
    assert answer.status == 200
    assert asked == ["rebinding.example"]
    assert here.came[0].headers["host"].startswith("rebinding.example:")


async def test_a_name_with_one_address_that_is_not_allowed_is_not_used(here, monkeypatch):
    def both(_, port, **__):
        return [(socket.AF_INET, 1, 6, "", (address, port)) for address in ("127.0.0.1", "10.0.0.1")]

    monkeypatch.setattr(webhook_post.socket, "getaddrinfo", both)
    answer = await send(here.url.replace("127.0.0.1", "both.example"))
    assert "both.example is at 10.0.0.1" in answer.text
    assert here.came == []


async def test_a_host_that_there_is_not_is_said(monkeypatch):
    def nobody(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(webhook_post.socket, "getaddrinfo", nobody)
    answer = await send("https://nobody.example/")
    assert answer.text == "There is no host nobody.example (Name or service not known)."


async def test_where_nobody_listens_is_said():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    answer = await send(f"http://127.0.0.1:{port}/")
    assert answer.status is None
    assert answer.text.startswith("Nobody takes the connection")


async def test_who_takes_too_long_is_left(here, monkeypatch):
    monkeypatch.setattr(webhook_post, "TOTAL", 0.3)
    here.answers = [lambda handler: handler.rfile.read(1)]
    answer = await send(here.url)
    assert (answer.status, answer.text) == (None, "No answer came in 0.3 seconds.")


async def test_of_an_endless_answer_the_first_words_are_read(here):
    def talk(handler):
        with suppress(OSError):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                handler.wfile.write(b"bla " * 1000)

    here.answers = [talk]
    answer = await send(here.url)
    assert answer.status == 200
    assert len(answer.text) == webhook_post.KEPT


async def test_what_is_no_http_is_said(here):
    here.answers = [lambda handler: handler.wfile.write(b"SSH-2.0-nothing\r\n\r\n")]
    answer = await send(here.url)
    assert answer.status is None
    assert answer.text.startswith("It broke off")


@pytest.fixture
def certificate(tmp_path):
    return certificate_for(tmp_path, names_of("hooks.example"), utc_now())


async def test_the_certificate_must_be_the_named_hosts(certificate, monkeypatch):
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(certificate.chain, certificate.key)
    monkeypatch.setattr(
        webhook_post.socket, "getaddrinfo", lambda _, port, **__: [(socket.AF_INET, 1, 6, "", ("127.0.0.1", port))]
    )
    trusting = Post(LOOPBACK, ssl.create_default_context(cafile=str(certificate.chain)))
    with far_end(tls=served) as end:
        named = end.url.replace("127.0.0.1", "hooks.example")
        assert (await send_one(trusting, named, ["whsec_c2VjcmV0"], LETTER)).status == 200
        for url, post in (
            (end.url.replace("127.0.0.1", "other.example"), trusting),
            (named, Post(LOOPBACK)),
        ):
            answer = await send_one(post, url, ["whsec_c2VjcmV0"], LETTER)
            assert answer.status is None
            assert answer.text.startswith("Its certificate does not prove")
        assert len(end.came) == 1
