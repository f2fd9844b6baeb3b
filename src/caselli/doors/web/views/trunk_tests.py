"""Tests of a trunk: asked for here, carried out by a dialer, told in words. For who sees the trunk."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from caselli.directory import trunk_test
from caselli.directory.access import trunks_seen_by
from caselli.directory.trunk_test import Kind
from caselli.doors.web import seen
from caselli.doors.web.ladder import rungs
from caselli.doors.web.times import Clock, Said, duration, zone_of
from caselli.doors.web.views.administration.page import Crumb, administering, trail
from caselli.fax.number import spoken
from caselli.fax.refusals import Refusal, RefusalKind
from caselli.store.models import Trunk, TrunkTest

FRAGMENT = "web/administration/trunk_tests.html"
SHOWN = 10
SHOWN_BESIDE = 3
"""On the trunk's own page, below its settings."""

QUESTIONS = {
    Kind.OPTIONS: "Does it answer?",
    Kind.REGISTRATION: "Does it know us?",
    Kind.CALL: "Does a fax go through?",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One test as it stands in the list. ``went``: how long it took, or has taken until now."""

    id: int
    question: str
    number: str
    open: bool
    passed: bool
    sentence: str
    remedy: str
    facts: tuple[tuple[str, str], ...]
    asked: Said
    by: str
    went: str
    messages: bool


@require_http_methods(["GET", "HEAD", "POST"])
@administering
def every(request: HttpRequest, key: int) -> HttpResponseBase:
    """The tests of one trunk, and the way to ask for another one."""
    trunk = _trunk(request, key)
    refusal, number = None, ""
    if request.method == "POST":
        number = request.POST.get("number", "").strip()[:60]
        refusal = _ask(request, trunk, number)
        if refusal is None and not request.headers.get("HX-Request"):
            return redirect(reverse("trunk-tests", args=[trunk.pk]) + "#tests")
    tests = of(request, trunk, refusal, number, SHOWN)
    status = 200 if refusal is None else 422
    if request.headers.get("HX-Request"):
        return render(request, FRAGMENT, {"trunk": trunk, "tests": tests}, status=status)
    context = {
        "trunk": trunk,
        "tests": tests,
        "title": f"Test the trunk {trunk}",
        "trail": _trail(trunk, Crumb("Tests")),
    }
    return render(request, "web/administration/trunk_tests_alone.html", context, status=status)


def _ask(request: HttpRequest, trunk: Trunk, number: str) -> Refusal | None:
    try:
        kind = Kind(request.POST.get("kind", ""))
    except ValueError:
        return Refusal(RefusalKind.STEP_IMPOSSIBLE, "kind", "There is no such test.", "Choose one of the three.")
    try:
        trunk_test.ask(trunk, kind, number, seen.person(request))
    except Refusal as refusal:
        return refusal
    return None


@require_safe
@administering
def one(request: HttpRequest, key: int, test: int) -> HttpResponse:
    """One test with its messages; for htmx only its place in the list, or (``?messages``) only the messages."""
    trunk = _trunk(request, key)
    trunk_test.end_overdue()
    found = get_object_or_404(TrunkTest.objects.select_related("asked_by"), pk=test, trunk=trunk)
    context: dict[str, Any] = {"trunk": trunk, "test": _shown(found, _clock(request))}
    if request.headers.get("HX-Request"):
        if "messages" in request.GET:
            return render(request, "web/fragments/call.html", _messages(found))
        return render(request, "web/administration/trunk_test.html", {**context, "fetched": True})
    context |= {
        "title": f"Test of the trunk {trunk}",
        "trail": _trail(trunk, Crumb("Tests", reverse("trunk-tests", args=[trunk.pk])), Crumb("Test")),
        **_messages(found),
    }
    return render(request, "web/administration/trunk_test_alone.html", context)


def of(
    request: HttpRequest, trunk: Trunk, refusal: Refusal | None = None, number: str = "", most: int = SHOWN_BESIDE
) -> dict[str, Any]:
    """What the fragment shows, for each page that includes it."""
    clock = _clock(request)
    found = trunk_test.latest(trunk, most + 1)
    latest = found[:most]
    called = next((spoken(test.number) for test in latest if test.number), "")
    return {
        "every": [_shown(test, clock) for test in latest],
        "more": len(found) > most and most < SHOWN,
        "open": any(test.ended_at is None for test in latest),
        "number": number or called,
        "national": trunk.organization is not None,
        "refused_number": refusal if refusal and refusal.field == "number" else None,
        "refused": refusal if refusal and refusal.field != "number" else None,
    }


def _trunk(request: HttpRequest, key: int) -> Trunk:
    return get_object_or_404(trunks_seen_by(seen.person(request)), pk=key)


def _trail(trunk: Trunk, *more: Crumb) -> list[Crumb]:
    return trail(Crumb("Trunks", reverse("trunks")), Crumb(trunk.name, reverse("trunk", args=[trunk.pk])), *more)


def _clock(request: HttpRequest) -> Clock:
    organization = seen.person(request).organization
    return Clock(zone_of(organization.time_zone if organization else "UTC"), timezone.now())


def _messages(test: TrunkTest) -> dict[str, Any]:
    return {"rungs": rungs(test.entries), "under_way": test.ended_at is None}


def _shown(test: TrunkTest, clock: Clock) -> Shown:
    told = trunk_test.result(test)
    facts = []
    for fact in told.facts:
        name, colon, value = fact.partition(": ")
        facts.append((name, value) if colon else ("", fact))
    return Shown(
        id=test.pk,
        question=QUESTIONS[Kind(test.kind)],
        number=spoken(test.number) if test.number else "",
        open=test.ended_at is None,
        passed=test.passed,
        sentence=told.sentence,
        remedy=told.remedy,
        facts=tuple(facts),
        asked=clock.say(test.asked_at),
        by=test.asked_by.called if test.asked_by else "the command line",
        went=duration(((test.ended_at or clock.now) - test.asked_at).total_seconds()),
        messages=bool(test.entries),
    )
