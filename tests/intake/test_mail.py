"""A mail is taken once, whole or not at all; and forgotten when nobody needs it any more."""

import errno
import os
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from caselli.fax.refusals import Refusal, RefusalKind, Refusals
from caselli.intake import mail as intake
from caselli.intake.mail import Arrived, forget, refuse, take
from caselli.store import blobs, sweep
from caselli.store.models import IncomingMail
from caselli.store.promise import OPEN, TELL

CONTENT = b"From: alice@acme.example\r\nSubject: +12025550100\r\n\r\nDear clinic\r\n"
WRONG = Refusals(
    (
        Refusal(RefusalKind.SUBJECT_INVALID, "subject", "The subject names nobody.", "Write a number into it."),
        Refusal(RefusalKind.MAIL_EMPTY, "mail", "There is nothing to send.", "Attach a file."),
    )
)


@pytest.fixture
def arrived(cast, tmp_path):
    def make(content=CONTENT, **changes):
        file = tmp_path / "content.eml"
        file.write_bytes(content)
        mail = Arrived(
            via="smtp",
            content=file,
            size=len(content),
            sender="alice@acme.example",
            extension_id=cast.desk.pk,
            subject="+12025550100",
            message_id="<1@acme.example>",
            reverse_path="bounce@acme.example",
            helo="mail.acme.example",
            client_ip="192.0.2.25",
        )
        return replace(mail, **changes)

    return make


def promised(task):
    mails = list(IncomingMail.objects.values_list("pk", flat=True))  # those of other tests may have left their jobs
    jobs = ProcrastinateJob.objects.filter(task_name=task, args__mail_id__in=mails)
    return list(jobs.order_by("id").values_list("args", flat=True))


def on_the_shelf():
    return {file.name for file in blobs.folder().glob("*/*")}


@pytest.fixture
def empty_shelf(arrived):
    """What lay there before belongs to other tests."""
    before = on_the_shelf()
    return lambda: on_the_shelf() - before


def test_it_is_written_whole_with_the_promise_to_open_it(arrived, cast):
    taken = take(arrived(spf="pass", dkim="none", dmarc="pass", judged_by="mx.acme.example"))
    assert taken.fresh
    mail = IncomingMail.objects.get()
    assert blobs.path(mail.blob).read_bytes() == CONTENT
    assert (mail.via, mail.state, mail.size, mail.sender, mail.extension) == (
        "smtp",
        "waiting",
        len(CONTENT),
        "alice@acme.example",
        cast.desk,
    )
    assert (mail.reverse_path, mail.helo, mail.client_ip) == ("bounce@acme.example", "mail.acme.example", "192.0.2.25")
    assert (mail.spf, mail.dkim, mail.dmarc, mail.judged_by) == ("pass", "none", "pass", "mx.acme.example")
    assert promised(OPEN) == [{"mail_id": mail.pk}]


def test_the_same_message_id_of_the_same_sender_is_the_same_mail_whatever_its_way_added(arrived, empty_shelf):
    first = take(arrived())
    again = take(arrived(b"Received: from elsewhere\r\n" + CONTENT, via="imap"))
    assert (again.mail, again.fresh) == (first.mail, False)
    assert promised(OPEN) == [{"mail_id": first.mail.pk}]
    assert empty_shelf() <= {first.mail.blob}


def test_it_is_the_same_also_when_it_has_become_a_fax(arrived, make_fax):
    first = take(arrived())
    intake.becomes(first.mail.pk, make_fax("+12025550100"), timezone.now(), confirmed=False)
    assert not take(arrived()).fresh
    with pytest.raises(RuntimeError):
        intake.becomes(first.mail.pk, make_fax("+12025550100"), timezone.now(), confirmed=False)


def test_another_sender_or_another_message_id_is_another_mail(arrived):
    take(arrived())
    assert take(arrived(sender="bob@acme.example")).fresh
    assert take(arrived(message_id="<2@acme.example>")).fresh


def test_without_a_message_id_the_content_tells(arrived):
    take(arrived(message_id=" "))
    assert not take(arrived(message_id="")).fresh
    assert take(arrived(CONTENT + b"PS", message_id="")).fresh


def test_after_five_days_it_is_another_mail(arrived):
    first = take(arrived()).mail
    IncomingMail.objects.update(received_at=timezone.now() - timedelta(days=5, minutes=1))
    assert take(arrived()).fresh
    assert IncomingMail.objects.get(pk=first.pk).fingerprint is None


