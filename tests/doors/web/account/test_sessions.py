"""Sessions: listed, ended, and ending by themselves; HTTPS and proxies."""

import time
from dataclasses import replace
from ipaddress import ip_network

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from caselli.doors.web.account.browsers import in_words
from caselli.doors.web.middleware import sessions

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1"


@pytest.fixture
def two(cast, sign_in):
    """Alice at her desk, and on her phone."""
    desk, phone = Client(REMOTE_ADDR="192.0.2.9", HTTP_USER_AGENT=FIREFOX), Client(HTTP_USER_AGENT=PHONE)
    sign_in(phone, "alice")
    sign_in(desk, "alice")
    return desk, phone


def test_the_page_lists_where_one_is_signed_in(two):
    page = two[0].get("/account").content.decode()
    assert "Firefox on Linux" in page
    assert "Safari on iPhone" in page
    assert page.count("This browser") == 1


def test_a_session_elsewhere_is_ended(two):
    desk, phone = two
    there = UserSession.objects.get(user_agent=PHONE)
    answer = desk.post(f"/account/sessions/{there.pk}/end", follow=True)
    assert "Safari on iPhone is signed out." in answer.content.decode()
    assert phone.get("/extensions").url.startswith("/login")
    assert desk.get("/extensions").status_code == 200


def test_ones_own_session_is_ended(two):
    desk, phone = two
    here = UserSession.objects.get(user_agent=FIREFOX)
    assert desk.post(f"/account/sessions/{here.pk}/end").url == "/login"
    assert desk.get("/extensions").url.startswith("/login")
    assert phone.get("/extensions").status_code == 200


def test_all_others_are_ended(two):
    desk, phone = two
    assert "Everywhere else you are signed out." in desk.post("/account/sessions", follow=True).content.decode()
    assert phone.get("/extensions").url.startswith("/login")
    assert desk.get("/extensions").status_code == 200


def test_the_sessions_of_others_do_not_exist(two, cast, browser_of):
    there = UserSession.objects.get(user_agent=PHONE)
    assert browser_of(cast.bob).post(f"/account/sessions/{there.pk}/end").status_code == 404
    assert two[1].get("/extensions").status_code == 200


@pytest.mark.parametrize(("mark", "limit"), [(sessions.USED, sessions.IDLE), (sessions.BEGAN, sessions.ABSOLUTE)])
def test_a_session_ends_by_itself(two, mark, limit):
    desk, _ = two
    desk.get("/extensions")

    def turn_back(seconds):
        session = desk.session
        session[mark] = time.time() - seconds
        session.save()

    turn_back(limit - 60)
    assert desk.get("/extensions").status_code == 200
    turn_back(limit + 60)
    answer = desk.get("/extensions", follow=True)
    assert "You were signed out after a long rest" in answer.content.decode()


def test_using_a_session_is_written_down_now_and_then_only(two):
    desk, _ = two
    desk.get("/extensions")
    written = UserSession.objects.get(user_agent=FIREFOX).last_seen_at
    desk.get("/extensions")
    assert UserSession.objects.get(user_agent=FIREFOX).last_seen_at == written


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        (PHONE, "Safari on iPhone"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0",
            "Edge on Windows",
        ),
        ("curl/8.5.0", "curl"),
        ("", "A browser that does not say what it is"),
    ],
)
def test_browsers_are_named_as_people_name_them(agent, words):
    assert in_words(agent) == words


def signed_in_cookies(cast, **how):
    browser = Client()
    return browser.post("/login", {"login": "alice", "password": "secret"}, **how)


def test_cookies_are_secure_by_https_and_work_by_http(cast):
    assert signed_in_cookies(cast, secure=True).cookies["sessionid"]["secure"]
    plain = signed_in_cookies(cast).cookies["sessionid"]
    assert not plain["secure"]
    assert plain["httponly"]
    assert plain["samesite"] == "Lax"


@pytest.mark.parametrize(
    ("public", "host", "secure", "kept"),
    [
        ("https://fax.example", "fax.example", True, True),
        ("https://fax.example", "fax.example", False, False),
        ("https://fax.example", "localhost", True, False),
        ("http://127.0.0.1:8470", "127.0.0.1:8470", True, False),
    ],
)
def test_browsers_are_told_to_stay_with_https_where_it_is_the_public_address(db, settings, public, host, secure, kept):
    settings.CONFIGURATION = _with(settings.CONFIGURATION, public_url=public)
    answer = Client().get("/login", headers={"host": host}, secure=secure)
    assert ("Strict-Transport-Security" in answer.headers) is kept


class TestProxy:
    @pytest.fixture
    def trust(self, settings):
        def trust(*networks):
            networks = tuple(ip_network(one) for one in networks)
            settings.CONFIGURATION = _with(settings.CONFIGURATION, trusted_proxies=networks)

        return trust

    def seen(self, sign_in, forwarded, **more):
        browser = Client(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=forwarded, **more)
        answer = sign_in(browser, "alice")
        return UserSession.objects.latest("id").ip, bool(answer.cookies["sessionid"]["secure"])

    def test_nobody_is_believed_by_default(self, cast, sign_in):
        assert self.seen(sign_in, "192.0.2.1", HTTP_X_FORWARDED_PROTO="https") == ("127.0.0.1", False)

    def test_a_proxy_of_ours_is_believed(self, cast, sign_in, trust):
        trust("127.0.0.1")
        assert self.seen(sign_in, "192.0.2.1", HTTP_X_FORWARDED_PROTO="https") == ("192.0.2.1", True)

    def test_what_the_browser_itself_adds_is_not(self, cast, sign_in, trust):
        trust("127.0.0.1", "10.0.0.0/8")
        assert self.seen(sign_in, "198.51.100.7, 192.0.2.1, 10.1.1.1")[0] == "192.0.2.1"
        assert self.seen(sign_in, "not an address")[0] == "127.0.0.1"


def _with(configuration, **changes):
    return replace(configuration, **changes)
