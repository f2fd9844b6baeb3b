"""A server without the demo, from nothing to its first fax: one thing asked at a time. What is next is read from the
tables, so that a reload or a restart goes on where it was.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from caselli.directory import set_up as state
from caselli.directory import trunk_test
from caselli.directory.access import administers_server
from caselli.directory.audit import Actor
from caselli.directory.change import NotKept, keep
from caselli.directory.forms import ExtensionForm, OrganizationForm, Settings, TrunkForm, UserForm
from caselli.directory.set_up import Step
from caselli.doors.web import seen, set_up_forms, setting
from caselli.doors.web.rows import rows
from caselli.doors.web.set_up_forms import AdministratorForm, FirstTrunkForm
from caselli.doors.web.setting import Part
from caselli.doors.web.times import Clock, zone_of
from caselli.fax.refusals import Refusal
from caselli.store.models import Extension, Fax, Organization, Preferences, Trunk, TrunkTest, User

WORDS = {
    Step.ADMINISTRATOR: "Administrator",
    Step.ORGANIZATION: "Organization",
    Step.EXTENSION: "Extension",
    Step.TRUNK: "Trunk",
    Step.TEST: "Test",
    Step.FAX: "First fax",
}
FIRST_NUMBER = "+1 202 555 0100"
"""Of the answering machine: it receives."""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """To the extensions; on a server that is not set up yet to what is missing, or to what to do about it."""
    if state.is_going_on(settings.CONFIGURATION.set_up_key):
        if state.next_step() is Step.ADMINISTRATOR:
            return _closed(request)
        if isinstance(request.user, User) and administers_server(request.user):
            return redirect("set-up")
    return redirect("extensions")


@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    step = state.next_step() if state.is_going_on(settings.CONFIGURATION.set_up_key) else None
    if step is None:
        if request.headers.get("HX-Request") and request.user.is_authenticated:  # a page that waited for the fax
            messages.success(request, "The first fax has arrived. Caselli is set up.")
            return HttpResponseClientRedirect(resolve_url("extensions"))
        raise Http404
    if step is not Step.ADMINISTRATOR:
        if not request.user.is_authenticated:
            return redirect_to_login(resolve_url("set-up"))
        if not administers_server(seen.person(request)):
            raise Http404
    if request.method == "POST" and request.POST.get("step") != step:
        return redirect("set-up")  # an old page's click: go on where it is now
    response = _STEPS[step](request)
    patch_cache_control(response, private=True, no_store=True)
    return response


@require_POST
@seen.signed_in
def leave(request: HttpRequest) -> HttpResponse:
    """The rest is done elsewhere, or never."""
    if not administers_server(seen.person(request)) or not state.is_going_on(settings.CONFIGURATION.set_up_key):
        raise Http404
    state.end(settings.CONFIGURATION.set_up_key)
    messages.success(request, "You have left the set-up. What is missing can be added under Administration.")
    return redirect("extensions")


def _closed(request: HttpRequest, *, wrong: bool = False) -> HttpResponse:
    """Nobody is let in without the key; whoever started the server is told where it stands."""
    context = {"file": settings.CONFIGURATION.set_up_key, "wrong": wrong}
    return render(request, "web/set_up/closed.html", context, status=403 if wrong else 200)


def _administrator(request: HttpRequest) -> HttpResponse:
    key = (request.POST if request.method == "POST" else request.GET).get("key", "")
    file = settings.CONFIGURATION.set_up_key
    if not state.opens(file, key):
        return _closed(request, wrong=True)
    shown = set_up_forms.ADMINISTRATOR
    if request.method != "POST":
        return _ask(request, Step.ADMINISTRATOR, AdministratorForm(instance=User(), person=None), shown, key=key)
    with transaction.atomic():
        Preferences.current()
        Preferences.objects.select_for_update().get()  # of two who have the key, one is the first
        if state.next_step() is not Step.ADMINISTRATOR:
            return redirect("set-up")
        form = AdministratorForm.filled(_sent(request, shown) | AdministratorForm.given, User(), None)
        kept = _keep(form, Actor(ip=seen.ip(request), name="set-up"))
    if not kept:
        return _ask(request, Step.ADMINISTRATOR, form, shown, key=key)
    state.claimed(file)
    login(request, form.instance, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect("set-up")


def _organization(request: HttpRequest) -> HttpResponse:
    row = Organization(number="0001", time_zone=settings.CONFIGURATION.time_zone)
    shown = set_up_forms.ORGANIZATION
    return _ask_or_keep(request, Step.ORGANIZATION, OrganizationForm, row, shown)


def _extension(request: HttpRequest) -> HttpResponse:
    """The administrator owns it, and belongs to its organization from then on; others can follow."""
    person = User.objects.select_related("organization").get(pk=seen.person(request).pk)
    organization = person.organization or Organization.objects.order_by("number")[0]
    row = Extension(organization=organization, owner=person, number="210")
    with transaction.atomic():
        if person.organization is None and request.method == "POST":
            keep(_valid(UserForm.filled({"organization": organization.pk}, person, None)), setting.actor(request))
        shown = set_up_forms.EXTENSION
        response = _ask_or_keep(request, Step.EXTENSION, ExtensionForm, row, shown, organization=organization)
        if response.status_code == 422:
            transaction.set_rollback(True)
    return response


def _trunk(request: HttpRequest) -> HttpResponse:
    """The answering machine by one click, or a provider's host."""
    machine, wanted = settings.CONFIGURATION.machine_sip, request.POST.get("trunk") or request.GET.get("trunk")
    if wanted == "machine" and request.method == "POST":
        told = set_up_forms.answering_machine(machine.host, machine.port)
        keep(_valid(TrunkForm.filled(told, Trunk(), seen.person(request))), setting.actor(request))
        return redirect("set-up")
    if wanted == "provider":
        return _ask_or_keep(request, Step.TRUNK, FirstTrunkForm, Trunk(), set_up_forms.TRUNK, trunk="provider")
    return _page(request, Step.TRUNK, "web/set_up/trunk.html", machine=machine, number=FIRST_NUMBER)


