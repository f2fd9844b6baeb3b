"""A NUL in what a browser sends: PostgreSQL keeps none. Whoever sends one is told in which field."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class NoNul:
    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, given: tuple[Any, ...], named: Mapping[str, Any]
    ) -> HttpResponse | None:
        """An address is read before anything is done; a form's fields are told by the form, where it can."""
        del view, given, named
        if "\0" in request.path_info:
            raise Http404
        field = _field_with_nul(request.GET)
        return _told(request, field) if field is not None else None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Of a form that does not look at each of its fields."""
        field = _field_with_nul(request.POST) if isinstance(exception, DataError) else None
        return _told(request, field) if field is not None else None


def _field_with_nul(sent: QueryDict) -> str | None:
    return next((name for name, many in sent.lists() for one in (name, *many) if "\0" in one), None)


def _told(request: HttpRequest, field: str) -> HttpResponse:
    called = f"The field “{field[:40]}”" if field.isprintable() else "A field’s name"
    why = f"{called} has a character in it that no text can have (NUL). Take it out."
    return render(request, "web/errors/400.html", {"why": why}, status=400)
