"""A mail that was taken becomes a fax that waits for its sender, or is refused once; our own trouble loses nothing."""

import errno
import io
import os
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from name_server import NameServer
from PIL import Image, ImageDraw
from procrastinate.contrib.django.models import ProcrastinateJob

from caselli.approval import confirm, request
from caselli.approval.request import content_of
from caselli.documents import cage
from caselli.doors.mail import chores as mails
from caselli.doors.mail.opening import open_due, open_mail
from caselli.intake.mail import Arrived, take
from caselli.project.configuration import Address
from caselli.store import blobs
from caselli.store.models import AuthorizedAddress, Event, Fax, IncomingMail, Organization, Preferences, User
from caselli.store.promise import OPEN, TELL
from caselli.workers import chores

SENDER, HOME, ABROAD = "alice@acme.example", "+12025550100", "+493012345678"


def drawn():
    image = Image.new("L", (850, 1100), 255)
    ImageDraw.Draw(image).text((100, 100), "A letter", fill=0)
    file = io.BytesIO()
    image.save(file, "PNG", dpi=(100, 100))
    return file.getvalue()


LETTER = drawn()


@pytest.fixture
def taken(cast, tmp_path):
    """A mail as the dialogue takes it: ``taken(subject, ...)``."""
    Preferences.objects.update_or_create(
        id=1, defaults={"email_accepted": True, "fax_address": "fax@caselli.example", "files_limit": 5}
    )
    AuthorizedAddress.objects.get_or_create(extension=cast.desk, address=SENDER)

    def make(subject=HOME, files=(LETTER,), text="", **changes):
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = SENDER, "fax@caselli.example", subject
        mail["Message-ID"] = f"<{IncomingMail.objects.count()}@acme.example>"
        mail.set_content(text)
        for number, content in enumerate(files, 1):
            mail.add_attachment(content, maintype="image", subtype="png", filename=f"letter {number}.png")
        file = tmp_path / "mail.eml"
        file.write_bytes(bytes(mail))
        arrived = Arrived(
            via="smtp",
            content=file,
            size=file.stat().st_size,
            sender=SENDER,
            extension_id=cast.desk.pk,
            subject=subject,
            message_id=mail["Message-ID"],
            client_ip="127.0.0.1",
            dmarc="none",
        )
        return take(replace(arrived, **changes)).mail

    return make


@pytest.fixture
def dns(settings):
    server = NameServer()
    settings.CONFIGURATION = replace(settings.CONFIGURATION, dns=Address("127.0.0.1", server.port))
    yield server
    server.close()


@pytest.fixture
def opened(taken, django_capture_on_commit_callbacks):
    def make(*arguments, **changes):
        mail = taken(*arguments, **changes)
        with django_capture_on_commit_callbacks(execute=True):
            open_mail(mail.pk)
        return fresh(mail)

    return make


def fresh(mail):
    return IncomingMail.objects.select_related("fax").get(pk=mail.pk)


def told():
    """What people are to be told of our mails and faxes."""
    mails, faxes = (list(model.objects.values_list("pk", flat=True)) for model in (IncomingMail, Fax))
    jobs = ProcrastinateJob.objects.filter(task_name=TELL)
    ours = jobs.filter(args__mail_id__in=mails) | jobs.filter(args__fax_id__in=faxes)
    return list(ours.order_by("id").values_list("args__what", flat=True))


def notes_of(fax):
    return [one.note for one in Event.objects.filter(fax=fax, delivery=None) if one.note]


def test_it_becomes_a_fax_that_waits_for_its_sender(cast, opened):
    mail = opened(f"{HOME}, 211", files=(LETTER, LETTER), client_ip="192.0.2.25", spf="none", dkim="none")
    fax = mail.fax
    assert (mail.state, mail.next_try_at, mail.blob, mail.words) == ("faxed", None, "", "")
    assert (fax.channel, fax.shown_status, fax.extension, fax.added_ip) == (
        "email",
        "Not approved",
        cast.desk,
        "192.0.2.25",
    )
    assert [one.destination for one in fax.deliveries.order_by("position")] == [HOME, "0003*211"]
    assert [one.name for one in fax.documents.all()] == ["letter 1.png", "letter 2.png"]
    assert fax.pages == 2
    assert request.unconfirmed(fax)
    assert told() == ["confirm"]


def test_its_file_is_given_up_when_the_fax_is_there(taken, django_capture_on_commit_callbacks):
    mail = taken()
    file = blobs.path(mail.blob)
    with django_capture_on_commit_callbacks(execute=True):
        open_mail(mail.pk)
        assert file.exists()
    assert not file.exists()


