"""Approvals in the browser: what waits for my yes, one fax to look at, and what I say to it."""

import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from caselli.store.models import Fax

ABROAD = "+49 30 12345678"


@pytest.fixture
def waiting(cast, hand_in):
    """Hands in a fax of Alice's that needs a second person's yes."""
    cast.clinic.approve_abroad = True
    cast.clinic.save()
    return lambda to=ABROAD, **fields: hand_in(to, **fields)


@pytest.fixture
def olivia(cast, browser_of):
    return browser_of(cast.olivia)


def text_of(answer):
    unbroken = re.sub(r'<span class="nowrap">([^<]+)</span>', r"\1", answer.content.decode())
    return " ".join(re.sub(r"<[^>]+>", " ", unbroken).split())


def content_in(answer):
    return re.search(r'name="content" value="([0-9a-f]{64})"', answer.content.decode())[1]


def approve(browser, fax, content):
    return browser.post(reverse("approval-approve", args=[fax.uid]), {"content": content}, follow=True)


def shown(fax):
    return Fax.objects.get(pk=fax.pk).shown_status


def test_the_sender_is_told_whose_yes_it_waits_for(cast, alice, waiting, sent_page):
    fax = waiting()
    page = text_of(alice.get(sent_page))
    assert "Your fax to +49 30 12345678 waits for a second person’s yes: Olivia or Admin is asked." in page
    assert reverse("approval", args=[fax.uid]) not in alice.get(sent_page).content.decode()
    info = text_of(alice.get(reverse("fax", args=[fax.uid])))
    assert "It waits for the yes of Olivia or Admin. It goes abroad: +49 30 12345678." in info


def test_a_click_on_not_approved_opens_the_approval_for_who_may_approve(olivia, waiting, sent_page):
    fax = waiting()
    page = olivia.get(sent_page).content.decode()
    assert f'class="pill-button hold" href="{reverse("approval", args=[fax.uid])}"' in page


def test_the_list_says_what_one_needs_to_know(olivia, waiting):
    fax = waiting()
    answer = olivia.get(reverse("approvals"))
    page = text_of(answer)
    for said in ("To +49 30 12345678", "From Alice, 210 Front desk", "1 page, about", "Waits since today"):
        assert said in page
    assert "It goes abroad: +49 30 12345678." in page
    assert f"/faxes/{fax.uid}/pages/1.png?width=192" in answer.content.decode()
    assert "Approvals 1 waiting for you" in page


def test_the_navigation_counts_for_who_is_asked_and_is_silent_for_others(cast, alice, olivia, browser_of, waiting):
    assert "Approvals" in text_of(olivia.get(reverse("extensions")))
    waiting()
    assert "Approvals 1" in text_of(olivia.get(reverse("extensions")))
    assert "Approvals" not in text_of(alice.get(reverse("extensions")))
    cast.desk.approver = cast.bob
    cast.desk.save()
    assert "Approvals 1" in text_of(browser_of(cast.bob).get(reverse("extensions")))
    assert "Approvals 1" not in text_of(olivia.get(reverse("extensions")))
    assert "Bob is asked." in text_of(olivia.get(reverse("approvals")))


def test_a_yes_sends_the_fax(olivia, waiting):
    fax = waiting()
    page = olivia.get(reverse("approval", args=[fax.uid]))
    answer = approve(olivia, fax, content_in(page))
    assert "You have approved the fax to +49 30 12345678. It is on its way." in text_of(answer)
    assert answer.redirect_chain == [(reverse("approvals"), 302)]
    fax.refresh_from_db()
    assert (fax.shown_status, fax.approved_by.username, fax.approved_ip) == (
        "Scheduled For Sending",
        "olivia",
        "192.0.2.7",
    )


def test_a_held_fax_goes_back_to_its_sender(alice, olivia, waiting, sent_page):
    fax = waiting(hold="on")
    page = olivia.get(reverse("approval", args=[fax.uid]))
    assert "after your yes it goes out when its sender says so" in text_of(page)
    assert "It is sent when its sender says so." in text_of(approve(olivia, fax, content_in(page)))
    assert shown(fax) == "Approved"
    alice.post(reverse("fax-send", args=[fax.uid]))
    assert shown(fax) == "Scheduled For Sending"


