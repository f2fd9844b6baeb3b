"""The mails that went out, and those that came in."""

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from caselli.directory.access import administers, administers_server, incoming_mails_seen_by
from caselli.doors.web import incoming, mails, seen
from caselli.doors.web.addresses import whole_number
from caselli.doors.web.times import Clock, zone_of
from caselli.doors.web.views.pages import as_attachment
from caselli.store.models import OutgoingMail, Preferences


def _clock(request: HttpRequest) -> Clock:
    organization = seen.person(request).organization
    return Clock(zone_of(organization.time_zone if organization else "UTC"), timezone.now())


def _mail(request: HttpRequest, uid: UUID) -> OutgoingMail:
    return get_object_or_404(mails.seen_by(seen.person(request)), uid=uid)


def _whole(request: HttpRequest, uid: UUID) -> bytes:
    content = mails.whole(_mail(request, uid))
    if content is None:
        raise Http404
    return content


@require_safe
@seen.signed_in
def every(request: HttpRequest) -> HttpResponse:
    person = seen.person(request)
    if not mails.may_see(person):
        raise Http404
    clock = _clock(request)
    key = whole_number(request.GET.get("older", ""))
    found, older = mails.turn(mails.seen_by(person), key)
    context = {
        "mails": [(one, clock.say(one.added_at)) for one in found],
        "older": older,
        "first_page": key is None,
        "zone": clock.zone.key.replace("_", " "),
        "relay": settings.CONFIGURATION.smtp_relay,
        "everybodys": administers_server(person),
        "folder": settings.CONFIGURATION.mail_folder,
        "incoming_too": administers(person),
    }
    return render(request, "web/mails.html", context)


@require_safe
@seen.signed_in
def came(request: HttpRequest) -> HttpResponse:
    """What came for the extensions that the person administers, and what became of it."""
    person = seen.person(request)
    if not administers(person):
        raise Http404
    clock = _clock(request)
    key, find = whole_number(request.GET.get("older", "")), request.GET.get("find", "").strip()[:254]
    found = incoming_mails_seen_by(person)
    if find:
        found = found.filter(sender__icontains=find)
    page, older = incoming.turn(found, key)
    kept = {"find": find} if find else {}
    context = {
        "lines": incoming.lines(page, clock),
        "older": urlencode(kept | {"older": str(older)}) if older else "",
        "newest": f"?{urlencode(kept)}" if kept else reverse("incoming-mails"),
        "first_page": key is None,
        "find": find,
        "zone": clock.zone.key.replace("_", " "),
        "taken_at": Preferences.objects.filter(email_accepted=True).values_list("fax_address", flat=True).first(),
        "everybodys": administers_server(person),
        "outgoing_too": mails.may_see(person),
    }
    return render(request, "web/incoming.html", context)


@require_safe
@seen.signed_in
def one(request: HttpRequest, uid: UUID) -> HttpResponse:
    mail = _mail(request, uid)
    content = mails.whole(mail)
    clock = _clock(request)
    context = {
        "mail": mail,
        "opened": mails.opened(content) if content is not None else None,
        "when": clock.exactly(mail.added_at),
        "next_try": clock.exactly(mail.next_try_at) if mail.next_try_at else "",
    }
    return render(request, "web/mail.html", context)


@require_safe
@seen.signed_in
def attachment(request: HttpRequest, uid: UUID, position: int) -> HttpResponse:
    attachments = mails.opened(_whole(request, uid)).attachments
    if not 1 <= position <= len(attachments):
        raise Http404
    chosen = attachments[position - 1]
    response = HttpResponse(chosen.content, content_type=chosen.kind)
    as_attachment(response, chosen.name)
    return response


@require_safe
@seen.signed_in
def source(request: HttpRequest, uid: UUID) -> HttpResponse:
    response = HttpResponse(_whole(request, uid), content_type="application/octet-stream")
    as_attachment(response, f"{uid}.eml")
    return response
