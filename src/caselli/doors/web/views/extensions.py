"""Manage extensions, and the overview of one."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from caselli.directory.access import extensions_seen_by
from caselli.doors.web import seen
from caselli.history.received import count_unread
from caselli.store.models import Role

MOST_EXTENSIONS = 200


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    del request
    return redirect("extensions")


@require_safe
@seen.signed_in
def every(request: HttpRequest) -> HttpResponse:
    """Those one may see, found by number, name or owner."""
    extensions = extensions_seen_by(seen.person(request)).order_by("organization__number", "number")
    find = request.GET.get("find", "").strip()[:100]
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
    found = list(extensions[: MOST_EXTENSIONS + 1])
    shown = found[:MOST_EXTENSIONS]
    unread = count_unread(shown)
    context = {
        "find": find,
        "extensions": [(one, unread.get(one.pk, 0)) for one in shown],
        "more": len(found) > MOST_EXTENSIONS,
        "across": seen.person(request).role == Role.ADMINISTRATOR,
    }
    return render(request, "web/extensions.html", context)


@require_safe
@seen.signed_in
def overview(request: HttpRequest, extended: str) -> HttpResponse:
    extension = seen.extension(request, extended)
    context = {"extension": extension, "unread": count_unread([extension]).get(extension.pk, 0)}
    return render(request, "web/extension.html", context)
