"""Messages made of events: each once, in order, tried again, given up, and told."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from standardwebhooks import Webhook as Verifier

from caselli.fax.outcome import CallEnd, CallReport, PageReport
from caselli.history import events
from caselli.notice import webhooks
from caselli.notice.webhook_off import switch_off
from caselli.notice.webhook_rules import Verdict
from caselli.store import journey
from caselli.store.models import AuditEntry, Event, Fax, Webhook, WebhookMessage

SENT = CallReport(CallEnd.COMPLETED, answered=True, sip_code=200, t30_code=0, pages=(PageReport(1, confirmed=True),))


@pytest.fixture
def hook(cast):
    def make(**fields):
        usual = {
            "organization": cast.clinic,
            "name": "Orders",
            "url": "https://example.com/",
            "created_by": cast.olivia,
        }
        usual |= {"secret": webhooks.new_secret(), "created_at": timezone.now(), "after": events.newest()}
        return Webhook.objects.create(**usual | fields)

    return make


def hand_out():
    return webhooks.hand_out(events.newest())


def claimed(busy=(), most=100):
    return webhooks.claim(busy, most)[0]


def kinds():
    return list(WebhookMessage.objects.order_by("pk").values_list("kind", flat=True))


def due_again():
    WebhookMessage.objects.filter(state="waiting").update(next_try_at=timezone.now())


def test_each_event_is_one_message_to_each_webhook_of_the_organization(cast, hook, make_fax, end_calls):
    hook()
    hook(name="Only the end", kinds=["fax.sent"])
    hook(name="Foreign", organization=cast.rival)
    hook(name="Off", enabled=False)
    make_fax("+12025550100")
    end_calls({"+12025550100": SENT})
    assert hand_out() == 7
    assert hand_out() == 0
    assert sorted(kinds()) == sorted(
        [
            "fax.created",
            "fax.approved",
            "fax.scheduled",
            "delivery.sending",
            "delivery.delivered",
            "fax.sent",
            "fax.sent",
        ]
    )
    body = json.loads(WebhookMessage.objects.filter(kind="fax.sent").first().body)
    assert body["data"]["fax"]["status"] == "sent"


def test_what_happened_before_it_was_added_is_not_sent(hook, make_fax):
    make_fax("+12025550100")
    hook()
    assert hand_out() == 0


def test_messages_to_one_address_go_in_order_and_no_address_waits_for_another(cast, hook, make_fax):
    first, second = hook(), hook(name="Second")
    for number in range(4):
        make_fax(f"+1202555010{number}")
    hand_out()
    batches = {one.place: one for one in claimed()}
    assert batches.keys() == {f"hook {first.pk}", f"hook {second.pk}"}
    keys = [one.key for one in batches[f"hook {first.pk}"].letters]
    assert keys == sorted(keys)
    assert len(keys) == webhooks.AT_ONCE
    rest = claimed(busy=[f"hook {first.pk}"])
    assert [one.place for one in rest] == [f"hook {second.pk}"]
    assert len(claimed(most=1)) == 1


def test_what_was_in_hand_when_a_process_died_is_sent_again(hook, make_fax):
    hook()
    make_fax("+12025550100")
    hand_out()
    names = [one.name for one in claimed()[0].letters]
    batches, wait = webhooks.claim((), 100)
    assert batches == []
    assert 0 < wait <= webhooks.LEASE.total_seconds()
    due_again()
    assert [one.name for one in claimed()[0].letters] == names


def test_a_message_that_was_taken_is_done(hook, make_fax):
    hook()
    make_fax("+12025550100")
    hand_out()
    letter = claimed()[0].letters[0]
    webhooks.note(letter.key, 204, "")
    message = WebhookMessage.objects.get(pk=letter.key)
    assert (message.state, message.tries, message.status) == ("delivered", 1, 204)
    assert message.ended_at


def test_one_bad_message_waits_and_the_others_go_on(hook, make_fax):
    hook()
    make_fax("+12025550100")
    hand_out()
    bad, good = claimed()[0].letters[:2]
    webhooks.note(bad.key, 500, "no\n such thing")
    webhooks.note(good.key, 200, "")
    message = WebhookMessage.objects.get(pk=bad.key)
    assert (message.state, message.status, message.answer) == ("waiting", 500, "no such thing")
    assert message.next_try_at > timezone.now()
    assert WebhookMessage.objects.get(pk=good.key).state == "delivered"


def test_where_nobody_answers_the_others_wait_without_being_tried(hook, make_fax):
    hook()
    make_fax("+12025550100")
    hand_out()
    letters = claimed()[0].letters
    due_again()
    webhooks.note(letters[0].key, None, "Nobody takes the connection")
    assert claimed() == []
    assert WebhookMessage.objects.filter(state="waiting").count() == len(letters)
    assert WebhookMessage.objects.filter(tries=0).count() == len(letters) - 1


def test_an_address_that_asks_for_time_is_left_alone_for_so_long(hook, make_fax):
    hook()
    make_fax("+12025550100")
    hand_out()
    first, *others = claimed()[0].letters
    began = timezone.now()
    verdict = webhooks.note(first.key, 429, "slowly", "3600", [one.key for one in others])
    assert verdict is Verdict.LATER
    waiting = WebhookMessage.objects.filter(state="waiting")
    assert all(one.next_try_at - began >= timedelta(hours=1) for one in waiting)
    assert waiting.filter(tries=0).count() == len(others)
    assert claimed() == []


def test_what_was_in_hand_behind_a_message_waits_as_long_as_that_one(hook, make_fax):
    hook()
    make_fax("+12025550100")
    hand_out()
    first, *others = claimed()[0].letters
    webhooks.note(first.key, None, "Nobody takes the connection", behind=[one.key for one in others])
    times = set(WebhookMessage.objects.values_list("next_try_at", flat=True))
    assert len(times) == 1
    assert times.pop() < timezone.now() + timedelta(seconds=10)


def test_after_three_days_a_message_is_given_up_and_a_webhook_that_took_nothing_is_off(cast, hook, make_fax, mails):
    webhook = hook()
    make_fax("+12025550100")
    hand_out()
    letter = claimed()[0].letters[0]
    WebhookMessage.objects.update(added_at=timezone.now() - timedelta(days=3))
    webhooks.note(letter.key, 503, "closed")
    webhook.refresh_from_db()
    assert WebhookMessage.objects.get(pk=letter.key).state == "failed"
    assert not webhook.enabled
    assert webhook.trouble == (
        "It took no message for 3 days. The address answered 503, where 200 to 299 was needed. It said: “closed”."
    )
    told = [one for one in mails() if "webhook" in one["Subject"]]
    assert [one["To"] for one in told] == ["olivia <olivia@acme.example>"] or "olivia@acme.example" in told[0]["To"]
    assert str(webhook.uid) in told[0].get_content()
    assert AuditEntry.objects.filter(kind="webhook", person_name="Caselli").count() == 1


def test_a_webhook_that_took_others_meanwhile_stays_on(hook, make_fax):
    webhook = hook()
    make_fax("+12025550100")
    hand_out()
    bad, good = claimed()[0].letters[:2]
    webhooks.note(good.key, 200, "")
    WebhookMessage.objects.update(added_at=timezone.now() - timedelta(days=3))
    webhooks.note(bad.key, 503, "closed")
    webhook.refresh_from_db()
    assert webhook.enabled


def test_gone_means_off_at_once(hook, make_fax):
    webhook = hook()
    make_fax("+12025550100")
    hand_out()
    webhooks.note(claimed()[0].letters[0].key, 410, "")
    webhook.refresh_from_db()
    assert not webhook.enabled
    assert claimed() == []


def test_it_is_told_once_that_it_is_off(cast, hook, mails):
    webhook = hook()
    switch_off(webhook, "no")
    switch_off(webhook, "no")
    assert len(mails()) == 1


def test_a_message_is_sent_once_more_with_the_name_it_had(hook, make_fax):
    hook()
    make_fax("+12025550100")
    hand_out()
    letter = claimed()[0].letters[0]
    webhooks.note(letter.key, 200, "")
    webhooks.redeliver(WebhookMessage.objects.get(pk=letter.key))
    assert [one.name for one in claimed()[0].letters] == [letter.name]


def test_a_fax_with_an_address_of_its_own_calls_back(cast, make_fax, mails, end_calls):
    fax = make_fax("+12025550100", hold=True)
    Fax.objects.filter(pk=fax.pk).update(callback_url="https://example.com/this-fax")
    fax.refresh_from_db()
    journey.cancel_unreleased(fax, journey.By(timezone.now(), journey.Mover.PERSON, cast.alice.pk))
    mails()
    assert kinds()[-2:] == ["fax.canceled", "delivery.canceled"]
    (batch,) = claimed()
    assert batch.url == "https://example.com/this-fax"
    headers = webhooks.signed(batch.letters[0], batch.secrets, timezone.now())
    Verifier(webhooks.callback_secret(cast.alice)).verify(batch.letters[0].body, headers)
    assert webhooks.callback_secret(cast.alice) != webhooks.callback_secret(cast.bob)
    assert claimed(busy=[batch.place]) == []


def test_a_call_that_begins_is_told_to_the_faxs_own_address(cast, make_fax, mails, end_calls):
    fax = make_fax("+12025550100")
    Fax.objects.filter(pk=fax.pk).update(callback_url="https://example.com/this-fax")
    end_calls({"+12025550100": SENT})
    mails()
    assert kinds()[-3:] == ["delivery.sending", "delivery.delivered", "fax.sent"]


def test_the_messages_to_a_faxs_own_address_are_in_order_whichever_job_comes_first(cast, make_fax, end_calls):
    fax = make_fax("+12025550100")
    Fax.objects.filter(pk=fax.pk).update(callback_url="https://example.com/this-fax")
    end_calls({"+12025550100": SENT})
    Event.objects.filter(fax=fax, old="received").update(at=timezone.now() - timedelta(days=2))  # told long ago
    steps = list(fax.events.order_by("pk").values_list("pk", flat=True))
    for step in (steps[-1], *steps[1:]):
        webhooks.call_back(step)
    assert kinds() == ["fax.approved", "fax.scheduled", "delivery.sending", "delivery.delivered", "fax.sent"]
    assert [json.loads(one.body)["type"] for one in claimed()[0].letters] == kinds()


def test_old_messages_are_forgotten(hook, make_fax):
    webhook = hook()
    make_fax("+12025550100")
    hand_out()
    assert webhooks.forget_old() == 0
    Webhook.objects.filter(pk=webhook.pk).update(enabled=False)
    WebhookMessage.objects.update(added_at=timezone.now() - timedelta(days=4))
    assert webhooks.forget_old() == 0
    assert set(WebhookMessage.objects.values_list("state", flat=True)) == {"failed"}
    WebhookMessage.objects.update(added_at=timezone.now() - timedelta(days=31))
    assert webhooks.forget_old() > 0
    assert not WebhookMessage.objects.exists()
