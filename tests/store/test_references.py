"""Who stores a document that somebody else erases at the same moment does not lose it: two real connections."""

import threading
import time

import pytest
from django.db import connection, transaction
from django.utils import timezone

from caselli.fax.refusals import Refusals
from caselli.fax.submission import HandedFile, Submission
from caselli.intake import stage
from caselli.intake.submit import submit
from caselli.store import blobs
from caselli.store.models import Document, Fax, StagedFile
from caselli.store.references import erase_unreferred, hold

pytestmark = pytest.mark.django_db(transaction=True)
NOTE = b"The only copy of a letter"


class Beside(threading.Thread):
    """Does the deed at the same time, on a connection of its own."""

    def __init__(self, deed):
        super().__init__()
        self._deed = deed
        self.said = None
        self.start()

    def run(self):
        try:
            self.said = self._deed()
        except Refusals as refused:
            self.said = refused
        finally:
            connection.close()

    def over(self):
        self.join(30)
        return self.said

    def until_it_waits_for_us(self):
        """Or has ended, where nothing keeps it waiting."""
        until = time.monotonic() + 30
        while self.is_alive() and time.monotonic() < until:
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
                if cursor.fetchone()[0]:
                    return


def lock_alone(digest):
    """As who erases does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(digest[:16], 16) >> 1])


def staged_row(cast, digest):
    return StagedFile.objects.create(
        extension=cast.desk, person=cast.alice, name="note.txt", blob=digest, size=1, staged_at=timezone.now()
    )


def test_who_erases_waits_for_the_row_that_is_being_written(cast):
    digest = blobs.keep(NOTE)
    with transaction.atomic():
        hold({digest: NOTE})
        eraser = Beside(lambda: erase_unreferred(digest))
        eraser.until_it_waits_for_us()
        staged_row(cast, digest)
    assert eraser.over() is False
    assert blobs.path(digest).read_bytes() == NOTE


def erased_before_the_row_of(deed, *digests):
    """The deed has stored its files and comes to write its rows: in this moment somebody erases them."""
    with transaction.atomic():
        for digest in digests:
            lock_alone(digest)
        writer = Beside(deed)
        writer.until_it_waits_for_us()
        for digest in digests:
            blobs.erase(digest)
    return writer.over()


def test_a_document_that_was_erased_between_disk_and_row_is_stored_again(cast):
    digest = blobs.keep(NOTE)
    files = (HandedFile("note.txt", NOTE),)
    fax = erased_before_the_row_of(
        lambda: submit(Submission(cast.desk.pk, "web", ("211",), files, person_id=cast.alice.pk)), digest
    )
    assert fax == Fax.objects.get()
    assert Document.objects.get().blob == digest
    assert blobs.path(digest).read_bytes() == NOTE


def test_a_staged_file_that_was_erased_between_disk_and_row_is_stored_again(cast):
    digest = blobs.keep(NOTE)
    row = erased_before_the_row_of(lambda: stage.stage(cast.desk, cast.alice, HandedFile("note.txt", NOTE)), digest)
    assert row == StagedFile.objects.get()
    assert blobs.path(digest).read_bytes() == NOTE


def test_a_staged_file_that_was_taken_out_while_its_form_is_handed_in_is_refused_in_words(cast):
    row = stage.stage(cast.desk, cast.alice, HandedFile("note.txt", NOTE))
    form = Submission(cast.desk.pk, "web", ("211",), (), person_id=cast.alice.pk, staged=(row.uid,))
    assert "Choose it again" in str(erased_before_the_row_of(lambda: submit(form), row.blob))
    assert not Fax.objects.exists()


def test_what_a_row_refers_to_stays_and_the_rest_goes(cast):
    needed, stray = blobs.keep(NOTE), blobs.keep(b"needed by nobody")
    staged_row(cast, needed)
    assert [erase_unreferred(digest) for digest in (needed, stray)] == [False, True]
    assert [blobs.path(digest).exists() for digest in (needed, stray)] == [True, False]


def test_nothing_is_erased_inside_the_transaction_that_gives_it_up():
    stray = blobs.keep(b"given up")
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        erase_unreferred(stray)
    assert blobs.path(stray).exists()
