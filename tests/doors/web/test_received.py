"""Received faxes of an extension: look, keep, mark, delete."""

import pytest
from django.urls import reverse

from caselli.store import blobs
from caselli.store.models import ReceivedFax


@pytest.fixture
def received(cast, hand_in):
    hand_in("211")
    return ReceivedFax.objects.get(extension=cast.lab)


@pytest.fixture
def bob(cast, browser_of):
    return browser_of(cast.bob)


@pytest.fixture
def inbox(cast):
    return reverse("received", args=[cast.lab.extended])


def test_an_empty_inbox_says_what_comes_there(bob, inbox):
    page = bob.get(inbox).content.decode()
    assert "Received faxes of Extension Lab" in page
    assert "What other extensions send to 211 (0003*211 from elsewhere) lies here." in page


def test_what_another_extension_sent_lies_there_unread(received, bob, inbox):
    page = bob.get(inbox).content.decode()
    assert "0003*210" in page
    assert "Unread: " in page
    assert "1 page" in page


def test_unread_ones_are_counted_where_one_comes_from(received, bob):
    for address in ("/extensions", "/extensions/0003*211"):
        assert '<span class="count">1<span class="unheard"> unread</span>' in bob.get(address).content.decode()


def test_marking_read_and_unread(received, bob, inbox):
    assert bob.post(reverse("received-read", args=[received.pk])).url == inbox
    received.refresh_from_db()
    first_reading = received.read_at
    assert first_reading is not None
    bob.post(reverse("received-read", args=[received.pk]))
    received.refresh_from_db()
    assert received.read_at == first_reading
    bob.post(reverse("received-unread", args=[received.pk]))
    received.refresh_from_db()
    assert received.read_at is None


def test_the_page_that_shows_it_marks_it_read_by_script_only(received, bob, htmx):
    address = reverse("received-fax", args=[received.pk])
    page = bob.get(address).content.decode()
    received.refresh_from_db()
    assert received.read_at is None
    mark = reverse("received-read", args=[received.pk])
    assert f'hx-post="{mark}" hx-trigger="submit, load"' in page
    assert bob.post(mark, headers=htmx(address)).status_code == 204
    received.refresh_from_db()
    assert received.read_at is not None


def test_its_pages_are_those_that_were_sent(received, bob):
    picture = bob.get(reverse("received-page-picture", args=[received.pk, 1]))
    assert picture["Content-Type"] == "image/png"
    kept = bob.get(reverse("received-pages", args=[received.pk]))
    assert kept.content.startswith(b"%PDF-")
    assert kept["Content-Disposition"].startswith("attachment;")


def test_deleting_asks_first_and_leaves_the_senders_copy(received, bob, inbox, alice):
    blob = received.blob
    fax = received.delivery.fax
    address = reverse("received-delete", args=[received.pk])
    assert "Delete this fax?" in bob.get(address).content.decode()
    assert "0003*210" in bob.get(inbox).content.decode()
    answer = bob.post(address, follow=True)
    assert answer.redirect_chain == [(inbox, 302)]
    page = answer.content.decode()
    assert "The fax from 0003*210 is deleted." in page
    assert "Nothing has been received yet" in page
    assert bob.get(reverse("received-fax", args=[received.pk])).status_code == 404
    assert blobs.path(blob).exists()
    assert alice.get(reverse("fax-page-picture", args=[fax.uid, 1])).status_code == 200


def test_pages_beyond_the_last_and_numbers_beyond_reason_are_not_found(received, bob):
    assert bob.get(reverse("received-page", args=[received.pk, 2])).status_code == 404
    assert bob.get(reverse("received-fax", args=[10**30])).status_code == 404


def test_leafing_in_a_full_inbox(cast, bob, inbox, make_fax):
    for _ in range(52):
        make_fax(cast.lab.extended)
    first = bob.get(inbox).content.decode()
    assert first.count('class="unread"') == 50
    older = first.partition('rel="next" href="')[2].partition('"')[0]
    second = bob.get(inbox + older).content.decode()
    assert second.count('class="unread"') == 2
    assert "Newest" in second
    assert bob.get(f"{inbox}?older=0").content.decode().count('class="unread"') == 50


def test_the_inbox_says_after_how_many_days_its_faxes_are_erased(cast, browser_of):
    bob, inbox = browser_of(cast.bob), reverse("received", args=[cast.lab.extended])
    assert "erased" not in bob.get(inbox).content.decode()
    cast.lab.delete_after_days = 30
    cast.lab.save()
    assert "faxes are erased after 30 days" in bob.get(inbox).content.decode()
