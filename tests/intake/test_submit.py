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
from caselli.store.models import BlockedDestination, Delivery, Document, Extension, Fax, Preferences, Share, Trunk


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


def test_a_name_in_full_is_the_extension(cast):
    fax = submit(handed_in(cast, "lab"))
    delivery = fax.deliveries.get()
    assert (delivery.destination, delivery.given, delivery.to_extension) == ("0003*211", "211", cast.lab)


def test_a_name_is_one_of_the_own_organization(cast):
    with pytest.raises(Refusals) as refused:
        submit(handed_in(cast, "Rival"))
    assert kinds(refused) == [(RefusalKind.RECIPIENT_INVALID, "recipients")]


def test_a_name_that_several_have_is_refused_with_the_choice(cast):
    Extension.objects.create(organization=cast.clinic, number="212", name="LAB", owner=cast.bob)
    with pytest.raises(Refusals, match=r"Several extensions are called “Lab”.*: 211 or 212") as refused:
        submit(handed_in(cast, "Lab"))
    assert kinds(refused) == [(RefusalKind.RECIPIENT_AMBIGUOUS, "recipients")]


def test_a_name_and_its_number_are_the_same_recipient(cast):
    with pytest.raises(Refusals, match="“211 Lab” is the same recipient as “0003\\*211”"):
        submit(handed_in(cast, "0003*211", "211 Lab"))


def test_far_too_many_recipients_are_not_even_looked_up(cast, django_assert_max_num_queries):
    with django_assert_max_num_queries(6), pytest.raises(Refusals, match="these are 5000"):
        submit(handed_in(cast, *map(str, range(1000, 6000))))


@pytest.mark.parametrize("whose", ["of the organization", "of the whole server"])
def test_a_blocked_destination_is_refused_with_its_reason(cast, whose):
    organization = cast.clinic if whose == "of the organization" else None
    BlockedDestination.objects.create(organization=organization, prefix="+1202", reason="Too near to call.")
    with pytest.raises(Refusals, match=r"begin with \+1202 are blocked: Too near to call\.") as refused:
        submit(handed_in(cast, "202 555 0100", "211"))
    assert kinds(refused) == [(RefusalKind.DESTINATION_BLOCKED, "recipients")]


def test_the_longest_blocked_beginning_gives_the_reason_and_others_blocks_do_not_count(cast):
    for organization, prefix, reason in (
        (None, "+1", "all of America"),
        (cast.clinic, "+1202555", "the film people"),
        (cast.rival, "+12025550100", "not ours"),
        (None, "+1202777", "elsewhere"),
    ):
        BlockedDestination.objects.create(organization=organization, prefix=prefix, reason=reason)
    with pytest.raises(Refusals, match="the film people"):
        submit(handed_in(cast, "+12025550100"))
    BlockedDestination.objects.exclude(organization=cast.rival).delete()
    submit(handed_in(cast, "+12025550100"))


def test_an_organization_that_is_switched_off_sends_nothing_and_gets_nothing(cast):
    cast.rival.enabled = False
    cast.rival.save()
    with pytest.raises(Refusals, match="no extension 0004\\*310 that takes faxes"):
        submit(handed_in(cast, "0004*310"))
    cast.clinic.enabled = False
    cast.clinic.save()
    with pytest.raises(Refusals, match="Acme Clinic is switched off") as refused:
        submit(handed_in(cast, "+12025550100"))
    assert kinds(refused) == [(RefusalKind.ORGANIZATION_OFF, "extension")]


def test_who_may_only_read_sends_nothing(cast):
    Share.objects.create(extension=cast.desk, user=cast.bob, may_act=False)
    with pytest.raises(Refusals, match="You may read") as refused:
        submit(replace(handed_in(cast, "+12025550100"), person_id=cast.bob.pk))
    assert kinds(refused) == [(RefusalKind.NOT_ALLOWED, "extension")]
    Share.objects.update(may_act=True)
    assert submit(replace(handed_in(cast, "+12025550100"), person_id=cast.bob.pk)).added_by == cast.bob


def test_an_allowance_that_is_used_up_says_how_much_and_what_to_erase(cast):
    submit(handed_in(cast, "+12025550100"))
    Extension.objects.filter(pk=cast.desk.pk).update(storage_megabytes=1)
    submit(handed_in(cast, "+12025550100"))
    Fax.objects.update(pages_size=499_000)
    with pytest.raises(Refusals, match=r"may keep 1\.0 MB of faxes and keeps 1\.0 MB") as refused:
        submit(handed_in(cast, "+12025550100"))
    assert kinds(refused) == [(RefusalKind.ALLOWANCE_USED_UP, "files")]
    assert "Delete received faxes" in str(refused.value)
    assert "erased after 90 days" in str(refused.value)
    Fax.objects.update(pages_blob="")
    submit(handed_in(cast, "+12025550100"))


def test_what_an_extension_received_counts_to_its_allowance(cast):
    submit(handed_in(cast, "211"))
    Extension.objects.filter(pk=cast.lab.pk).update(storage_megabytes=1)
    of_the_lab = replace(handed_in(cast, "+12025550100"), extension_id=cast.lab.pk, person_id=cast.bob.pk)
    submit(of_the_lab)
    Fax.objects.filter(extension=cast.desk).update(pages_size=1_000_000)
    with pytest.raises(Refusals, match="Extension 211 may keep"):
        submit(of_the_lab)


def test_the_size_of_the_pages_is_remembered(cast):
    fax = submit(handed_in(cast, "+12025550100"))
    assert fax.pages_size == blobs.path(fax.pages_blob).stat().st_size
