"""From documents and recipients to a fax in the queue: whole or not at all."""

import io
import os
import subprocess
import threading
from dataclasses import replace

import pytest
from django.db import connection
from PIL import Image, ImageDraw

from caselli.fax.refusals import RefusalKind, Refusals
from caselli.fax.submission import HandedFile, Submission
from caselli.intake.submit import submit
from caselli.store import blobs
from caselli.store.models import Delivery, Document, Extension, Fax, Preferences, Trunk


def picture():
    image = Image.new("L", (850, 1100), 255)
    ImageDraw.Draw(image).text((100, 100), "A letter to the clinic", fill=0)
    file = io.BytesIO()
    image.save(file, "PNG", dpi=(100, 100))
    return HandedFile("letter.png", file.getvalue())


LETTER = picture()


def handed_in(cast, *recipients, files=(LETTER,), **changes):
    return Submission(cast.desk.pk, "web", recipients, tuple(files), person_id=cast.alice.pk, ip="192.0.2.7", **changes)


def kinds(refused):
    return [(one.kind, one.field) for one in refused.value.all]


def test_an_upload_becomes_a_fax_that_waits_for_a_line(cast):
    fax = submit(handed_in(cast, "202-555-0100"))
    fax = Fax.objects.get(pk=fax.pk)
    assert (fax.status, fax.shown_status, fax.pages) == ("released", "Scheduled For Sending", 1)
    assert (fax.approved_by, fax.approved_ip, fax.approved_how) == (cast.alice, "192.0.2.7", "web")
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.destination, delivery.given) == ("queued", "+12025550100", "202-555-0100")
    assert fax.seconds_on_line > 5


def test_the_document_and_its_pages_are_kept(cast):
    fax = submit(handed_in(cast, "+12025550100"))
    document = Document.objects.get()
    assert (document.name, document.kind, document.pages) == ("letter.png", "png", 1)
    assert blobs.path(document.blob).read_bytes() == LETTER.content
    with Image.open(blobs.path(fax.pages_blob)) as page:
        assert (page.mode, page.width) == ("1", 1728)


def test_a_held_fax_is_approved_and_waits(cast):
    fax = submit(handed_in(cast, "+12025550100", hold=True))
    assert Fax.objects.get(pk=fax.pk).shown_status == "Approved"
    assert Delivery.objects.get().status == "waiting"


def test_several_recipients_phones_and_extensions(cast):
    fax = submit(handed_in(cast, "+12025550100", "211", "0004*310"))
    destinations = list(fax.deliveries.values_list("destination", "status"))
    assert destinations == [("+12025550100", "queued"), ("0003*211", "delivered"), ("0004*310", "delivered")]


def test_a_double_submit_with_one_key_is_one_fax(cast):
    first = submit(handed_in(cast, "+12025550100", key="form-1"))
    second = submit(handed_in(cast, "+12025550100", key="form-1"))
    assert first.pk == second.pk
    assert Fax.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_submits_at_once_with_one_key_are_one_fax(cast):
    barrier, made = threading.Barrier(2), []

    def press():
        try:
            barrier.wait()
            made.append(submit(handed_in(cast, "+12025550100", key="form-1")).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert len(made) == 2
    assert len(set(made)) == 1
    assert Fax.objects.count() == 1


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_kept(cast):
    with pytest.raises(Refusals) as refused:
        submit(handed_in(cast, "hello", "999", "+12025550100", "202 555 0100", files=[HandedFile("a.pdf", b"")]))
    assert kinds(refused) == [
        (RefusalKind.RECIPIENT_INVALID, "recipients"),
        (RefusalKind.RECIPIENT_UNKNOWN_EXTENSION, "recipients"),
        (RefusalKind.RECIPIENT_REPEATED, "recipients"),
        (RefusalKind.FILE_EMPTY, "files"),
    ]
    assert Fax.objects.count() == 0


def test_nobody_and_nothing(cast):
    with pytest.raises(Refusals) as refused:
        submit(handed_in(cast, files=[]))
    assert kinds(refused) == [(RefusalKind.RECIPIENT_MISSING, "recipients"), (RefusalKind.FILE_MISSING, "files")]


def test_too_many_of_either(cast):
    Preferences.objects.update_or_create(id=1, defaults={"recipients_limit": 1, "files_limit": 1})
    with pytest.raises(Refusals) as refused:
        submit(handed_in(cast, "+12025550100", "211", files=[LETTER, LETTER]))
    assert kinds(refused) == [(RefusalKind.RECIPIENTS_TOO_MANY, "recipients"), (RefusalKind.FILES_TOO_MANY, "files")]


def test_a_number_that_no_trunk_takes_is_refused_at_the_door(cast):
    Trunk.objects.update(prefix="+49")
    with pytest.raises(Refusals, match=r"begin with \+49"):
        submit(handed_in(cast, "+12025550100"))


def test_without_any_trunk_only_extensions_can_be_reached(cast):
    Trunk.objects.all().delete()
    with pytest.raises(Refusals, match="No trunk leads to"):
        submit(handed_in(cast, "+12025550100"))
    submit(handed_in(cast, "211"))


def test_an_extension_whose_faxing_is_off_sends_nothing_and_gets_nothing(cast):
    Extension.objects.filter(pk=cast.lab.pk).update(fax_enabled=False)
    with pytest.raises(Refusals, match="no extension 211 that takes faxes"):
        submit(handed_in(cast, "211"))
    Extension.objects.filter(pk=cast.desk.pk).update(fax_enabled=False)
    with pytest.raises(Refusals) as refused:
        submit(handed_in(cast, "+12025550100"))
    assert kinds(refused) == [(RefusalKind.EXTENSION_FAX_OFF, "extension")]


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_is_said_beside_the_files_and_leaves_no_fax_and_no_half_file(cast, settings, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    if (
        os.geteuid() != 0
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", small], check=False).returncode
    ):
        pytest.skip("only root can mount a small disk")
    try:
        settings.CONFIGURATION = replace(settings.CONFIGURATION, home=small)
        with pytest.raises(Refusals) as refused:
            submit(handed_in(cast, "+12025550100"))
        assert kinds(refused) == [(RefusalKind.STORAGE_FULL, "files")]
        assert not list(small.rglob(".coming-*"))
    finally:
        subprocess.run(["umount", small], check=True)
    assert Fax.objects.count() == 0
