"""What /oauth/token.php gives, and to whom. As old clients send it, over a socket: test_oauth_old_clients.py."""

import base64
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from doors.api.oauth import DONE, app_of, ask, token_of
from lost_database import lost_at_a_job
from oauth2_provider.models import AccessToken

from caselli.directory import apps
from caselli.directory.app_form import AppKind, Wanted
from caselli.directory.audit import Actor
from caselli.directory.scopes import Scope
from caselli.doors.api import oauth_limits
from caselli.doors.api.oauth_tokens import holder_of
from caselli.store.models import App, Organization, RequestBucket, Role


def test_a_trusted_app_gets_a_token_for_an_hour_and_acts_as_who_registered_it(cast):
    made = app_of(cast.alice)
    answer = ask(made)
    assert answer.status_code == 200
    assert "application/json" in answer["Content-Type"]
    assert answer["Cache-Control"] == "no-store"
    told = answer.json()
    assert re.fullmatch(r"[A-Za-z0-9_.-]{10,}", told["access_token"])
    assert (told["token_type"], told["expires_in"]) == ("Bearer", 3600)
    assert told["scope"] == "fax:read fax:send"
    assert "refresh_token" not in told
    holder = holder_of(told["access_token"])
    assert (holder.person, holder.client_id) == (cast.alice, made.app.client_id)
    assert holder.scopes == {Scope.FAX_READ, Scope.FAX_SEND}


def test_neither_secret_nor_token_is_kept(cast):
    made = app_of(cast.alice)
    token = token_of(made)
    row = App.objects.values_list().get(pk=made.app.pk)
    kept = AccessToken.objects.values_list().get()
    assert made.secret not in str(row)
    assert token not in str(kept)


def test_when_and_from_where_an_app_asked_last_is_known(cast):
    made = app_of(cast.alice)
    token_of(made, ip="192.0.2.99")
    made.app.refresh_from_db()
    assert made.app.last_used_ip == "192.0.2.99"
    assert made.app.last_used_at is not None


def test_id_and_secret_come_by_http_basic_too(cast):
    made = app_of(cast.alice)
    basic = base64.b64encode(f"{made.app.client_id}:{made.secret}".encode()).decode()
    answer = ask(made, client_id=None, client_secret=None, headers={"Authorization": f"Basic {basic}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("said", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"client_secret": ""}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_id": "no\0body"}, 401, "invalid_client"),
        ({"client_id": None}, 401, "invalid_client"),
        ({"client_id": "x" * 5000}, 401, "invalid_client"),
        ({"grant_type": None}, 400, "unsupported_grant_type"),
        ({"grant_type": "password", "username": "alice", "password": "secret"}, 400, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "code": "x"}, 400, "unauthorized_client"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "invalid_grant"),
        ({"scope": "fax:approve"}, 400, "invalid_scope"),
        ({"scope": "nonsense"}, 400, "invalid_scope"),
    ],
)
def test_what_is_refused_is_told_in_plain_strings(cast, said, status, error):
    answer = ask(app_of(cast.alice), **said)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json().keys() == {"error", "error_description"}
    assert len(answer.json()["error_description"]) > 10
    assert "application/json" in answer["Content-Type"]
    assert AccessToken.objects.count() == 0


def test_what_is_no_post_is_told_so_in_the_same_way(db):
    answer = Client().get("/oauth/token.php")
    assert (answer.status_code, answer["Allow"], answer.json()["error"]) == (405, "POST", "invalid_request")


def test_a_request_that_is_far_too_large_is_refused(cast):
    answer = ask(app_of(cast.alice), junk="x" * 70_000)
    assert (answer.status_code, answer.json()["error"]) == (413, "invalid_request")


def test_a_broken_multipart_request_is_refused(db):
    answer = Client().post("/oauth/token.php", b"--x\r\n", content_type="multipart/form-data; boundary=")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_database_that_is_away_is_told_in_the_same_way(cast):
    made = app_of(cast.alice)
    with lost_at_a_job(table="oauth2_provider_accesstoken"):
        answer = ask(made)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json()["error"] == "temporarily_unavailable"


def test_less_may_be_asked_for(cast):
    made = app_of(cast.alice)
    holder = holder_of(token_of(made, scope="fax:read"))
    assert holder.scopes == {Scope.FAX_READ}


def test_a_login_and_password_are_no_way_in(cast):
    made = app_of(cast.alice, AppKind.CONSENT)
    answer = ask(made, grant_type="password", username="alice", password="secret")
    assert answer.json()["error"] == "unsupported_grant_type"


def test_an_app_that_asks_people_gets_nothing_by_itself(cast):
    answer = ask(app_of(cast.alice, AppKind.CONSENT))
    assert answer.json()["error"] == "unauthorized_client"


def test_an_app_without_a_secret_gets_nothing_by_itself(cast):
    made = app_of(cast.alice, AppKind.PUBLIC)
    assert made.secret == ""
    assert ask(made).json()["error"] == "invalid_client"


