"""*Your account*: what guards it, and where one is signed in. The pages behind it are allauth's."""

from typing import Any

from allauth.mfa.base.views import IndexView
from allauth.mfa.webauthn.views import AddWebAuthnView, ListWebAuthnView
from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from caselli.directory import sign_in
from caselli.doors.web import seen
from caselli.doors.web.account import browsers, passkeys
from caselli.doors.web.times import Clock, zone_of

NEWEST_EVENTS = 8


class YourAccount(IndexView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person, clock = seen.person(self.request), _clock(self.request)
        events = person.account_events.all()[:NEWEST_EVENTS]
        return super().get_context_data(**kwargs) | {
            "events": [(one, clock.say(one.at)) for one in events],
            "no_passkeys": passkeys.why_not(self.request),
            "sessions": _sessions(self.request),
            "zone": clock.zone.key.replace("_", " "),
        }


class Passkeys(ListWebAuthnView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        clock = _clock(self.request)
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "no_passkeys": passkeys.why_not(self.request),
            "passkeys": [
                (one, clock.say(one.created_at), clock.say(one.last_used_at) if one.last_used_at else None)
                for one in context["authenticators"]
            ],
        }


class AddPasskey(AddWebAuthnView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"no_passkeys": passkeys.why_not(self.request)}


class Sessions(ListUserSessionsView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"sessions": _sessions(self.request)}


@require_POST
@seen.signed_in
def end_session(request: HttpRequest, number: int) -> HttpResponse:
    one = get_object_or_404(UserSession, pk=number, user=seen.person(request))
    if one.session_key == request.session.session_key:
        logout(request)
        return redirect("login")
    one.end()
    messages.success(request, f"{browsers.in_words(one.user_agent)} is signed out.")
    return redirect("mfa_index")


@require_safe
@seen.signed_in
def second_factor_first(request: HttpRequest) -> HttpResponse:
    """Where one is led whose organization asks for a second factor, until it is set up."""
    if not sign_in.lacks_second_factor(seen.person(request)):
        return redirect("mfa_index")
    return render(request, "account/second_factor_first.html", {"no_passkeys": passkeys.why_not(request)})


def _clock(request: HttpRequest) -> Clock:
    organization = seen.person(request).organization
    return Clock(zone_of(organization.time_zone if organization else "UTC"), timezone.now())


def _sessions(request: HttpRequest) -> list[dict[str, Any]]:
    """The newest first; those that have ended by themselves are forgotten."""
    clock = _clock(request)
    found = UserSession.objects.purge_and_list(seen.person(request))
    return [
        {
            "number": one.pk,
            "here": one.session_key == request.session.session_key,
            "browser": browsers.in_words(one.user_agent),
            "ip": one.ip,
            "since": clock.say(one.created_at),
            "used": clock.say(one.last_seen_at),
        }
        for one in sorted(found, key=lambda one: one.last_seen_at, reverse=True)
    ]
