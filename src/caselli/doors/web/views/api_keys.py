"""API keys: made, shown once, listed and taken back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from caselli.directory import api_keys
from caselli.directory.api_keys import NotMade
from caselli.directory.scopes import WORDS, Scope
from caselli.doors.web import seen, setting
from caselli.doors.web.times import Clock, zone_of
from caselli.store.models import ApiKey, User

_View = Callable[[HttpRequest], HttpResponse]

_confirmed = cast("Callable[[_View], _View]", reauthentication_required())
USUAL = (Scope.FAX_READ, Scope.FAX_SEND)
MOST_OF_OTHERS = 200
MOST_OVER = 20


@dataclass(frozen=True, slots=True)
class Given:
    """What stands in the form."""

    name: str = ""
    scopes: tuple[Scope, ...] = USUAL
    sandbox: bool = False
    expires: str = ""

    @classmethod
    def read(cls, request: HttpRequest) -> "Given":
        sent = request.POST
        scopes = tuple(one for one in Scope if one.value in sent.getlist("scopes"))
        return cls(sent.get("name", "").strip(), scopes, sent.get("kind") == "sandbox", sent.get("expires", "").strip())


@require_safe
@seen.signed_in
def every(request: HttpRequest) -> HttpResponse:
    person, clock = seen.person(request), _clock(request)
    found = api_keys.seen_by(person).prefetch_related("person__authenticator_set")
    own, live = found.filter(person=person), api_keys.live(found)
    over = own.exclude(pk__in=api_keys.live(own).values("pk"))
    context = {
        "own": [_told(one, clock) for one in live.filter(person=person)],
        "over": [_told(one, clock) for one in over[:MOST_OVER]],
        "others": [_told(one, clock) for one in live.exclude(person=person)[:MOST_OF_OTHERS]],
    }
    return render(request, "web/keys/keys.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@seen.signed_in
@_confirmed
def add(request: HttpRequest) -> HttpResponse:
    """Whoever sits down at an unlocked screen makes no key: who one is has to be confirmed not long ago."""
    person = seen.person(request)
    if request.method != "POST":
        return _form(request, person, Given())
    given = Given.read(request)
    try:
        key, secret = api_keys.make(
            person,
            setting.actor(request),
            name=given.name,
            scopes=given.scopes,
            sandbox=given.sandbox,
            expires_at=_expires(given.expires, person),
        )
    except NotMade as wrong:
        return _form(request, person, given, {wrong.field: str(wrong)})
    context = {"key": key, "secret": secret, "address": request.build_absolute_uri("/api/v1/me")}
    return render(request, "web/keys/made.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@seen.signed_in
def end(request: HttpRequest, uid: UUID) -> HttpResponse:
    key = get_object_or_404(api_keys.seen_by(seen.person(request)), uid=uid)
    if request.method == "POST":
        api_keys.end(key, setting.actor(request))
        messages.success(request, f"The key {key.name} opens nothing any more.")
        return redirect("api-keys")
    return render(request, "web/keys/end.html", {"key": key, "told": _told(key, _clock(request))})


def _expires(text: str, person: User) -> datetime | None:
    """Raises NotMade."""
    if not text:
        return None
    try:
        return api_keys.last_moment_of(date.fromisoformat(text), person)
    except (ValueError, OverflowError):
        raise NotMade("expires", f"{text[:40]} is no day. Write it like 2027-01-31, or leave it empty.") from None


def _form(request: HttpRequest, person: User, given: Given, wrong: dict[str, str] | None = None) -> HttpResponse:
    """``wrong`` is by field."""
    context = {
        "given": given,
        "wrong": wrong or {},
        "scopes": [(one, WORDS[one], one in given.scopes) for one in api_keys.scopes_for(person)],
    }
    return render(request, "web/keys/add.html", context, status=422 if wrong else 200)


def _told(key: ApiKey, clock: Clock) -> dict[str, Any]:
    return {
        "key": key,
        "scopes": key.scopes,
        "why_not": api_keys.why_not(key),
        "created": clock.say(key.created_at),
        "expires": f"{key.expires_at.astimezone(clock.zone):%Y-%m-%d %H:%M}" if key.expires_at else None,
        "used": clock.say(key.last_used_at) if key.last_used_at else None,
    }


def _clock(request: HttpRequest) -> Clock:
    organization = seen.person(request).organization
    return Clock(zone_of(organization.time_zone if organization else "UTC"), timezone.now())
