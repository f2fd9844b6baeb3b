"""Apps: registered, changed and removed by their account; and what one lets apps of others do, taken back."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from caselli.directory import api_keys, apps
from caselli.directory.app_form import AppKind, Wanted, kind_of
from caselli.directory.apps import Made, NotMade
from caselli.directory.scopes import WORDS, Scope
from caselli.doors.web import seen, setting
from caselli.doors.web.times import Clock, zone_of
from caselli.store.models import App, Role, User

USUAL = (Scope.FAX_READ, Scope.FAX_SEND)


@require_safe
@seen.signed_in
def every(request: HttpRequest) -> HttpResponse:
    person, clock = seen.person(request), _clock(request)
    found = [_told(one, clock) for one in apps.apps_seen_by(person)]
    context = {
        "granted": [
            _told(one, clock) | {"may": [WORDS[scope] for scope in apps.scopes_granted(one, person)]}
            for one in apps.granted_by(person)
        ],
        "own": [one for one in found if one["owner"].pk == person.pk],
        "others": [one for one in found if one["owner"].pk != person.pk],
        "account": _account(person),
    }
    return render(request, "web/apps/apps.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@seen.signed_in
def add(request: HttpRequest) -> HttpResponse:
    person = seen.person(request)
    if request.method != "POST":
        given = Wanted("", AppKind.TRUSTED, frozenset(USUAL))
        return _form(request, person, given, {})
    wanted = _wanted(request)
    try:
        made = apps.create(person, wanted, setting.actor(request))
    except NotMade as wrong:
        return _form(request, person, wanted, wrong.faults)
    return _show_secret(request, made, f"{made.app.name} is registered")


@require_http_methods(["GET", "HEAD", "POST"])
@seen.signed_in
def one(request: HttpRequest, key: int) -> HttpResponse:
    app = _app(request, key)
    if request.method != "POST":
        return _form(request, apps.owner_of(app), _as_it_is(app), {}, app)
    wanted = _wanted(request, kind_of(app))
    try:
        apps.change(app, wanted, setting.actor(request))
    except NotMade as wrong:
        return _form(request, apps.owner_of(app), wanted, wrong.faults, app)
    messages.success(request, f"The app {wanted.name} is saved.")
    return redirect("app", key)


@require_http_methods(["GET", "HEAD", "POST"])
@seen.signed_in
def new_secret(request: HttpRequest, key: int) -> HttpResponse:
    """Asks first: the program stops working until it has the new one."""
    app = _app(request, key)
    if kind_of(app) is AppKind.PUBLIC:
        raise Http404
    if request.method == "POST":
        made = Made(app, apps.renew_secret(app, setting.actor(request)))
        return _show_secret(request, made, f"{app.name} has a new secret")
    text = "The old one opens nothing from then on: the program gets no more access until it has the new one."
    return _ask(request, app, f"Make a new secret for {app.name}?", text, "Make a new secret", "key")


@require_http_methods(["GET", "HEAD", "POST"])
@seen.signed_in
def take_away(request: HttpRequest, key: int) -> HttpResponse:
    app = _app(request, key)
    if request.method == "POST":
        apps.remove(app, setting.actor(request))
        messages.success(request, f"The app {app.name} is removed.")
        return redirect("apps")
    text = "The program can do nothing here any more, from the next request on. Faxes that it sent stay."
    return _ask(request, app, f"Remove {app.name}?", text, "Remove", "trash")


@require_POST
@seen.signed_in
def take_back(request: HttpRequest, key: int) -> HttpResponse:
    person = seen.person(request)
    app = next((one for one in apps.granted_by(person) if one.pk == key), None)
    if app is None:
        raise Http404
    apps.take_back(app, person, setting.actor(request))
    messages.success(request, f"{app.name} can do nothing for you any more.")
    return redirect("apps")


def _app(request: HttpRequest, key: int) -> App:
    return get_object_or_404(apps.apps_seen_by(seen.person(request)), pk=key)


def _wanted(request: HttpRequest, kind: AppKind | None = None) -> Wanted:
    """What was sent; what makes no sense counts as not said. ``kind``: of an app that is there."""
    chosen = request.POST.get("kind", "")
    return Wanted(
        request.POST.get("name", "").strip(),
        kind or (AppKind(chosen) if chosen in set(AppKind) else AppKind.TRUSTED),
        frozenset(one for one in Scope if one.value in request.POST.getlist("scopes")),
        tuple(request.POST.get("redirect_uris", "").split()),
    )


def _as_it_is(app: App) -> Wanted:
    scopes = frozenset(one for one in Scope if one.value in app.scopes)
    return Wanted(app.name, kind_of(app), scopes, tuple(app.redirect_uris.split()))


def _form(
    request: HttpRequest, owner: User, given: Wanted, wrong: dict[str, str], app: App | None = None
) -> HttpResponse:
    """Without ``app``: of a new one. ``wrong`` is by field."""
    offered = WORDS if given.kind is not AppKind.TRUSTED or app is None else api_keys.scopes_for(owner)
    context = {
        "given": given,
        "addresses": "\n".join(given.redirect_uris),
        "wrong": wrong,
        "scopes": [(one, WORDS[one], one in given.scopes) for one in WORDS if one in offered],
        "app": app,
        "told": _told(app, _clock(request)) if app else None,
        "account": _account(owner),
        "everybody": owner.role == Role.ADMINISTRATOR,
        "organization": owner.organization,
    }
    return render(request, "web/apps/app.html", context, status=422 if wrong else 200)


def _show_secret(request: HttpRequest, made: Made, title: str) -> HttpResponse:
    """The only page that has it. Nobody keeps it (``no-store``), and no address leads to it."""
    context = {
        "app": made.app,
        "secret": made.secret,
        "title": title,
        "trusted": kind_of(made.app) is AppKind.TRUSTED,
        "token_url": request.build_absolute_uri(reverse("oauth-token")),
        "authorize_url": request.build_absolute_uri(reverse("authorize")),
    }
    return render(request, "web/apps/made.html", context)


def _ask(request: HttpRequest, app: App, title: str, text: str, button: str, mark: str) -> HttpResponse:
    context = {"app": app, "title": title, "text": text, "button": button, "mark": mark}
    return render(request, "web/apps/ask.html", context)


def _account(person: User) -> str:
    """As whom an app of this person acts."""
    if person.role == Role.ADMINISTRATOR:
        return "an administrator of this server"
    if person.role == Role.ORGANIZATION_ADMINISTRATOR and person.organization:
        return f"the administrator of {person.organization.name}"
    return person.called


def _told(app: App, clock: Clock) -> dict[str, Any]:
    return {
        "app": app,
        "owner": apps.owner_of(app),
        "kind": kind_of(app),
        "good": apps.is_good(app),
        "added": clock.say(app.created),
        "used": clock.say(app.last_used_at) if app.last_used_at else None,
    }


def _clock(request: HttpRequest) -> Clock:
    organization = seen.person(request).organization
    return Clock(zone_of(organization.time_zone if organization else "UTC"), timezone.now())
