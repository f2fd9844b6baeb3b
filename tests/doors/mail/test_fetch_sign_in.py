"""Into a mailbox: the ways to sign in, what is said where it fails, and what is done where a server can do less.

By OAuth 2.0 pymap does not sign in; there a small peer of our own answers, over real sockets with TLS.
"""

import base64
import json
import socket
import ssl
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest
from imap_server import LOGIN, PASSWORD, Server
from imapclient import SocketTimeout

from caselli.doors.mail import fetch_session, fetch_test, fetch_token
from caselli.store.models import MailSource
from caselli.workers.certificate import certificate_for

EXPIRED = {"error": "invalid_grant", "error_description": "Token expired.\r\nTrace"}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return certificate_for(tmp_path_factory.mktemp("imap") / "tls", ["localhost", "127.0.0.1"], datetime.now(UTC))


@pytest.fixture
def trusted(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.chain))


@pytest.fixture(scope="module")
def poor(certificate):
    """STARTTLS only, and neither MOVE nor IDLE."""
    server = Server(certificate.chain, certificate.key, without=(b"MOVE", b"IDLE"), starttls=True)
    yield server
    server.close()


@pytest.fixture(scope="module")
def rich(certificate):
    server = Server(certificate.chain, certificate.key)
    yield server
    server.close()


def source_at(port, **columns):
    return MailSource(
        **{"name": "Provider", "host": "127.0.0.1", "port": port, "username": LOGIN, "password": PASSWORD} | columns
    )


def test_a_test_counts_what_lies_there_and_changes_nothing(trusted, rich):
    rich.empty()
    rich.put(b"Subject: 1\r\n\r\n")
    found = fetch_test.test(source_at(rich.port))
    assert found.passed
    assert str(found) == (
        "Signed in. 1 mail lies in “INBOX”. The folders “Faxed” and “Not faxed” are made at the first look. "
        "The server tells of new mails at once."
    )
    assert (rich.count("INBOX"), rich.count("Faxed")) == (1, -1)


def test_a_test_by_starttls_says_what_the_server_cannot_do(trusted, poor):
    found = fetch_test.test(source_at(poor.port, security="starttls"))
    assert found.passed
    assert "asked every minute" in str(found)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"password": "wrong"}, "127.0.0.1 refused the login (Invalid authentication credentials.). Check both"),
        ({"password": "größer"}, "127.0.0.1 refused the login"),
        ({"folder": "Nowhere"}, "There is no folder “Nowhere” in this mailbox."),
        ({"host": "nowhere.invalid"}, "There is no host “nowhere.invalid”."),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(trusted, rich, columns, words):
    found = fetch_test.test(source_at(rich.port, **columns))
    assert not found.passed
    assert words in str(found)


def test_a_server_that_says_nothing_is_not_waited_for_for_ever(trusted, rich):
    silent = source_at(rich.port, security="starttls")
    assert "does not answer" in str(fetch_test.test(silent, SocketTimeout(connect=0.5, read=0.5)))


def test_a_certificate_of_another_name_opens_nothing(tmp_path, monkeypatch):
    other = certificate_for(tmp_path / "tls", ["elsewhere.example"], datetime.now(UTC))
    monkeypatch.setenv("SSL_CERT_FILE", str(other.chain))
    server = Server(other.chain, other.key)
    try:
        told = str(fetch_test.test(source_at(server.port)))
    finally:
        server.close()
    assert "Write the host as it stands in the certificate" in told


def test_a_certificate_of_an_unknown_authority_opens_nothing(rich, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    assert "is not trusted" in str(fetch_test.test(source_at(rich.port)))


def test_a_port_without_tls_is_told_from_one_with_it(trusted, poor):
    assert "does not speak TLS from the first byte" in str(fetch_test.test(source_at(poor.port)))


def test_without_move_a_mail_is_copied_and_then_only_this_one_expunged(trusted, poor):
    poor.empty()
    for number in (1, 2):
        poor.put(b"Subject: %d\r\n\r\n" % number)
    with poor.program() as program:  # somebody marks another one, and wants it neither gone nor taken
        program.select_folder("INBOX")
        program.add_flags([102], [rb"\Deleted"])
    with fetch_session.signed_in(source_at(poor.port, security="starttls")) as client:
        folder = fetch_session.find_or_make(client, "Faxed")
        fetch_session.select(client, "INBOX")
        assert fetch_session.lying(client) == [101]
        fetch_session.move(client, 101, folder)
        assert fetch_session.lying(client) == []
    assert (poor.count("INBOX"), poor.count("Faxed")) == (1, 1)


class Tokens:
    """A token endpoint by HTTPS. ``answers``: (status, JSON) one after the other, the last one for ever."""

    def __init__(self, certificate):
        self.asked = []
        self.answers = []
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                told.asked.append({name: values[0] for name, values in form.items()})
                status, answer = told.answers.pop(0) if len(told.answers) > 1 else told.answers[0]
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", answer)
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            def log_message(self, *_):
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.chain, certificate.key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self._server.server_port}/token"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def tokens(certificate):
    endpoint = Tokens(certificate)
    yield endpoint
    endpoint.close()


