"""A file is uploaded once: kept, shown, handed in, or erased."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from caselli.fax.refusals import RefusalKind, Refusals
from caselli.fax.submission import HandedFile, Submission
from caselli.intake import stage
from caselli.intake.submit import submit
from caselli.store import blobs
from caselli.store.models import Extension, Fax, StagedFile
from caselli.workers import chores

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_once(django_capture_on_commit_callbacks):
    """The transaction of the test is over for what happens inside."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def note(words="Dear clinic", name="note.txt"):
    return HandedFile(name, words.encode())


def files_of(*rows):
    return [blobs.path(digest) for one in rows for digest in (one.blob, one.pages_blob)]


def handed_in(cast, *staged, files=(), **changes):
    uids = tuple(one.uid for one in staged)
    return Submission(cast.desk.pk, "web", ("211",), tuple(files), person_id=cast.alice.pk, staged=uids, **changes)


def test_a_staged_file_has_its_pages_and_its_time_on_the_line(cast):
    one = stage.stage(cast.desk, cast.alice, note("page one\fpage two"))
    assert (one.name, one.pages, one.size) == ("note.txt", 2, 17)
    assert 20 < one.seconds < 60
    assert all(file.exists() for file in files_of(one))


def test_a_file_that_cannot_be_used_says_why_and_is_not_kept(cast):
    with pytest.raises(Refusals, match="is empty"):
        stage.stage(cast.desk, cast.alice, note(""))
    assert not StagedFile.objects.exists()


def test_handed_in_it_is_a_document_of_the_fax_before_those_that_come_with_it(cast):
    first, second = (stage.stage(cast.desk, cast.alice, note(name=name, words=name)) for name in ("1.txt", "2.txt"))
    fax = submit(handed_in(cast, second, first, files=[note(name="3.txt")]))
    assert [(one.name, one.kind, one.pages) for one in fax.documents.all()] == [
        ("2.txt", "text", 1),
        ("1.txt", "text", 1),
        ("3.txt", "text", 1),
    ]
    assert fax.pages == 3
    assert not StagedFile.objects.exists()


def test_handed_in_its_pages_are_those_that_were_shown(cast):
    one = stage.stage(cast.desk, cast.alice, note())
    assert submit(handed_in(cast, one)).pages_blob == one.pages_blob


def test_handed_in_nothing_is_left_but_what_the_fax_needs(cast, at_once):
    one, other = (stage.stage(cast.desk, cast.alice, note(words)) for words in ("One", "Other"))
    with at_once():
        submit(handed_in(cast, one, other))
    assert [file.exists() for file in files_of(one, other)] == [True, False, True, False]


def test_a_refused_fax_leaves_what_is_staged(cast):
    one = stage.stage(cast.desk, cast.alice, note())
    with pytest.raises(Refusals, match="no extension 12 "):
        submit(replace(handed_in(cast, one), recipients=("12",)))
    assert StagedFile.objects.get() == one


def test_a_form_that_is_sent_twice_is_one_fax_though_its_files_are_used_up(cast):
    one = stage.stage(cast.desk, cast.alice, note())
    first, second = (submit(handed_in(cast, one, key="the same form")) for _ in range(2))
    assert first == second
    assert Fax.objects.count() == 1


def test_what_is_not_kept_any_more_is_said(cast):
    one = stage.stage(cast.desk, cast.alice, note())
    with pytest.raises(Refusals, match=r"is not kept any more\. Choose it again\.") as refused:
        submit(replace(handed_in(cast, one), staged=(one.uid, uuid4())))
    assert [one.kind for one in refused.value.all] == [RefusalKind.FILE_MISSING]


def test_a_staged_file_is_of_one_person_at_one_extension(cast):
    hers = stage.stage(cast.desk, cast.alice, note())
    olivias = stage.stage(cast.desk, cast.olivia, note())
    elsewhere = stage.stage(cast.lab, cast.olivia, note())
    assert stage.staged(cast.desk.pk, cast.alice.pk, [hers.uid, olivias.uid, elsewhere.uid]) == [hers]
    for other in (olivias, elsewhere):
        with pytest.raises(Refusals, match="not kept any more"):
            submit(handed_in(cast, other))


def test_removed_it_is_erased_at_once_but_not_what_another_one_needs(cast, at_once):
    one, other = stage.stage(cast.desk, cast.alice, note("One")), stage.stage(cast.desk, cast.alice, note("Other"))
    twin = stage.stage(cast.desk, cast.olivia, note("Other"))
    with at_once():
        stage.remove(cast.desk.pk, cast.alice.pk, [one.uid, other.uid])
    assert list(StagedFile.objects.all()) == [twin]
    assert [file.exists() for file in files_of(one, other)] == [False, False, True, True]


def test_nobody_removes_the_files_of_another(cast):
    one = stage.stage(cast.desk, cast.alice, note())
    stage.remove(cast.desk.pk, cast.olivia.pk, [one.uid])
    assert StagedFile.objects.get() == one


def test_after_a_day_a_chore_erases_what_was_not_handed_in(cast, at_once):
    old, fresh = stage.stage(cast.desk, cast.alice, note("Old")), stage.stage(cast.desk, cast.alice, note("Fresh"))
    StagedFile.objects.filter(pk=old.pk).update(staged_at=timezone.now() - timedelta(hours=25))
    with at_once():
        chores.sweep_shelf(timestamp=0)
    assert StagedFile.objects.get() == fresh


def test_nobody_stages_without_end(cast, monkeypatch):
    monkeypatch.setattr(stage, "MOST", 2)
    made = [stage.stage(cast.desk, cast.alice, note(str(number))) for number in range(3)]
    assert set(StagedFile.objects.all()) == set(made[1:])


def test_from_an_extension_that_is_off_nothing_is_staged(cast):
    Extension.objects.filter(pk=cast.desk.pk).update(fax_enabled=False)
    cast.desk.refresh_from_db()
    with pytest.raises(Refusals, match="switched off"):
        stage.stage(cast.desk, cast.alice, note())
