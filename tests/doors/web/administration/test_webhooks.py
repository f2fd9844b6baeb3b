"""The pages of webhooks: added with a test, the secret once, the log, sent once more."""

from dataclasses import replace
from ipaddress import ip_network

import pytest
from django.urls import reverse
from far_ends import far_end

from caselli.store.models import Webhook, WebhookMessage


@pytest.fixture(autouse=True)
def loopback_is_ours(settings):
    settings.CONFIGURATION = replace(settings.CONFIGURATION, webhooks_private=(ip_network("127.0.0.0/8"),))


@pytest.fixture
def olivia(cast, browser_of):
    return browser_of(cast.olivia)


@pytest.fixture
def here():
    with far_end() as end:
        yield end


def add(browser, url, **more):
    return browser.post(reverse("webhook-add"), {"name": "Orders", "url": url, "kinds": ""} | more)


def test_it_is_added_and_its_secret_shown_once(olivia, here):
    page = add(olivia, here.url, kinds="fax.sent\nfax.failed").content.decode()
    webhook = Webhook.objects.get()
    assert webhook.secret in page
    assert "Test passed" in page
    assert webhook.enabled
    assert webhook.kinds == ["fax.sent", "fax.failed"]
    for name in ("webhooks", "webhook"):
        page = olivia.get(reverse(name, args=[webhook.uid] if name == "webhook" else [])).content.decode()
        assert webhook.secret not in page
        assert "In service" in page


def test_one_that_did_not_pass_says_why(olivia, here):
    here.answers = [500]
    page = add(olivia, here.url).content.decode()
    assert "Test not passed" in page
    assert "answered 500" in page
    webhook = Webhook.objects.get()
    assert not webhook.enabled
    here.answers = [200]
    page = olivia.post(reverse("webhook-test", args=[webhook.uid]), follow=True).content.decode()
    assert "The webhook is in service." in page


def test_what_is_wrong_is_said_beside_the_field(olivia):
    answer = add(olivia, "https://example.com:22/", kinds="fax.eaten")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Nothing is sent to port 22." in page
    assert "There is no event fax.eaten." in page


def test_the_log_tells_of_each_message_and_sends_it_again(olivia, here):
    add(olivia, here.url)
    webhook, message = Webhook.objects.get(), WebhookMessage.objects.get()
    assert "webhook.test" in olivia.get(reverse("webhook", args=[webhook.uid])).content.decode()
    place = [webhook.uid, message.uid]
    page = olivia.get(reverse("webhook-message", args=place)).content.decode()
    assert "200: as you like" in page
    assert f"msg_{message.uid.hex}" in page
    page = olivia.post(reverse("webhook-redeliver", args=place), follow=True).content.decode()
    assert "webhook.test goes out once more." in page
    assert "On its way" in page


def test_it_gets_another_secret(olivia, here):
    add(olivia, here.url)
    webhook = Webhook.objects.get()
    page = olivia.post(reverse("webhook-secret", args=[webhook.uid])).content.decode()
    former, webhook = webhook.secret, Webhook.objects.get()
    assert webhook.secret != former
    assert webhook.secret in page
    assert webhook.former_secret == former


def test_it_is_switched_off_and_on_and_removed(olivia, here):
    add(olivia, here.url)
    webhook = Webhook.objects.get()
    for wish, enabled in (("off", False), ("off", False), ("on", True)):
        olivia.post(reverse("webhook-switch", args=[webhook.uid]), {"enabled": wish})
        webhook.refresh_from_db()
        assert webhook.enabled is enabled
    olivia.post(reverse("webhook-remove", args=[webhook.uid]))
    assert not Webhook.objects.exists()


def test_an_administrator_of_the_server_says_for_which_organization(cast, browser_of, here):
    admin = browser_of(cast.admin)
    assert add(admin, here.url).status_code == 422
    add(admin, here.url, organization=cast.rival.pk)
    assert Webhook.objects.get().organization == cast.rival
