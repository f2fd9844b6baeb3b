"""What somebody does who has the link of a mail, without a browser."""

import re
from datetime import timedelta
from html import unescape

from django.urls import reverse
from django.utils import timezone

from caselli.approval import confirm
from caselli.approval.request import content_of
from caselli.store.models import Delivery, Event, Fax, IncomingMail, Preferences

HERE = "198.51.100.9"


def link_to(fax):
    return reverse("confirm", args=[confirm.token_of(fax)])


def words_of(answer):
    html = re.sub(r'<span class="nowrap">([^<]+)</span>', r"\1", answer.content.decode().partition("<main")[2])
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def the_fax():
    return Fax.objects.get()


def press(browser, address, deed, **fields):
    content = fields.pop("content", content_of(the_fax()))
    return browser.post(address, {"deed": deed, "content": content}, **fields)


def approve(browser, address):
    answer = press(browser, address, "approve")
    assert (answer.status_code, answer.url) == (302, address)


def all_that_is_known():
    """What a click could change."""
    return (
        list(Fax.objects.values()),
        list(Delivery.objects.values()),
        list(Event.objects.values()),
        list(IncomingMail.objects.values()),
    )


def after_the_interval(mail):
    """As if the link had been used longer ago than the preferences ask for."""
    long_ago = timezone.now() - timedelta(seconds=Preferences.current().confirmation_interval + 1)
    IncomingMail.objects.filter(pk=mail.pk).update(link_used_at=long_ago)
