"""One fax: its row, Fax info, its calls, and what a person decides about it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from caselli.directory.access import may_act
from caselli.doors.web import seen
from caselli.doors.web.addresses import whole_number
from caselli.doors.web.info import call_of, tell
from caselli.doors.web.ladder import rungs
from caselli.doors.web.rows import rows
from caselli.doors.web.times import Clock, zone_of
from caselli.doors.web.words import addressee
from caselli.fax.refusals import Refusal
from caselli.queue import decide
from caselli.store.models import Attempt, Delivery, Fax, Ladder, User

MOST_RECIPIENTS = 999
Verb = Callable[[Any, User | None, str | None], None]


@require_safe
@seen.signed_in
def info(request: HttpRequest, uid: UUID) -> HttpResponse:
    return render(request, "web/fax.html", _told(request, seen.fax(request, uid)))


@require_safe
@seen.signed_in
def told(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The part of Fax info that moves."""
    return render(request, "web/fragments/told.html", _told(request, seen.fax(request, uid)))


@require_safe
@seen.signed_in
def row(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _row(request, seen.fax(request, uid), with_messages=False)


@require_safe
@seen.signed_in
def attempt(request: HttpRequest, uid: UUID, position: int, number: int) -> HttpResponse:
    """One call with its pages and its ladder; only these two as the part that Fax info unfolds."""
    fax = seen.fax(request, uid)
    found = get_object_or_404(
        Attempt.objects.select_related("delivery__to_extension"),
        delivery__fax=fax,
        delivery__position=position,
        number=number,
    )
    ladder = Ladder.objects.filter(attempt=found).first()
    context = {
        "fax": fax,
        "extension": fax.extension,
        "position": position,
        "call": call_of(found, fax, _clock(fax)),
        "to": addressee(found.delivery),
        "pages": found.pages,
        "rungs": rungs(ladder.entries) if ladder else [],
        "under_way": found.ended_at is None,
    }
    part = request.headers.get("HX-Request")
    return render(request, "web/fragments/call.html" if part else "web/attempt.html", context)


@require_POST
@seen.signed_in
def send(request: HttpRequest, uid: UUID) -> HttpResponse:
    fax = _to_act_on(request, uid)
    return _decide(request, fax, fax, decide.send_held, "The fax is on its way.")


@require_POST
@seen.signed_in
def resend(request: HttpRequest, uid: UUID) -> HttpResponse:
    fax = _to_act_on(request, uid)
    return _decide(request, fax, fax, decide.resend, "The fax goes out again, to those only who have not got it.")


@require_POST
@seen.signed_in
def cancel(request: HttpRequest, uid: UUID) -> HttpResponse:
    fax = _to_act_on(request, uid)
    return _decide(request, fax, fax, decide.cancel, "What can still be stopped is cancelled.")


@require_POST
@seen.signed_in
def arrived(request: HttpRequest, uid: UUID, position: int) -> HttpResponse:
    fax = _to_act_on(request, uid)
    return _decide(request, fax, _recipient(fax, position), decide.it_arrived, "Noted: the fax has arrived.")


@require_POST
@seen.signed_in
def again(request: HttpRequest, uid: UUID, position: int) -> HttpResponse:
    fax = _to_act_on(request, uid)
    return _decide(request, fax, _recipient(fax, position), decide.send_again, "The fax goes out again.")


def _to_act_on(request: HttpRequest, uid: UUID) -> Fax:
    fax = seen.fax(request, uid)
    if not may_act(seen.person(request), fax.extension):
        raise Http404
    return fax


def _recipient(fax: Fax, position: int) -> Delivery:
    return get_object_or_404(Delivery, fax=fax, position=position)


def _decide(request: HttpRequest, fax: Fax, about: Fax | Delivery, verb: Verb, done: str) -> HttpResponse:
    """One click, one effect; a click that comes too late has none, and is told so."""
    try:
        verb(about, seen.person(request), seen.ip(request))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    fresh = seen.fax(request, fax.uid)
    info_page = resolve_url("fax", fax.uid)
    if not request.headers.get("HX-Request"):
        return redirect(_back(request, fax))
    if urlsplit(request.headers.get("HX-Current-URL", "")).path == info_page:
        context = _told(request, fresh) | {"with_messages": True}
        return render(request, "web/fragments/told.html", context)
    return _row(request, fresh, with_messages=True)


def _back(request: HttpRequest, fax: Fax) -> str:
    return seen.way_back(request) or resolve_url("sent", fax.extension.extended)


def _row(request: HttpRequest, fax: Fax, *, with_messages: bool) -> HttpResponse:
    person = seen.person(request)
    row = rows([fax], _clock(fax), may_act=may_act(person, fax.extension), person=person)[0]
    context = {"row": row, "with_messages": with_messages}
    return render(request, "web/fragments/row_alone.html", context)


def _told(request: HttpRequest, fax: Fax) -> dict[str, object]:
    after = request.GET.get("after", "")
    acts = may_act(seen.person(request), fax.extension)
    return {
        "fax": fax,
        "extension": fax.extension,
        "after": after,
        "info": tell(
            fax,
            _clock(fax),
            may_act=acts,
            after=min(whole_number(after) or 0, MOST_RECIPIENTS),
            person=seen.person(request),
        ),
        "zone": fax.extension.zone.replace("_", " "),
    }


def _clock(fax: Fax) -> Clock:
    return Clock(zone_of(fax.extension.zone), timezone.now())
