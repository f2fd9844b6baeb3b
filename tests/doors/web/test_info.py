"""Fax info: what a person is told of one fax."""

import re
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from caselli.fax.causes import DELIVERED, NO_SUCH_NUMBER, UNKNOWN
from caselli.fax.outcome import CallEnd, CallReport
from caselli.fax.status import FaxStatus
from caselli.queue import report
from caselli.queue.claim import claim
from caselli.store import journey
from caselli.store.models import Delivery, Fax, Trunk


def words_of(html):
    html = re.sub(r'<span class="nowrap">([^<]+)</span>', r"\1", html)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.fixture
def told(alice):
    """Fax info in words."""
    return lambda fax: words_of(alice.get(reverse("fax", args=[fax.uid])).content.decode().partition("<main")[2])


def test_the_approval_stands_above_and_the_call_is_announced_first(make_fax, run_calls, told):
    (fax,) = run_calls(make_fax("+12025550100", "+12025550107"))
    page = told(fax)
    assert re.search(r"Sending was approved from 192\.0\.2\.7 on \d+ \w+ \d{4}, [\d:]{8} \w+ by Alice \(web\)\.", page)
    initiated = "Caselli initiated the call to send the fax to +1 202-555-0100, +1 202-555-0107."
    assert page.index("Sending was approved") < page.index(initiated) < page.index(NO_SUCH_NUMBER.sentence)


def test_a_held_fax_says_that_no_call_was_made(make_fax, told):
    assert "No call has been made yet. The fax is for +1 202-555-0100." in told(make_fax("+12025550100", hold=True))


def test_a_cancelled_fax_says_so(make_fax, alice, told):
    fax = make_fax("+12025550100", hold=True)
    alice.post(reverse("fax-cancel", args=[fax.uid]))
    assert "was cancelled before any call was made" in told(fax)
    journey.advance_fax(Fax.objects.get(pk=fax.pk), FaxStatus.PURGED, journey.By(timezone.now()), pages_blob="")
    assert "No call was made. The fax was for +1 202-555-0100." in told(fax)


def test_every_fact_of_an_attempt_is_told(make_fax, run_calls, alice):
    (fax,) = run_calls(make_fax("+12025550100"))
    page = alice.get(reverse("fax", args=[fax.uid])).content.decode()
    facts = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page))
    assert re.search(r"[\d:]{8}", facts.pop("When"))
    assert facts == {
        "To": "+1 202-555-0100",
        "Trunk": "Provider",
        "Pages confirmed": "1 of 1",
        "Duration": "44 s",
        "Speed": "14,400 bit/s",
        "Error correction": "on",
        "Way": "T.38",
        "Answered by": "LAB FAX",
        "SIP": "200 OK",
        "T.30": "0",
    }
    assert DELIVERED.sentence in page


def test_what_a_call_never_came_to_is_a_dash(make_fax, run_calls, alice):
    (fax,) = run_calls(make_fax("+12025550107"))
    page = alice.get(reverse("fax", args=[fax.uid])).content.decode()
    facts = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page))
    assert (facts["SIP"], facts["Speed"], facts["T.30"]) == ("404 Not Found", "–", "–")


def test_a_failure_tells_why_and_what_to_do(make_fax, run_calls, told):
    page = told(run_calls(make_fax("+12025550107"))[0])
    assert f"{NO_SUCH_NUMBER.sentence} {NO_SUCH_NUMBER.remedy}" in page


def test_a_retry_tells_when(make_fax, run_calls, told):
    assert re.search(r"The line was busy\. Next try at \d\d:\d\d", told(run_calls(make_fax("+12025550101"))[0]))


def test_a_try_in_a_lower_gear_says_what_changes_and_why(make_fax, alice, told):
    fax = make_fax("+12025550100")
    (one,) = claim("dialer")
    report.dialled(one.attempt_id)
    report.ended(one.attempt_id, CallReport(CallEnd.NO_FAX, answered=True))
    page = told(fax)
    assert re.search(r"Next try at [\d:]+. It goes slower \(9,600 bit/s\), because the line did not carry", page)
    history = alice.get(reverse("sent", args=[fax.extension.extended])).content.decode()
    assert re.search(r"Next try at [\d:]+, slower \(9,600 bit/s\)\.", history)


