"""A person lets an app act for them: what is asked, where the browser goes, and what the code is good for."""

import base64
import hashlib
import threading
import time
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from doors.api.oauth import DONE, STATE, app_of, ask
from oauth2_provider.models import AccessToken, Grant, RefreshToken, clear_expired

from caselli.directory import apps
from caselli.directory.app_form import AppKind
from caselli.directory.audit import Actor
from caselli.directory.scopes import Scope
from caselli.doors.api.oauth_tokens import holder_of
from caselli.store.models import AuditEntry

VERIFIER = "a" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


@pytest.fixture(autouse=True)
def _nothing_counted(db):
    cache.clear()


@pytest.fixture
def made(cast):
    """An app of Olivia's that asks the people of the clinic."""
    return app_of(cast.olivia, AppKind.CONSENT, *Scope)


def browser_of(person):
    browser = Client(REMOTE_ADDR="192.0.2.7")
    browser.force_login(person)
    return browser


@pytest.fixture
def alice(cast):
    return browser_of(cast.alice)


def page_of(made, **said):
    form = {"response_type": "code", "client_id": made.app.client_id, "redirect_uri": DONE, "state": STATE} | said
    return "/oauth/authorize.php?" + urlencode({name: one for name, one in form.items() if one is not None})


def sent_back(answer, to=DONE):
    """What the browser carries back to the app."""
    assert answer.status_code == 302
    address = urlsplit(answer["Location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == to
    return {name: one for name, (one,) in parse_qs(address.query).items()}


def code_for(browser, made, **said):
    back = sent_back(browser.post(page_of(made, **said), {"answer": "allow"}), said.get("redirect_uri", DONE))
    assert back["state"] == STATE
    return back["code"]


def exchange(made, code, **said):
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": DONE} | said
    return ask(made, **form)


def test_the_page_says_who_asks_for_what_as_whom_and_where_it_leads(made, alice):
    page = alice.get(page_of(made, scope="fax:read fax:send"))
    text = page.content.decode()
    for words in ("Billing", "Olivia, Acme Clinic", "See faxes", "Send faxes", "Alice (alice)", "app.example.com"):
        assert words in text
    assert "Cancel faxes" not in text
    assert "no-store" in page["Cache-Control"]
    assert "form-action 'self' https://app.example.com" in page["Content-Security-Policy"]
    assert not Grant.objects.exists()


def test_allowed_the_app_gets_a_token_that_acts_as_the_person(cast, made, alice):
    code = code_for(alice, made, scope="fax:read")
    answer = exchange(made, code)
    assert answer.status_code == 200
    told = answer.json()
    holder = holder_of(told["access_token"])
    assert (holder.person, holder.scopes) == (cast.alice, {Scope.FAX_READ})
    assert told["expires_in"] == 3600
    assert code not in str(Grant.objects.values_list())
    entry = AuditEntry.objects.filter(kind="app").latest("id")
    assert (entry.person, entry.ip) == (cast.alice, "192.0.2.7")
    assert entry.changes[0]["new"] == "fax:read"


def test_the_code_is_kept_as_a_digest_and_good_once(made, alice):
    code = code_for(alice, made)
    assert code not in str(list(Grant.objects.values_list()))
    assert exchange(made, code).status_code == 200
    again = exchange(made, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_code_that_comes_twice_ends_what_it_gave(made, alice):
    code, other = code_for(alice, made), code_for(alice, made)
    first, kept = exchange(made, code).json(), exchange(made, other).json()
    refreshed = ask(made, grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    assert exchange(made, code).json()["error"] == "invalid_grant"
    assert holder_of(refreshed["access_token"]) is None
    again = ask(made, grant_type="refresh_token", refresh_token=refreshed["refresh_token"])
    assert again.json()["error"] == "invalid_grant"
    assert holder_of(kept["access_token"]) is not None


def test_nobody_ends_them_who_is_not_the_app(cast, made, alice):
    code = code_for(alice, made)
    first = exchange(made, code).json()
    exchange(app_of(cast.olivia, AppKind.CONSENT), code)
    exchange(made, code, client_secret="guessed")
    assert holder_of(first["access_token"]) is not None


def test_of_two_who_come_with_one_code_at_once_neither_keeps_anything(transactional_db, cast):
    """The second one has read the code before the first one takes it away, and waits for what becomes of it."""
    made = app_of(cast.olivia, AppKind.CONSENT)
    code = code_for(browser_of(cast.alice), made)
    answers = []

    def come_second():
        answers.append(exchange(made, code, ip="192.0.2.81").json())  # counted apart
        connection.close()

    with transaction.atomic():
        first = exchange(made, code).json()
        second = threading.Thread(target=come_second)
        second.start()
        until_somebody_waits()
    second.join(60)
    assert answers[0]["error"] == "invalid_grant"
    assert holder_of(first["access_token"]) is None


def until_somebody_waits():
    """For a row that this connection holds."""
    deadline = time.monotonic() + 60
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
            if cursor.fetchone():
                return
    raise AssertionError("nobody waits")


def test_a_code_is_good_for_a_minute(made, alice):
    code = code_for(alice, made)
    Grant.objects.update(expires=timezone.now())
    assert exchange(made, code).json()["error"] == "invalid_grant"


def test_a_code_is_another_apps_for_nothing(cast, made, alice):
    code = code_for(alice, made)
    assert exchange(app_of(cast.olivia, AppKind.CONSENT), code).json()["error"] == "invalid_grant"


def test_a_code_belongs_to_its_address(cast, alice):
    other = "https://app.example.com/other"
    made = app_of(cast.olivia, AppKind.CONSENT, redirect_uris=(DONE, other))
    assert exchange(made, code_for(alice, made), redirect_uri=other).status_code == 400


def test_denied_the_app_gets_an_error_and_nothing_else(made, alice):
    back = sent_back(alice.post(page_of(made), {"answer": "deny"}))
    assert back == {"error": "access_denied", "state": STATE}
    assert not Grant.objects.exists()


def test_a_form_without_an_answer_is_a_no(made, alice):
    assert sent_back(alice.post(page_of(made)))["error"] == "access_denied"


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"state": None}, "invalid_request"),
        ({"state": "0"}, "invalid_request"),
        ({"state": STATE[:-1]}, "invalid_request"),
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "nonsense"}, "invalid_scope"),
        ({"scope": "admin"}, "invalid_scope"),  # Alice administers nothing
        ({"code_challenge": CHALLENGE}, "invalid_request"),  # plain
        ({"code_challenge": CHALLENGE, "code_challenge_method": "S999"}, "invalid_request"),
    ],
)
def test_what_is_wrong_with_a_proven_apps_request_is_told_to_the_app(made, alice, said, error):
    for answer in (alice.get(page_of(made, **said)), alice.post(page_of(made, **said), {"answer": "allow"})):
        assert sent_back(answer)["error"] == error
    assert not Grant.objects.exists()


