"""Approvals: what waits for my yes, one fax to look at, and what I say to it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from caselli.approval import decide, waiting
from caselli.approval import request as asking
from caselli.doors.web import approvals, seen
from caselli.doors.web.info import documents_of
from caselli.doors.web.program import goes_out
from caselli.doors.web.times import Clock, zone_of
from caselli.fax.refusals import Refusal, RefusalKind
from caselli.fax.status import FaxStatus
from caselli.store.models import Fax

MOST_LINES = 100


def _clock(request: HttpRequest) -> Clock:
    organization = seen.person(request).organization
    return Clock(zone_of(organization.time_zone if organization else "UTC"), timezone.now())


def _fax(request: HttpRequest, uid: UUID) -> Fax:
    """One on which the person may decide, or might have: to all others this page does not exist."""
    fax = seen.fax(request, uid)
    if not asking.may_approve(seen.person(request), fax):
        raise Http404
    return fax


@require_safe
@seen.signed_in
def every(request: HttpRequest) -> HttpResponse:
    person, clock = seen.person(request), _clock(request)
    faxes = waiting.open_to(person).select_related("extension__organization", "added_by", "approved_by")
    found = list(faxes[: MOST_LINES + 1])
    context = {
        "lines": approvals.lines(found[:MOST_LINES], clock, person),
        "more": len(found) > MOST_LINES,
        "zone": clock.zone.key.replace("_", " "),
    }
    return render(request, "web/approvals.html", context)


@require_safe
@seen.signed_in
def line(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One line of the list, when it has moved."""
    told = approvals.lines([_fax(request, uid)], _clock(request), seen.person(request))
    return render(request, "web/fragments/approval_line.html", {"line": told[0]})


@require_safe
@seen.signed_in
def one(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _show(request, _fax(request, uid))


@require_POST
@seen.signed_in
def approve(request: HttpRequest, uid: UUID) -> HttpResponse:
    fax = _fax(request, uid)
    try:
        decide.approve(fax, seen.person(request), seen.ip(request), request.POST.get("content", ""))
    except Refusal as refusal:
        return _too_late(request, fax, refusal)
    messages.success(request, f"You have approved the fax to {_to(fax)}. {_what_now(request, fax)}")
    return redirect("approvals")


@require_POST
@seen.signed_in
def refuse(request: HttpRequest, uid: UUID) -> HttpResponse:
    fax = _fax(request, uid)
    reason = request.POST.get("reason", "")
    try:
        decide.refuse(fax, seen.person(request), seen.ip(request), reason)
    except Refusal as refusal:
        if refusal.kind is RefusalKind.REASON_MISSING:
            return _show(request, fax, refusal)
        return _too_late(request, fax, refusal)
    messages.success(request, f"The fax to {_to(fax)} is not sent. Its sender reads why.")
    return redirect("approvals")


def _what_now(request: HttpRequest, fax: Fax) -> str:
    fax.refresh_from_db(fields=["status"])
    if fax.status == FaxStatus.AWAITING_APPROVAL:
        return "It waits for a second person’s yes now."
    if fax.held:
        return "It is sent when its sender says so."
    later = goes_out(fax, _clock(request))
    return f"It goes{later.removeprefix('Goes')}" if later else "It is on its way."


def _to(fax: Fax) -> str:
    names = list(approvals.recipients(fax))
    return names[0] if len(names) == 1 else f"{len(names)} recipients"


def _too_late(request: HttpRequest, fax: Fax, refusal: Refusal) -> HttpResponse:
    messages.error(request, str(refusal))
    return redirect("approval", fax.uid)


def _show(request: HttpRequest, fax: Fax, wrong: Refusal | None = None) -> HttpResponse:
    # Read before everything that is shown: a change meanwhile makes the click void, never the other way round.
    content = asking.content_of(fax)
    clock = _clock(request)
    context = {
        "line": approvals.lines([fax], clock, seen.person(request))[0],
        "fax": fax,
        "later": goes_out(fax, clock),
        "content": content,
        "recipients": approvals.recipients(fax),
        "documents": documents_of(fax),
        "mail": asking.mail_of(fax),
        "page_numbers": range(1, fax.pages + 1) if fax.pages_blob else range(0),
        "most_reason": decide.MOST_REASON,
        "wrong": wrong,
        "zone": clock.zone.key.replace("_", " "),
    }
    return render(request, "web/approval.html", context, status=422 if wrong else 200)