def test_a_fax_without_a_trunk_says_so_while_it_waits(make_fax, told):
    fax = make_fax("+12025550100")
    Trunk.objects.update(prefix="+49")
    assert "No trunk leads to this number now" in told(fax)


def test_every_attempt_is_told_the_newest_first(make_fax, run_calls, alice, told):
    (fax,) = run_calls(make_fax("+12025550107"))
    alice.post(reverse("fax-resend", args=[fax.uid]))
    run_calls()
    page = told(fax)
    assert page.index("Call 2") < page.index("Call 1")


def test_a_recipient_that_is_an_extension_got_it_without_a_call(cast, make_fax, told):
    page = told(make_fax(cast.lab.extended))
    assert "The fax to 0003*211 Lab needs no call: it stays on this server." in page
    assert "It lies in the received faxes of that extension." in page
    assert DELIVERED.sentence not in page  # there was no far machine
    assert "on the line" not in page
    assert "Call 1" not in page


def test_beside_a_number_an_extension_is_told_by_itself(cast, make_fax, run_calls, told):
    (fax,) = run_calls(make_fax(cast.lab.extended, "+12025550100"))
    page = told(fax)
    assert "Caselli initiated the call to send the fax to 0003*211 Lab, +1 202-555-0100." in page
    inside, _, outside = page.partition("Delivered")[2].partition("+1 202-555-0100")
    assert ("Trunk inside" in inside, "Speed" in inside) == (True, False)
    assert "Trunk Provider" in outside


class TestUnknown:
    @pytest.fixture
    def fax(self, make_fax, run_calls):
        return run_calls(make_fax("+12025550108"))[0]

    def test_a_person_is_asked_and_warned(self, fax, told):
        page = told(fax)
        assert UNKNOWN.sentence in page
        assert "Sent again, they may arrive twice." in page

    def test_it_arrived(self, fax, alice, told):
        alice.post(reverse("recipient-arrived", args=[fax.uid, 1]))
        page = told(fax)
        assert "Sent" in page
        assert "A person confirmed that it arrived." in page
        assert "Send again" not in page

    def test_send_again(self, fax, alice, told):
        alice.post(reverse("recipient-again", args=[fax.uid, 1]))
        assert Delivery.objects.get().status == "queued"
        assert "It goes out as soon as a line is free." in told(fax)

    def test_the_second_decision_is_refused_in_words(self, fax, alice, htmx):
        alice.post(reverse("recipient-arrived", args=[fax.uid, 1]))
        here = reverse("fax", args=[fax.uid])
        answer = alice.post(reverse("recipient-again", args=[fax.uid, 1]), headers=htmx(here)).content.decode()
        assert "What became of this recipient’s fax is known by now." in unescape(answer).replace("'", "’")
        assert 'id="told"' in answer
        assert Delivery.objects.get().status == "delivered"

    def test_a_recipient_that_is_not_there_is_not_found(self, fax, alice):
        assert alice.post(reverse("recipient-again", args=[fax.uid, 2])).status_code == 404


class TestLadder:
    @pytest.fixture
    def call(self, make_fax, run_calls):
        (fax,) = run_calls(make_fax("+12025550100"))
        return reverse("fax-attempt", args=[fax.uid, 1, 1])

    def test_fax_info_unfolds_to_it_and_leads_to_it(self, call, alice):
        page = alice.get(call.partition("/recipients")[0]).content.decode()
        assert f'hx-get="{call}"' in page
        assert f'<a href="{call}">' in page

    def test_messages_go_down_with_their_times_and_ways(self, call, alice):
        page = alice.get(call).content.decode()
        rungs = re.findall(
            r'<li class="rung (\w+) (\w+)">\s*<span class="at">([\d.]+)</span>(.*?)</li>', page, re.DOTALL
        )
        assert [(way, kind, at) for way, kind, at, _ in rungs] == [
            ("outward", "sip", "0.00"),
            ("remark", "plain", "0.50"),
            ("inward", "t30", "3.10"),
        ]
        assert "Caselli sent:" in words_of(rungs[0][3])
        assert "the far end sent:" in words_of(rungs[2][3])
        assert "2.6 s" in words_of(page)  # the silence between

    def test_a_message_is_text_whatever_it_holds(self, call, alice):
        page = alice.get(call).content.decode()
        assert "m=audio &lt;4000&gt; RTP/AVP 0" in page

    def test_the_pages_are_told(self, call, alice):
        page = words_of(alice.get(call).content.decode())
        assert "1 yes 14,400 bit/s on 25,600 bytes 1,728 × 2,292 – – 18.8 s" in page

    def test_the_unfolded_part_comes_alone(self, call, alice, htmx):
        part = alice.get(call, headers=htmx()).content.decode()
        assert 'class="ladder"' in part
        assert "<html" not in part

    def test_a_call_without_messages_says_so(self, make_fax, run_calls, alice):
        (fax,) = run_calls(make_fax("+12025550107"))
        assert "No messages were kept" in alice.get(reverse("fax-attempt", args=[fax.uid, 1, 1])).content.decode()


