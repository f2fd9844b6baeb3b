"""Faxes fetched from a mailbox, from a real IMAP server (pymap) over TLS.

Signing in by OAuth 2.0 and what a poor or a bad server does: test_fetch_sign_in.py.
"""

import asyncio
import json
import socket
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from django.db import connection
from imap_server import LOGIN, PASSWORD, Server
from mail_server import committed, wait_until

from caselli.doors.mail import fetch, fetch_take
from caselli.doors.mail.fetch import Keeper, Running
from caselli.doors.mail.fetch_mailbox import Mailbox
from caselli.store import blobs
from caselli.store.listen import MAILBOX_CHANNEL, tell
from caselli.store.models import AuthorizedAddress, IncomingMail, MailSource, Preferences
from caselli.workers.certificate import certificate_for

pytestmark = pytest.mark.django_db


LIMIT = 60.0
"""Seconds; generous, because the machine may be busy."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Of a test's own authority, which SSL_CERT_FILE names."""
    made = certificate_for(tmp_path_factory.mktemp("imap") / "tls", ["localhost", "127.0.0.1"], datetime.now(UTC))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SSL_CERT_FILE", str(made.chain))
        yield made


@pytest.fixture(scope="module")
def every_ability(certificate):
    server = Server(certificate.chain, certificate.key)
    yield server
    server.close()


@pytest.fixture
def server(every_ability):
    every_ability.empty()
    return every_ability


@pytest.fixture
def source(world, server):
    made = MailSource(name="Provider", host="127.0.0.1", port=server.port, username=LOGIN, password=PASSWORD)
    committed(made.save)
    yield made

    def clear():
        MailSource.objects.all().delete()
        IncomingMail.objects.filter(extension__organization=world.clinic).delete()

    committed(clear)


def change(**columns):
    committed(lambda: MailSource.objects.update(**columns))


def take(content, tmp_path):
    """As a process takes it that dies right after."""
    file = tmp_path / "mail"
    file.write_bytes(content)
    fates = []
    committed(lambda: fates.append(fetch_take.take(file, len(content))))
    return fates[0]


@contextmanager
def fetching(source):
    """The mailbox's thread runs meanwhile."""
    running = Running(MailSource.objects.get(pk=source.pk))
    try:
        yield running
    finally:
        running.ask_to_end()
        running.join(LIMIT)
        assert not running._thread.is_alive()


def letter(subject="+12025550100", sender="alice@acme.example", text="Good day.", **fields):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "fax@caselli.example", subject
    mail["Message-ID"] = f"<{time.monotonic_ns()}@acme.example>"
    for name, value in fields.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


def folders(server):
    return {name: server.count(name) for name in ("INBOX", "Faxed", "Not faxed")}


def states():
    return sorted(IncomingMail.objects.values_list("state", flat=True))


def test_a_mail_is_taken_and_then_moved_and_the_folders_are_made(server, source):
    server.put(letter())
    with fetching(source):
        wait_until(lambda: server.count("Faxed") == 1)
    assert folders(server) == {"INBOX": 0, "Faxed": 1, "Not faxed": 0}
    mail = IncomingMail.objects.get()
    assert (mail.via, mail.sender, mail.subject, mail.client_ip) == ("imap", "alice@acme.example", "+12025550100", None)
    source.refresh_from_db()
    assert (source.trouble, source.refused) == ("", [])
    assert source.looked_at is not None


def test_a_new_mail_is_told_by_the_server_and_fetched_without_polling(server, source):
    with fetching(source):
        wait_until(lambda: MailSource.objects.get().looked_at is not None)
        for count in (1, 2):
            server.put(letter())
            wait_until(lambda count=count: server.count("Faxed") == count)
    assert IncomingMail.objects.count() == 2


def test_a_mail_of_several_pieces_comes_whole(server, source):
    text = "\n".join(f"line {number} of a long letter" for number in range(30_000))
    content = letter(text=text)
    assert 500_000 < len(content) < 1_000_000
    server.put(content)
    with fetching(source):
        wait_until(lambda: server.count("Faxed") == 1)
    with server.program() as program:
        program.select_folder("Faxed")
        lying = program.fetch(program.search(), ["BODY.PEEK[]"])
    assert blobs.path(IncomingMail.objects.get().blob).read_bytes() == next(iter(lying.values()))[b"BODY[]"]


def test_a_mail_that_was_taken_before_a_crash_is_moved_and_not_taken_again(server, source, tmp_path):
    content = letter().replace(b"\n", b"\r\n")
    assert take(content, tmp_path).is_taken
    server.put(content)
    with fetching(source):
        wait_until(lambda: server.count("Faxed") == 1)
    assert IncomingMail.objects.count() == 1


def test_a_mail_that_could_not_be_moved_for_a_week_is_no_second_fax(server, source, tmp_path):
    content = letter().replace(b"\n", b"\r\n")
    take(content, tmp_path)
    long_ago = datetime.now(UTC) - timedelta(days=9)
    committed(lambda: IncomingMail.objects.update(received_at=long_ago, fingerprint=None))
    assert take(content, tmp_path).is_taken
    assert IncomingMail.objects.count() == 1


def test_two_mails_without_a_message_id_are_two_and_one_that_lies_twice_is_one(source, tmp_path):
    for text in ("one", "two", "two"):
        lines = letter(text=text).splitlines()
        content = b"\r\n".join(line for line in lines if not line.startswith(b"Message-ID"))
        assert take(content, tmp_path).is_taken
    assert IncomingMail.objects.count() == 2


