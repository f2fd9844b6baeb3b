"""Mailboxes that faxes are fetched from: set, tested, looked after. They reach into the network: for administrators."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from caselli.directory import mailboxes
from caselli.directory.forms import MailboxForm
from caselli.doors.web import setting
from caselli.doors.web.setting import Part
from caselli.doors.web.times import UTC_ZONE, Clock, Said
from caselli.doors.web.views.administration.page import Crumb, administering_server, render_form, trail
from caselli.doors.web.words import Look
from caselli.store.models import MailSource, Preferences

PARTS = (
    Part("The mailbox", ("name", "host", "port", "security", "username", "password")),
    Part(
        "Signing in by OAuth 2.0",
        ("token_url", "client_id", "client_secret", "refresh_token", "token_scope"),
        "Where a password does not do, as with Microsoft 365 and Gmail. Left empty, the password is used.",
    ),
    Part("Folders", ("folder", "done_folder", "refused_folder")),
    Part("Service", ("enabled",)),
)
LOOKED_WITHIN = timedelta(minutes=12)
"""A mailbox is looked at every five minutes at least; after two of them, nobody looks."""
SHOWN_AT_ONCE = 5
SILENT = "Nobody has looked into it since: is the process “mail” running? The log says more."


@dataclass(frozen=True, slots=True)
class Shown:
    """A mailbox, how it goes with it, and when it was looked at last."""

    source: MailSource
    look: Look
    trouble: str
    looked: Said | None


def _shown(source: MailSource, clock: Clock) -> Shown:
    trouble = source.trouble if source.enabled else ""
    silent = source.looked_at is not None and clock.now - source.looked_at > LOOKED_WITHIN
    if not source.enabled:
        look = Look("Switched off", "rest", "no-symbol")
    elif trouble:
        look = Look("Trouble", "bad", "exclamation-triangle")
    elif source.looked_at is None:
        look = Look("Not looked at yet", "hold", "clock")
    elif silent:
        look, trouble = Look("Not looked at", "warn", "exclamation-circle"), SILENT
    else:
        look = Look("Fetching", "good", "check-circle")
    return Shown(source, look, trouble, clock.say(source.looked_at) if source.looked_at else None)


def _clock() -> Clock:
    """An administrator of the server belongs to no organization, and the log is written in this zone too."""
    return Clock(UTC_ZONE, timezone.now())


def _list_crumb() -> Crumb:
    return Crumb("Mailboxes", reverse("mailboxes"))


@require_safe
@administering_server
def every(request: HttpRequest) -> HttpResponse:
    clock = _clock()
    context = {
        "mailboxes": [_shown(one, clock) for one in MailSource.objects.all()],
        "zone": UTC_ZONE.key,
        "accepted": Preferences.current().email_accepted,
        "trail": trail(Crumb("Mailboxes")),
    }
    return render(request, "web/administration/mailboxes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administering_server
def add(request: HttpRequest) -> HttpResponse:
    answered = setting.answer(request, MailboxForm, MailSource())
    if answered.kept:
        messages.success(request, f"The mailbox {answered.kept} is added. Test it, to see whether it opens.")
        return redirect("mailbox", answered.kept.pk)
    return render_form(
        request,
        answered.form,
        PARTS,
        status=answered.status,
        discard=reverse("mailboxes"),
        title="Add a mailbox",
        sub="A mailbox that faxes are mailed to. Caselli fetches them, so no port has to be open.",
        trail=trail(_list_crumb(), Crumb("Add")),
        save="Add the mailbox",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@administering_server
def one(request: HttpRequest, key: int) -> HttpResponse:
    source = get_object_or_404(MailSource, pk=key)
    clock = _clock()
    shown, refused = _shown(source, clock), [_refused(one, clock) for one in source.refused]
    named = source.name
    answered = setting.answer(request, MailboxForm, source)
    if answered.kept:
        messages.success(request, f"The mailbox {answered.kept} is saved. It is opened anew as it is now.")
        return redirect("mailbox", key)
    return render_form(
        request,
        answered.form,
        PARTS,
        status=answered.status,
        discard=reverse("mailboxes"),
        template="web/administration/mailbox.html",
        title=f"Mailbox {named}",
        trail=trail(_list_crumb(), Crumb(named)),
        mailbox=shown,
        refused={"last": refused[:SHOWN_AT_ONCE], "earlier": refused[SHOWN_AT_ONCE:]},
        refused_folder=source.refused_folder,
        zone=UTC_ZONE.key,
        accepted=Preferences.current().email_accepted,
    )


def _refused(entry: dict[str, Any], clock: Clock) -> dict[str, Any]:
    return entry | {"when": clock.say(datetime.fromisoformat(entry["at"])), "lines": entry["words"].split("\n")}


@require_POST
@administering_server
def switch(request: HttpRequest, key: int) -> HttpResponse:
    """The wish is in the form, not the opposite of now: the second of two clicks changes nothing."""
    enabled = request.POST.get("enabled") == "on"
    source = mailboxes.switch(get_object_or_404(MailSource, pk=key), setting.actor(request), enabled=enabled)
    messages.success(request, f"The mailbox {source} is {'in service' if source.enabled else 'switched off'}.")
    return redirect("mailbox", key)


@require_POST
@administering_server
def test(request: HttpRequest, key: int) -> HttpResponse:
    """With the settings as they are saved. It waits for the mail server, a minute at most."""
    from caselli.doors.mail import fetch_test  # the libraries, when somebody asks

    found = fetch_test.test(get_object_or_404(MailSource, pk=key))
    tell = messages.success if found.passed else messages.error
    tell(request, str(found))
    return redirect("mailbox", key)


@require_http_methods(["GET", "HEAD", "POST"])
@administering_server
def take_away(request: HttpRequest, key: int) -> HttpResponse:
    """Asks first, on a page with an address of its own."""
    source = get_object_or_404(MailSource, pk=key)
    if request.method == "POST":
        mailboxes.remove(source, setting.actor(request))
        messages.success(request, f"The mailbox {source} is removed.")
        return redirect("mailboxes")
    context = {
        "title": f"Remove the mailbox {source}?",
        "text": "Nothing is fetched from it any more. Its mails stay where they are, and so do the faxes that came "
        "from it. To keep its settings, switch it off instead.",
        "keep": reverse("mailbox", args=[key]),
        "trail": trail(_list_crumb(), Crumb(source.name, reverse("mailbox", args=[key])), Crumb("Remove")),
    }
    return render(request, "web/administration/remove.html", context)
