"""With whom the faxes of an extension are shared: its owner and who administers it set that."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from caselli.directory.access import may_set_up
from caselli.directory.audit import Actor
from caselli.directory.sharing import NotShared, share, unshare
from caselli.doors.web import seen
from caselli.doors.web.addresses import whole_number
from caselli.store.models import Extension, Role, Share, User

EVERYBODY = "everybody"
_RIGHTS = {"read": False, "act": True}


@require_http_methods(["GET", "HEAD", "POST"])
@seen.signed_in
def sharing(request: HttpRequest, extended: str) -> HttpResponse:
    """Shows it; what is sent here shares, or changes what a share allows."""
    extension = _to_set_up(request, extended)
    if request.method != "POST":
        return _show(request, extension)
    given = {"with": request.POST.get("with", ""), "right": request.POST.get("right", "read")}
    user = _colleague(extension, given["with"])
    if user is None and given["with"] != EVERYBODY:
        return _show(request, extension, given, "Choose with whom: a colleague, or everybody.")
    try:
        share(extension, user, _actor(request), may_act=_RIGHTS.get(given["right"], False))
    except NotShared as wrong:
        return _show(request, extension, given, str(wrong))
    right = "read and act on" if _RIGHTS.get(given["right"]) else "read"
    messages.success(request, f"{_called(extension, user)} may {right} the faxes of {extension}.")
    return redirect("sharing", extension.extended)


@require_POST
@seen.signed_in
def stop(request: HttpRequest, extended: str, number: int) -> HttpResponse:
    extension = _to_set_up(request, extended)
    shared = get_object_or_404(Share.objects.select_related("user", "extension__organization"), pk=number)
    if shared.extension_id != extension.pk:
        raise Http404
    called = _called(extension, shared.user)
    unshare(shared, _actor(request))
    messages.success(request, f"The faxes of {extension} are not shared with {called} any more.")
    return redirect("sharing", extension.extended)


def _to_set_up(request: HttpRequest, extended: str) -> Extension:
    extension = seen.extension(request, extended)
    if not may_set_up(seen.person(request), extension):
        raise Http404
    return extension


def _actor(request: HttpRequest) -> Actor:
    return Actor(seen.person(request), seen.ip(request))


def _called(extension: Extension, user: User | None) -> str:
    return user.called if user else f"Everybody of {extension.organization.name}"


def _colleagues(extension: Extension) -> QuerySet[User]:
    """Whom sharing would show something new: neither the owner nor who administers the organization."""
    ours = User.objects.filter(organization_id=extension.organization_id, role=Role.USER, is_active=True)
    return ours.exclude(pk=extension.owner_id).order_by("first_name", "last_name", "username")


def _colleague(extension: Extension, text: str) -> User | None:
    return User.objects.filter(organization_id=extension.organization_id, pk=whole_number(text) or 0).first()


def _show(
    request: HttpRequest, extension: Extension, given: dict[str, str] | None = None, wrong: str = ""
) -> HttpResponse:
    shares = list(extension.shares.select_related("user").order_by("user__first_name", "user__username"))
    shares.sort(key=lambda one: one.user is not None)
    with_user = {one.user_id for one in shares}
    context: dict[str, Any] = {
        "extension": extension,
        "shares": [(one, _called(extension, one.user)) for one in shares],
        "colleagues": [one for one in _colleagues(extension) if one.pk not in with_user],
        "everybody_left": None not in with_user,
        "everybody": EVERYBODY,
        "given": given or {},
        "wrong": wrong,
    }
    return render(request, "web/sharing.html", context, status=422 if wrong else 200)