class TestTheEndOfItsPower:
    """At once, not when the hour is over."""

    @pytest.fixture
    def made(self, cast):
        return app_of(cast.olivia, AppKind.TRUSTED, *Scope)

    @pytest.fixture
    def token(self, made):
        token = token_of(made)
        assert holder_of(token).scopes == set(Scope)
        return token

    def test_the_person_is_switched_off(self, cast, made, token):
        cast.olivia.is_active = False
        cast.olivia.save()
        assert holder_of(token) is None
        assert ask(made).json()["error"] == "invalid_client"

    def test_the_organization_is_out_of_service(self, cast, made, token):
        cast.clinic.enabled = False
        cast.clinic.save()
        assert holder_of(token) is None
        assert ask(made).json()["error"] == "invalid_client"

    def test_the_organization_asks_for_a_second_factor(self, cast, made, token):
        cast.clinic.second_factor_required = True
        cast.clinic.save()
        assert holder_of(token) is None
        assert ask(made).json()["error"] == "invalid_client"

    @pytest.mark.parametrize(
        ("change", "slug", "code"),
        [
            ({"second_factor_required": True}, "second_factor_missing", "second_factor_missing"),
            ({"enabled": False}, "person_off", "account_disabled"),
        ],
    )
    def test_the_answer_says_why_as_it_does_for_keys(self, cast, token, change, slug, code):
        Organization.objects.filter(pk=cast.clinic.pk).update(**change)
        bearer = {"Authorization": f"Bearer {token}"}
        said = Client(headers=bearer).get("/api/v1/me")
        assert (said.status_code, said.json()["slug"]) == (401, slug)
        assert "account of the app" in said.json()["detail"]
        old = Client(headers=bearer).post("/uapi/faxes/@me/0003*210")
        assert (old.status_code, old.json()["error"]["code"]) == (401, code)

    def test_an_hour_that_is_over_is_told_too(self, token):
        AccessToken.objects.update(expires=timezone.now())
        said = Client(headers={"Authorization": f"Bearer {token}"}).get("/api/v1/me")
        assert said.json()["slug"] == "key_expired"

    def test_the_app_is_removed(self, cast, made, token):
        apps.remove(made.app, Actor(cast.olivia))
        assert holder_of(token) is None
        assert ask(made).json()["error"] == "invalid_client"

    def test_the_person_administers_nothing_any_more(self, cast, token):
        cast.olivia.role = Role.USER
        cast.olivia.save()
        assert Scope.ADMIN not in holder_of(token).scopes

    def test_the_app_may_ask_for_less(self, cast, made, token):
        wanted = Wanted("Billing", AppKind.TRUSTED, frozenset({Scope.FAX_READ}))
        apps.change(made.app, wanted, Actor(cast.olivia))
        assert holder_of(token).scopes == {Scope.FAX_READ}

    def test_its_hour_is_over(self, token):
        AccessToken.objects.update(expires=timezone.now())
        assert holder_of(token) is None

    def test_the_secret_is_another_one(self, cast, made, token):
        secret = apps.renew_secret(made.app, Actor(cast.olivia))
        assert ask(made).json()["error"] == "invalid_client"
        assert ask(made, client_secret=secret).status_code == 200
        assert holder_of(token) is not None  # until its hour is over


@pytest.mark.parametrize("token", ["", "x", "\udc80", "nobody's-token-at-all", "0" * 10_000])
def test_what_is_no_token_is_nobodys(db, token):
    assert holder_of(token) is None


def spend(beginning):
    """As if these callers had just asked all the time, for an hour."""
    buckets = RequestBucket.objects.filter(caller__startswith=beginning)
    assert buckets.update(full_at=timezone.now() + timedelta(hours=1))


def test_who_guesses_secrets_is_held_up(cast):
    made = app_of(cast.alice)
    most = oauth_limits.IN_VAIN.most
    assert [ask(made, client_secret="wrong").status_code for _ in range(most)] == [401] * most
    spend("token in vain")
    held = ask(made)
    assert (held.status_code, held.json()["error"]) == (429, "too_many_requests")
    assert int(held["Retry-After"]) > 0
    assert ask(made, ip="192.0.2.81").status_code == 200


def test_an_app_that_asks_all_the_time_is_held_up_where_it_is(cast):
    mad, calm = app_of(cast.alice), app_of(cast.bob)
    assert ask(mad).status_code == 200
    spend("token app:")
    assert ask(mad).status_code == 429
    assert ask(calm).status_code == 200
    assert ask(mad, ip="192.0.2.81").status_code == 200


def test_an_address_that_asks_for_many_apps_is_held_up(cast):
    made = [app_of(one) for one in (cast.alice, cast.bob)]
    assert ask(made[0]).status_code == 200
    spend("token ip:")
    assert ask(made[1]).status_code == 429
    assert ask(made[1], ip="192.0.2.81").status_code == 200


def test_a_redirect_address_that_nobody_registered_means_nothing_to_a_trusted_app(cast):
    assert ask(app_of(cast.alice), redirect_uri=DONE, state="0", type="unifiedapi").status_code == 200