@pytest.mark.parametrize(
    "said",
    [
        {"client_id": None},
        {"client_id": "nobody"},
        {"client_id": "no\1body"},
        {"redirect_uri": "https://evil.example.com/done"},
        {"redirect_uri": f"{DONE}/more"},
        {"redirect_uri": f"{DONE}?more=1"},
        {"redirect_uri": f"{DONE}#more"},
        {"redirect_uri": "https://app.example.com:8443/done"},
        {"redirect_uri": "https://x@app.example.com/done"},
        {"redirect_uri": "http://app.example.com/done"},
        {"redirect_uri": "nonsense"},
        {"state": "x", "redirect_uri": "//evil.example.com"},
    ],
)
def test_nothing_is_redirected_before_app_and_address_are_proven(made, alice, said):
    for browser in (alice, Client()):
        for answer in (browser.get(page_of(made, **said)), browser.post(page_of(made, **said), {"answer": "allow"})):
            assert answer.status_code == 400
            assert "cannot ask you" in answer.content.decode()


def test_a_parameter_that_is_there_twice_is_not_chosen_from(made, alice):
    assert alice.get(page_of(made) + "&redirect_uri=https://evil.example.com").status_code == 400


def test_the_only_address_need_not_be_said(made, alice):
    assert "code" in sent_back(alice.post(page_of(made, redirect_uri=None), {"answer": "allow"}))


