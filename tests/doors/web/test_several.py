"""Several faxes chosen at once: one deed for all, each fax for itself."""

import io
import zipfile

import pytest
from django.urls import reverse

from caselli.store.models import Delivery, Fax, Share


@pytest.fixture
def several(cast):
    return reverse("sent-several", args=[cast.desk.extended])


def statuses():
    return list(Delivery.objects.order_by("id").values_list("status", flat=True))


def words_of(answer):
    return " ".join(answer.content.decode().split())


def test_resending_several_dials_only_those_that_failed(alice, several, hand_in, run_calls):
    failed, sent, other = hand_in("+12025550107"), hand_in("+12025550100"), hand_in("+12025550107")
    run_calls()
    uids = [failed.uid, sent.uid, other.uid]
    page = alice.post(several, {"fax": uids, "deed": "resend"}, follow=True)
    assert statuses() == ["queued", "delivered", "queued"]
    assert "2 faxes go out again" in words_of(page)
    (refused,) = [str(one) for one in page.context["messages"] if one.level_tag == "error"]
    assert refused.startswith("The fax to +1 202-555-0100: There is nothing to send again")


def test_cancelling_several_stops_what_can_be_stopped(alice, several, hand_in):
    uids = [hand_in("+12025550100", hold="on").uid, hand_in("+12025550101").uid]
    page = alice.post(several, {"fax": uids, "deed": "cancel"}, follow=True)
    assert statuses() == ["canceled", "canceled"]
    assert "of 2 faxes is cancelled" in words_of(page)


def test_downloading_several_gives_a_pdf_each(alice, several, hand_in):
    uids = [hand_in("+12025550100").uid, hand_in("+12025550101").uid]
    answer = alice.post(several, {"fax": uids, "deed": "download"})
    with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as archive:
        assert len(archive.namelist()) == 2
        assert all(archive.read(name).startswith(b"%PDF-") for name in archive.namelist())
    assert "attachment" in answer["Content-Disposition"]


def test_what_is_erased_cannot_be_downloaded_and_says_so(alice, several, hand_in):
    fax = hand_in("+12025550100")
    Fax.objects.update(pages_blob="")
    page = alice.post(several, {"fax": [fax.uid], "deed": "download"}, follow=True)
    assert "have been erased" in words_of(page)


def test_nothing_chosen_is_told(alice, several):
    assert "No fax was chosen" in words_of(alice.post(several, {"deed": "cancel"}, follow=True))


def test_faxes_of_another_extension_are_left_alone(cast, alice, several, make_fax):
    foreign = make_fax("+12025550100", extension=cast.foreign)
    alice.post(several, {"fax": [foreign.uid], "deed": "cancel"})
    assert statuses() == ["queued"]


def test_who_may_only_read_downloads_and_does_no_more(cast, several, make_fax, browser_of):
    Share.objects.create(extension=cast.desk, user=cast.bob)
    uid = make_fax("+12025550100").uid
    reader = browser_of(cast.bob)
    assert reader.post(several, {"fax": [uid], "deed": "cancel"}).status_code == 404
    assert statuses() == ["queued"]
    assert reader.post(several, {"fax": [uid], "deed": "download"}).status_code in {200, 302}


@pytest.mark.parametrize("posted", [{"fax": ["x"], "deed": "cancel"}, {"fax": ["x" * 36], "deed": "download"}])
def test_what_is_no_fax_does_not_exist(alice, several, posted):
    assert alice.post(several, posted).status_code == 404


def test_a_deed_that_does_not_exist_is_not_found(alice, several, hand_in):
    assert alice.post(several, {"fax": [hand_in().uid], "deed": "eat"}).status_code == 404


def test_the_report_tells_each_recipient_with_its_last_call(alice, hand_in, run_calls):
    fax = hand_in("+12025550100, +12025550107, 211")
    run_calls()
    page = words_of(alice.get(reverse("fax-report", args=[fax.uid])))
    for told in ("Transmission report", "Partially Sent", "+1 202-555-0100", "LAB FAX", "1 of 1", "0 of 1", "211 Lab"):
        assert told in page
    assert "44 s" in page
    assert reverse("fax-page-picture", args=[fax.uid, 1]) in page
