"""A fax whose files follow: it goes out with the last one, and is refused, with words, when one never comes."""

import io
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from PIL import Image, ImageDraw

from caselli.documents.cage import ConverterLost
from caselli.fax.refusals import RefusalKind, Refusals
from caselli.fax.submission import Submission
from caselli.history.declined import why_not_sent
from caselli.history.timeline import reason_of
from caselli.intake import promised, stage
from caselli.intake.promised import Announced, NotTakenError, WhyNotTaken, announce, take
from caselli.queue.decide import cancel
from caselli.store import blobs
from caselli.store.models import Event, Fax, Organization, Preferences, PromisedFile
from caselli.store.references import is_referred


@pytest.fixture
def letter(tmp_path):
    image = Image.new("L", (850, 1100), 255)
    ImageDraw.Draw(image).text((100, 100), "A letter to the clinic", fill=0)
    file = io.BytesIO()
    image.save(file, "PNG", dpi=(100, 100))
    path = tmp_path / "letter"
    path.write_bytes(file.getvalue())
    return path


@pytest.fixture
def junk(tmp_path):
    path = tmp_path / "junk"
    path.write_bytes(bytes(range(256)) * 20)
    return path


def announced(cast, *names, to=("+12025550100",), **changes):
    files = [Announced(name) if isinstance(name, str) else name for name in names]
    return announce(
        Submission(cast.desk.pk, "api", to, (), person_id=cast.alice.pk, ip="192.0.2.7", pre_approved=True, **changes),
        files,
    )


def seen(one):
    return Fax.objects.get(pk=one.fax.pk)


def put(secret, path):
    with pytest.raises((NotTakenError, Refusals)) as refused:
        take(secret, path)
    return refused.value


def test_the_fax_is_there_at_once_and_goes_out_with_its_last_file(cast, letter):
    one = announced(cast, "a.png", "b.png", to=("+12025550100", "211"))
    assert (seen(one).status, seen(one).shown_status) == ("received", "Not approved")
    assert take(one.secrets[1], letter).status == "received"
    take(one.secrets[0], letter)
    fax = seen(one)
    assert (fax.status, fax.shown_status, fax.pages) == ("released", "Scheduled For Sending", 2)
    assert (fax.approved_how, fax.approved_by, fax.approved_ip) == ("api", cast.alice, "192.0.2.7")
    assert [(doc.position, doc.name) for doc in fax.documents.all()] == [(1, "a.png"), (2, "b.png")]
    assert [(to.given, to.status) for to in fax.deliveries.all()] == [
        ("+12025550100", "queued"),
        ("211", "delivered"),
    ]


def test_it_is_pre_approved_whatever_the_policy(cast, letter):
    Organization.objects.update(approve_all=True)
    one = announced(cast, "a.png")
    take(one.secrets[0], letter)
    steps = Event.objects.filter(fax=one.fax, delivery=None).exclude(new="received")
    assert [(step.new, step.mover) for step in steps] == [
        ("rendered", "system"),
        ("pre_approved", "system"),
        ("released", "system"),
    ]


def test_an_address_is_good_for_one_file(cast, letter):
    one = announced(cast, "a.png", "b.png")
    take(one.secrets[0], letter)
    assert put(one.secrets[0], letter).why is WhyNotTaken.HERE_ALREADY
    assert put("no such secret", letter).why is WhyNotTaken.UNKNOWN
    assert seen(one).status == "received"


def test_after_ten_minutes_no_file_is_taken(cast, letter):
    one = announced(cast, "a.png")
    PromisedFile.objects.update(ends_at=timezone.now())
    assert put(one.secrets[0], letter).why is WhyNotTaken.LATE


def test_a_fax_whose_file_never_came_is_dropped_and_says_so(cast, letter):
    one = announced(cast, "a.png", "b.png", to=("+12025550100", "211"))
    take(one.secrets[0], letter)
    kept = PromisedFile.objects.get(position=1).blob
    now = timezone.now()
    assert promised.drop_overdue(now + timedelta(minutes=9)) == 0
    assert promised.drop_overdue(now + timedelta(minutes=11)) == 1
    assert promised.drop_overdue(now + timedelta(minutes=11)) == 0
    fax = seen(one)
    assert (fax.status, fax.shown_status) == ("refused", "Send Failed")
    assert fax.ended_at is not None
    assert why_not_sent([fax]) == {fax.pk: "Not sent: “b.png” never came, for which there were 10 minutes."}
    assert [(to.status, to.cause) for to in fax.deliveries.all()] == [("canceled", "never_whole")] * 2
    assert reason_of(fax.deliveries.first()) == "No call was made: a file of the fax never came, or cannot be read."
    assert not blobs.path(kept).exists()
    assert put(one.secrets[1], letter).why is WhyNotTaken.OVER


