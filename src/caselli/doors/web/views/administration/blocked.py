"""Destinations that nobody may call."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from caselli.directory.access import administers_server, blocked_seen_by
from caselli.directory.change import remove
from caselli.directory.forms import BlockedDestinationForm
from caselli.doors.web import seen, setting
from caselli.doors.web.setting import Part
from caselli.doors.web.views.administration.page import (
    Crumb,
    administering,
    chosen_organization,
    organizations_to_choose,
    render_form,
    trail,
)
from caselli.store.models import BlockedDestination

PARTS = (Part("", ("prefix", "organization", "reason")),)


def _list_crumb() -> Crumb:
    return Crumb("Blocked destinations", reverse("blocked"))


@require_safe
@administering
def every(request: HttpRequest) -> HttpResponse:
    person, organization = seen.person(request), chosen_organization(request)
    found = blocked_seen_by(person).order_by("prefix", "organization__name")
    if organization:
        found = found.filter(organization=organization)
    server = administers_server(person)
    context = {
        "rows": [(one, server or one.organization_id is not None) for one in found],
        "server": server,
        "organization": organization,
        "organizations": organizations_to_choose(request),
        "trail": trail(Crumb("Blocked destinations")),
    }
    return render(request, "web/administration/blocked.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administering
def add(request: HttpRequest) -> HttpResponse:
    new = BlockedDestination(organization=chosen_organization(request))
    answered = setting.answer(request, BlockedDestinationForm, new)
    if answered.kept:
        messages.success(request, f"Nobody can send to {answered.kept}… any more.")
        return redirect("blocked")
    return render_form(
        request,
        answered.form,
        PARTS,
        status=answered.status,
        discard=reverse("blocked"),
        title="Block a destination",
        sub="Faxes to these numbers are refused at once, with the reason.",
        trail=trail(_list_crumb(), Crumb("Add")),
        save="Block",
        button="no-symbol",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@administering
def take_away(request: HttpRequest, key: int) -> HttpResponse:
    """Asks first, on a page with an address of its own."""
    person = seen.person(request)
    mine = blocked_seen_by(person)
    if not administers_server(person):  # those of the whole server are not theirs
        mine = mine.filter(organization__isnull=False)
    blocked = get_object_or_404(mine, pk=key)
    if request.method == "POST":
        remove(blocked, BlockedDestinationForm.kind, blocked.organization, setting.actor(request))
        messages.success(request, f"{blocked} is not blocked any more.")
        return redirect("blocked")
    context = {
        "title": f"Unblock {blocked}?",
        "text": f"Faxes to numbers that begin with {blocked} can then be sent again"
        f"{f' by {blocked.organization.name}' if blocked.organization else ''}.",
        "keep": reverse("blocked"),
        "trail": trail(_list_crumb(), Crumb("Remove")),
    }
    return render(request, "web/administration/remove.html", context)
