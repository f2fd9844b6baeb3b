"""Signing in by login or mail address, wrong ones and too many of them, and nobody signs up."""

import logging
import re

import pytest
from allauth.account import urls as accounts
from allauth.mfa import urls as factors
from allauth.usersessions import urls as sessions
from django.contrib.auth import SESSION_KEY, hashers
from django.test import Client
from django.urls import NoReverseMatch, URLResolver, reverse

from caselli.directory import sign_in as rules
from caselli.doors.web.urls import urlpatterns
from caselli.store.models import AccountEvent, User

WRONG = "This login and password do not belong together."


@pytest.fixture(autouse=True)
def addresses(cast):
    cast.alice.email = "Alice@acme.example"
    cast.alice.save()


@pytest.mark.parametrize("login", ["alice", "ALICE", " alice ", "Alice@acme.example", "alice@ACME.example"])
def test_login_and_mail_address_both_open(browser, sign_in, login):
    assert sign_in(browser, login).url == "/extensions"
    assert browser.get("/extensions").status_code == 200


def test_a_mail_address_of_two_people_opens_nothing_but_their_logins_do(cast, browser, sign_in):
    User.objects.filter(pk=cast.bob.pk).update(email="alice@acme.example")
    assert WRONG in sign_in(browser, "alice@acme.example").content.decode()
    assert sign_in(browser, "bob").status_code == 302


def test_a_login_that_looks_like_the_mail_address_of_another_one_wins(cast):
    twin = User.objects.create_user("alice@acme.example", password="secret", organization=cast.clinic)
    assert rules.find("alice@acme.example") == twin
    assert rules.find("Alice@acme.example") == twin
    assert rules.find("a\0b") is None


def told(page):
    return re.sub(r"<[^>]+>|\s+", " ", page[page.index("summary") : page.index("<form method")])


def test_unknown_and_wrong_get_the_same_sentence_after_the_same_work(browser, sign_in, monkeypatch):
    hashed = []
    real = hashers.MD5PasswordHasher.encode
    monkeypatch.setattr(
        hashers.MD5PasswordHasher, "encode", lambda *given, **more: hashed.append(given) or real(*given, **more)
    )
    answers, work = set(), set()
    for login in ("alice", "alice@acme.example", "nobody", "nobody@acme.example", ""):
        hashed.clear()
        page = sign_in(browser, login or "-", "guess").content.decode()
        answers.add(told(page))
        work.add(len(hashed))
    assert len(answers) == 1
    assert WRONG in answers.pop()
    assert work == {1}


def test_after_five_wrong_passwords_one_is_told_when_to_try_again(browser, sign_in):
    for _ in range(5):
        assert WRONG in sign_in(browser, "alice", "guess").content.decode()
    page = sign_in(browser, "alice").content.decode()
    assert re.search(r"Too many attempts\. Try again in [45] minutes\.", page)
    other = Client(REMOTE_ADDR="192.0.2.10", HTTP_HOST="another.example")
    assert "Too many attempts" in sign_in(other, "alice@acme.example").content.decode()
    assert sign_in(other, "bob").status_code == 302


def test_one_address_may_not_guess_on_and_on_at_ever_other_logins(browser, sign_in):
    for number in range(10):
        assert WRONG in sign_in(browser, f"guess{number}", "guess").content.decode()
    assert re.search(r"Try again in [1-6]?\d seconds?\.", sign_in(browser, "bob").content.decode())


def test_signing_in_begins_a_new_session(browser, sign_in):
    browser.post("/appearance", {"appearance": "dark"})
    browser.get("/login")
    browser.session.save()
    before = browser.session.session_key
    sign_in(browser, "alice")
    assert browser.session[SESSION_KEY]
    assert browser.session.session_key != before


def test_what_happened_is_written_down_without_what_was_typed(cast, browser, sign_in, caplog):
    with caplog.at_level(logging.INFO):
        sign_in(browser, "alice", "guess")
        sign_in(browser, "secret-typed-as-login", "guess")
        sign_in(browser, "alice")
    happened = AccountEvent.objects.filter(user=cast.alice).values_list("what", "ip")
    assert list(happened) == [("signed_in", "192.0.2.9"), ("wrong_password", "192.0.2.9")]
    page = browser.get("/account").content.decode()
    assert "Wrong password" in page
    assert "from 192.0.2.9" in page


def test_nobody_signs_up_and_no_other_page_of_allauth_exists(cast, browser):
    def names(patterns):
        for one in patterns:
            if isinstance(one, URLResolver):
                yield from names(one.url_patterns)
            else:
                yield one.name

    ours = {one.name for one in urlpatterns}
    theirs = {*names(accounts.urlpatterns), *names(factors.urlpatterns), *names(sessions.urlpatterns)}
    assert theirs - ours == {
        "account_confirm_email",
        "account_confirm_login_code",
        "account_email",
        "account_email_verification_sent",
        "account_signup",
    }
    for name in theirs - ours:
        with pytest.raises(NoReverseMatch):
            reverse(name)
    for address in ("/account/signup", "/signup", "/accounts/signup/", "/account/email", "/accounts/login/"):
        assert browser.get(address).status_code == 404, address


class TestSwitchedOff:
    @pytest.fixture(params=["user", "organization"])
    def switch_off(self, cast, request):
        def off():
            if request.param == "user":
                User.objects.filter(pk=cast.alice.pk).update(is_active=False)
            else:
                cast.clinic.enabled = False
                cast.clinic.save()

        return off

    def test_an_open_session_ends_at_once_and_says_so(self, browser, sign_in, switch_off):
        sign_in(browser, "alice")
        assert browser.get("/extensions").status_code == 200
        switch_off()
        answer = browser.get("/extensions", follow=True)
        assert answer.redirect_chain[0][0].startswith("/login")
        assert "your account was switched off" in answer.content.decode()

    def test_signing_in_is_refused_with_a_sentence(self, browser, sign_in, switch_off):
        switch_off()
        answer = browser.post("/login", {"login": "alice", "password": "secret"}, follow=True)
        assert "This account is switched off" in answer.content.decode()
        assert "Ask your administrator" in answer.content.decode()
        assert SESSION_KEY not in browser.session

    def test_a_wrong_password_learns_nothing_of_it(self, browser, sign_in, switch_off):
        switch_off()
        assert WRONG in sign_in(browser, "alice", "guess").content.decode()

    def test_the_servers_administrator_is_not_locked_out_with_an_organization(self, cast, browser, sign_in):
        cast.admin.organization = cast.clinic
        cast.admin.save()
        cast.clinic.enabled = False
        cast.clinic.save()
        assert sign_in(browser, "admin").url == "/extensions"