def test_a_no_stands_with_its_reason_in_the_row_and_in_fax_info(alice, olivia, waiting, sent_page):
    fax = waiting()
    answer = olivia.post(reverse("approval-refuse", args=[fax.uid]), {"reason": "Wrong <patient>"}, follow=True)
    assert "The fax to +49 30 12345678 is not sent." in text_of(answer)
    assert shown(fax) == "Canceled"
    assert "Olivia declined to send it: Wrong &lt;patient&gt;" in alice.get(sent_page).content.decode()
    info = text_of(alice.get(reverse("fax", args=[fax.uid])))
    assert re.search(r"Olivia declined to send it: Wrong &lt;patient&gt; \(\d+ \w+ \d{4}, [\d:]+ E[SD]T\)", info)


def test_a_no_without_a_reason_is_asked_for_one(olivia, waiting):
    fax = waiting()
    answer = olivia.post(reverse("approval-refuse", args=[fax.uid]), {"reason": " "})
    assert answer.status_code == 422
    assert "Say in a few words why the fax shall not be sent." in text_of(answer)
    assert shown(fax) == "Not approved"


def test_the_click_of_an_old_page_approves_nothing_that_was_not_looked_at(alice, olivia, waiting):
    fax = waiting()
    old = content_in(olivia.get(reverse("approval", args=[fax.uid])))
    alice.post(reverse("fax-recipients", args=[fax.uid]), {"recipients": "+49 30 87654321"})
    answer = approve(olivia, fax, old)
    assert "has been changed since you looked at it, and nothing was approved" in text_of(answer)
    assert "To whom +49 30 87654321" in text_of(answer)
    assert shown(fax) == "Not approved"
    approve(olivia, fax, content_in(answer))
    assert shown(fax) == "Scheduled For Sending"


def test_the_second_click_says_who_was_first(cast, olivia, waiting, browser_of):
    fax = waiting()
    content = content_in(olivia.get(reverse("approval", args=[fax.uid])))
    approve(olivia, fax, content)
    answer = approve(browser_of(cast.admin), fax, content)
    assert "This fax has been approved already by Olivia." in text_of(answer)
    assert "It has been decided Approved today" in text_of(answer)
    assert "Do not send" not in text_of(answer)


def test_a_line_of_the_list_says_what_became_of_it_when_it_has_moved(olivia, waiting, htmx):
    fax = waiting()
    line = reverse("approval-line", args=[fax.uid])
    assert "data-moving" in olivia.get(line, headers=htmx("/approvals")).content.decode()
    approve(olivia, fax, content_in(olivia.get(reverse("approval", args=[fax.uid]))))
    answer = olivia.get(line, headers=htmx("/approvals"))
    assert "data-moving" not in answer.content.decode()
    assert re.search(r"Approved today \d\d:\d\d by Olivia\.", text_of(answer))


def test_many_that_wait_cost_as_many_queries_as_one(olivia, waiting):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            olivia.get(reverse("approvals"))
        return len(seen)

    fax = waiting()
    queries()  # what is read once a process
    one = queries()
    for _ in range(5):
        waiting(f"{ABROAD}, +49 30 87654321")
    assert Fax.objects.filter(status=fax.status).count() == 6
    assert queries() == one


def test_recipients_change_on_a_page_of_their_own(alice, waiting):
    fax = waiting(hold="on")
    address = reverse("fax-recipients", args=[fax.uid])
    assert address in alice.get(reverse("fax", args=[fax.uid])).content.decode()
    assert f'value="{ABROAD}"' in alice.get(address).content.decode()
    wrong = alice.post(address, {"recipients": f"{ABROAD}, 999"})
    assert wrong.status_code == 422
    assert "There is no extension 999 that takes faxes." in text_of(wrong)
    done = alice.post(address, {"recipients": f"{ABROAD}, 211"}, follow=True)
    assert "The recipients are changed. The fax waits for a second person’s yes." in text_of(done)
    same = alice.post(address, {"recipients": f"{ABROAD}, 211"}, follow=True)
    assert "The recipients are as they were." in text_of(same)


