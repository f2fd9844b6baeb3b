"""The API's documentation, drawn from its OpenAPI document; and each kind of problem, at its anchor."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from caselli.directory.scopes import WORDS
from caselli.doors.api import rest
from caselli.doors.api.problem_kinds import PROBLEMS, REFUSALS
from caselli.doors.web.described import Described
from caselli.fax.refusals import MEANINGS


@require_safe
def api(request: HttpRequest) -> HttpResponse:
    return render(request, "web/docs/api.html", _described() | {"base": request.build_absolute_uri("/api/v1")})


@cache
def _described() -> dict[str, Any]:
    described = Described(rest.api.get_openapi_schema())
    scopes = [(scope.value, words) for scope, words in WORDS.items()]
    return {"subjects": described.subjects(), "shapes": described.shapes(), "scopes": scopes}


@require_safe
def problems(request: HttpRequest) -> HttpResponse:
    ours = [(kind.value, said, said.meaning) for kind, said in PROBLEMS.items()]
    house = [(kind.value, said, MEANINGS[kind]) for kind, said in REFUSALS.items()]
    return render(request, "web/docs/problems.html", {"parts": (("Of the API", ours), ("Of faxes", house))})
