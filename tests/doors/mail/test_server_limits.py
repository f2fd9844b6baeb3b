"""The SMTP server's limits, its STARTTLS, its end, and the proof of a sender, over real sockets."""

import contextlib
import smtplib
import ssl
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from mail_server import ALICE, FAX, committed, mail, mail_door, preferences, refused, send, taken, wait_until

from caselli.doors.mail.dialogue_limits import Limits
from caselli.project import configuration
from caselli.store.models import Organization
from caselli.workers.certificate import certificate_for
from caselli.workers.starttls import StartTls

pytestmark = pytest.mark.django_db


class TestLimits:
    def test_of_connections_are_told_at_once_and_pass(self, world):
        with mail_door(Limits(connections_of_a_client=1), fronts=()) as door:
            with door.speaking() as speaker:
                assert speaker.hear().startswith("220 ")
                with door.speaking() as second:
                    assert second.hear().startswith("421 4.7.0 1 connections from 127.0.0.1 are open")
                    assert second.hear() == ""
                assert speaker.ask("QUIT").startswith("221")
                assert speaker.hear() == ""
            wait_until(lambda: door.ask(lambda: door.server.door.clients.open) == 0)
            assert send(door, mail()) == {}

    def test_of_connections_in_all_hold_for_everybody(self, world):
        with mail_door(Limits(connections=1)) as door, door.speaking() as speaker, door.speaking() as second:
            assert {speaker.hear()[:10], second.hear()[:10]} == {"220 mx.cas", "421 4.7.0 "}

    def test_of_mails_a_minute_are_told_and_nothing_is_taken(self, world):
        with mail_door(Limits(mails_a_minute_of_a_client=1), fronts=()) as door:
            assert send(door, mail()) == {}
            code, words = refused(door, mail())
            assert code == 450
            assert words.startswith(b"4.7.1 More than 1 mails from 127.0.0.1 in one minute.")

    def test_of_mistakes_end_the_connection_with_words(self, world):
        with mail_door(Limits(errors=3), fronts=()) as door, door.speaking() as speaker:
            speaker.hear()
            for _ in range(3):
                assert speaker.ask("MAIL")[0] == "5"
            assert speaker.hear().startswith("421 4.7.0 Too many commands of this connection failed.")
            assert speaker.hear() == ""

    def test_of_commands_end_the_connection_but_mails_begin_anew(self, world):
        with mail_door(Limits(commands=10)) as door, door.speaking() as speaker:
            speaker.up_to_data()
            for _ in range(3):
                speaker.say(mail().as_bytes().replace(b"\n", b"\r\n") + b".\r\n")
                assert speaker.hear().startswith("250 2.0.0 Taken as ")
                for line in (f"MAIL FROM:<{ALICE}>", f"RCPT TO:<{FAX}>", "DATA"):
                    assert speaker.ask(line)[0] in "23"
            speaker.say(b".\r\n")
            speaker.hear()
            for _ in range(6):
                assert speaker.ask("NOOP").startswith("250")
            assert speaker.hear().startswith("421 4.7.0 Too many commands without a mail")

    def test_of_recipients_say_that_one_is_enough(self, world):
        with mail_door(Limits(recipients=1)) as door, door.speaking() as speaker:
            speaker.hear()
            for line in ("EHLO client.example", f"MAIL FROM:<{ALICE}>", f"RCPT TO:<{FAX}>"):
                speaker.ask(line)
            assert speaker.ask(f"RCPT TO:<{FAX}>").startswith("452 4.5.3 ")

    def test_of_silence_end_the_connection_with_words(self, world):
        with mail_door(Limits(idle=0.2)) as door, door.speaking() as speaker:
            speaker.hear()
            assert speaker.hear().startswith("421 4.4.2 Nothing came for ")
            assert speaker.hear() == ""

    def test_of_silence_hold_in_the_middle_of_a_mail_too(self, world):
        with mail_door(Limits(idle=2.0)) as door, door.speaking() as speaker:
            speaker.up_to_data()
            speaker.say(b"Subject: half")
            assert speaker.hear().startswith("421 4.4.2 Nothing came for ")

    def test_of_time_end_a_mail_that_only_trickles(self, world):
        with mail_door(Limits(mail_time=0.3)) as door, door.speaking() as speaker:
            speaker.up_to_data()
            speaker.connection.settimeout(0.02)
            heard = b""
            with contextlib.suppress(OSError):
                while not heard:
                    speaker.say(b"x")
                    with contextlib.suppress(TimeoutError):
                        heard = speaker.connection.recv(100)
            assert heard.startswith(b"421 4.4.2 The mail took longer than ")