def _test(request: HttpRequest) -> HttpResponse:
    trunk = _first_trunk()
    if request.method == "POST":
        return _begin_test(request, trunk)
    tests = trunk_test.latest(trunk, 1)
    test = tests[0] if tests else None
    mark = f"{test.pk}-{slugify(test.words)}" if test else ""
    return _watched(request, Step.TEST, "web/set_up/test.html", mark, trunk=trunk, test=test)


def _first_trunk() -> Trunk:
    """The newest; one to the answering machine only where there is no other."""
    return Trunk.objects.order_by("sandbox", "-pk")[0]


def _begin_test(request: HttpRequest, trunk: Trunk) -> HttpResponse:
    try:
        trunk_test.ask(trunk, TrunkTest.Kind.OPTIONS, person=seen.person(request))
    except Refusal as refused:
        messages.error(request, str(refused))
    return redirect("set-up")


def _fax(request: HttpRequest) -> HttpResponse:
    """What the test has found, and where the first fax is sent, or what became of it. A test that is not passed is no
    step done; but who knows better goes on.
    """
    person, trunk = seen.person(request), _first_trunk()
    if request.method == "POST":
        return _begin_test(request, trunk)
    tests = trunk_test.latest(trunk, 1)
    ours = Extension.objects.select_related("organization").order_by("pk")
    extension = ours.filter(owner=person).first() or ours[0]
    newest = Fax.objects.select_related("organization", "extension__organization").order_by("-pk").first()
    clock = Clock(zone_of(extension.zone), timezone.now())
    test = tests[0] if tests else None
    row = rows([newest], clock, may_act=False)[0] if newest else None
    notes = " ".join(one.text for one in row.notes) if row else ""
    context: dict[str, Any] = {
        "trunk": trunk,
        "test": test,
        "found": trunk_test.result(test) if test and test.ended_at else None,
        "extension": extension,
        "row": row,
        "number": FIRST_NUMBER if _leads_to_machine() else "",
    }
    about_test = f"{test.pk} {test.words}" if test else ""
    mark = slugify(f"{newest.pk} {newest.shown_status} {notes}" if newest else about_test)
    tested = newest is not None or test is None or test.passed
    return _watched(request, Step.FAX if tested else Step.TEST, "web/set_up/fax.html", mark, **context)


def _leads_to_machine() -> bool:
    machine = settings.CONFIGURATION.machine_sip
    return Trunk.objects.filter(host=machine.host, port=machine.port, enabled=True).exists()


_STEPS: Mapping[Step, Callable[[HttpRequest], HttpResponse]] = {
    Step.ADMINISTRATOR: _administrator,
    Step.ORGANIZATION: _organization,
    Step.EXTENSION: _extension,
    Step.TRUNK: _trunk,
    Step.TEST: _test,
    Step.FAX: _fax,
}


def _sent(request: HttpRequest, shown: tuple[str, ...]) -> dict[str, Any]:
    return {name: request.POST.get(name, "") for name in shown}


def _valid(form: Settings) -> Settings:
    """Of a form that we filled ourselves."""
    if not form.is_valid():
        raise ValueError(form.errors.as_text())
    return form


def _keep(form: Settings, actor: Actor) -> bool:
    """False: the form says what is wrong with it."""
    if not form.is_valid():
        return False
    try:
        keep(form, actor)
    except NotKept:
        return False
    return True


def _ask_or_keep(
    request: HttpRequest,
    step: Step,
    form_class: type[Settings],
    row: models.Model,
    shown: tuple[str, ...],
    **context: object,
) -> HttpResponse:
    person = seen.person(request)
    if request.method != "POST":
        return _ask(request, step, form_class(instance=row, person=person), shown, **context)
    form = form_class.filled(_sent(request, shown), row, person)
    if _keep(form, setting.actor(request)):
        return redirect("set-up")
    return _ask(request, step, form, shown, **context)


def _ask(request: HttpRequest, step: Step, form: Settings, shown: tuple[str, ...], **context: object) -> HttpResponse:
    drawn = setting.show(form, [Part("", shown)])
    status = 422 if form.errors else 200
    return _page(request, step, f"web/set_up/{step}_form.html", status=status, shown=drawn, **context)


def _watched(request: HttpRequest, step: Step, template: str, mark: str, **context: Any) -> HttpResponse:
    """A page that looks again by itself. ``mark``: what it shows; while that stays, there is nothing to draw."""
    if request.headers.get("HX-Request") and request.GET.get("shown") == f"{step}-{mark}":
        return HttpResponse(status=204)
    return _page(request, step, template, mark=f"{step}-{mark}", **context)


def _page(request: HttpRequest, step: Step, template: str, *, status: int = 200, **context: object) -> HttpResponse:
    order = list(WORDS)
    steps = [(WORDS[one], order.index(one) - order.index(step)) for one in order]
    return render(request, template, context | {"step": step, "word": WORDS[step], "steps": steps}, status=status)