def test_its_author_is_the_one_whose_address_it_is(cast, opened):
    User.objects.filter(pk=cast.bob.pk).update(email="Alice@Acme.Example")
    User.objects.filter(pk=cast.charlie.pk).update(email=SENDER)  # of another organization
    fax = opened().fax
    assert fax.added_by == cast.bob  # who owns neither the extension, nor a share of it
    User.objects.filter(pk=cast.alice.pk).update(email=SENDER)
    assert opened().fax.added_by is None  # one of the two
    User.objects.filter(pk=cast.bob.pk).update(is_active=False)
    assert opened().fax.added_by == cast.alice


def test_opened_twice_it_is_one_fax(opened):
    mail = opened()
    open_mail(mail.pk)
    open_mail(mail.pk)
    assert Fax.objects.count() == 1
    assert fresh(mail).tries == 1
    assert told() == ["confirm"]


def test_the_whole_way_ends_in_the_queue(opened):
    fax = opened().fax
    link = confirm.read_token(confirm.token_of(fax))
    confirm.confirm(link.fax, "192.0.2.9", content_of(link.fax))
    assert Fax.objects.get(pk=fax.pk).shown_status == "Scheduled For Sending"


# Trust


@pytest.mark.parametrize(
    ("trusts", "dmarc", "waits"),
    [(True, "pass", False), (True, "fail", True), (True, "none", True), (False, "pass", True)],
)
def test_only_a_trusted_sender_whom_dmarc_proves_needs_no_link(cast, opened, trusts, dmarc, waits):
    cast.desk.mail_trusted = trusts
    cast.desk.save()
    User.objects.filter(pk=cast.alice.pk).update(email=SENDER)
    mail = opened(dmarc=dmarc)
    fax = mail.fax
    assert request.unconfirmed(fax) == waits
    if waits:
        assert told() == ["confirm"]
        return
    assert fax.shown_status == "Scheduled For Sending"
    assert (fax.approved_how, fax.approved_by, fax.approved_ip) == ("trusted", cast.alice, None)
    assert mail.confirmed_at == fax.approved_at
    assert notes_of(fax) == ["extension 210 trusts its sender, whom DMARC proves"]
    assert told() == []


def test_a_trusted_sender_is_no_second_person(cast, opened):
    cast.clinic.approve_abroad = True
    cast.clinic.save()
    cast.desk.mail_trusted = True
    cast.desk.save()
    fax = opened(ABROAD, dmarc="pass").fax
    assert (fax.shown_status, request.unconfirmed(fax)) == ("Not approved", False)
    assert told() == ["awaits"]


def test_where_nobody_could_give_the_second_yes_it_is_refused_before_its_sender_is_asked(cast, opened):
    cast.clinic.approve_all = True
    cast.clinic.save()
    User.objects.exclude(pk=cast.alice.pk).update(is_active=False)
    mail = opened()
    assert (mail.state, mail.refusal, mail.fax) == ("refused", "no_approver", None)
    assert told() == ["mail_refused"]


def test_what_nobody_looked_at_is_proven_when_it_is_opened(opened):
    mail = opened(dmarc="")
    assert (mail.state, mail.spf, mail.dkim, mail.dmarc) == ("faxed", "none", "none", "none")


def test_a_proof_that_the_organization_asks_for_since_then_is_missed(cast, opened):
    Organization.objects.update(mail_proof_required=True)
    mail = opened(dmarc="fail")
    assert (mail.state, mail.refusal) == ("refused", "mail_unproven")


def test_a_dns_that_does_not_answer_is_waited_for_where_a_proof_is_needed(cast, taken, dns):
    Organization.objects.update(mail_proof_required=True)
    dns.broken |= {"acme.example", "_dmarc.acme.example"}
    mail = taken(dmarc="", client_ip="192.0.2.25", reverse_path=SENDER)
    open_mail(mail.pk)
    assert (fresh(mail).state, fresh(mail).dmarc) == ("waiting", "temperror")
    assert "DNS" in fresh(mail).words
    long_ago = timezone.now() - timedelta(days=6)
    IncomingMail.objects.update(received_at=long_ago, next_try_at=long_ago)
    open_mail(mail.pk)
    assert fresh(mail).refusal == "mail_unproven"


# Refused after all


def test_what_became_wrong_since_it_was_taken_is_answered_once(cast, opened, django_capture_on_commit_callbacks):
    mail = opened("999, 12")
    assert (mail.state, mail.refusal, mail.blob, mail.fax) == ("refused", "recipient_unknown_extension", "", None)
    assert [line.partition(".")[0] for line in mail.words.splitlines()] == [
        "There is no extension 999 that takes faxes",
        "There is no extension 12 that takes faxes",
    ]
    assert mail.ended_at is not None
    open_mail(mail.pk)
    assert told() == ["mail_refused"]
    assert not Fax.objects.exists()


