"""What the person at the browser sees: everything else does not exist (404)."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRefresh

from caselli.directory.access import extensions_seen_by, faxes_seen_by
from caselli.store.models import Extension, Fax, ReceivedFax, User

_P = ParamSpec("_P")
_View = Callable[Concatenate[HttpRequest, _P], HttpResponseBase]


def signed_in(view: _View[_P]) -> _View[_P]:
    """For every page but the login. A part of a page that is fetched after signing out loads the whole page anew."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            if request.headers.get("HX-Request"):
                return HttpResponseClientRefresh()
            return redirect_to_login(request.get_full_path())
        response = view(request, *args, **kwargs)
        if "Cache-Control" not in response:
            patch_cache_control(response, private=True, no_store=True)
        return response

    return guarded


def person(request: HttpRequest) -> User:
    """Who is signed in."""
    assert isinstance(request.user, User)
    return request.user


def ip(request: HttpRequest) -> str | None:
    return request.META.get("REMOTE_ADDR") or None


def way_back(request: HttpRequest) -> str:
    """The page of ours that a form wants to lead back to; empty where it names none."""
    back = request.POST.get("back", "")
    ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return back if ours and back.startswith("/") else ""  # a word alone would be taken for the name of a page


def extension(request: HttpRequest, extended: str) -> Extension:
    organization, _, number = extended.partition("*")
    return get_object_or_404(extensions_seen_by(person(request)), organization__number=organization, number=number)


def fax(request: HttpRequest, uid: UUID) -> Fax:
    return get_object_or_404(faxes_seen_by(person(request)), uid=uid)


def received(request: HttpRequest, number: int) -> ReceivedFax:
    """One that lies in the inbox of an extension the person sees, and was not deleted."""
    try:
        return ReceivedFax.objects.select_related("extension__organization").get(
            pk=number, extension__in=extensions_seen_by(person(request)), blob__gt=""
        )
    except (ReceivedFax.DoesNotExist, OverflowError):
        raise Http404 from None
