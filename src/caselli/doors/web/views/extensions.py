"""Manage extensions, and the overview of one."""

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from caselli.directory.access import (
    administers,
    administers_server,
    extensions_seen_by,
    may_act,
    may_set_up,
    shared_with,
)
from caselli.doors.web import seen
from caselli.doors.web.addresses import whole_number
from caselli.history.received import count_unread
from caselli.store.models import Extension, Organization

MOST_EXTENSIONS = 200


@require_safe
@seen.signed_in
def every(request: HttpRequest) -> HttpResponse:
    """Those one may see, found by number, name or owner."""
    person = seen.person(request)
    find = request.GET.get("find", "").strip()[:100]
    extensions = narrow(extensions_seen_by(person), find).order_by("organization__number", "number")
    across = list(Organization.objects.order_by("name")) if administers_server(person) else []
    key = whole_number(request.GET.get("organization", ""))
    organization = next((one for one in across if one.pk == key), None)
    if organization:
        extensions = extensions.filter(organization=organization)
    found = list(extensions[: MOST_EXTENSIONS + 1])
    shown = found[:MOST_EXTENSIONS]
    unread = count_unread(shown)
    shared = shared_with(person)
    context = {
        "find": find,
        "shared": shared.keys(),
        "to_read": {pk for pk, acts in shared.items() if not acts},
        "extensions": [(one, unread.get(one.pk, 0)) for one in shown],
        "sets_up": {one.pk for one in shown if may_set_up(person, one)},
        "more": len(found) > MOST_EXTENSIONS,
        "organization": organization,
        "organizations": across if len(across) > 1 else [],
        "administers": administers(person),
    }
    return render(request, "web/extensions.html", context)


def narrow(extensions: QuerySet[Extension], find: str) -> QuerySet[Extension]:
    """Those with every word of ``find`` in number, name, organization or owner."""
    for word in find.replace("*", " ").split():
        extensions = extensions.filter(
            Q(number__startswith=word)
            | Q(name__icontains=word)
            | Q(organization__number__startswith=word)
            | Q(organization__name__icontains=word)
            | Q(owner__username__icontains=word)
            | Q(owner__first_name__icontains=word)
            | Q(owner__last_name__icontains=word)
        )
    return extensions


@require_safe
@seen.signed_in
def overview(request: HttpRequest, extended: str) -> HttpResponse:
    extension = seen.extension(request, extended)
    context = {
        "extension": extension,
        "unread": count_unread([extension]).get(extension.pk, 0),
        "acts": may_act(seen.person(request), extension),
        "sets_up": may_set_up(seen.person(request), extension),
        "shared_with": _shared_with(extension),
    }
    return render(request, "web/extension.html", context)


def _shared_with(extension: Extension) -> str:
    everybody = extension.shares.filter(user=None).exists()
    named = extension.shares.exclude(user=None).count()
    if everybody:
        return f"Everybody of {extension.organization.name} sees its faxes"
    if not named:
        return "Let colleagues see its faxes, or send from here too"
    return "A colleague sees its faxes" if named == 1 else f"{named} colleagues see its faxes"