def test_what_is_on_its_way_has_no_recipients_to_change(alice, hand_in):
    fax = hand_in()
    address = reverse("fax-recipients", args=[fax.uid])
    assert address not in alice.get(reverse("fax", args=[fax.uid])).content.decode()
    for answer in (alice.get(address, follow=True), alice.post(address, {"recipients": "211"}, follow=True)):
        assert "cannot be changed any more" in text_of(answer)


def test_who_approves_a_colleagues_fax_is_led_back_to_approvals(cast, waiting, browser_of):
    cast.desk.approver = cast.bob
    cast.desk.save()
    fax = waiting()
    bob = browser_of(cast.bob)
    info = bob.get(reverse("fax", args=[fax.uid])).content.decode()
    assert f'href="{reverse("approvals")}"' in info
    assert f'href="{reverse("sent", args=[cast.desk.extended])}"' not in info


def test_a_fax_that_is_not_there_is_nowhere(olivia):
    assert olivia.get(reverse("approval", args=[uuid.uuid4()])).status_code == 404


class TestByMail:
    """What a mail's sender has not confirmed yet, who may send from the extension may confirm as well."""

    def test_it_is_told_apart_with_who_was_asked_and_whether_the_sender_is_proven(self, alice, mailed):
        fax = mailed(dmarc="fail", left_out=["smime.p7s is a signature."]).fax
        page = text_of(alice.get(reverse("approvals")))
        assert "From alice@acme.example by mail, 210 Front desk" in page
        assert "It came by mail, and the link went to alice@acme.example: nobody has confirmed it yet." in page
        assert "Its sender is NOT proven: acme.example does not stand behind this mail" in page
        assert "is asked" not in page
        whole = text_of(alice.get(reverse("approval", args=[fax.uid])))
        assert "Its sender is NOT proven" in whole
        assert "Not in the fax smime.p7s is a signature." in whole

    def test_fax_info_says_whose_word_it_waits_for(self, alice, mailed):
        info = text_of(alice.get(reverse("fax", args=[mailed().fax.uid])))
        assert "It waits for its sender’s word: the link went to alice@acme.example." in info

    def test_a_click_on_not_approved_opens_the_approval(self, alice, mailed, sent_page):
        fax = mailed().fax
        page = alice.get(sent_page).content.decode()
        assert f'class="pill-button hold" href="{reverse("approval", args=[fax.uid])}"' in page

    def test_the_yes_of_who_may_send_stands_for_the_senders(self, alice, mailed):
        fax = mailed().fax
        answer = approve(alice, fax, content_in(alice.get(reverse("approval", args=[fax.uid]))))
        assert "It is on its way." in text_of(answer)
        assert shown(fax) == "Scheduled For Sending"
        info = text_of(alice.get(reverse("fax", args=[fax.uid])))
        assert re.search(r"Confirmed by its sender \d.*, by Alice in its place from 192\.0\.2\.7", info)

    def test_after_it_a_second_person_is_asked_where_the_organization_wants_one(self, cast, alice, olivia, mailed):
        cast.clinic.approve_all = True
        cast.clinic.save()
        fax = mailed().fax
        page = alice.get(reverse("approval", args=[fax.uid]))
        assert "After that it needs a second person’s yes." in text_of(page)
        assert "It waits for a second person’s yes now." in text_of(approve(alice, fax, content_in(page)))
        assert shown(fax) == "Not approved"
        page = olivia.get(reverse("approval", args=[fax.uid]))
        assert "Acme Clinic asks for a second person’s yes for every fax." in text_of(page)
        assert "link went to" not in text_of(page)
        approve(olivia, fax, content_in(page))
        assert shown(fax) == "Scheduled For Sending"

    def test_nobody_else_sees_it(self, cast, browser_of, mailed):
        fax = mailed().fax
        for one in (cast.bob, cast.charlie):
            assert browser_of(one).get(reverse("approval", args=[fax.uid])).status_code == 404
            assert "alice@acme.example" not in text_of(browser_of(one).get(reverse("approvals")))

    def test_many_cost_as_many_queries_as_one(self, alice, mailed):
        def queries():
            with CaptureQueriesContext(connection) as seen:
                alice.get(reverse("approvals"))
            return len(seen)

        mailed()
        queries()  # what is read once a process
        one = queries()
        for _ in range(3):
            mailed("+12025550107", "+12025550100")
        assert queries() == one
