"""The link of a mail: who reads the mails of that address looks at the fax and says yes or no."""

import io
import re
import threading
from dataclasses import replace
from html import unescape
from ipaddress import ip_network

import pytest
from by_link import HERE, all_that_is_known, approve, link_to, press, the_fax, words_of
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from caselli.approval import confirm
from caselli.approval.request import content_of
from caselli.store import blobs
from caselli.store.models import Event, Fax


def test_it_opens_without_signing_in_and_tells_what_the_fax_is(stranger, link):
    answer = stranger.get(link("+12025550100", "0003*211", left_out=["Your signature is not in it."], dmarc="pass"))
    page = words_of(answer)
    assert answer.status_code == 200
    assert "Shall this fax be sent? Nothing is sent before you say so. If the mail was not yours, choose" in page
    assert "To +1 202-555-0100 0003*211 Lab" in page
    assert "From alice@acme.example by extension 210 Front desk, Acme Clinic Proven: acme.example stands" in page
    assert "1 page, about 0.0 s on the line, for each recipient" in page
    assert "Not in the fax Your signature is not in it." in page
    assert re.search(r"This link works until \d+ \w+ \d{4}, [\d:]{8} E[SD]T", page)
    assert "Approve and send" in page
    assert "Do not send" in page
    assert "sessionid" not in answer.cookies


def test_it_shows_each_page_to_who_has_the_link(stranger, mailed):
    fax = mailed().fax
    file = io.BytesIO()
    Image.new("1", (1728, 2292), 1).save(file, "TIFF", compression="group4")
    Fax.objects.update(pages_blob=blobs.keep(file.getvalue()))
    address = link_to(fax)
    shown = unescape(re.search(r'<img src="([^"]+)"', stranger.get(address).content.decode())[1])
    assert shown.startswith(f"{address}/pages/1.png")
    answer = stranger.get(shown)
    assert answer["Content-Type"] == "image/png"
    assert "no-store" in answer["Cache-Control"]
    assert stranger.get(f"{address}/pages/2.png").status_code == 404
    assert stranger.get(f"{address}/pages/1.png?width=5000").status_code == 404
    assert stranger.get(reverse("fax-page-picture", args=[fax.uid, 1])).status_code == 302


def test_a_program_that_follows_every_link_and_button_changes_nothing(stranger, link):
    address = link("+12025550100", "+12025550107")
    before = all_that_is_known()
    page = stranger.get(address).content.decode()
    named = {unescape(one) for one in re.findall(r'(?:href|src|action|hx-get)="([^"]+)"', page)}
    assert address in named
    for one in sorted(named | {address, f"{address}/told", f"{address}?deed=approve"}):
        for ask in (stranger.get, stranger.head, stranger.options):
            ask(one).getvalue()
    assert all_that_is_known() == before


def test_a_yes_sends_the_fax_and_is_written_down_with_time_and_place(cast, alice, stranger, link):
    address = link()
    approve(stranger, address)
    fax = the_fax()
    assert (fax.shown_status, fax.approved_how, fax.approved_ip) == ("Scheduled For Sending", "email", HERE)
    assert fax.approved_content == content_of(fax)
    assert (fax.mail.confirmed_ip, fax.mail.confirmed_by) == (HERE, None)
    assert fax.added_at < fax.mail.confirmed_at <= fax.approved_at
    page = words_of(stranger.get(address))
    assert "Scheduled For Sending It is on its way" in page
    assert "Approved today" in page
    assert "Approve and send" not in page
    info = words_of(alice.get(reverse("fax", args=[fax.uid])))
    assert re.search(rf"Sending was approved from {HERE} on .* by alice@acme\.example \(email link\)\.", info)
    assert re.search(rf"Confirmed by its sender \d.*, by the link from {HERE}", info)


def test_a_no_cancels_the_fax(alice, stranger, link):
    address = link()
    assert press(stranger, address, "decline").status_code == 302
    assert the_fax().shown_status == "Canceled"
    page = words_of(stranger.get(address))
    assert "Canceled It is not sent" in page
    assert "Do not send" not in page


def test_the_address_of_the_browser_is_told_by_a_trusted_proxy_alone(link, settings):
    settings.CONFIGURATION = replace(settings.CONFIGURATION, trusted_proxies=(ip_network("192.0.2.1"),))
    address = link()
    browser = Client(REMOTE_ADDR="192.0.2.1")
    press(browser, address, "approve", headers={"X-Forwarded-For": f"203.0.113.5, {HERE}"})
    assert the_fax().approved_ip == HERE