@pytest.fixture(scope="module")
def secure(world, tmp_path_factory):
    """A door with STARTTLS, and the certificate to trust."""
    made = certificate_for(tmp_path_factory.mktemp("tls"), ["localhost", "127.0.0.1"], datetime.now(UTC))
    settled = replace(configuration.load(), smtp_certificate=made.chain, smtp_key=made.key)
    with mail_door(tls=StartTls(settled).context) as door:
        yield door, made.chain


class TestStartTls:
    def test_a_mail_goes_through_tls_with_a_certificate_that_can_be_checked(self, secure):
        door, chain = secure
        one = mail()
        with smtplib.SMTP("127.0.0.1", door.port, timeout=60) as client:
            client.ehlo()
            assert client.has_extn("starttls")
            client.starttls(context=ssl.create_default_context(cafile=str(chain)))
            client.ehlo()
            assert not client.has_extn("starttls")
            assert not client.has_extn("auth")
            client.send_message(one)
        assert len(taken(one)) == 1

    def test_what_was_said_before_tls_is_forgotten(self, secure):
        door, _ = secure
        with door.speaking() as speaker:
            speaker.hear()
            speaker.ask("EHLO client.example")
            speaker.ask(f"MAIL FROM:<{ALICE}>")
            speaker.say(b"STARTTLS\r\nRCPT TO:<fax@caselli.example>\r\n")
            assert speaker.hear().startswith("220 ")
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            with context.wrap_socket(speaker.connection) as safe:
                safe.sendall(b"RCPT TO:<fax@caselli.example>\r\n")
                assert safe.recv(1_000).startswith(b"503 ")

    def test_rubbish_in_place_of_a_handshake_ends_the_connection_only(self, secure):
        door, _ = secure
        with door.speaking() as speaker:
            speaker.hear()
            speaker.ask("EHLO client.example")
            assert speaker.ask("STARTTLS").startswith("220 ")
            speaker.say(b"EHLO in the clear\r\n" * 10)
            with contextlib.suppress(ConnectionError):
                while speaker.connection.recv(1_000):
                    pass
        assert send(door, mail()) == {}


class TestTheEnd:
    def test_of_the_server_is_told_and_what_was_sent_whole_is_taken(self, world):
        one = mail()
        with mail_door() as door, door.speaking() as speaker, door.speaking() as other:
            other.hear()
            speaker.up_to_data()
            speaker.say(one.as_bytes().replace(b"\n", b"\r\n") + b".\r\n")
            wait_until(lambda: taken(one) or door.ask(lambda: door.server.door._deeds))
            door.begin_to_stop()
            assert other.hear().startswith("421 4.3.2 ")
            assert speaker.hear().startswith("250 2.0.0 Taken as ")
            assert speaker.hear().startswith("421 4.3.2 ")
        assert len(taken(one)) == 1

    def test_of_one_server_on_a_socket_leaves_it_to_the_other_by_smtp_and_lmtp(self, world):
        one = mail()
        with mail_door() as door:
            second = door.leave_to("second.caselli.example")
            for local in (False, True):
                with door.speaking(local=local) as speaker:
                    assert speaker.hear().startswith("220 second.caselli.example ")
            assert send(door, one) == {}
            door.close(second)
        assert len(taken(one)) == 1


class TestProof:
    def test_where_an_organization_asks_for_it_an_unproven_mail_is_refused(self, door, world):
        one = mail()
        wanted = Organization.objects.filter(pk=world.clinic.pk)
        committed(lambda: wanted.update(mail_proof_required=True))
        try:
            code, words = refused(door, one)
        finally:
            committed(lambda: wanted.update(mail_proof_required=False))
        assert code in {550, 451}  # it depends on whether this machine reaches any DNS
        assert not taken(one)
        assert words.startswith((b"5.7.26 Nothing proves that this mail is from ", b"4.7.26 DNS does not answer"))

    def test_what_our_own_front_server_found_is_believed(self, door, world):
        one = mail()
        one["Authentication-Results"] = "mx.acme.example; dmarc=pass header.from=acme.example; spf=pass"
        wanted = Organization.objects.filter(pk=world.clinic.pk)
        committed(lambda: wanted.update(mail_proof_required=True))
        try:
            with preferences(door, front_server="mx.acme.example"):
                assert send(door, one) == {}
        finally:
            committed(lambda: wanted.update(mail_proof_required=False))
        (row,) = taken(one)
        assert (row.spf, row.dmarc, row.judged_by) == ("pass", "pass", "mx.acme.example")
