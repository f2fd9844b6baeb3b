"""Pages and documents go when their days are over; the record stays, and nobody else's file goes along."""

from datetime import timedelta

import pytest
from django.utils import timezone

from caselli.fax.outcome import CallEnd, CallReport
from caselli.history.purge import purge
from caselli.queue import report
from caselli.queue.claim import claim
from caselli.store import blobs
from caselli.store.models import Delivery, Fax, Preferences, ReceivedFax


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
    assert purge() == 1
    fax = Fax.objects.get()
    assert (fax.shown_status, fax.pages_blob, fax.pages) == ("Purged", "", 1)
    assert not pages.exists()
    assert fax.deliveries.get().attempts.count() == 1


def test_before_its_days_are_over_nothing_is_erased(make_fax):
    fax = failed(make_fax("+12025550107"))
    age(fax, 89)
    assert purge() == 0


def test_a_fax_that_still_waits_for_a_line_is_left_alone(make_fax):
    age(make_fax("+12025550100"), 400)
    assert purge() == 0


def test_kept_for_ever_is_kept(make_fax):
    Preferences.objects.update_or_create(id=1, defaults={"sent_days": None})
    fax = failed(make_fax("+12025550107"))
    age(fax, 4_000)
    assert purge() == 0


def test_a_file_that_an_inbox_still_needs_stays(make_fax):
    fax = make_fax("0003*211")
    pages = own_pages(fax)
    ReceivedFax.objects.update(blob=pages.name)
    age(fax, 91)
    assert purge() == 1
    assert pages.exists()


@pytest.mark.parametrize(("days", "status"), [(6, "Approved"), (8, "Canceled")])
def test_what_was_held_and_forgotten_is_cancelled_after_the_days_for_unconfirmed_faxes(make_fax, days, status):
    fax = make_fax("+12025550100", hold=True)
    age(fax, days)
    purge()
    assert Fax.objects.get().shown_status == status
    assert Delivery.objects.get().status == ("waiting" if status == "Approved" else "canceled")
