"""With whom an extension's faxes are shared, and what those see and do."""

import re

import pytest
from django.urls import reverse

from caselli.store.models import AuditEntry, Fax, Share


@pytest.fixture
def sharing(cast):
    return reverse("sharing", args=[cast.desk.extended])


def text_of(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_the_owner_shares_changes_and_stops_and_each_is_noted(cast, alice, sharing):
    answer = alice.post(sharing, {"with": str(cast.bob.pk), "right": "read"}, follow=True)
    assert "Bob may read the faxes of 210 Front desk." in text_of(answer)
    alice.post(sharing, {"with": str(cast.bob.pk), "right": "act"})
    assert list(Share.objects.values_list("user__username", "may_act")) == [("bob", True)]
    alice.post(sharing, {"with": "everybody", "right": "read"})
    shared = Share.objects.get(user=cast.bob)
    answer = alice.post(reverse("sharing-stop", args=[cast.desk.extended, shared.pk]), follow=True)
    assert "The faxes of 210 Front desk are not shared with Bob any more." in text_of(answer)
    assert list(Share.objects.values_list("user", "may_act")) == [(None, False)]
    changes = [(one.person, one.changes[0]["old"], one.changes[0]["new"]) for one in AuditEntry.objects.order_by("id")]
    assert changes == [
        (cast.alice, "may not read", "may read"),
        (cast.alice, "may read", "may read and act"),
        (cast.alice, "may not read", "may read"),
        (cast.alice, "may read and act", "may not read"),
    ]


@pytest.mark.parametrize("with_whom", ["", "nobody", "999999", "foreign", "owner"])
def test_it_is_shared_with_colleagues_only(cast, alice, sharing, with_whom):
    given = {"foreign": cast.charlie.pk, "owner": cast.alice.pk}.get(with_whom, with_whom)
    answer = alice.post(sharing, {"with": str(given), "right": "read"})
    assert answer.status_code == 422
    assert not Share.objects.exists()


def test_another_extensions_share_is_none_of_this_one(cast, alice, browser_of):
    share = Share.objects.create(extension=cast.lab, user=cast.alice)
    assert alice.post(reverse("sharing-stop", args=[cast.desk.extended, share.pk])).status_code == 404
    assert Share.objects.exists()


def test_manage_extensions_says_whose_it_is(cast, browser_of):
    bob = browser_of(cast.bob)
    assert "Front desk" not in text_of(bob.get(reverse("extensions")))
    share = Share.objects.create(extension=cast.desk, user=None)
    page = text_of(bob.get(reverse("extensions")))
    assert "Front desk Shared by Alice · 0003*210 Sent faxes" in page
    assert "Lab Bob · 0003*211 Send Fax" in page
    share.may_act = True
    share.save()
    assert "Front desk Shared by Alice · 0003*210 Send Fax" in text_of(bob.get(reverse("extensions")))


def test_who_may_only_read_finds_nothing_to_press(cast, hand_in, browser_of, run_calls, sent_page):
    fax, held = hand_in("+12025550107"), hand_in(hold="on")
    run_calls()
    Share.objects.create(extension=cast.desk, user=cast.bob)
    bob = browser_of(cast.bob)
    page = bob.get(sent_page).content.decode()
    assert "Upload Fax Files" not in page
    assert "These faxes are shared with you to read." in page
    assert "Send Failed" in page
    for name in ("fax-send", "fax-resend", "fax-cancel"):
        assert all(reverse(name, args=[one.uid]) not in page for one in (fax, held))
    info = bob.get(reverse("fax", args=[held.uid])).content.decode()
    assert reverse("fax-recipients", args=[held.uid]) not in info
    assert reverse("fax-cancel", args=[held.uid]) not in info


def test_reading_what_was_received_leaves_it_unread_for_who_acts(cast, browser_of, letter):
    browser_of(cast.bob).post(reverse("sent", args=[cast.lab.extended]), {"recipients": "210", "files": [letter()]})
    carol = Share.objects.create(extension=cast.desk, user=cast.bob).user
    received = cast.desk.received_faxes.get()
    page = browser_of(carol).get(reverse("received-fax", args=[received.pk])).content.decode()
    assert "Mark as read" not in page
    assert "Delete" not in page
    assert "Mark as read" in browser_of(cast.alice).get(reverse("received-fax", args=[received.pk])).content.decode()


def test_who_may_act_sends_from_it(cast, browser_of, sent_page, letter):
    Share.objects.create(extension=cast.desk, user=cast.bob, may_act=True)
    bob = browser_of(cast.bob)
    assert "Upload Fax Files" in bob.get(sent_page).content.decode()
    bob.post(sent_page, {"recipients": "+12025550100", "files": [letter()]})
    fax = Fax.objects.get()
    assert (fax.extension, fax.added_by, fax.approved_by) == (cast.desk, cast.bob, cast.bob)