def test_a_program_on_this_machine_may_choose_its_port(cast, alice):
    made = app_of(cast.olivia, AppKind.PUBLIC, redirect_uris=("http://127.0.0.1/done",))
    here = "http://127.0.0.1:49152/done"
    page = alice.get(page_of(made, redirect_uri=here, **PKCE))
    assert "form-action 'self' http://127.0.0.1:49152" in page["Content-Security-Policy"]
    code = code_for(alice, made, redirect_uri=here, **PKCE)
    assert exchange(made, code, redirect_uri=here, client_secret=None, code_verifier=VERIFIER).status_code == 200


def test_an_app_without_a_secret_must_prove_that_it_asked(cast, alice):
    made = app_of(cast.olivia, AppKind.PUBLIC)
    assert sent_back(alice.get(page_of(made)))["error"] == "invalid_request"
    code = code_for(alice, made, **PKCE)
    assert exchange(made, code, client_secret=None).status_code == 400
    assert exchange(made, code, client_secret=None, code_verifier="b" * 64).json()["error"] == "invalid_grant"
    assert exchange(made, code, client_secret=None, code_verifier=VERIFIER).status_code == 200


def test_an_app_with_a_secret_needs_it_all_the_same(made, alice):
    code = code_for(alice, made, **PKCE)
    assert exchange(made, code, client_secret=None, code_verifier=VERIFIER).status_code == 401
    assert exchange(made, code, client_secret="wrong", code_verifier=VERIFIER).status_code == 401


def test_an_app_asks_the_people_of_its_own_organization(cast, made):
    assert browser_of(cast.charlie).get(page_of(made)).status_code == 400


def test_an_administrators_app_asks_everybody(cast):
    made = app_of(cast.admin, AppKind.CONSENT)
    assert browser_of(cast.charlie).get(page_of(made)).status_code == 200


def test_who_has_less_gives_less(cast, made, alice):
    answer = exchange(made, code_for(alice, made))
    assert answer.json()["scope"] == "fax:read fax:send fax:approve fax:cancel"  # and not admin, which was asked for
    assert "fax:approve" in AccessToken.objects.get().scope


class TestSigningInFirst:
    def test_who_is_not_signed_in_signs_in_and_comes_back(self, cast, made):
        browser = Client()
        to_login = browser.get(page_of(made))
        assert to_login.url.startswith("/login?next=/oauth/authorize.php")
        back = browser.post(to_login.url, {"login": "alice", "password": "secret"})
        assert back.url == page_of(made)
        assert browser.get(back.url).status_code == 200

    def test_also_what_is_wrong_is_told_to_the_app_only_then(self, made):
        assert Client().get(page_of(made, state="0")).url.startswith("/login")

    def test_with_the_second_factor_as_usual(self, cast, made):
        secret = generate_totp_secret()
        TOTP.activate(cast.alice, secret)
        browser = Client()
        first = browser.post(browser.get(page_of(made)).url, {"login": "alice", "password": "secret"})
        assert first.url.startswith(reverse("mfa_authenticate"))
        assert browser.get(page_of(made)).url.startswith("/login")
        code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
        back = browser.post(first.url, {"code": code})
        assert back.url == page_of(made)
        assert browser.get(back.url).status_code == 200

    def test_a_second_factor_that_is_asked_for_is_set_up_before(self, cast, made, alice):
        TOTP.activate(cast.olivia, generate_totp_secret())
        cast.clinic.second_factor_required = True
        cast.clinic.save()
        assert alice.get(page_of(made)).url == reverse("second-factor-first")