def test_what_was_refused_may_come_again_when_it_was_mended(arrived):
    first = take(arrived()).mail
    IncomingMail.objects.update(**intake.said(WRONG, timezone.now()))
    again = take(arrived())
    assert again.fresh
    assert again.mail != first


@pytest.mark.parametrize("ip", ["fe80::1%eth0", "2001:db8::1", None, ""])
def test_what_a_stranger_says_in_the_dialogue_fits_into_the_row(arrived, ip):
    odd = "\0\udcff" + "x" * 5000
    mail = take(arrived(subject=odd, message_id=odd, reverse_path=odd, helo=odd, client_ip=ip)).mail
    mail.refresh_from_db()
    assert mail.subject == "?" + "x" * 299
    assert (mail.client_ip or "") == (ip or "").partition("%")[0]


def test_a_full_disk_leaves_nothing(arrived, monkeypatch, empty_shelf):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            take(arrived(b"a mail that finds no room"))
    assert not IncomingMail.objects.exists()
    assert promised(OPEN) == []
    assert empty_shelf() == set()
    assert take(arrived(b"a mail that finds no room")).fresh


@pytest.mark.django_db(transaction=True)
def test_a_database_that_fails_in_the_middle_leaves_no_row_and_a_file_that_the_sweep_finds(arrived):
    content = b"a mail that finds no database"
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE procrastinate_jobs RENAME TO jobs_away")
    try:
        with pytest.raises(ProgrammingError):
            take(arrived(content))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE jobs_away RENAME TO procrastinate_jobs")
    assert not IncomingMail.objects.exists()
    sweep.orphans(older_than=-1)
    assert take(arrived(content)).fresh
    assert blobs.path(IncomingMail.objects.get().blob).read_bytes() == content


@pytest.mark.django_db(transaction=True)
def test_the_same_mail_twice_at_once_is_taken_once(arrived, tmp_path):
    barrier, said = threading.Barrier(4), []
    mail = arrived()

    def deliver():
        try:
            barrier.wait(30)
            said.append(take(mail))
        finally:
            connection.close()

    threads = [threading.Thread(target=deliver) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert sorted(one.fresh for one in said) == [False, False, False, True]
    assert len({one.mail.pk for one in said}) == 1
    mail = IncomingMail.objects.get()
    assert blobs.path(mail.blob).exists()
    assert promised(OPEN) == [{"mail_id": mail.pk}]


def test_a_mail_that_cannot_be_refused_in_a_dialogue_is_written_down_and_its_sender_told_once(arrived):
    first, again = refuse(arrived(via="imap"), WRONG), refuse(arrived(via="imap"), WRONG)
    assert (first.fresh, again.fresh, again.mail) == (True, False, first.mail)
    mail = IncomingMail.objects.get()
    assert (mail.state, mail.refusal, mail.blob) == ("refused", "subject_invalid", "")
    assert mail.words == "The subject names nobody. Write a number into it.\nThere is nothing to send. Attach a file."
    assert promised(TELL) == [{"what": "mail_refused", "mail_id": mail.pk}]
    assert promised(OPEN) == []


def test_a_mail_that_wrote_itself_is_refused_in_silence(arrived):
    refuse(arrived(automatic=True), WRONG)
    assert promised(TELL) == []


def test_refused_mails_are_forgotten_after_ninety_days_and_fingerprints_after_their_window(arrived, make_fax):
    old, young = (refuse(arrived(message_id=f"<{one}@a>"), WRONG).mail for one in "ab")
    faxed = take(arrived(message_id="<c@a>")).mail
    intake.becomes(faxed.pk, make_fax("+12025550100"), timezone.now(), confirmed=False)
    IncomingMail.objects.filter(pk=old.pk).update(ended_at=timezone.now() - timedelta(days=91))
    IncomingMail.objects.filter(pk=faxed.pk).update(
        ended_at=timezone.now() - timedelta(days=91), received_at=timezone.now() - timedelta(days=91)
    )
    assert forget() == 1
    assert {one.pk for one in IncomingMail.objects.all()} == {young.pk, faxed.pk}
    assert set(IncomingMail.objects.filter(fingerprint=None)) == {faxed}
