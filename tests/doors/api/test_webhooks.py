"""Webhooks by the API: added with a test, changed, their log, sent once more."""

from dataclasses import replace
from ipaddress import ip_network

import pytest
from far_ends import far_end
from standardwebhooks import Webhook as Verifier

from caselli.directory.scopes import Scope
from caselli.notice import webhooks
from caselli.store.models import AuditEntry, Webhook, WebhookMessage

PLACE = "/api/v1/webhooks"


@pytest.fixture(autouse=True)
def loopback_is_ours(settings):
    settings.CONFIGURATION = replace(settings.CONFIGURATION, webhooks_private=(ip_network("127.0.0.0/8"),))


@pytest.fixture
def olivia(cast, program_of):
    return program_of(cast.olivia, Scope.ADMIN)


@pytest.fixture
def here():
    with far_end() as end:
        yield end


def add(program, url, **more):
    return program.post(PLACE, {"name": "Orders", "url": url} | more, content_type="application/json")


def test_it_is_added_tested_and_its_secret_told_once(cast, olivia, here):
    answer = add(olivia, here.url, kinds=["fax.sent", "fax.created"])
    told = answer.json()
    assert answer.status_code == 201
    assert (told["enabled"], told["trouble"], told["organization"]) == (True, None, "0003")
    assert told["kinds"] == ["fax.created", "fax.sent"]
    (came,) = here.came
    assert Verifier(told["secret"]).verify(came.body, came.headers)["type"] == "webhook.test"
    one = olivia.get(f"{PLACE}/{told['id']}").json()
    assert "secret" not in one
    assert one["tested_at"].endswith("Z")
    assert olivia.get(PLACE).json()["items"] == [one]
    assert not AuditEntry.objects.filter(changes__icontains="whsec_").exists()


def test_a_field_that_is_misspelled_is_not_ignored(olivia, here):
    answer = add(olivia, here.url, kind=["fax.sent"])
    assert (answer.status_code, answer.json()["slug"], answer.json()["field"]) == (422, "field_unknown", "kind")
    place = f"{PLACE}/{add(olivia, here.url).json()['id']}"
    for body, field in (({"enable": False}, "enable"), ({"enabled": 0}, "enabled")):
        answer = olivia.patch(place, body, content_type="application/json")
        assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert olivia.get(place).json()["enabled"]


def test_an_address_that_does_not_answer_with_yes_is_kept_but_off(olivia, here):
    here.answers = [404]
    told = add(olivia, here.url).json()
    assert not told["enabled"]
    assert told["trouble"] == "The address answered 404, where 200 to 299 was needed. It said: “not today”."
    here.answers = [200]
    assert olivia.post(f"{PLACE}/{told['id']}/test").json()["passed"]
    assert olivia.get(f"{PLACE}/{told['id']}").json()["enabled"]


@pytest.mark.parametrize("url", ["http://example.com:25/", "ftp://example.com", "https://a:b@example.com/"])
def test_what_is_no_address_is_refused_with_words(olivia, url):
    answer = add(olivia, url)
    assert answer.status_code == 422
    assert answer.json()["field"] == "url"
    assert not Webhook.objects.exists()


def test_nothing_is_sent_into_networks_that_are_not_allowed(olivia, here, settings):
    settings.CONFIGURATION = replace(settings.CONFIGURATION, webhooks_private=(ip_network("10.0.0.0/8"),))
    told = add(olivia, here.url).json()
    assert not told["enabled"]
    assert "CASELLI_WEBHOOKS_PRIVATE" in told["trouble"]
    assert here.came == []


def test_it_is_changed_switched_and_removed(cast, olivia, here):
    key = add(olivia, here.url).json()["id"]
    changed = olivia.patch(
        f"{PLACE}/{key}", {"name": "Bills", "enabled": False}, content_type="application/json"
    ).json()
    assert (changed["name"], changed["enabled"], changed["url"]) == ("Bills", False, here.url)
    wrong = olivia.patch(f"{PLACE}/{key}", {"kinds": ["fax.eaten"]}, content_type="application/json")
    assert wrong.status_code == 422
    assert olivia.delete(f"{PLACE}/{key}").status_code == 204
    assert olivia.get(f"{PLACE}/{key}").status_code == 404


def test_for_a_day_messages_are_signed_with_both_secrets(olivia, here):
    told = add(olivia, here.url).json()
    other = olivia.post(f"{PLACE}/{told['id']}/secret").json()["secret"]
    assert other != told["secret"]
    olivia.post(f"{PLACE}/{told['id']}/test")
    for secret in (told["secret"], other):
        Verifier(secret).verify(here.came[-1].body, here.came[-1].headers)


def test_the_log_is_read_and_a_message_sent_once_more(olivia, here):
    key = add(olivia, here.url).json()["id"]
    olivia.post(f"{PLACE}/{key}/test")
    first = olivia.get(f"{PLACE}/{key}/messages?limit=1").json()
    (message,) = first["items"]
    assert (message["kind"], message["state"], message["status"]) == ("webhook.test", "delivered", 200)
    assert message["answer"] == "as you like"
    second = olivia.get(f"{PLACE}/{key}/messages?cursor={first['next']}").json()
    assert len(second["items"]) == 1
    assert second["next"] is None
    again = olivia.post(f"{PLACE}/{key}/messages/{message['id']}/redeliver")
    assert again.status_code == 202
    assert again.json()["state"] == "waiting"
    ((batch,), _) = webhooks.claim((), 10)
    assert [one.name for one in batch.letters] == [message["id"]]
    assert olivia.post(f"{PLACE}/{key}/messages/msg_nothing/redeliver").status_code == 404


def test_nobody_else_has_to_do_with_it(cast, olivia, here, program_of):
    key = add(olivia, here.url).json()["id"]
    message = WebhookMessage.objects.get().uid.hex
    fred = cast.charlie
    fred.role = "organization_administrator"
    fred.save()
    foreign = program_of(fred, Scope.ADMIN)
    assert foreign.get(PLACE).json()["items"] == []
    for verb, place in (
        ("get", ""),
        ("delete", ""),
        ("post", "/test"),
        ("post", "/secret"),
        ("get", "/messages"),
        ("post", f"/messages/msg_{message}/redeliver"),
    ):
        assert getattr(foreign, verb)(f"{PLACE}/{key}{place}").status_code == 404, place
    assert add(foreign, here.url, organization="0003").json()["field"] == "organization"
    assert program_of(cast.olivia, Scope.FAX_READ).get(PLACE).status_code == 403
    assert add(program_of(cast.olivia, Scope.ADMIN, sandbox=True), here.url).status_code == 403


def test_who_sends_reads_the_secret_of_callbacks(cast, program_of):
    alice = program_of(cast.alice, Scope.FAX_SEND)
    told = alice.get("/api/v1/me/callback-secret").json()["secret"]
    assert told == webhooks.callback_secret(cast.alice)
    assert program_of(cast.bob, Scope.FAX_SEND).get("/api/v1/me/callback-secret").json()["secret"] != told
    assert program_of(cast.alice, Scope.FAX_READ).get("/api/v1/me/callback-secret").status_code == 403