class TestRefreshing:
    @pytest.fixture
    def first(self, made, alice):
        return exchange(made, code_for(alice, made)).json()

    def refresh(self, made, token, **said):
        return ask(made, grant_type="refresh_token", refresh_token=token, **said)

    def test_gives_new_tokens_and_ends_the_old_ones(self, cast, made, first):
        second = self.refresh(made, first["refresh_token"])
        assert second.status_code == 200
        assert holder_of(second.json()["access_token"]).person == cast.alice
        assert holder_of(first["access_token"]) is None
        assert first["refresh_token"] not in str(list(RefreshToken.objects.values_list()))

    def test_a_refresh_token_that_is_used_twice_ends_its_family(self, made, first):
        second = self.refresh(made, first["refresh_token"]).json()
        assert self.refresh(made, first["refresh_token"]).json()["error"] == "invalid_grant"
        assert self.refresh(made, second["refresh_token"]).json()["error"] == "invalid_grant"
        assert holder_of(second["access_token"]) is None

    def test_never_gives_more(self, made, alice):
        first = exchange(made, code_for(alice, made, scope="fax:read")).json()
        assert self.refresh(made, first["refresh_token"], scope="fax:send").json()["error"] == "invalid_scope"

    def test_is_another_apps_for_nothing(self, cast, first):
        other = app_of(cast.olivia, AppKind.CONSENT)
        assert self.refresh(other, first["refresh_token"]).json()["error"] == "invalid_grant"

    def test_ends_with_the_person(self, cast, made, first):
        cast.alice.is_active = False
        cast.alice.save()
        assert self.refresh(made, first["refresh_token"]).json()["error"] == "invalid_grant"
        assert holder_of(first["access_token"]) is None

    def test_ends_when_the_person_has_moved_to_another_organization(self, cast, made, first):
        cast.desk.delete()
        cast.alice.organization = cast.rival
        cast.alice.save()
        assert self.refresh(made, first["refresh_token"]).json()["error"] == "invalid_grant"
        assert holder_of(first["access_token"]) is None

    def test_ends_with_the_account_of_the_app(self, cast, made, first):
        cast.olivia.is_active = False
        cast.olivia.save()
        assert self.refresh(made, first["refresh_token"]).json()["error"] == "invalid_client"
        assert holder_of(first["access_token"]) is None

    def test_is_taken_back_on_the_account_page(self, cast, made, alice, first):
        page = alice.get(reverse("apps")).content.decode()
        assert "Take back" in page
        assert "It may: see faxes, their pages and what became of them; send faxes" in page
        assert "Take back" not in browser_of(cast.bob).get(reverse("apps")).content.decode()
        alice.post(reverse("app-take-back", args=[made.app.pk]))
        assert holder_of(first["access_token"]) is None
        assert self.refresh(made, first["refresh_token"]).json()["error"] == "invalid_grant"
        assert "Take back" not in alice.get(reverse("apps")).content.decode()
        assert AuditEntry.objects.latest("id").changes[0]["new"] == "no"

    def test_what_is_over_is_cleared_away(self, cast, made, first):
        trusted = app_of(cast.alice)
        assert ask(trusted).status_code == 200
        AccessToken.objects.update(expires=timezone.now() - timezone.timedelta(days=91))
        clear_expired()
        assert (AccessToken.objects.count(), RefreshToken.objects.count()) == (0, 0)


def test_a_grant_is_taken_back_before_its_code_was_used(cast, made, alice):
    code = code_for(alice, made)
    apps.take_back(made.app, cast.alice, Actor(cast.alice))
    assert exchange(made, code).json()["error"] == "invalid_grant"