class TestTwice:
    def test_a_second_click_changes_nothing_and_is_told_so(self, stranger, link):
        address = link()
        content = content_of(the_fax())
        approve(stranger, address)
        before = all_that_is_known()
        for deed in ("approve", "decline", "again"):
            answer = press(stranger, address, deed, content=content)
            assert answer.status_code in {409, 429}
            assert 'role="alert"' in answer.content.decode()
            assert "It is on its way" in words_of(answer)
        assert all_that_is_known() == before

    @pytest.mark.django_db(transaction=True)
    def test_two_clicks_at_once_have_one_effect(self, link):
        address = link()
        content, both, said = content_of(the_fax()), threading.Barrier(2), []

        def click():
            both.wait()
            try:
                answer = Client(REMOTE_ADDR=HERE).post(address, {"deed": "approve", "content": content})
                said.append(answer.status_code)
            finally:
                connection.close()

        clicks = [threading.Thread(target=click) for _ in range(2)]
        for one in clicks:
            one.start()
        for one in clicks:
            one.join()
        assert sorted(said) == [302, 429]
        assert Event.objects.filter(fax=the_fax(), delivery=None, new="released").count() == 1

    def test_what_was_not_looked_at_is_not_approved(self, stranger, link):
        address = link()
        answer = press(stranger, address, "approve", content="0" * 64)
        assert answer.status_code == 409
        assert "has been changed since you looked at it, and nothing was approved" in words_of(answer)
        assert the_fax().shown_status == "Not approved"

    def test_a_click_on_none_of_the_buttons_does_nothing(self, stranger, link):
        address = link()
        before = all_that_is_known()
        for deed in ("", "purge"):
            assert press(stranger, address, deed).status_code == 409
        assert all_that_is_known() == before

    def test_the_address_is_taken_away_between_the_look_and_the_click(self, cast, stranger, link, monkeypatch):
        address = link()
        read = confirm.read_token

        def read_and_lose(token):
            found = read(token)
            cast.desk.authorized_addresses.all().delete()
            return found

        monkeypatch.setattr(confirm, "read_token", read_and_lose)
        assert press(stranger, address, "approve").status_code == 410
        assert the_fax().shown_status == "Not approved"


class TestWhoHasNoLink:
    def test_a_forged_link_opens_nothing(self, stranger, link):
        address = link()
        before = all_that_is_known()
        token = address.rpartition("/")[2]
        turned = token.swapcase()
        for one in (turned, token[:-1], token + "A", token[1:], "A", str(the_fax().uid), ":::", f"{turned}:{token}"):
            forged = reverse("confirm", args=[one])
            assert stranger.get(forged).status_code == 404
            assert press(stranger, forged, "approve").status_code == 404
            assert stranger.get(f"{forged}/told").status_code == 404
            assert stranger.get(f"{forged}/pages/1.png").status_code == 404
        assert all_that_is_known() == before

    def test_what_was_signed_for_something_else_opens_nothing(self, stranger, link):
        link()
        for one in (signing.dumps(the_fax().pk), signing.dumps(str(the_fax().uid)), signing.Signer().sign("1")):
            assert stranger.get(reverse("confirm", args=[one])).status_code == 404

    def test_what_cannot_be_a_link_is_nowhere(self, stranger):
        for one in ("/confirm/", "/confirm", "/confirm/a%00b", f"/confirm/{'a' * 301}", "/confirm/%F0%9F%98%80"):
            assert stranger.get(one, follow=True).status_code == 404

    def test_it_costs_no_query(self, stranger, link):
        link()
        with CaptureQueriesContext(connection) as asked:
            stranger.get(reverse("confirm", args=["A" * 80]))
        assert len(asked) == 0

    def test_a_friendly_page_says_what_to_do(self, stranger, link):
        answer = stranger.get(f"{link()}A")
        assert "Sign in" in words_of(answer)
        assert "no-store" in answer["Cache-Control"]

    def test_the_link_of_one_fax_says_nothing_about_another(self, stranger, mailed):
        hers, other = mailed().fax, mailed("+12025550107").fax
        answer = stranger.post(link_to(other), {"deed": "approve", "content": content_of(hers)})
        assert answer.status_code == 409
        assert set(Fax.objects.values_list("shown_status", flat=True)) == {"Not approved"}
        assert "+1 202-555-0107" not in words_of(stranger.get(link_to(hers)))


class TestToken:
    def test_a_click_from_another_site_does_nothing(self, link):
        address = link()
        browser = Client(enforce_csrf_checks=True)
        assert press(browser, address, "approve").status_code == 403
        browser.get(address)
        assert press(browser, address, "approve").status_code == 403
        assert the_fax().shown_status == "Not approved"

    def test_a_click_on_the_page_works_for_who_was_never_here(self, link):
        address = link()
        browser = Client(enforce_csrf_checks=True)
        page = browser.get(address).content.decode()
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)">', page))
        answer = browser.post(address, fields | {"deed": "approve"}, headers={"Origin": "http://testserver"})
        assert answer.status_code == 302
        assert the_fax().shown_status == "Scheduled For Sending"


def test_the_link_leaks_nowhere(stranger, link):
    address = link()
    for answer in (stranger.get(address), stranger.get(f"{address}/told"), press(stranger, address, "x")):
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["Referrer-Policy"] == "strict-origin"
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert answer["X-Frame-Options"] == "DENY"
        assert "unsafe" not in answer["Content-Security-Policy"]
    page = stranger.get(address).content.decode()
    assert not re.findall(r'(?:href|src|action)="(?:https?:)?//', page)


def test_nothing_of_the_mail_is_active(stranger, link):
    page = stranger.get(link(sender="<script>alert(1)</script>", left_out=["<img src=x>"])).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_who_is_signed_in_is_asked_for_no_second_factor(cast, browser_of, link):
    cast.clinic.second_factor_required = True
    cast.clinic.save()
    alice = browser_of(cast.alice)
    assert alice.get("/extensions").status_code == 302
    address = link()
    assert alice.get(address).status_code == 200
    approve(alice, address)
    assert the_fax().shown_status == "Scheduled For Sending"