def test_a_stranger_is_not_answered_but_shown_and_the_mail_stays(server, source):
    server.put(letter(sender="mallory@elsewhere.example"))
    with fetching(source):
        wait_until(lambda: server.count("Not faxed") == 1)
    assert states() == []
    told = MailSource.objects.get().refused
    assert [(one["sender"], one["answered"]) for one in told] == [("mallory@elsewhere.example", False)]
    assert "No faxes are taken from mallory@elsewhere.example" in told[0]["words"]


def test_an_authorized_sender_is_told_once_by_mail(server, source):
    server.put(letter(subject="Hello"))
    with fetching(source):
        wait_until(lambda: server.count("Not faxed") == 1)
    mail = IncomingMail.objects.get()
    assert (mail.state, mail.refusal, mail.sender, mail.blob) == (
        "refused",
        "subject_invalid",
        "alice@acme.example",
        "",
    )
    assert _promised("mail_refused") == [mail.pk]
    assert MailSource.objects.get().refused[0]["answered"] is True


def _promised(what):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args FROM procrastinate_jobs WHERE task_name = 'caselli.notice.tell' ORDER BY id DESC LIMIT 50"
        )
        ours = set(IncomingMail.objects.values_list("pk", flat=True))
        told = [json.loads(row[0]) for row in cursor.fetchall()]
    return [one["mail_id"] for one in told if one["what"] == what and one.get("mail_id") in ours]


def test_a_refused_mail_that_is_moved_back_is_taken_when_it_was_mended(world, server, source):
    server.put(letter(sender="carol@acme.example"))
    with fetching(source):
        wait_until(lambda: server.count("Not faxed") == 1)
        row = AuthorizedAddress(extension=world.desk, address="carol@acme.example")
        committed(row.save)
        try:
            with server.program() as program:
                program.select_folder("Not faxed")
                program.move(program.search(), "INBOX")
            wait_until(lambda: server.count("Faxed") == 1)
        finally:
            committed(row.delete)
    assert states() == ["waiting"]


def test_an_automatic_mail_is_refused_and_nobody_is_answered(server, source):
    server.put(letter(subject="Out of office", Auto_Submitted="auto-replied"))
    with fetching(source):
        wait_until(lambda: server.count("Not faxed") == 1)
    assert _promised("mail_refused") == []
    assert [one["answered"] for one in MailSource.objects.get().refused] == [False]


def test_too_large_a_mail_is_refused_by_its_header_alone(server, source):
    server.put(letter(text="too much\n" * 150_000))  # the limit of these tests is 1 MB
    with fetching(source):
        wait_until(lambda: server.count("Not faxed") == 1)
    mail = IncomingMail.objects.get()
    assert (mail.refusal, mail.sender) == ("mail_too_large", "alice@acme.example")
    assert mail.size > 1_000_000
    assert _promised("mail_refused") == [mail.pk]


def test_what_is_no_mail_at_all_is_moved_aside_and_the_next_one_taken(server, source):
    server.put(b"\xff\xfe\x00 this is no mail")
    server.put(letter())
    with fetching(source):
        wait_until(lambda: folders(server) == {"INBOX": 0, "Faxed": 1, "Not faxed": 1})


def test_the_server_goes_away_and_comes_back(server, source):
    with fetching(source):
        wait_until(lambda: MailSource.objects.get().looked_at is not None)
        server.stop()
        wait_until(lambda: "It is tried again" in MailSource.objects.get().trouble or _nobody_listens())
        server.start()
        server.put(letter())
        wait_until(lambda: server.count("Faxed") == 1)
        wait_until(lambda: MailSource.objects.get().trouble == "")


def _nobody_listens():
    return "Nothing listens" in MailSource.objects.get().trouble


def test_a_mailbox_is_opened_when_it_is_set_closed_when_it_is_not_and_anew_when_it_changes(server, source):
    server.put(letter())
    keeper = Keeper()
    try:
        committed(keeper.look)
        wait_until(lambda: server.count("Faxed") == 1)
        first = keeper._threads[source.pk]
        committed(keeper.look)
        assert keeper._threads[source.pk] is first
        change(done_folder="Taken")
        committed(keeper.look)
        assert not first._thread.is_alive()
        server.put(letter())
        wait_until(lambda: server.count("Taken") == 1)
        change(enabled=False)
        committed(keeper.look)
        assert not keeper._threads
    finally:
        keeper.close()


def test_nothing_is_fetched_while_faxing_by_email_is_off(server, source):
    committed(lambda: Preferences.objects.update(email_accepted=False))
    keeper = Keeper()
    try:
        committed(keeper.look)
        assert not keeper._threads
        assert MailSource.objects.get().trouble == fetch.OFF
    finally:
        committed(lambda: Preferences.objects.update(email_accepted=True))
        keeper.close()


def test_two_processes_do_not_fetch_the_same_mailbox(server, source):
    with fetching(source):
        wait_until(lambda: MailSource.objects.get().looked_at is not None)
        other = Mailbox(MailSource.objects.get(), socket.socket())
        ours = []
        committed(lambda: ours.append(other._is_ours()))
        other._ended.close()
    assert ours == [False]


async def test_the_fetching_process_hears_of_a_new_mailbox_and_ends_when_it_is_told(server, source):
    def switch_on():
        MailSource.objects.update(enabled=True)
        tell(MAILBOX_CHANNEL)
        wait_until(lambda: MailSource.objects.get().looked_at is not None)

    change(enabled=False)
    stop = asyncio.Event()
    running = asyncio.create_task(fetch.run(stop))
    await asyncio.to_thread(committed, switch_on)
    stop.set()
    await asyncio.wait_for(running, LIMIT)
