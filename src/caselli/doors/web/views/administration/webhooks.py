"""Webhooks: added with a test, looked after by their log, switched off, removed."""

import json
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from caselli.doors.web import seen, setting
from caselli.doors.web.addresses import whole_number
from caselli.doors.web.setting import Part
from caselli.doors.web.times import Clock, Said, zone_of
from caselli.doors.web.views.administration.page import (
    Crumb,
    administering,
    chosen_organization,
    organizations_to_choose,
    render_form,
    trail,
)
from caselli.doors.web.words import Look
from caselli.notice import webhook_deeds
from caselli.notice import webhooks as sending
from caselli.notice.webhook_form import WebhookForm
from caselli.notice.webhooks import State
from caselli.store.models import Webhook, WebhookMessage

PARTS = (Part("The webhook", ("name", "organization", "url", "kinds")),)
SHOWN_AT_ONCE = 25
_LOOKS = {
    State.DELIVERED: Look("Delivered", "good", "check-circle"),
    State.FAILED: Look("Given up", "bad", "x-circle"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A webhook as the list tells of it. ``host``: all of the address that is read at a glance."""

    webhook: Webhook
    host: str
    look: Look


@dataclass(frozen=True, slots=True)
class Line:
    """A message in the log."""

    message: WebhookMessage
    look: Look
    added: Said
    following: str


def _shown(webhook: Webhook) -> Shown:
    if webhook.enabled and webhook.trouble:
        look = Look("Test not passed", "warn", "exclamation-circle")
    elif webhook.enabled:
        look = Look("In service", "good", "check-circle")
    elif webhook.trouble:
        look = Look("Off, trouble", "bad", "exclamation-triangle")
    else:
        look = Look("Switched off", "rest", "no-symbol")
    return Shown(webhook, urlsplit(webhook.url).hostname or webhook.url, look)


def _line(message: WebhookMessage, clock: Clock) -> Line:
    look = _LOOKS.get(State(message.state))
    following = ""
    if look is None:
        tried = message.tries > 0
        look = Look("Trying again", "warn", "arrow-path") if tried else Look("On its way", "move", "paper-airplane")
        following = f"Next try {clock.say_soon(message.next_try_at)}" if tried and message.next_try_at else ""
    return Line(message, look, clock.say(message.added_at), following)


def _clock(webhook: Webhook) -> Clock:
    return Clock(zone_of(webhook.organization.time_zone), timezone.now())


def _list_crumb() -> Crumb:
    return Crumb("Webhooks", reverse("webhooks"))


def _webhook(request: HttpRequest, uid: UUID) -> Webhook:
    return get_object_or_404(webhook_deeds.seen_by(seen.person(request)), uid=uid)


@require_safe
@administering
def every(request: HttpRequest) -> HttpResponse:
    organization = chosen_organization(request)
    found = webhook_deeds.seen_by(seen.person(request))
    if organization:
        found = found.filter(organization=organization)
    context = {
        "webhooks": [_shown(one) for one in found],
        "organization": organization,
        "organizations": organizations_to_choose(request),
        "trail": trail(Crumb("Webhooks")),
    }
    return render(request, "web/administration/webhooks.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administering
def add(request: HttpRequest) -> HttpResponse:
    """Its test goes out at once; the secret is shown with what came of it."""
    answered = setting.answer(request, WebhookForm, Webhook(organization=chosen_organization(request)))
    if answered.kept:
        tested = webhook_deeds.test(answered.kept)
        return _show_secret(request, answered.kept, answered.kept.secret, tested)
    return render_form(
        request,
        answered.form,
        PARTS,
        status=answered.status,
        discard=reverse("webhooks"),
        title="Add a webhook",
        sub="A program of yours hears what happens to faxes. A test message is sent to its address at once.",
        trail=trail(_list_crumb(), Crumb("Add")),
        save="Add and test",
    )


def _show_secret(
    request: HttpRequest, webhook: Webhook, secret: str, tested: webhook_deeds.Tested | None
) -> HttpResponse:
    context = {
        "webhook": webhook,
        "secret": secret,
        "tested": tested,
        "trail": trail(_list_crumb(), Crumb(webhook.name, reverse("webhook", args=[webhook.uid])), Crumb("Its secret")),
    }
    return render(request, "web/administration/webhook_secret.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administering
def one(request: HttpRequest, uid: UUID) -> HttpResponse:
    webhook = _webhook(request, uid)
    shown, clock = _shown(webhook), _clock(webhook)
    before = whole_number(request.GET.get("before", ""))
    log = webhook.messages.order_by("-pk")
    found = list((log.filter(pk__lt=before) if before else log)[: SHOWN_AT_ONCE + 1])
    answered = setting.answer(request, WebhookForm, webhook)
    if answered.kept:
        messages.success(request, f"The webhook {answered.kept} is saved. Test it, if its address is another one.")
        return redirect("webhook", uid)
    lines = [_line(each, clock) for each in found[:SHOWN_AT_ONCE]]
    return render_form(
        request,
        answered.form,
        PARTS,
        status=answered.status,
        discard=reverse("webhooks"),
        template="web/administration/webhook.html",
        title=f"Webhook {shown.webhook.name}",
        trail=trail(_list_crumb(), Crumb(shown.webhook.name)),
        hook=shown,
        tested=clock.say(webhook.tested_at) if webhook.tested_at else None,
        zone=clock.zone.key.replace("_", " "),
        lines=lines,
        older=lines[-1].message.pk if len(found) > SHOWN_AT_ONCE else None,
        first_page=not before,
    )


@require_POST
@administering
def switch(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The wish is in the form, not the opposite of now: the second of two clicks changes nothing."""
    enabled = request.POST.get("enabled") == "on"
    found = webhook_deeds.switch(_webhook(request, uid), setting.actor(request), enabled=enabled)
    after = "in service. It hears of what happens from now on" if found.enabled else "switched off"
    messages.success(request, f"The webhook {found} is {after}.")
    return redirect("webhook", uid)


@require_POST
@administering
def test(request: HttpRequest, uid: UUID) -> HttpResponse:
    """It waits for the address, 15 seconds at most."""
    found = webhook_deeds.test(_webhook(request, uid))
    tell = messages.success if found.passed else messages.error
    tell(request, found.words)
    return redirect("webhook", uid)


@require_POST
@administering
def secret(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = _webhook(request, uid)
    return _show_secret(request, found, webhook_deeds.change_secret(found, setting.actor(request)), None)


@require_http_methods(["GET", "HEAD", "POST"])
@administering
def take_away(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Asks first, on a page with an address of its own."""
    found = _webhook(request, uid)
    if request.method == "POST":
        webhook_deeds.remove(found, setting.actor(request))
        messages.success(request, f"The webhook {found} is removed.")
        return redirect("webhooks")
    context = {
        "title": f"Remove the webhook {found}?",
        "text": "Nothing is sent to its address any more, also what waits; its log and its secret are gone. "
        "To keep them, switch it off instead.",
        "keep": reverse("webhook", args=[uid]),
        "trail": trail(_list_crumb(), Crumb(found.name, reverse("webhook", args=[uid])), Crumb("Remove")),
    }
    return render(request, "web/administration/remove.html", context)


def _message(request: HttpRequest, uid: UUID, message: UUID) -> WebhookMessage:
    found = WebhookMessage.objects.select_related("webhook__organization")
    return get_object_or_404(found, webhook=_webhook(request, uid), uid=message)


@require_safe
@administering
def message(request: HttpRequest, uid: UUID, message: UUID) -> HttpResponse:
    found = _message(request, uid, message)
    webhook = found.webhook
    assert webhook is not None
    clock = _clock(webhook)
    context = {
        "line": _line(found, clock),
        "ended": clock.say(found.ended_at) if found.ended_at else None,
        "body": json.dumps(json.loads(found.body), indent=2, ensure_ascii=False),
        "webhook": webhook,
        "zone": clock.zone.key.replace("_", " "),
        "trail": trail(_list_crumb(), Crumb(webhook.name, reverse("webhook", args=[uid])), Crumb(found.kind)),
    }
    return render(request, "web/administration/webhook_message.html", context)


@require_POST
@administering
def redeliver(request: HttpRequest, uid: UUID, message: UUID) -> HttpResponse:
    found = _message(request, uid, message)
    webhook = found.webhook
    assert webhook is not None
    sending.redeliver(found)
    if webhook.enabled:
        messages.success(request, f"{found.kind} goes out once more.")
    else:
        messages.warning(request, f"{found.kind} goes out once more as soon as the webhook is switched on.")
    return redirect("webhook-message", uid, message)
