"""Pages and documents go when their days are over; the record stays, and nobody else's file goes along."""

from datetime import timedelta

import pytest
from django.utils import timezone

from caselli.fax.outcome import CallEnd, CallReport
from caselli.history.purge import Erased, purge
from caselli.notice import outbox
from caselli.queue import report
from caselli.queue.claim import claim
from caselli.store import blobs
from caselli.store.models import Delivery, Extension, Fax, OutgoingMail, Preferences, ReceivedFax


def age(fax, days):
    then = timezone.now() - timedelta(days=days)
    Fax.objects.filter(pk=fax.pk).update(added_at=then, ended_at=then if fax.ended_at else None)


def failed(fax):
    (one,) = claim("dialer")
    report.ended(one.attempt_id, CallReport(CallEnd.REJECTED, sip_code=404))
    return Fax.objects.get(pk=fax.pk)


def own_pages(fax):
    """A file that only this fax refers to."""
    digest = blobs.keep(f"pages of {fax.uid}".encode())
    Fax.objects.filter(pk=fax.pk).update(pages_blob=digest)
    return blobs.path(digest)


def test_after_its_days_the_pages_are_gone_and_the_record_stays(make_fax):
    fax = failed(make_fax("+12025550107"))
    pages = own_pages(fax)
    age(fax, 91)
    assert purge().faxes == 1
    fax = Fax.objects.get()
    assert (fax.shown_status, fax.pages_blob, fax.pages) == ("Purged", "", 1)
    assert not pages.exists()
    assert fax.deliveries.get().attempts.count() == 1


def test_before_its_days_are_over_nothing_is_erased(make_fax):
    fax = failed(make_fax("+12025550107"))
    age(fax, 89)
    assert purge() == Erased()


def test_a_fax_that_still_waits_for_a_line_is_left_alone(make_fax):
    age(make_fax("+12025550100"), 400)
    assert purge() == Erased()


def test_kept_for_ever_is_kept(make_fax):
    Preferences.objects.update_or_create(id=1, defaults={"sent_days": None})
    fax = failed(make_fax("+12025550107"))
    age(fax, 4_000)
    assert purge() == Erased()


def test_a_file_that_an_inbox_still_needs_stays(make_fax):
    fax = make_fax("0003*211")
    pages = own_pages(fax)
    ReceivedFax.objects.update(blob=pages.name)
    age(fax, 91)
    assert purge().faxes == 1
    assert pages.exists()


@pytest.mark.parametrize(("days", "status"), [(6, "Approved"), (8, "Canceled")])
def test_what_was_held_and_forgotten_is_cancelled_after_the_days_for_unconfirmed_faxes(make_fax, days, status):
    fax = make_fax("+12025550100", hold=True)
    age(fax, days)
    purge()
    assert Fax.objects.get().shown_status == status
    assert Delivery.objects.get().status == ("waiting" if status == "Approved" else "canceled")


@pytest.mark.parametrize(("own", "sent", "age_in_days", "erased"), [
    (5, 90, 6, 1), (5, 90, 4, 0), (100, 90, 95, 0), (100, None, 101, 1), (None, 3, 4, 1), (None, None, 4_000, 0),
])  # fmt: skip
def test_what_the_extension_sets_wins_over_the_server(make_fax, own, sent, age_in_days, erased):
    Preferences.objects.update_or_create(id=1, defaults={"sent_days": sent})
    Extension.objects.update(delete_after_days=own)
    age(failed(make_fax("+12025550107")), age_in_days)
    assert purge().faxes == erased


@pytest.mark.parametrize(("own", "erased"), [(5, 1), (7, 0), (None, 0)])
def test_an_inbox_is_emptied_after_the_days_of_its_extension_only(make_fax, cast, own, erased):
    Extension.objects.filter(pk=cast.lab.pk).update(delete_after_days=own)
    make_fax("0003*211")
    Fax.objects.update(pages_blob="")
    pages = blobs.path(ReceivedFax.objects.get().blob)
    ReceivedFax.objects.update(received_at=timezone.now() - timedelta(days=6))
    assert purge().received == erased
    assert pages.exists() is not bool(erased)
    assert (ReceivedFax.objects.get().blob == "") is bool(erased)


def test_mails_about_a_fax_go_with_its_pages(make_fax, settings):
    fax = failed(make_fax("+12025550107"))
    mail = OutgoingMail.objects.create(fax=fax, added_at=timezone.now(), content=b"the fax", state="kept")
    file = outbox.file_of(mail)
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"the fax")
    age(fax, 91)
    purge()
    assert not file.exists()
    mail.refresh_from_db()
    assert (bytes(mail.content), mail.state) == (b"", "erased")


def test_a_round_goes_on_until_nothing_is_left(make_fax, cast):
    many = [make_fax("+12025550107") for _ in range(5)] + [make_fax("+12025550108", extension=cast.lab)]
    Fax.objects.update(ended_at=timezone.now() - timedelta(days=100))
    assert purge(at_once=2).faxes == len(many)


def test_a_round_ends_when_its_time_is_over_and_the_next_goes_on(make_fax):
    for _ in range(2):
        make_fax("+12025550107")
    Fax.objects.update(ended_at=timezone.now() - timedelta(days=100))
    assert purge(timedelta(0)) == Erased()
    assert purge().faxes == 2
