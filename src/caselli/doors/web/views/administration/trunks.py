"""Trunks, in the order they are taken. Administrators set them; an organization's administrators look."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from caselli.directory.access import administers_server, trunks_seen_by
from caselli.directory.change import remove, switch_trunk
from caselli.directory.forms import TrunkForm
from caselli.doors.web import seen, setting
from caselli.doors.web.setting import Part, fact
from caselli.doors.web.times import UTC_ZONE, Clock, zone_of
from caselli.doors.web.views import trunk_tests
from caselli.doors.web.views.administration.page import (
    Crumb,
    administering,
    administering_server,
    chosen_organization,
    organizations_to_choose,
    render_form,
    trail,
)
from caselli.doors.web.words import Look
from caselli.store.models import Trunk, User

PARTS = (
    Part("Where it leads", ("name", "organization", "host", "port", "domain")),
    Part("Login", ("username", "password")),
    Part("When it is taken", ("position", "prefix", "channels", "calls_a_second", "t38", "enabled")),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A trunk, and how it goes with it. ``trouble``: what that means for the calls, empty where nothing does."""

    trunk: Trunk
    look: Look
    trouble: str = ""


def _shown(trunk: Trunk, clock: Clock) -> Shown:
    if not trunk.enabled:
        return Shown(trunk, Look("Out of service", "rest", "no-symbol"))
    if trunk.down_until is None or trunk.down_until <= clock.now:
        return Shown(trunk, Look("In service", "good", "check-circle"))
    again = clock.say_soon(trunk.down_until)
    trouble = (
        f"It did not answer: other trunks that lead to a number are taken before it. That ends {again}, or at once "
        "when it passes a test."
    )
    return Shown(trunk, Look("Does not answer", "warn", "exclamation-triangle"), trouble)


def _clock(person: User) -> Clock:
    return Clock(zone_of(person.organization.time_zone) if person.organization else UTC_ZONE, timezone.now())


def _list_crumb() -> Crumb:
    return Crumb("Trunks", reverse("trunks"))


def _trunk(request: HttpRequest, key: int) -> Trunk:
    return get_object_or_404(trunks_seen_by(seen.person(request)), pk=key)


@require_safe
@administering
def every(request: HttpRequest) -> HttpResponse:
    organization, clock = chosen_organization(request), _clock(seen.person(request))
    found = trunks_seen_by(seen.person(request)).order_by("position", "pk")
    if organization:
        found = found.filter(organization=organization)
    context = {
        "trunks": [_shown(one, clock) for one in found.select_related("organization")],
        "server": administers_server(seen.person(request)),
        "organization": organization,
        "organizations": organizations_to_choose(request),
        "trail": trail(Crumb("Trunks")),
    }
    return render(request, "web/administration/trunks.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administering_server
def add(request: HttpRequest) -> HttpResponse:
    answered = setting.answer(request, TrunkForm, Trunk(organization=chosen_organization(request)))
    if answered.kept:
        messages.success(request, f"The trunk {answered.kept} is added.")
        return redirect("trunk", answered.kept.pk)
    return render_form(
        request,
        answered.form,
        PARTS,
        status=answered.status,
        discard=reverse("trunks"),
        title="Add a trunk",
        sub="A provider or a PBX that takes our calls by SIP.",
        trail=trail(_list_crumb(), Crumb("Add")),
        save="Add the trunk",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@administering
def one(request: HttpRequest, key: int) -> HttpResponse:
    trunk = _trunk(request, key)
    if not administers_server(seen.person(request)):
        return _look(request, trunk)
    shown = _shown(trunk, _clock(seen.person(request)))
    named, enabled = trunk.name, trunk.enabled
    answered = setting.answer(request, TrunkForm, trunk)
    if answered.kept:
        messages.success(request, f"The trunk {answered.kept} is saved. The next call goes by it as it is now.")
        return redirect("trunk", key)
    return render_form(
        request,
        answered.form,
        PARTS,
        status=answered.status,
        discard=reverse("trunks"),
        template="web/administration/trunk.html",
        title=f"Trunk {named}",
        trail=trail(_list_crumb(), Crumb(named)),
        trunk=trunk,
        state=shown,
        enabled=enabled,
        server=True,
        tests=trunk_tests.of(request, trunk),
    )


def _look(request: HttpRequest, trunk: Trunk) -> HttpResponse:
    if request.method == "POST":
        raise Http404
    form = TrunkForm(instance=trunk, person=seen.person(request))
    facts = [fact(bound) for bound in form if bound.name not in form.secrets]
    context = {
        "facts": facts,
        "trunk": trunk,
        "state": _shown(trunk, _clock(seen.person(request))),
        "server": False,
        "tests": trunk_tests.of(request, trunk),
        "title": f"Trunk {trunk.name}",
        "trail": trail(_list_crumb(), Crumb(trunk.name)),
    }
    return render(request, "web/administration/trunk.html", context)


@require_POST
@administering_server
def switch(request: HttpRequest, key: int) -> HttpResponse:
    """The wish is in the form, not the opposite of now: the second of two clicks changes nothing."""
    enabled = request.POST.get("enabled") == "on"
    trunk = switch_trunk(_trunk(request, key), setting.actor(request), enabled=enabled)
    messages.success(request, f"The trunk {trunk} is {'in service' if trunk.enabled else 'out of service'}.")
    return redirect("trunk", key)


@require_http_methods(["GET", "HEAD", "POST"])
@administering_server
def take_away(request: HttpRequest, key: int) -> HttpResponse:
    """Asks first, on a page with an address of its own."""
    trunk = _trunk(request, key)
    if request.method == "POST":
        remove(trunk, TrunkForm.kind, trunk.organization, setting.actor(request))
        messages.success(request, f"The trunk {trunk} is removed.")
        return redirect("trunks")
    context = {
        "title": f"Remove the trunk {trunk}?",
        "text": "No call goes by it any more; calls that are on the line end by themselves. What was sent keeps its "
        "name. To keep its settings, switch it off instead.",
        "keep": reverse("trunk", args=[key]),
        "trail": trail(_list_crumb(), Crumb(trunk.name, reverse("trunk", args=[key])), Crumb("Remove")),
    }
    return render(request, "web/administration/remove.html", context)
