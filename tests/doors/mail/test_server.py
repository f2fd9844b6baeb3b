"""The SMTP server over real sockets, to the row and the file on the shelf, or to the reason."""

import resource
import shutil
import smtplib
import subprocess
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection
from lost_database import lost_at_a_job
from mail_server import ALICE, FAX, committed, mail, mail_door, preferences, refused, send, taken, wait_until
from psycopg import sql

from caselli.doors.mail.dialogue_limits import Limits
from caselli.store import blobs
from caselli.store.models import Preferences

pytestmark = pytest.mark.django_db


class TestAMail:
    def test_is_taken_when_its_row_and_its_file_are_safe(self, door, world):
        one = mail()
        assert send(door, one) == {}
        (row,) = taken(one)
        assert (row.via, row.state, row.sender, row.extension) == ("smtp", "waiting", ALICE, world.desk)
        assert (row.subject, row.client_ip, row.reverse_path) == ("+12025550100", "127.0.0.1", ALICE)
        assert row.helo
        content = blobs.path(row.blob).read_bytes()
        assert len(content) == row.size
        assert content.startswith(b"Subject: +12025550100\r\n")

    def test_that_is_sent_again_is_the_same_mail(self, door):
        one = mail()
        send(door, one)
        send(door, one)
        assert len(taken(one)) == 1

    def test_keeps_lines_that_begin_with_dots(self, door):
        one = mail(document=None)
        one.set_content(".\r\n..two\r\n.three\r\n")
        send(door, one)
        assert b"\r\n\r\n.\r\n..two\r\n.three\r\n" in blobs.path(taken(one)[0].blob).read_bytes()

    def test_of_eight_bits_is_kept_to_the_bit(self, door):
        one = mail(document=None)
        whole = one.as_bytes().replace(b"\n", b"\r\n") + "Grüße €\r\n".encode()
        with smtplib.SMTP("127.0.0.1", door.port) as client:
            client.sendmail(ALICE, FAX, whole, ["BODY=8BITMIME"])
        assert "Grüße €".encode() in blobs.path(taken(one)[0].blob).read_bytes()

    def test_follows_another_in_the_same_connection_and_both_are_taken(self, door):
        first, second = mail(), mail()
        with smtplib.SMTP("127.0.0.1", door.port) as client:
            client.send_message(first)
            client.rset()
            client.send_message(second)
        assert len(taken(first) + taken(second)) == 2

    def test_by_swaks_is_taken(self, door):
        if not shutil.which("swaks"):
            pytest.skip("swaks is not installed")
        told = subprocess.run(
            ["swaks", "--server", f"127.0.0.1:{door.port}", "--from", ALICE, "--to", FAX, "--pipeline",
             "--header", "Subject: +12025550100", "--body", "Dear all"],
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert told.returncode == 0, told.stdout + told.stderr
        assert "250 2.0.0 Taken as " in told.stdout


class TestARefusal:
    def test_of_a_stranger_says_so(self, door):
        code, words = refused(door, mail(sender="mallory@evil.example"), "mallory@evil.example")
        assert code == 550
        assert b"5.7.1 No faxes are taken from mallory@evil.example." in words

    def test_of_a_subject_says_what_to_write_with_an_example(self, door):
        code, words = refused(door, mail(subject="Fwd: an offer"))
        assert code == 554
        assert b"5.6.0 " in words
        assert words.count(b"like this: Subject: ") == 1

    def test_of_an_address_on_two_extensions_asks_for_the_one_that_is_meant(self, door):
        one = mail(sender="bob@acme.example")
        assert b"210 and 211" in refused(door, one, "bob@acme.example")[1]
        del one["Subject"]
        one["Subject"] = "211: +12025550100"
        send(door, one, "bob@acme.example")
        assert taken(one)[0].extension.number == "211"

    def test_of_a_mail_with_nothing_to_send_says_so(self, door):
        one = mail(document=None)
        code, words = refused(door, one)
        assert code == 554
        assert b"nothing to send" in words
        assert not taken(one)

    def test_of_a_mail_that_is_none_says_so(self, door):
        with smtplib.SMTP("127.0.0.1", door.port) as client, pytest.raises(smtplib.SMTPDataError) as error:
            client.sendmail(ALICE, FAX, b"\r\nno header at all\r\n")
        assert error.value.smtp_code == 554

    def test_is_ascii_unless_the_client_takes_more(self, door):
        one = mail(subject="210: Zürich – Straße")
        with door.speaking() as speaker:
            speaker.up_to_data()
            speaker.say(one.as_bytes().replace(b"\n", b"\r\n") + b"\r\n.\r\n")
            assert speaker.hear().isascii()

    def test_of_many_things_is_an_answer_of_many_lines(self, door):
        with door.speaking() as speaker:
            speaker.up_to_data()
            speaker.say(mail(subject="+1, +2, +3, +4").as_bytes().replace(b"\n", b"\r\n") + b"\r\n.\r\n")
            lines = speaker.hear().split("\n")
            assert len(lines) > 1
            assert {line[:3] for line in lines} == {"554"}
            assert speaker.ask("NOOP").startswith("250")


class TestRecipients:
    def test_other_addresses_are_nobody_here(self, door):
        code, words = refused(door, mail(), recipients=("office@caselli.example",))
        assert code == 550
        assert words == b"5.1.1 Nobody has this address here. Faxes are taken at fax@caselli.example"

    def test_the_address_is_known_in_any_writing(self, door):
        with preferences(door, fax_address="Fax@Bücher.Example"), door.speaking() as speaker:
            speaker.hear()
            speaker.ask("EHLO client.example")
            speaker.ask(f"MAIL FROM:<{ALICE}> SMTPUTF8")
            assert speaker.ask("RCPT TO:<fax@bücher.example>")[0] == "2"
            assert speaker.ask("RCPT TO:<FAX@XN--BCHER-KVA.example>")[0] == "2"
            assert speaker.ask("RCPT TO:<fax@bucher.example>").endswith("Fax@Bücher.Example")
            speaker.ask("RSET")
            speaker.ask(f"MAIL FROM:<{ALICE}>")
            assert speaker.ask("RCPT TO:<fax@bucher.example>").endswith("Fax@xn--bcher-kva.example")

    def test_while_faxing_by_mail_is_off_everybody_is_told_in_the_dialogue(self, door):
        with preferences(door, email_accepted=False):
            code, words = refused(door, mail())
        assert code == 550
        assert b"takes no faxes by email yet" in words

    @pytest.mark.usefixtures("world")
    def test_a_change_of_the_preferences_is_seen_as_soon_as_they_are_read_again(self):
        with mail_door(Limits(terms_kept=0.0)) as door:
            send(door, mail())
            committed(lambda: Preferences.objects.update(email_accepted=False))
            assert refused(door, mail())[0] == 550
            committed(lambda: Preferences.objects.update(email_accepted=True))
            send(door, mail())

    def test_a_bounce_is_refused_with_the_reason_before_its_content(self, door):
        with door.speaking() as speaker:
            speaker.hear()
            for line in ("EHLO client.example", "MAIL FROM:<>", f"RCPT TO:<{FAX}>"):
                assert speaker.ask(line)[0] == "2"
            assert speaker.ask("DATA").startswith("550 5.7.1 This is a notice of a mail server")


class TestTheDialogue:
    def test_announces_what_it_can(self, door):
        with smtplib.SMTP("127.0.0.1", door.port) as client:
            client.ehlo("client.example")
            assert client.esmtp_features["size"] == "1000000"
            assert {"8bitmime", "smtputf8", "pipelining"} <= set(client.esmtp_features)
            assert "auth" not in client.esmtp_features
            assert "starttls" not in client.esmtp_features

    @pytest.mark.parametrize(
        ("line", "code"),
        [("VRFY alice", "252"), ("EXPN all", "502"), ("AUTH PLAIN AGEAYg==", "502"), ("FAX +12025550100", "500"),
         ("DATA", "503"), ("MAIL FROM:<@>", "553"), ("HELP", "250"), ("NOOP", "250"), ("", "500")],
    )  # fmt: skip
    def test_answers_whatever_is_said(self, door, line, code):
        with door.speaking() as speaker:
            speaker.hear()
            speaker.ask("EHLO client.example")
            assert speaker.ask(line).startswith(f"{code} ")
            assert speaker.ask("NOOP").startswith("250")

    def test_takes_commands_in_one_go(self, door):
        one = mail()
        with door.speaking() as speaker:
            speaker.hear()
            speaker.say(f"EHLO c.example\r\nMAIL FROM:<{ALICE}>\r\nRCPT TO:<{FAX}>\r\nDATA\r\n".encode())
            assert [speaker.hear()[:3] for _ in range(4)] == ["250", "250", "250", "354"]
            speaker.say(one.as_bytes().replace(b"\n", b"\r\n") + b".\r\nNOOP\r\nQUIT\r\n")
            assert [speaker.hear()[:3] for _ in range(4)] == ["250", "250", "221", ""]
        assert len(taken(one)) == 1

    @pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\r", b"\r\n.\n", b"\r\r\n.\r\r\n"])
    def test_never_takes_a_second_mail_from_inside_the_first(self, door, end):
        outer, inner = mail(), mail()
        commands = f"MAIL FROM:<{ALICE}>\r\nRCPT TO:<{FAX}>\r\nDATA\r\n".encode()
        with door.speaking() as speaker:
            speaker.up_to_data()
            speaker.say(outer.as_bytes().replace(b"\n", b"\r\n") + end + commands)
            speaker.say(inner.as_bytes().replace(b"\n", b"\r\n") + b"\r\n.\r\n")
            assert speaker.hear().startswith("550 5.6.11 ")
            assert speaker.ask("NOOP").startswith("250")  # one answer, no more
        assert taken(outer) + taken(inner) == []

    def test_refuses_what_is_announced_as_too_large_before_it_comes(self, door):
        with door.speaking() as speaker:
            speaker.hear()
            speaker.ask("EHLO client.example")
            assert speaker.ask(f"MAIL FROM:<{ALICE}> SIZE=1000001").startswith("552 5.3.4 The mail is larger than 1 MB")
            assert speaker.ask(f"MAIL FROM:<{ALICE}> SIZE=1000000").startswith("250")

    def test_refuses_what_turns_out_too_large_and_goes_on(self, door):
        with door.speaking() as speaker:
            speaker.up_to_data()
            for _ in range(40):
                speaker.say(b"0123456789abcdef" * 4_096)
            speaker.say(b"\r\n.\r\n")
            assert speaker.hear().startswith("552 5.3.4 The mail is larger than 1 MB")
            assert speaker.ask("NOOP").startswith("250")

    def test_that_breaks_in_the_middle_of_a_mail_leaves_nothing(self, door):
        one = mail()
        with door.speaking() as speaker:
            speaker.up_to_data()
            speaker.say(one.as_bytes().replace(b"\n", b"\r\n"))
        wait_until(lambda: not door.ask(lambda: door.server.door.clients.open))
        assert not taken(one)
        assert not list(blobs.folder().glob(".coming-*"))


class TestTrouble:
    def test_a_full_disk_is_told_and_passes(self, door):
        one = mail(document=b"%PDF-1.4\n" + b"x" * 300_000)
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
        try:
            code, words = refused(door, one)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert code == 452
        assert words.startswith(b"4.3.1 The disk of this server is full.")
        assert not taken(one)
        assert send(door, one) == {}

    def test_a_database_that_is_away_is_told_and_passes(self, door):
        one = mail()
        with no_new_connections():
            code, words = refused(door, one)
        assert code == 451
        assert (
            words == b"4.3.0 This server cannot take mails at the moment. Nothing was taken; send the mail again later."
        )
        assert not taken(one)
        assert send(door, one) == {}

    def test_a_database_that_goes_away_in_the_middle_is_told_too(self, door):
        one = mail()
        with lost_at_a_job(committed):
            assert refused(door, one)[0] == 451
        assert not taken(one)
        assert send(door, one) == {}


@contextmanager
def no_new_connections():
    """The door's connections to the database break, and there are no others to be had."""
    given = connection.get_connection_params()
    away = {name: given[name] for name in ("user", "password", "host", "port") if name in given}
    with psycopg.connect(**away, dbname="postgres") as database:
        database.autocommit = True
        name = sql.Identifier(given["dbname"])
        database.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        database.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> %s",
            [given["dbname"], connection.connection.info.backend_pid],
        )
        try:
            yield
        finally:
            database.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))
