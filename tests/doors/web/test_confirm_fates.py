"""The link of a mail after its yes: what becomes of the fax, and the rest of it sent again."""

import re
from datetime import timedelta
from html import unescape

import pytest
from by_link import after_the_interval, all_that_is_known, approve, press, the_fax, words_of
from django.utils import timezone

from caselli.approval import confirm, decide
from caselli.fax.status import FaxStatus
from caselli.queue import decide as queue
from caselli.store import journey
from caselli.store.models import Delivery


class TestAgain:
    @pytest.fixture
    def ended(self, stranger, link, run_calls):
        """A fax that arrived at one of two; its link."""
        address = link("+12025550100", "+12025550107")
        approve(stranger, address)
        run_calls()
        return address

    def test_the_page_tells_of_each_recipient_and_offers_to_send_the_rest(self, stranger, ended):
        page = words_of(stranger.get(ended))
        assert "Partially Sent It has arrived at 1 of 2 recipients" in page
        assert re.search(r"\+1 202-555-0107 Failed .* number", page)
        assert "Send the rest again" in page
        assert re.search(r"By this link it can be sent again at [\d:]+\.", page)

    def test_too_soon_is_refused_and_changes_nothing(self, stranger, ended):
        before = all_that_is_known()
        answer = press(stranger, ended, "again")
        assert answer.status_code == 429
        assert 'role="alert"' in answer.content.decode()
        assert all_that_is_known() == before

    def test_after_the_interval_it_goes_to_those_only_who_have_not_got_it(self, stranger, ended):
        after_the_interval(the_fax().mail)
        assert "It goes to those only who have not got it." in words_of(stranger.get(ended))
        assert press(stranger, ended, "again").status_code == 302
        fates = dict(Delivery.objects.values_list("destination", "status"))
        assert fates == {"+12025550100": "delivered", "+12025550107": "queued"}
        assert "It is on its way" in words_of(stranger.get(ended))
        assert press(stranger, ended, "again").status_code in {409, 429}

    def test_what_arrived_everywhere_is_not_sent_again(self, stranger, link, run_calls):
        address = link()
        approve(stranger, address)
        run_calls()
        after_the_interval(the_fax().mail)
        page = words_of(stranger.get(address))
        assert "Sent It has arrived" in page
        assert "again" not in page
        before = all_that_is_known()
        assert press(stranger, address, "again").status_code == 302
        assert all_that_is_known() == before

    def test_what_may_have_arrived_is_left_to_a_person(self, stranger, link, run_calls):
        address = link("+12025550108")
        approve(stranger, address)
        run_calls()
        page = words_of(stranger.get(address))
        assert "Nobody knows whether it arrived" in page
        assert "Send it again" not in page


class TestOtherFates:
    def test_it_waits_for_a_second_person_where_the_organization_asks_for_one(self, cast, stranger, link):
        cast.clinic.approve_all = True
        cast.clinic.save()
        address = link()
        approve(stranger, address)
        assert the_fax().shown_status == "Not approved"
        page = words_of(stranger.get(address))
        assert "Not approved It waits for a second person’s yes Your yes was noted today" in page
        assert "Acme Clinic asks for a second person’s yes for every fax." in page
        assert "It goes out as soon as Olivia or Admin has said yes too." in page
        assert "Approve and send" not in page
        press(stranger, address, "decline")
        assert "It is not sent Its sender declined to send it." in words_of(stranger.get(address))

    def test_a_second_person_said_no(self, cast, stranger, link):
        cast.clinic.approve_all = True
        cast.clinic.save()
        address = link()
        approve(stranger, address)
        decide.refuse(the_fax(), cast.olivia, None, "Wrong patient")
        assert "It is not sent Olivia declined to send it: Wrong patient" in words_of(stranger.get(address))

    def test_somebody_cancelled_it_before(self, cast, stranger, link):
        address = link()
        queue.cancel(the_fax(), cast.alice, None)
        assert "It is not sent It was cancelled today" in words_of(stranger.get(address))
        assert press(stranger, address, "approve").status_code == 409
        assert the_fax().shown_status == "Canceled"

    def test_nobody_approved_it_in_time(self, stranger, link):
        address = link()
        journey.cancel_unreleased(the_fax(), journey.By(timezone.now()))
        assert "Nobody approved it in the days allowed." in words_of(stranger.get(address))

    def test_it_was_erased(self, stranger, link, run_calls):
        address = link()
        approve(stranger, address)
        run_calls()
        journey.advance_fax(the_fax(), FaxStatus.PURGED, journey.By(timezone.now()), pages_blob="")
        answer = stranger.get(address)
        assert answer.status_code == 410
        assert "This fax has been erased, because its days were over. Send the mail again." in words_of(answer)
        assert stranger.get(f"{address}/pages/1.png").status_code == 404
        assert press(stranger, address, "again").status_code == 410

    def test_the_days_of_the_link_are_over(self, stranger, link, monkeypatch):
        address = link()
        later = timezone.now() + timedelta(days=31)
        monkeypatch.setattr(confirm.timezone, "now", lambda: later)
        answer = stranger.get(address)
        assert answer.status_code == 410
        assert "This link was good until" in words_of(answer)
        assert press(stranger, address, "approve").status_code == 410
        assert the_fax().shown_status == "Not approved"

    def test_the_address_is_not_authorized_any_more(self, cast, stranger, link):
        address = link()
        cast.desk.authorized_addresses.all().delete()
        assert "may not send faxes from extension 210 any more" in words_of(stranger.get(address))
        assert press(stranger, address, "approve").status_code == 410
        assert the_fax().shown_status == "Not approved"


class TestMoving:
    def test_the_part_that_moves_comes_alone_and_only_when_it_has_moved(self, stranger, link, run_calls):
        address = link()
        approve(stranger, address)
        page = stranger.get(address).content.decode()
        part = unescape(re.search(r'hx-get="([^"]+)" hx-trigger="every 2s"', page)[1])
        assert stranger.get(part).status_code == 204
        run_calls()
        answer = stranger.get(part)
        told = answer.content.decode()
        assert "<html" not in told
        assert "It has arrived" in told
        assert 'hx-swap-oob="innerHTML:#news">It has arrived.' in told
        assert "hx-get" not in told

    def test_without_scripts_one_looks_again(self, stranger, link):
        address = link()
        approve(stranger, address)
        assert f'<a href="{address}">Look again</a>' in stranger.get(address).content.decode()
