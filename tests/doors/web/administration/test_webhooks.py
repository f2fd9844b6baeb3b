"""The pages of webhooks: added with a test, the secret once, the log, sent once more."""

import re
from dataclasses import replace
from ipaddress import ip_network

import pytest
from browsing import filled
from django.urls import reverse
from far_ends import far_end

from caselli.notice import webhooks
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
    return browser.post(reverse("webhook-add"), {"name": "Orders", "url": url, "kinds": "all"} | more)


def test_it_is_added_and_its_secret_shown_once(olivia, here):
    page = add(olivia, here.url, kinds=["some", "fax.failed", "fax.sent"]).content.decode()
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
    answer = add(olivia, "https://example.com:22/", kinds=["some", "fax.eaten"])
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Nothing is sent to port 22." in page
    assert "There is no event fax.eaten." in page


def test_the_only_organization_is_chosen_already(cast, browser_of):
    def chosen():
        page = browser_of(cast.admin).get(reverse("webhook-add")).content.decode()
        select = page[page.index('<select name="organization"') :].partition("</select>")[0]
        return re.findall(r'<option value="(\d*)" selected>', select)

    assert chosen() == [""]
    cast.foreign.delete()
    cast.charlie.delete()
    cast.rival.delete()
    assert chosen() == [str(cast.clinic.pk)]


def ticked(page):
    """The values that the page would send of the kinds."""
    return [
        one.group(1)
        for one in re.finditer(r'<input [^>]*name="kinds" value="([^"]+)"[^>]*>', page)
        if " checked" in one[0]
    ]


def test_all_kinds_also_those_to_come_are_the_first_choice(olivia, here):
    page = olivia.get(reverse("webhook-add")).content.decode()
    assert page.index("All, also those to come") < page.index("It is delivered to all recipients.")
    assert ticked(page) == ["all"]
    add(olivia, here.url, kinds=["all", "fax.sent"])
    assert Webhook.objects.get().kinds == []


def test_kinds_are_ticked_as_they_were_chosen(olivia, here):
    add(olivia, here.url, kinds=["some", "fax.sent"])
    webhook = Webhook.objects.get()
    assert ticked(olivia.get(reverse("webhook", args=[webhook.uid])).content.decode()) == ["some", "fax.sent"]
    page = add(olivia, here.url, name="", kinds=["some", "fax.failed"]).content.decode()
    assert ticked(page) == ["some", "fax.failed"]


def test_to_choose_none_is_no_choice(olivia):
    answer = add(olivia, "https://example.com/", kinds=["some"])
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Choose at least one kind of event, or all of them." in page
    assert ticked(page) == ["some"]


def test_two_who_choose_kinds_at_the_same_time_are_told(olivia, here):
    add(olivia, here.url)
    webhook = Webhook.objects.get()
    place = reverse("webhook", args=[webhook.uid])
    sent = filled(olivia.get(place))
    Webhook.objects.update(kinds=["fax.sent", "fax.failed"])
    page = olivia.post(place, sent | {"kinds": ["some", "fax.purged"]}).content.decode()
    assert "it is “fax.sent, fax.failed” now, you chose “fax.purged”" in page
    page = olivia.post(place, sent | {"name": "Others"}).content.decode()
    assert "from “all” to “fax.sent, fax.failed”" in page
    assert ticked(page) == ["some", "fax.sent", "fax.failed"]


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


def test_the_log_says_when_an_address_that_asked_for_time_is_asked_again(olivia, here):
    add(olivia, here.url)
    webhook, message = Webhook.objects.get(), WebhookMessage.objects.get()
    webhooks.redeliver(message)
    webhooks.note(message.pk, 429, "slowly", "7200")
    for name, place in (("webhook", [webhook.uid]), ("webhook-message", [webhook.uid, message.uid])):
        page = " ".join(olivia.get(reverse(name, args=place)).content.decode().split())
        assert "Trying again" in page
        assert re.search(r"Next try [^.<]*\d\d:\d\d", page)


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
