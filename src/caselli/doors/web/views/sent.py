"""The Sent Faxes page: upload, search, history."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from caselli.approval.request import approvers
from caselli.directory.access import faxes_of, may_act
from caselli.doors.web import seen, uploads, words
from caselli.doors.web.forms import UploadForm
from caselli.doors.web.rows import rows
from caselli.doors.web.times import Clock, zone_of
from caselli.doors.web.views import upload
from caselli.fax.refusals import Refusals
from caselli.fax.status import ShownStatus
from caselli.history import search
from caselli.intake import check, stage
from caselli.intake.rules import IntakeLimits
from caselli.intake.submit import submit
from caselli.store.models import Channel, Extension, Fax

_SEARCH_FIELDS = ("to", "since", "until", "status", "channel", "text")


# The upload handlers must stand before the CSRF token is read out of the body: _take checks it.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@seen.signed_in
def sent(request: HttpRequest, extended: str) -> HttpResponse:
    extension = seen.extension(request, extended)
    limits = check.limits()
    if request.method != "POST":
        return _show(request, extension, limits, UploadForm())
    if not may_act(seen.person(request), extension):
        raise Http404
    request.upload_handlers = uploads.handlers(limits.files, limits.file_bytes)
    return _take(request, extension, limits)


@csrf_protect
def _take(request: HttpRequest, extension: Extension, limits: IntakeLimits) -> HttpResponse:
    form = UploadForm.read(request.POST)
    stage.remove(extension.pk, seen.person(request).pk, form.removed)
    try:
        fax = submit(upload.submission(request, extension, form), check.AtHand(extension, seen.person(request), limits))
    except Refusals as refused:
        form = upload.keep_files(request, extension, form.refused(refused.all), limits)
        if request.headers.get("HX-Request"):
            context = upload.context(request, extension, limits, form)
            return render(request, "web/fragments/upload.html", context, status=422)
        return _show(request, extension, limits, form, status=422)
    messages.success(request, _thanks(fax), extra_tags=str(fax.uid))
    page = resolve_url("sent", extension.extended)
    return HttpResponseClientRedirect(page) if request.headers.get("HX-Request") else redirect(page)


def _thanks(fax: Fax) -> str:
    to = words.addressees(list(fax.deliveries.select_related("to_extension")))
    if fax.shown_status == ShownStatus.APPROVED:
        return f"Your fax to {to} is kept until you send it."
    if fax.shown_status == ShownStatus.NOT_APPROVED:
        asked = words.one_of([one.called for one in approvers(fax.extension, fax.added_by_id)])
        return f"Your fax to {to} waits for a second person’s yes: {asked} is asked."
    return f"Your fax to {to} is on its way."


def _show(
    request: HttpRequest, extension: Extension, limits: IntakeLimits, form: UploadForm, status: int = 200
) -> HttpResponse:
    person = seen.person(request)
    acts = may_act(person, extension)
    clock = Clock(zone_of(extension.zone), timezone.now())
    asked = search.read(request.GET.dict())
    faxes = faxes_of(extension)
    if asked.errors:
        faxes = faxes.none()
    found = search.narrow(faxes, asked.search, extension, clock.zone)
    page = search.turn(found, older_than=_key(request.GET.get("older")), newer_than=_key(request.GET.get("newer")))
    kept = {name: text for name in _SEARCH_FIELDS if (text := request.GET.get(name, "").strip())}
    context = upload.context(request, extension, limits, form) | {
        "given": kept,
        "errors": asked.errors,
        "searched": bool(kept),
        "more_filters": bool({"status", "channel", "text"} & kept.keys()),
        "statuses": [one.value for one in ShownStatus],
        "channels": Channel.choices,
        "rows": rows(page.faxes, clock, may_act=acts, person=person),
        "acts": acts,
        "newer": urlencode(kept | {"newer": str(page.newer)}) if page.newer else "",
        "older": urlencode(kept | {"older": str(page.older)}) if page.older else "",
        "zone": clock.zone.key.replace("_", " "),
    }
    return render(request, "web/sent.html", context, status=status)


def _key(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
