"""Signing in, the appearance, and pages that are not there."""

from urllib.parse import unquote

import pytest
from django.test import Client
from lost_database import lost_at_a_job

from caselli.store.models import Fax

pytestmark = pytest.mark.django_db


def test_signing_in_leads_to_manage_extensions(cast):
    answer = Client().post("/login", {"login": "alice", "password": "secret"}, follow=True)
    assert answer.redirect_chain == [("/extensions", 302)]
    assert "<h1>Manage extensions</h1>" in answer.content.decode()


def test_signing_in_leads_back_to_where_one_wanted_to_go(cast, sent_page):
    browser = Client()
    assert unquote(browser.get(sent_page).url) == f"/login?next={sent_page}"
    answer = browser.post("/login", {"login": "alice", "password": "secret", "next": sent_page})
    assert answer.url == sent_page


def test_signing_in_leads_to_no_other_site(cast):
    answer = Client().post("/login", {"login": "alice", "password": "secret", "next": "https://evil.example/"})
    assert answer.url == "/extensions"


def test_a_wrong_password_is_said_in_words_and_the_login_stays(cast):
    page = Client().post("/login", {"login": "alice", "password": "guess"}).content.decode()
    assert "This login and password do not belong together." in page
    assert 'value="alice"' in page
    assert "<title>Error: Sign in" in page


def test_signing_out_leads_to_the_login(alice):
    assert alice.post("/logout").url == "/login"
    assert alice.get("/extensions").url.startswith("/login")


def test_the_first_address_leads_to_the_extensions(alice):
    assert alice.get("/").url == "/extensions"


@pytest.mark.parametrize("colours", ["dark", "light"])
def test_the_appearance_comes_with_the_page(alice, colours):
    answer = alice.post("/appearance", {"appearance": colours, "back": "/extensions"})
    assert answer.url == "/extensions"
    assert f'<html lang="en" data-appearance="{colours}">' in alice.get("/extensions").content.decode()
    alice.post("/appearance", {"appearance": "system"})
    assert '<html lang="en">' in alice.get("/extensions").content.decode()


def test_the_appearance_leads_to_no_other_site_and_takes_no_other_word(alice):
    answer = alice.post("/appearance", {"appearance": 'x"><script>', "back": "//evil.example/"})
    assert answer.url == "/extensions"
    assert "appearance" not in answer.cookies


def test_a_database_that_goes_away_in_the_middle_is_said_in_words(cast, browser_of, make_fax):
    fax = make_fax("+12025550100", hold=True)
    Fax.objects.update(callback_url="https://example.com/this-fax")
    browser = browser_of(cast.alice)
    browser.raise_request_exception = False
    with lost_at_a_job():
        answer = browser.post(f"/faxes/{fax.uid}/cancel")
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    page = answer.content.decode()
    assert "Caselli does not reach its database." in page
    assert "look first whether what you have just sent is there" in page
    assert Fax.objects.get().status == fax.status
    assert browser.post(f"/faxes/{fax.uid}/cancel").status_code == 302


def test_a_slash_too_many_is_forgiven(alice, sent_page):
    assert alice.get(f"{sent_page}/?to=1").url == f"{sent_page}?to=1"
    assert alice.get("/machine").url == "/machine/"
    assert alice.get("/nothing/").status_code == 404
    assert alice.get("/favicon.ico").status_code == 404


def test_a_page_that_is_not_there_says_so(alice):
    page = alice.get("/nothing").content.decode()
    assert "There is no such page" in page
    assert "Alice" in page


def test_an_old_page_is_told_that_nothing_changed(cast):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.alice)
    answer = browser.post("/appearance", {"appearance": "dark"})
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.content.decode()
