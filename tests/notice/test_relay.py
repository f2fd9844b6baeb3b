"""Mails to a real mail server, over sockets: taken, refused, away; encrypted as the address says."""

import socket
import ssl
import subprocess
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from django.core.mail import EmailMessage, get_connection
from django.utils import timezone

from caselli.notice import outbox, relay
from caselli.notice.chores import forget_old_mail, send_due
from caselli.project.configuration import Relay
from caselli.store.models import OutgoingMail, Preferences

pytestmark = pytest.mark.django_db


@dataclass
class Server:
    """Takes what it gets, unless it was told to answer otherwise."""

    recipient: str = "250 OK"
    data: str = "250 OK"
    empty_path: str = "250 OK"
    taken: list[tuple[str, list[str], bytes, bool]] = field(default_factory=list)
    offered: int = 0

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        if address == "<>" and not self.empty_path.startswith("250"):
            return self.empty_path
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        self.offered += 1
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.data.startswith("250"):
            encrypted = session.ssl is not None
            self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content, encrypted))
        return self.data


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Of nobody known, for 127.0.0.1."""
    folder = tmp_path_factory.mktemp("certificate")
    key, proof = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", proof, "-days", "2"]
    words = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, *words], check=True, capture_output=True)
    return key, proof


@pytest.fixture
def serve(home, settings):
    """Start a mail server; the relay of the configuration is it."""
    started = []

    def start(server, relay_of=lambda port: Relay("127.0.0.1", port), **options):
        with socket.create_server(("127.0.0.1", 0)) as held:
            port = held.getsockname()[1]
        controller = Controller(server, hostname="127.0.0.1", port=port, **options)
        controller.start()
        started.append(controller)
        settings.CONFIGURATION = replace(settings.CONFIGURATION, smtp_relay=relay_of(port))
        return server

    yield start
    for one in started:
        one.stop(no_assert=True)


def write(to="alice@acme.example", subject="Hello"):
    ours = get_connection("caselli.notice.mailbox.Mailbox")
    EmailMessage(subject, "Good day.", to=[to], connection=ours).send()
    return OutgoingMail.objects.latest("id")


def tls(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate[1], certificate[0])
    return context


def test_a_mail_is_handed_over_whole_and_once(serve):
    server = serve(Server())
    mail = write()
    assert outbox.send(mail.pk)
    assert not outbox.send(mail.pk)
    assert outbox.send_due(timezone.now() + timedelta(minutes=1)) == 0
    ((sender, recipients, content, _),) = server.taken
    assert (sender, recipients) == ("caselli@fax.acme.example", ["alice@acme.example"])
    assert b"From: Caselli <caselli@fax.acme.example>\r\n" in content
    assert b"Auto-Submitted: auto-generated\r\n" in content
    mail.refresh_from_db()
    assert (mail.state, bytes(mail.content)) == ("sent", b"")


def test_where_our_sender_is_the_fax_address_nothing_can_bounce_to_it(serve):
    Preferences.objects.update_or_create(id=1, defaults={"fax_address": "Fax@Acme.example"})
    server = serve(Server())
    assert outbox.send(write().pk)
    ((reverse_path, _, content, _),) = server.taken
    assert reverse_path == "<>"
    assert b"From: Caselli <Fax@Acme.example>\r\n" in content


@pytest.mark.parametrize("where", ["empty_path", "recipient", "data"])
def test_a_server_that_takes_no_empty_reverse_path_gets_the_address(serve, where):
    Preferences.objects.update_or_create(id=1, defaults={"fax_address": "fax@acme.example"})
    server = serve(Server(**{where: "550 5.7.60 not as this sender"}))
    mail = write()
    went = outbox.send(mail.pk)
    mail.refresh_from_db()
    if where == "empty_path":
        assert went
        assert server.taken[0][0] == "fax@acme.example"
    else:  # it refuses whatever the sender is, and has been asked twice
        assert (mail.state, mail.tries) == ("failed", 1)
        assert server.offered == 2


def test_an_address_that_the_operator_has_named_gets_what_bounces(serve, settings):
    Preferences.objects.update_or_create(id=1, defaults={"fax_address": "fax@acme.example"})
    server = serve(Server())
    settings.CONFIGURATION = replace(settings.CONFIGURATION, mail_from="faxes-office@acme.example")
    assert outbox.send(write().pk)
    assert server.taken[0][0] == "faxes-office@acme.example"


def test_a_server_that_is_away_loses_nothing(home, settings, serve):
    settings.CONFIGURATION = replace(settings.CONFIGURATION, smtp_relay=Relay("127.0.0.1", 1))
    mail, other = write(), write("bob@acme.example")
    OutgoingMail.objects.filter(pk=mail.pk).update(added_at=timezone.now() - timedelta(days=30))
    assert not outbox.send(mail.pk)
    mail.refresh_from_db()
    assert (mail.state, mail.tries) == ("waiting", 1)
    assert "refused" in mail.error
    assert not outbox.send(other.pk), "it need not find out again that the server is away"
    assert OutgoingMail.objects.get(pk=other.pk).tries == 0
    server = serve(Server())
    OutgoingMail.objects.update(next_try_at=timezone.now())
    send_due(timestamp=0)
    assert {one[1][0] for one in server.taken} == {"alice@acme.example", "bob@acme.example"}


def test_the_pauses_grow(home, settings):
    settings.CONFIGURATION = replace(settings.CONFIGURATION, smtp_relay=Relay("127.0.0.1", 1))
    mail = write()
    pauses = []
    for _ in range(4):
        OutgoingMail.objects.update(next_try_at=timezone.now())
        outbox.send(mail.pk)
        pauses.append(OutgoingMail.objects.get().next_try_at - timezone.now())
    assert pauses == sorted(pauses)
    assert pauses[-1] > 3 * pauses[0]


@pytest.mark.parametrize(("recipient", "data"), [("550 no such user", "250 OK"), ("250 OK", "554 we do not like it")])
def test_what_the_server_will_never_take_is_not_offered_again(serve, recipient, data):
    server = serve(Server(recipient, data))
    mail = write()
    assert not outbox.send(mail.pk)
    mail.refresh_from_db()
    assert (mail.state, mail.next_try_at) == ("failed", None)
    assert mail.error in {recipient, data}
    assert bytes(mail.content)
    outbox.send_due(timezone.now() + timedelta(minutes=1))
    assert server.offered == 1


def test_not_now_is_tried_later_and_not_for_ever(serve):
    server = serve(Server("451 come back later"))
    mail = write()
    outbox.send(mail.pk)
    mail.refresh_from_db()
    assert (mail.state, mail.error) == ("waiting", "451 come back later")
    server.recipient = "250 OK"
    OutgoingMail.objects.update(next_try_at=timezone.now())
    assert outbox.send(mail.pk)
    mail = write()
    server.recipient = "451 come back later"
    OutgoingMail.objects.filter(pk=mail.pk).update(added_at=timezone.now() - timedelta(days=4))
    outbox.send(mail.pk)
    mail.refresh_from_db()
    assert mail.state == "failed"


def test_starttls_is_used_where_it_is_offered(serve, certificate):
    server = serve(Server(), tls_context=tls(certificate))
    assert outbox.send(write().pk)
    assert server.taken[0][3]


def with_password(**more):
    return lambda port: Relay("127.0.0.1", port, user="fax", password="secret", **more)


def knows(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"fax", b"secret"))


def trusting(monkeypatch, certificate):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))


def test_a_login_goes_by_starttls_to_a_server_that_proves_itself(serve, certificate, monkeypatch):
    trusting(monkeypatch, certificate)
    server = serve(Server(), with_password(), tls_context=tls(certificate), authenticator=knows, auth_required=True)
    assert outbox.send(write().pk)
    assert server.taken[0][3]


def test_a_password_is_not_sent_in_the_clear_nor_to_a_stranger(serve, certificate):
    said = []

    def listening(server, session, envelope, mechanism, data):
        said.append(data)
        return AuthResult(success=True)

    serve(Server(), with_password(), authenticator=listening, auth_require_tls=False)
    clear = write()
    assert not outbox.send(clear.pk)
    clear.refresh_from_db()
    assert "offers no STARTTLS" in clear.error
    serve(Server(), with_password(), tls_context=tls(certificate), authenticator=listening)
    unproven = write()
    assert not outbox.send(unproven.pk)
    unproven.refresh_from_db()
    assert "certificate" in unproven.error
    assert said == []


def test_a_wrong_password_is_the_operators_to_mend_and_loses_no_mail(serve, certificate, monkeypatch):
    trusting(monkeypatch, certificate)

    def nobody(server, session, envelope, mechanism, data):
        return AuthResult(success=False, handled=False)

    serve(Server(), with_password(), tls_context=tls(certificate), authenticator=nobody)
    mail = write()
    assert not outbox.send(mail.pk)
    mail.refresh_from_db()
    assert mail.state == "waiting"
    assert mail.error.startswith("535")


def test_tls_from_the_first_byte(serve, certificate, monkeypatch):
    trusting(monkeypatch, certificate)
    server = serve(
        Server(), with_password(tls=True), ssl_context=tls(certificate), authenticator=knows, auth_require_tls=False
    )
    assert outbox.send(write().pk)
    assert len(server.taken) == 1


def test_an_address_in_any_script_goes_where_the_server_knows_them(serve):
    server = serve(Server(), enable_SMTPUTF8=True)
    relay.hand_over(outbox.settings.CONFIGURATION.smtp_relay, "fax@acme.example", ["zoë@acme.example"], b"\r\n")
    assert server.taken[0][1] == ["zoë@acme.example"]


def test_an_address_in_any_script_is_refused_where_the_server_does_not_know_them(serve):
    serve(Server(), enable_SMTPUTF8=False)
    mail = write()
    OutgoingMail.objects.update(recipients=["zoë@acme.example"])
    assert not outbox.send(mail.pk)
    mail.refresh_from_db()
    assert mail.state == "failed"
    assert "SMTPUTF8" in mail.error


def test_old_mails_are_forgotten_and_those_that_wait_are_not(home):
    kept, waiting = write(), write()
    outbox.send(kept.pk)
    kept.refresh_from_db()
    OutgoingMail.objects.update(added_at=timezone.now() - timedelta(days=91))
    moved = outbox.file_of(OutgoingMail.objects.get(pk=kept.pk))
    outbox.file_of(kept).rename(moved)
    forget_old_mail(timestamp=0)
    assert list(OutgoingMail.objects.all()) == [waiting]
    assert not moved.exists()