def test_a_call_under_way_is_told_as_it_goes(make_fax, told, alice):
    fax = make_fax("+12025550100", pages=2)
    (claimed,) = claim("dialer")
    report.phase(claimed.attempt_id, "sending", 1)
    page = told(fax)
    assert "On the line Sending, page 1 of 2." in page
    call = reverse("fax-attempt", args=[fax.uid, 1, 1])
    assert "kept when the call ends" in alice.get(call).content.decode()
    report.ended(claimed.attempt_id, CallReport("canceled"))


def test_many_recipients_are_told_page_by_page(make_fax, told, alice):
    fax = make_fax(*(f"+1202555{number:04}" for number in range(100, 160)), hold=True)
    first = alice.get(reverse("fax", args=[fax.uid])).content.decode()
    assert first.count('class="story ') == 50
    assert 'href="?after=50"' in first
    rest = alice.get(reverse("fax", args=[fax.uid]), {"after": "50"}).content.decode()
    assert rest.count('class="story ') == 10
    assert "and 40 more" in words_of(first)


def test_one_address_more_or_less_is_not_found(make_fax, alice):
    fax = make_fax("+12025550100")
    for address in (reverse("fax-attempt", args=[fax.uid, 1, 1]), f"/faxes/{fax.uid}0", "/faxes/1"):
        assert alice.get(address).status_code == 404


class TestByMail:
    def test_it_tells_from_whom_it_came_and_whether_that_is_proven(self, mailed, told):
        mail = mailed(subject="Desk: +12025550100", dmarc="pass", spf="softfail", dkim="none")
        page = told(mail.fax)
        assert "by email" in page
        assert "From alice@acme.example Subject Desk: +12025550100" in page
        assert "by SMTP from 192.0.2.25 (mail.acme.example), 87 kB" in page
        assert "DMARC pass The sender’s domain stands behind this mail: the address is genuine." in page
        assert "SPF softfail The server it came from is none of those that its domain names." in page
        assert "DKIM none It carries no signature." in page
        assert page.index("DMARC") < page.index("SPF")

    def test_it_tells_who_judged_it_in_our_place(self, mailed, told):
        page = told(mailed(dmarc="fail", judged_by="mx.acme.example").fax)
        assert "Whether the sender is genuine, as mx.acme.example found DMARC fail" in page

    def test_a_result_of_another_world_is_shown_as_it_is(self, mailed, told):
        assert "DKIM hardfail" in told(mailed(dkim="hardfail").fax)

    def test_it_tells_what_is_not_in_the_fax(self, mailed, told):
        page = told(mailed(left_out=["signature.p7s is no document: it proves who wrote the mail."]).fax)
        assert "Not in the fax signature.p7s is no document: it proves who wrote the mail." in page

    def test_nothing_of_the_mail_is_active(self, mailed, alice):
        mail = mailed(subject="<script>alert(1)</script>", helo="<b>", left_out=["<i>"])
        page = alice.get(reverse("fax", args=[mail.fax.uid])).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page
        assert "<b>" not in page
        assert "<i>" not in page

    def test_a_fax_that_came_another_way_has_no_mail(self, make_fax, told):
        assert "The mail" not in told(make_fax("+12025550100"))
