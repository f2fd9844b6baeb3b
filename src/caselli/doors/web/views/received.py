"""Received faxes of an extension."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from caselli.directory.access import may_act
from caselli.documents.preview import pages_pdf
from caselli.doors.web import seen
from caselli.doors.web.addresses import whole_number
from caselli.doors.web.times import Clock, zone_of
from caselli.doors.web.views.pages import download, picture
from caselli.history import received
from caselli.store import blobs
from caselli.store.models import Extension, ReceivedFax


def _clock(extension: Extension) -> Clock:
    return Clock(zone_of(extension.zone), timezone.now())


def _page(fax: ReceivedFax, page: int) -> int:
    if not 1 <= page <= fax.pages:
        raise Http404
    return page


def _to_act_on(request: HttpRequest, number: int) -> ReceivedFax:
    fax = seen.received(request, number)
    if not may_act(seen.person(request), fax.extension):
        raise Http404
    return fax


@require_safe
@seen.signed_in
def every(request: HttpRequest, extended: str) -> HttpResponse:
    extension = seen.extension(request, extended)
    clock = _clock(extension)
    key = whole_number(request.GET.get("older", ""))
    page = received.turn(received.inbox(extension), key)
    context = {
        "extension": extension,
        "faxes": [(one, clock.say(one.received_at)) for one in page.faxes],
        "older": page.older,
        "first_page": key is None,
        "acts": may_act(seen.person(request), extension),
        "zone": extension.zone.replace("_", " "),
    }
    return render(request, "web/received.html", context)


@require_safe
@seen.signed_in
def one(request: HttpRequest, number: int, page: int = 1) -> HttpResponse:
    fax = seen.received(request, number)
    context = {
        "fax": fax,
        "extension": fax.extension,
        "acts": may_act(seen.person(request), fax.extension),
        "when": _clock(fax.extension).exactly(fax.received_at),
        "page": _page(fax, page),
        "pages": range(1, fax.pages + 1),
        "previous": page - 1,
        "next": page + 1 if page < fax.pages else 0,
    }
    return render(request, "web/received_fax.html", context)


@require_safe
@seen.signed_in
def page_picture(request: HttpRequest, number: int, page: int) -> HttpResponse:
    fax = seen.received(request, number)
    return picture(request, blobs.path(fax.blob), _page(fax, page), key=fax.blob)


@require_safe
@seen.signed_in
def pages_as_received(request: HttpRequest, number: int) -> HttpResponse:
    fax = seen.received(request, number)
    try:
        content = pages_pdf(blobs.path(fax.blob))
    except OSError:
        raise Http404 from None
    return download(content, f"received fax {fax.received_at:%Y-%m-%d} {fax.sender.replace('*', '-')}.pdf")


@require_POST
@seen.signed_in
def read(request: HttpRequest, number: int) -> HttpResponse:
    fax = _to_act_on(request, number)
    received.mark_read(fax)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    return redirect("received", fax.extension.extended)


@require_POST
@seen.signed_in
def unread(request: HttpRequest, number: int) -> HttpResponse:
    fax = _to_act_on(request, number)
    received.mark_unread(fax)
    return redirect("received", fax.extension.extended)


@require_http_methods(["GET", "HEAD", "POST"])
@seen.signed_in
def delete(request: HttpRequest, number: int) -> HttpResponse:
    """Asks first, on a page with an address of its own."""
    fax = _to_act_on(request, number)
    if request.method == "POST":
        received.delete(fax)
        messages.success(request, f"The fax from {fax.sender} is deleted.")
        return redirect("received", fax.extension.extended)
    context = {"fax": fax, "extension": fax.extension, "when": _clock(fax.extension).exactly(fax.received_at)}
    return render(request, "web/received_delete.html", context)
