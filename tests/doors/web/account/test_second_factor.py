"""The second factor: set up, asked, lost, and required by an organization."""

import base64
import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils.http import int_to_base36

from caselli.store.models import AccountEvent, AuditEntry

ASKED = "/login/second-factor"


def set_up(browser, app_shows):
    page = browser.get("/account/app/add").content.decode()
    secret = re.search(r"<code>([A-Z2-7]+)</code>", page)[1]
    assert 'src="data:image/svg+xml;base64,' in page
    return secret, browser.post("/account/app/add", {"code": app_shows(secret)})


def test_an_app_is_set_up_and_asked_from_then_on(cast, browser, sign_in, app_shows, django_capture_on_commit_callbacks):
    elsewhere = Client()
    sign_in(elsewhere, "alice")
    sign_in(browser, "alice")
    with django_capture_on_commit_callbacks(execute=True):
        _, answer = set_up(browser, app_shows)
    assert answer.url == "/account/codes"
    assert len(re.findall(r"<code>\d{8}</code>", browser.get("/account/codes").content.decode())) == 10
    assert elsewhere.get("/extensions").url.startswith("/login")
    assert set(AccountEvent.objects.values_list("what", flat=True)) == {"signed_in", "app_added", "codes_made"}
    assert AuditEntry.objects.filter(person=cast.alice, changes__0__field="Authenticator app").exists()

    again = Client()
    assert sign_in(again, "alice").url == ASKED
    assert again.get("/extensions").url.startswith("/login")
    assert "That code is not right" in again.post(ASKED, {"code": "000000"}).content.decode()
    assert AccountEvent.objects.filter(user=cast.alice, what="wrong_code").exists()


def test_the_code_of_the_app_opens(browser, sign_in, with_app, app_shows):
    secret, _ = with_app
    sign_in(browser, "alice", next="/account")
    assert browser.post(ASKED, {"code": app_shows(secret)}).url == "/account"
    assert browser.get("/extensions").status_code == 200


def test_a_code_opens_once(browser, sign_in, with_app, app_shows):
    secret, _ = with_app
    code = app_shows(secret)
    sign_in(browser, "alice")
    browser.post(ASKED, {"code": code})
    thief = Client()
    sign_in(thief, "alice")
    assert "That code is not right" in thief.post(ASKED, {"code": code}).content.decode()


def test_a_recovery_code_opens_once(browser, sign_in, with_app):
    _, codes = with_app
    sign_in(browser, "alice")
    assert browser.post(ASKED, {"code": codes[0]}).url == "/extensions"
    again = Client()
    sign_in(again, "alice")
    assert again.post(ASKED, {"code": codes[0]}).status_code == 422
    assert again.post(ASKED, {"code": codes[1]}).url == "/extensions"


def test_codes_cannot_be_guessed_on_and_on(browser, sign_in, with_app, app_shows):
    secret, _ = with_app
    sign_in(browser, "alice")
    for _ in range(5):
        assert "not right" in browser.post(ASKED, {"code": "000000"}).content.decode()
    assert "Too many attempts" in browser.post(ASKED, {"code": app_shows(secret)}).content.decode()


def test_one_may_turn_back_from_the_second_factor(browser, sign_in, with_app):
    sign_in(browser, "alice")
    assert browser.get("/login").url == ASKED
    browser.post("/logout")
    assert browser.get("/login").status_code == 200


def test_who_comes_back_later_is_asked_before_a_factor_changes(cast, with_app, browser_of):
    browser = browser_of(cast.alice)  # signed in at some other time
    for address in ("/account/app/remove", "/account/codes", "/account/codes/new", "/account/passkeys/add"):
        assert browser.get(address).url.startswith("/account/confirm?"), address
    assert browser.post("/account/app/remove").url.startswith("/account/confirm?")
    assert Authenticator.objects.filter(user=cast.alice, type="totp").exists()
    assert browser.post("/account/confirm", {"password": "guess", "next": "/account/codes"}).status_code == 422
    assert browser.post("/account/confirm", {"password": "secret", "next": "/account/codes"}).url == "/account/codes"
    assert browser.get("/account/codes").status_code == 200


def test_the_app_is_removed_and_its_codes_with_it(cast, browser, sign_in, with_app, app_shows):
    sign_in(browser, "alice")
    browser.post(ASKED, {"code": app_shows(with_app[0])})
    assert "Remove the authenticator app?" in browser.get("/account/app/remove").content.decode()
    assert browser.post("/account/app/remove").url == "/account"
    assert not Authenticator.objects.filter(user=cast.alice).exists()
    assert AccountEvent.objects.filter(user=cast.alice, what="app_removed").exists()


