"""The link that the sender of a mail was sent: look at the fax, say yes or no, see what becomes of it.

It opens without sign-in: who has the link is who reads that address. GET and HEAD change nothing, because programs that
look for dangerous mails follow every link.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from caselli.approval import confirm as links
from caselli.approval.request import content_of
from caselli.doors.web import confirm, seen
from caselli.doors.web.info import documents_of
from caselli.doors.web.times import Clock, duration, zone_of
from caselli.doors.web.views.pages import picture
from caselli.doors.web.words import addressee, addressees, pages
from caselli.fax.refusals import Refusal, RefusalKind
from caselli.notice.rules import proof
from caselli.store import blobs

_P = ParamSpec("_P")
_View = Callable[Concatenate[HttpRequest, _P], HttpResponse]
_NOT_FOUND, _CONFLICT, _GONE, _TOO_MANY = 404, 409, 410, 429


def _by_link(view: _View[_P]) -> _View[_P]:
    """The address is the key: nobody keeps the page, and no other page or server is told where the reader came from.

    Not ``no-referrer``: with that, browsers say "Origin: null" of the form, which Django takes for another site's.
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "private, no-store"
        response["Referrer-Policy"] = "strict-origin"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@_by_link
def page(request: HttpRequest, token: str) -> HttpResponse:
    try:
        link = links.read_token(token)
        if request.method != "POST":
            return _show(request, token, link)
        _decide(request, link)
    except Refusal as refusal:
        if refusal.kind is RefusalKind.LINK_INVALID:
            return _no_such_link(request, refusal)
        return _show(request, token, link, refusal)
    return redirect("confirm", token)


@require_safe
@_by_link
def told(request: HttpRequest, token: str) -> HttpResponse:
    """The part that moves; without content where nothing of it has moved since."""
    try:
        link = links.read_token(token)
    except Refusal as refusal:
        return _no_such_link(request, refusal)
    context = _moving(token, link)
    if request.GET.get("was") == context["told"].digest:
        return HttpResponse(status=204)
    return render(request, "web/fragments/confirm_told.html", context | {"fetched": True})


@require_safe
@_by_link
def page_picture(request: HttpRequest, token: str, page: int) -> HttpResponse:
    try:
        fax = links.read_token(token).fax
    except Refusal:
        raise Http404 from None
    if not fax.pages_blob or not 1 <= page <= fax.pages:
        raise Http404
    return picture(request, blobs.path(fax.pages_blob), page, key=fax.pages_blob)


def _decide(request: HttpRequest, link: links.Link) -> None:
    ip = seen.ip(request)
    match request.POST.get("deed"):
        case "approve":
            links.confirm(link.fax, ip, request.POST.get("content", ""))
        case "decline":
            links.decline(link.fax, ip)
        case "again":
            links.again(link.fax, ip)
        case _:
            raise Refusal(
                RefusalKind.STEP_IMPOSSIBLE,
                "deed",
                "That was none of the buttons.",
                "Choose one of those on this page.",
            )


def _show(request: HttpRequest, token: str, link: links.Link, refusal: Refusal | None = None) -> HttpResponse:
    fax, mail = link.fax, link.mail
    if refusal is not None:
        fax.refresh_from_db()
        mail.refresh_from_db()
    # Read before everything that is shown: a change meanwhile makes the click void, never the other way round.
    content = content_of(fax)
    deliveries = list(fax.deliveries.select_related("to_extension").order_by("position"))
    clock = _clock(link)
    context = _moving(token, link) | {
        "mail": mail,
        "proof": proof(mail.dmarc, mail.judged_by, mail.sender.rpartition("@")[2]),
        "content": content,
        "refusal": refusal,
        "to": addressees(deliveries) if deliveries else "nobody",
        "recipients": [addressee(one) for one in deliveries],
        "documents": documents_of(fax),
        "about_pages": f"{pages(fax.pages)}, about {duration(fax.seconds_on_line)} on the line",
        "page_numbers": range(1, fax.pages + 1) if fax.pages_blob else range(0),
        "ends": clock.exactly(link.ends_at),
        "zone": clock.zone.key.replace("_", " "),
    }
    if refusal is None:
        return render(request, "web/confirm.html", context)
    status = _TOO_MANY if refusal.kind is RefusalKind.LINK_TOO_SOON else _CONFLICT
    return render(request, "web/confirm.html", context, status=status)


def _moving(token: str, link: links.Link) -> dict[str, Any]:
    fax = link.fax
    clock = _clock(link)
    told = confirm.tell(fax, link.mail, clock)
    again_at = links.again_at(fax) if told.again else None
    return {
        "token": token,
        "fax": fax,
        "extension": fax.extension,
        "told": told,
        "again_from": clock.say_soon(again_at) if again_at and again_at > clock.now else "",
    }


def _no_such_link(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    status = _GONE if refusal.field == "expired" else _NOT_FOUND
    return render(request, "web/confirm_nothing.html", {"refusal": refusal}, status=status)


def _clock(link: links.Link) -> Clock:
    return Clock(zone_of(link.fax.extension.zone), timezone.now())
