"""The audit list: who changed what, when, from where; newest first, turned by key."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from caselli.directory.access import audit_seen_by
from caselli.directory.forms import (
    BlockedDestinationForm,
    ExtensionFaxForm,
    ExtensionForm,
    MailboxForm,
    OrganizationForm,
    PreferencesForm,
    TrunkForm,
    UserForm,
)
from caselli.doors.web import seen
from caselli.doors.web.addresses import whole_number
from caselli.doors.web.times import Clock, zone_of
from caselli.doors.web.views.administration.page import Crumb, administering, trail
from caselli.notice.own_words import MailTemplateForm

PAGE_SIZE = 50
KINDS = (
    BlockedDestinationForm.kind,
    ExtensionForm.kind,
    ExtensionFaxForm.kind,
    MailTemplateForm.kind,
    MailboxForm.kind,
    OrganizationForm.kind,
    PreferencesForm.kind,
    TrunkForm.kind,
    UserForm.kind,
)


@require_safe
@administering
def every(request: HttpRequest) -> HttpResponse:
    person = seen.person(request)
    kind = request.GET.get("kind", "") if request.GET.get("kind") in KINDS else ""
    find = request.GET.get("find", "").strip()[:100]
    older_than = whole_number(request.GET.get("older", ""))
    found = audit_seen_by(person).order_by("-pk")
    if kind:
        found = found.filter(kind=kind)
    for word in find.split():
        found = found.filter(Q(subject__icontains=word) | Q(person_name__icontains=word) | Q(kind__icontains=word))
    if older_than is not None:
        found = found.filter(pk__lt=older_than)
    rows = list(found[: PAGE_SIZE + 1])
    zone = zone_of(person.organization.time_zone if person.organization else "UTC")
    clock = Clock(zone, timezone.now())
    kept = {name: value for name, value in (("find", find), ("kind", kind)) if value}
    context = {
        "entries": [(one, clock.say(one.at)) for one in rows[:PAGE_SIZE]],
        "older": urlencode({**kept, "older": str(rows[PAGE_SIZE - 1].pk)}) if len(rows) > PAGE_SIZE else "",
        "newest": f"?{urlencode(kept)}",
        "first_page": older_than is None,
        "find": find,
        "kind": kind,
        "kinds": KINDS,
        "zone": zone.key.replace("_", " "),
        "trail": trail(Crumb("Audit list")),
    }
    return render(request, "web/administration/audit.html", context)