class ByToken:
    """Speaks as much IMAP as a test of a mailbox asks for, and takes tokens alone: those in ``good``."""

    def __init__(self, certificate, mechanism):
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate.chain, certificate.key)
        self._abilities = f"IMAP4rev1 SASL-IR AUTH={mechanism}"
        self.said, self.good = [], set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def _serve(self):
        while True:
            try:
                plain, _ = self._listening.accept()
            except OSError:
                return
            with plain, self._tls.wrap_socket(plain, server_side=True) as line, line.makefile("rwb") as file:
                self._talk(file)

    def _talk(self, file):
        tell(file, f"* OK [CAPABILITY {self._abilities}] here")
        for command in file:
            tag, verb, *rest = command.decode().split()
            if verb == "AUTHENTICATE":
                tell(file, *self._authenticate(file, tag, rest[0]))
            else:
                tell(file, *self._answers(verb), f"{tag} OK done")

    def _answers(self, verb):
        selected = ("* 2 EXISTS", "* 0 RECENT", "* FLAGS ()", "* OK [READ-ONLY] selected")
        told = {"CAPABILITY": (f"* CAPABILITY {self._abilities}",), "EXAMINE": selected, "LOGOUT": ("* BYE",)}
        return told.get(verb, ())

    def _authenticate(self, file, tag, mechanism):
        tell(file, "+ ")
        token = base64.b64decode(file.readline()).decode()
        self.said.append((mechanism, token))
        if any(one in token for one in self.good):
            return [f"{tag} OK signed in"]
        tell(file, "+ " + base64.b64encode(b'{"status":"401"}').decode())
        file.readline()
        return [f"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials"]


def tell(file, *lines):
    file.write(b"".join(one.encode() + b"\r\n" for one in lines))
    file.flush()


def by_token(port, tokens, **columns):
    given = {"password": "", "token_url": tokens.url, "client_id": "caselli", "refresh_token": "old"}
    return source_at(port, **given | columns)


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_a_mailbox_opens_by_a_token_that_is_asked_for_once(trusted, certificate, tokens, mechanism):
    tokens.answers = [(200, {"access_token": f"good-{mechanism}", "expires_in": 3600})]
    with ByToken(certificate, mechanism) as server:
        server.good.add(f"Bearer good-{mechanism}\1")
        for _ in range(2):
            found = fetch_test.test(by_token(server.port, tokens))
            assert found.passed, str(found)
    assert "2 mails lie" in str(found)
    assert tokens.asked == [{"grant_type": "refresh_token", "refresh_token": "old", "client_id": "caselli"}]
    assert {one for one, _ in server.said} == {mechanism}
    assert all(LOGIN in one for _, one in server.said)


@pytest.mark.django_db
def test_a_refresh_token_that_is_exchanged_is_kept(trusted, tokens):
    tokens.answers = [(200, {"access_token": "a", "expires_in": 3600, "refresh_token": "new"})]
    source = by_token(993, tokens)
    source.save()
    fetch_token.access_token(source)
    assert (source.refresh_token, MailSource.objects.get().refresh_token) == ("new", "new")
    fetch_token.access_token(MailSource.objects.get())
    assert len(tokens.asked) == 1


def test_a_client_with_a_mailbox_of_its_own_needs_no_refresh_token(trusted, tokens):
    tokens.answers = [(200, {"access_token": "a"})]
    scope = "https://outlook.office365.com/.default"
    fetch_token.access_token(by_token(993, tokens, refresh_token="", client_secret="hush", token_scope=scope))
    assert tokens.asked == [
        {"grant_type": "client_credentials", "client_id": "caselli", "client_secret": "hush", "scope": scope}
    ]


def test_a_token_that_the_mail_server_does_not_take_is_asked_for_anew(trusted, certificate, tokens):
    tokens.answers = [(200, {"access_token": "stale"}), (200, {"access_token": "fresh"})]
    with ByToken(certificate, "XOAUTH2") as server:
        server.good.add("Bearer fresh\1")
        refused = fetch_test.test(by_token(server.port, tokens, refresh_token="once"))
        assert "did not take the access token" in str(refused)
        assert fetch_test.test(by_token(server.port, tokens, refresh_token="once")).passed


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((400, EXPIRED), "(invalid_grant: Token expired.). The refresh token has expired"),
        ((401, {"error": "invalid_client"}), "Check the client ID and the client secret"),
        ((302, "http://127.0.0.1/elsewhere"), "leads elsewhere (302)"),
        ((500, {}), "refused (HTTP 500)"),
        ((200, {}), "answered without an access token"),
        ((200, ["no object"]), "answered without an access token"),
    ],
)
def test_a_token_that_is_not_given_is_said_in_words(trusted, tokens, answer, words):
    tokens.answers = [answer]
    found = fetch_token_words(by_token(993, tokens, refresh_token=str(answer)))
    assert words in found
    assert len(tokens.asked) == 1


def fetch_token_words(source):
    with pytest.raises(fetch_token.NoToken) as error:
        fetch_token.access_token(source)
    return str(error.value)


def test_a_secret_goes_to_no_address_without_tls_and_to_no_stranger(tokens, monkeypatch):
    source = source_at(993, token_url="http://127.0.0.1:9/token", client_id="caselli", refresh_token="x")
    assert "https://" in fetch_token_words(source)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    assert "cannot be reached" in fetch_token_words(by_token(993, tokens, refresh_token="y"))
    assert tokens.asked == []