def test_what_cannot_be_read_is_told_with_the_last_file_and_kept(cast, letter, junk):
    one = announced(cast, "a.bin", "b.png")
    take(one.secrets[0], junk)
    refused = put(one.secrets[1], letter)
    assert [error.kind for error in refused.all] == [RefusalKind.FILE_KIND_UNKNOWN]
    assert seen(one).status == "refused"
    assert why_not_sent([seen(one)])[one.fax.pk].startswith("“a.bin” ")
    assert put(one.secrets[1], letter).why is WhyNotTaken.HERE_ALREADY


def test_another_length_than_was_announced_is_not_taken_and_the_right_one_is(cast, letter, junk, tmp_path):
    one = announced(cast, Announced("a.png", letter.stat().st_size))
    assert [error.kind for error in put(one.secrets[0], junk).all] == [RefusalKind.FILE_DAMAGED]
    empty = tmp_path / "empty"
    empty.touch()
    assert [error.kind for error in put(one.secrets[0], empty).all] == [RefusalKind.FILE_EMPTY]
    take(one.secrets[0], letter)
    assert seen(one).status == "released"


@pytest.mark.parametrize(
    ("files", "to", "kinds"),
    [
        ((), ("+12025550100",), ["file_missing"]),
        (("a", "b", "c"), ("+12025550100",), ["files_too_many"]),
        ((Announced("a", 25_000_001),), ("+12025550100",), ["file_too_large"]),
        ((Announced("a", 0),), ("+12025550100",), ["file_empty"]),
        (("a",), (), ["recipient_missing"]),
        (("a",), ("nobody", "+12025550100"), ["recipient_invalid"]),
    ],
)
def test_what_can_be_told_without_the_files_is_told_at_once(cast, files, to, kinds):
    Preferences.objects.update_or_create(id=1, defaults={"files_limit": 2})
    with pytest.raises(Refusals) as refused:
        announced(cast, *files, to=to)
    assert [error.kind for error in refused.value.all] == kinds
    assert not Fax.objects.exists()


def test_a_fault_of_ours_leaves_the_address_good(cast, letter, monkeypatch):
    one = announced(cast, "a.png")

    def lost(*_):
        raise ConverterLost("gone")

    with monkeypatch.context() as broken:
        broken.setattr(stage, "convert", lost)
        assert [error.kind for error in put(one.secrets[0], letter).all] == [RefusalKind.CONVERTER_LOST]
    assert seen(one).status == "received"
    take(one.secrets[0], letter)
    assert seen(one).status == "released"


def test_a_fax_whose_process_was_lost_between_its_last_file_and_its_pages_is_completed(cast, letter):
    one = announced(cast, "a.png")
    blob = blobs.keep(letter)
    now = timezone.now()
    PromisedFile.objects.update(came_at=now, blob=blob)
    assert promised.resume_stranded(now + timedelta(minutes=1)) == 0  # another process may be at it
    assert promised.resume_stranded(now + timedelta(minutes=3)) == 1
    assert promised.resume_stranded(now + timedelta(minutes=3)) == 0
    assert seen(one).status == "released"
    assert promised.drop_overdue(now + timedelta(hours=1)) == 0


def test_what_waits_for_its_other_files_is_not_stranded(cast, letter):
    one = announced(cast, "a.png", "b.png")
    take(one.secrets[0], letter)
    assert promised.resume_stranded(timezone.now() + timedelta(minutes=5)) == 0
    assert seen(one).status == "received"


def test_a_person_may_cancel_it_before_its_files_are_here(cast, letter):
    one = announced(cast, "a.png", "b.png")
    take(one.secrets[0], letter)
    cancel(seen(one), cast.alice, None)
    assert put(one.secrets[1], letter).why is WhyNotTaken.OVER
    assert seen(one).shown_status == "Canceled"


def test_addresses_are_forgotten_after_a_day_with_what_nobody_needs(cast, letter):
    one = announced(cast, "a.png", "b.png")
    take(one.secrets[0], letter)
    kept = PromisedFile.objects.get(position=1).blob
    later = timezone.now() + timedelta(days=1, minutes=11)
    assert promised.forget(later) == 0  # it still waits
    cancel(seen(one), cast.alice, None)
    assert promised.forget(later) == 2
    assert not is_referred(kept)
    assert not blobs.path(kept).exists()


@pytest.mark.django_db(transaction=True)
def test_files_that_are_put_twice_at_once_make_one_fax(cast, letter):
    one = announced(cast, "a.png", "b.png")
    barrier, became = threading.Barrier(4), []

    def push(secret):
        try:
            barrier.wait()
            take(secret, letter)
            became.append("taken")
        except NotTakenError as error:
            became.append(error.why.value)
        finally:
            connection.close()

    threads = [threading.Thread(target=push, args=[secret]) for secret in one.secrets * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(became) == ["here_already", "here_already", "taken", "taken"]
    assert (seen(one).status, seen(one).documents.count(), seen(one).pages) == ("released", 2, 2)
    assert Event.objects.filter(fax=one.fax, new="released").count() == 1