def test_passkeys_of_others_do_not_exist(cast, browser, sign_in):
    theirs = Authenticator.objects.create(user=cast.bob, type="webauthn", data={"name": "Key"})
    sign_in(browser, "alice")
    for deed in ("name", "remove"):
        assert browser.get(f"/account/passkeys/{theirs.pk}/{deed}").status_code == 404
        assert browser.post(f"/account/passkeys/{theirs.pk}/{deed}", {"name": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("host", "secure", "says"),
    [
        ("localhost:8470", False, ""),
        ("fax.example", True, ""),
        ("fax.example", False, "Open https://fax.example instead"),
        ("127.0.0.1:8470", False, "Open http://localhost:8470 instead"),
        ("192.0.2.1", True, "ask your administrator for an address with a name"),
    ],
)
def test_the_page_says_where_passkeys_work(cast, browser_of, host, secure, says):
    page = browser_of(cast.alice).get("/account", headers={"host": host}, secure=secure).content.decode()
    assert says in page
    assert ("/account/passkeys/add" in page) is (not says)


class TestRequired:
    @pytest.fixture(autouse=True)
    def required(self, cast):
        cast.clinic.second_factor_required = True
        cast.clinic.save()

    def test_who_has_none_can_open_nothing_else(self, cast, browser, sign_in, sent_page, htmx):
        sign_in(browser, "alice")
        for address in ("/extensions", sent_page, "/machine/", "/account", "/account/password", "/nothing"):
            answer = browser.get(address)
            assert (answer.status_code, answer.get("Location")) in {(302, "/account/second-factor"), (404, None)}
        assert browser.post(sent_page, {"recipients": "211"}).url == "/account/second-factor"
        assert browser.get(sent_page, headers=htmx()).headers["HX-Refresh"] == "true"
        page = browser.get("/account/second-factor").content.decode()
        assert "Acme Clinic asks for one at every sign-in" in page
        assert browser.post("/logout").url == "/login"

    def test_setting_one_up_opens_all(self, cast, browser, sign_in, app_shows, sent_page):
        sign_in(browser, "alice")
        set_up(browser, app_shows)
        assert browser.get(sent_page).status_code == 200
        assert browser.get("/account/second-factor").url == "/account"

    def test_who_has_one_goes_on(self, browser, sign_in, with_app, app_shows, sent_page):
        sign_in(browser, "alice")
        browser.post(ASKED, {"code": app_shows(with_app[0])})
        assert browser.get(sent_page).status_code == 200

    def test_recovery_codes_alone_are_none(self, cast, browser, sign_in, with_app, sent_page):
        Authenticator.objects.filter(type="totp").delete()
        sign_in(browser, "alice")
        assert browser.get(sent_page).url == "/account/second-factor"

    def test_other_organizations_are_not_asked(self, browser, sign_in):
        sign_in(browser, "charlie")
        assert browser.get("/extensions").status_code == 200


@pytest.mark.parametrize(
    "made_up",
    ["", "{}", "[]", "null", "1", '{"response": 5}', '{"id": "a", "response": {"userHandle": "%s"}}', "not JSON"],
)
def test_a_made_up_passkey_is_refused_in_words(cast, browser, made_up):
    handle = base64.urlsafe_b64encode(int_to_base36(cast.alice.pk).encode()).decode().rstrip("=")
    browser.get("/login/passkey", headers={"accept": "application/json"})
    answer = browser.post("/login/passkey", {"credential": made_up.replace("%s", handle)}, follow=True)
    assert answer.redirect_chain == [("/login", 302)]
    assert 'class="message error"' in answer.content.decode()


def test_after_a_refused_passkey_one_still_comes_where_one_wanted_to_go(db, browser):
    browser.get("/login/passkey", headers={"accept": "application/json"})
    answer = browser.post("/login/passkey", {"credential": "{}", "next": "/approvals"})
    assert answer.url == "/login?next=%2Fapprovals"
    page = browser.get(answer.url, headers={"host": "fax.example"}, secure=True).content.decode()
    forms = re.findall(r"<form.*?</form>", page, re.DOTALL)
    assert len([one for one in forms if 'name="next" value="/approvals"' in one]) == 2
    elsewhere = browser.post("/login/passkey", {"credential": "{}", "next": "https://evil.example/"})
    assert elsewhere.url == "/login"


class TestLost:
    def take_away(self, browser, user):
        return browser.post(f"/administration/users/{user.pk}/second-factor", follow=True).content.decode()

    def test_an_administrator_takes_a_lost_one_away(self, cast, browser, sign_in, with_app, app_shows, browser_of):
        sign_in(browser, "alice")
        browser.post(ASKED, {"code": app_shows(with_app[0])})
        olivia = browser_of(cast.olivia)
        assert "Take it away" in olivia.get(f"/administration/users/{cast.alice.pk}").content.decode()
        assert "has no second factor any more" in self.take_away(olivia, cast.alice)
        assert browser.get("/extensions").url.startswith("/login")
        assert sign_in(browser, "alice").url == "/extensions"
        entry = AuditEntry.objects.latest("id")
        assert (entry.person, entry.changes[0]["field"]) == (cast.olivia, "Second factor")

    def test_nobody_takes_away_their_own_there(self, cast, with_app, browser_of):
        cast.alice.role = "organization_administrator"
        cast.alice.save()
        self.take_away(browser_of(cast.alice), cast.alice)
        assert Authenticator.objects.filter(user=cast.alice, type="totp").exists()

    def test_where_there_is_none_it_says_so(self, cast, browser_of):
        assert "had no second factor" in self.take_away(browser_of(cast.olivia), cast.alice)
