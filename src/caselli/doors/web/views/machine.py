"""What the built-in answering machine received."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from caselli.documents.preview import pages_pdf
from caselli.doors.web import machine, seen
from caselli.doors.web.times import Clock, zone_of
from caselli.doors.web.views.pages import download, picture


def _clock(request: HttpRequest) -> Clock:
    organization = seen.person(request).organization
    return Clock(zone_of(organization.time_zone if organization else "UTC"), timezone.now())


def _call(request: HttpRequest, name: str) -> machine.Reception:
    if not machine.may_see(seen.person(request)):
        raise Http404
    found = machine.reception(name)
    if found is None:
        raise Http404
    return found


@require_safe
@seen.signed_in
def every(request: HttpRequest) -> HttpResponse:
    if not machine.may_see(seen.person(request)):
        raise Http404
    clock = _clock(request)
    page = machine.receptions(older_than=request.GET.get("older", ""))
    context = {
        "calls": [(one, clock.say(one.started_at)) for one in page.calls],
        "older": page.older,
        "zone": clock.zone.key.replace("_", " "),
        "folder": machine.folder(),
    }
    return render(request, "web/machine.html", context)


@require_safe
@seen.signed_in
def one(request: HttpRequest, name: str, page: int = 1) -> HttpResponse:
    call = _call(request, name)
    if page != 1 and not 1 <= page <= call.pages:
        raise Http404
    context = {
        "call": call,
        "when": _clock(request).exactly(call.started_at),
        "facts": call.facts(),
        "page": page,
        "pages": range(1, call.pages + 1),
        "previous": page - 1,
        "next": page + 1 if page < call.pages else 0,
    }
    return render(request, "web/machine_call.html", context)


@require_safe
@seen.signed_in
def page_picture(request: HttpRequest, name: str, page: int) -> HttpResponse:
    call = _call(request, name)
    if call.tiff is None or not 1 <= page <= call.pages:
        raise Http404
    return picture(request, call.tiff, page, key=call.name)


@require_safe
@seen.signed_in
def pages_as_received(request: HttpRequest, name: str) -> HttpResponse:
    call = _call(request, name)
    if call.tiff is None:
        raise Http404
    try:
        content = pages_pdf(call.tiff)
    except OSError:
        raise Http404 from None
    return download(content, f"{call.name}.pdf")