def test_the_same_mail_again_is_refused_again_and_answered_once(opened):
    first = opened("999", message_id="<same@acme.example>")
    again = opened("999", message_id="<same@acme.example>")
    assert (first.state, again.state, again.pk != first.pk) == ("refused", "refused", True)
    assert told() == ["mail_refused"]


def test_a_document_that_cannot_be_read_is_named_and_its_file_given_up(opened):
    mail = opened(files=(LETTER[: len(LETTER) // 2],))
    assert (mail.state, mail.refusal) == ("refused", "file_damaged")
    assert "letter 1.png" in mail.words


def test_a_mail_that_wrote_itself_and_one_whose_address_counts_no_more_are_refused_in_silence(taken):
    machine, stranger = taken("999", automatic=True), taken()
    open_mail(machine.pk)
    AuthorizedAddress.objects.all().delete()
    open_mail(stranger.pk)
    assert (fresh(machine).state, fresh(stranger).refusal) == ("refused", "sender_unknown")
    assert told() == []


def test_an_address_that_belongs_to_another_extension_by_now_sends_from_there(cast, taken):
    mail = taken()
    AuthorizedAddress.objects.update(extension=cast.lab)
    open_mail(mail.pk)
    mail = fresh(mail)
    assert mail.extension == mail.fax.extension == cast.lab


# Our own trouble


def no_room(patch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    patch.setattr(os, "fsync", full)


def no_converter(patch):
    cage.PAGES.close()
    patch.setattr(sys, "executable", "/nowhere/python")


def no_shelf(patch):
    patch.setattr(blobs, "folder", lambda: Path("/nowhere"))


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (no_room, "There is no room left to keep the documents."),
        (no_converter, "could not be turned into pages"),
        (no_shelf, "Something in Caselli went wrong (FileNotFoundError)"),
    ],
)
def test_trouble_of_ours_loses_nothing_and_is_tried_again(taken, monkeypatch, trouble, words):
    mail = taken()
    with monkeypatch.context() as patch:
        trouble(patch)
        open_mail(mail.pk)
    mail = fresh(mail)
    assert (mail.state, mail.tries, mail.fax) == ("waiting", 1, None)
    assert words in mail.words
    assert mail.next_try_at > timezone.now()
    assert blobs.path(mail.blob).exists()
    assert told() == []
    open_mail(mail.pk)  # too soon
    assert fresh(mail).tries == 1
    assert open_due(timedelta(seconds=50)) == 0
    IncomingMail.objects.update(next_try_at=timezone.now())
    assert open_due(timedelta(seconds=50)) == 1
    mail = fresh(mail)
    assert (mail.state, mail.tries, mail.words) == ("faxed", 2, "")
    assert told() == ["confirm"]


def test_the_pauses_grow_and_it_is_never_given_up(taken):
    mail = taken()
    blobs.path(mail.blob).unlink()
    pauses = []
    for tries in (0, 4, 900):
        IncomingMail.objects.update(next_try_at=timezone.now(), tries=tries)
        before = timezone.now()
        open_mail(mail.pk)
        pauses.append(round((fresh(mail).next_try_at - before) / timedelta(seconds=20)) / 3)
    assert pauses == [1 / 3, 10, 30]
    assert (fresh(mail).state, fresh(mail).tries) == ("waiting", 901)


def test_what_no_job_came_to_open_is_taken_up_by_the_clock(taken):
    mail = taken()
    ProcrastinateJob.objects.all().delete()  # its process died
    mails.open_due(timestamp=0)
    assert fresh(mail).state == "faxed"


def test_the_process_of_the_chores_knows_the_promised_job_and_forgets_old_mails(taken):
    mail, old = taken(), taken("999")
    for one in (mail, old):
        chores.app.tasks[OPEN](mail_id=one.pk)
    assert (fresh(mail).state, fresh(old).state) == ("faxed", "refused")
    IncomingMail.objects.update(ended_at=timezone.now() - timedelta(days=91))
    mails.forget_old_mails(timestamp=0)
    assert list(IncomingMail.objects.all()) == [mail]


@pytest.mark.django_db(transaction=True)
def test_opened_by_two_at_once_it_is_one_fax(taken):
    mail = taken()
    barrier = threading.Barrier(3)

    def go():
        try:
            barrier.wait(30)
            open_mail(mail.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert Fax.objects.count() == 1
    assert told() == ["confirm"]
