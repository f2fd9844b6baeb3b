"""Remove a user, an extension or an organization that was added by mistake: asked first, on a page of its own."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from caselli.directory.access import extensions_administered_by, users_administered_by
from caselli.directory.goes_with import goes_with
from caselli.directory.remove import Held, Removable, held_by, remove
from caselli.doors.web import seen, setting
from caselli.doors.web.views.administration.page import Crumb, administering, administering_server, trail
from caselli.store.models import Organization


@require_http_methods(["GET", "HEAD", "POST"])
@administering
def user(request: HttpRequest, key: int) -> HttpResponse:
    """Not oneself: another administrator does that."""
    person = seen.person(request)
    one = get_object_or_404(users_administered_by(person).exclude(pk=person.pk), pk=key)
    text = "Nobody can sign in with this login any more, and it can be given to somebody else."
    where = (Crumb("Users", reverse("users")), Crumb(str(one), reverse("user", args=[key])))
    return _ask(request, one, str(one), text, where)


@require_http_methods(["GET", "HEAD", "POST"])
@administering
def extension(request: HttpRequest, key: int) -> HttpResponse:
    one = get_object_or_404(extensions_administered_by(seen.person(request)), pk=key)
    text = "Its fax settings and with whom it is shared go with it. The number can be given to another one."
    named = f"Extension {one}"
    where = (
        Crumb("Extensions", reverse("administered-extensions")),
        Crumb(named, reverse("administered-extension", args=[key])),
    )
    return _ask(request, one, named, text, where)


@require_http_methods(["GET", "HEAD", "POST"])
@administering_server
def organization(request: HttpRequest, key: int) -> HttpResponse:
    one = get_object_or_404(Organization, pk=key)
    text = "The number can be given to another one."
    where = (Crumb("Organizations", reverse("organizations")), Crumb(str(one), reverse("organization", args=[key])))
    return _ask(request, one, str(one), text, where)


def _ask(request: HttpRequest, thing: Removable, named: str, text: str, where: tuple[Crumb, Crumb]) -> HttpResponse:
    """``where``: the list, to which it leads after that, and the page of the thing."""
    if request.method == "POST":
        try:
            remove(thing, setting.actor(request))
        except Held:
            return _say(request, thing, named, text, where, status=409)
        messages.success(request, f"{named} is removed.")
        return redirect(where[0].address)
    return _say(request, thing, named, text, where)


def _say(
    request: HttpRequest, thing: Removable, named: str, text: str, where: tuple[Crumb, Crumb], status: int = 200
) -> HttpResponse:
    hold = held_by(thing)
    context = {
        "title": f"{named} cannot be removed" if hold else f"Remove {named}?",
        "text": str(hold) if hold else text,
        "held": hold is not None,
        "with_it": () if hold else goes_with(thing),
        "keep": where[1].address,
        "trail": trail(*where, Crumb("Remove")),
    }
    return render(request, "web/administration/remove.html", context, status=status)
