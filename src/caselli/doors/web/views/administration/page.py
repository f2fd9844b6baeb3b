"""What the administration's pages share: who may open them, where one is, how a form of settings is shown."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from caselli.directory.access import administers, administers_server, organizations_administered_by
from caselli.directory.forms import Settings
from caselli.doors.web import seen
from caselli.doors.web.addresses import whole_number
from caselli.doors.web.setting import Part, show
from caselli.store.models import Organization, User

MOST_ROWS = 200

_P = ParamSpec("_P")
_View = Callable[Concatenate[HttpRequest, _P], HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Crumb:
    """``address`` is empty for the page itself."""

    name: str
    address: str = ""


def _only(may: Callable[[User], bool], view: _View[_P]) -> _View[_P]:
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponseBase:
        if not may(seen.person(request)):
            raise Http404
        return view(request, *args, **kwargs)

    return seen.signed_in(guarded)


def administering(view: _View[_P]) -> _View[_P]:
    """For administrators and organization administrators; for others the page does not exist."""
    return _only(administers, view)


def administering_server(view: _View[_P]) -> _View[_P]:
    """For administrators alone."""
    return _only(administers_server, view)


def trail(*crumbs: Crumb) -> list[Crumb]:
    return [Crumb("Administration", reverse("administration")), *crumbs]


def chosen_organization(request: HttpRequest) -> Organization | None:
    """The one that ``?organization=`` names, as far as the person administers it."""
    key = whole_number(request.GET.get("organization", ""))
    if key is None:
        return None
    return organizations_administered_by(seen.person(request)).filter(pk=key).first()


def organizations_to_choose(request: HttpRequest) -> list[Organization]:
    """For a filter; empty where there is nothing to choose from."""
    if not administers_server(seen.person(request)):
        return []
    found = list(Organization.objects.order_by("name"))
    return found if len(found) > 1 else []


def render_form(
    request: HttpRequest, form: Settings, parts: Iterable[Part], *, status: int, discard: str, **context: Any
) -> HttpResponse:
    """``context``: title, trail, sub and what the template asks for; ``template``: another one than the plain form."""
    template = context.pop("template", "web/administration/form.html")
    return render(request, template, {"shown": show(form, parts), "discard": discard, **context}, status=status)
