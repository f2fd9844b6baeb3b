"""What every request to ``/api/v1`` passes, and nothing else does: no session, no cookie, no page.

Whatever happens behind it, the answer to a no has the shape of problems.py, and every answer tells of the rate limit.
"""

import logging
from collections.abc import Callable

from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import resolve
from django.utils.cache import patch_cache_control

from caselli.doors.api import bodies, idempotency, limits, problems
from caselli.doors.api.faults import error_of
from caselli.doors.api.problem_kinds import ProblemKind
from caselli.doors.api.problems import Problem

_POLICY = "default-src 'none'; frame-ancestors 'none'"
_NINJA = "ninja"
_KINDS = {404: ProblemKind.NOT_FOUND, 405: ProblemKind.METHOD_NOT_ALLOWED}

log = logging.getLogger(__name__)


class ApiDoor:
    """A middleware that answers for the API, and lets everything else pass."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not bodies.is_ours(request.path_info):
            return self._get_response(request)
        wants_head = request.method == "HEAD"
        if wants_head:
            request.method = "GET"
        response = _answer(request)
        idempotency.keep(request, response)
        response = _with_length(_counted(request, response))
        if wants_head:
            _leave_out_the_body(response)
        response.headers.setdefault("Content-Security-Policy", _POLICY)
        patch_cache_control(response, no_store=True)
        return response


def _answer(request: HttpRequest) -> HttpResponseBase:
    try:
        found = resolve(request.path_info)
        # A page's, which leads on from a slash at the end; or a name with a NUL, which nobody can have.
        if found.app_names != [_NINJA] or "\0" in request.path_info:
            raise Http404  # noqa: TRY301 - one place answers
        request.resolver_match = found
        bodies.read(request)
        response: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
    except Exception as error:  # noqa: BLE001 - the last place where it can become an answer
        return _said_no(request, error)
    if response.status_code >= 400 and response.headers.get("Content-Type") != problems.MEDIA_TYPE:
        return _as_problem(request, response)
    return response


def _said_no(request: HttpRequest, error: Exception) -> HttpResponse:
    said = error_of(error)
    if said is None:
        got_request_exception.send(sender=None, request=request)
        log.error("A request of the API failed: %s %s", request.method, request.path, exc_info=error)
        said = Problem(ProblemKind.INTERNAL_ERROR)
    return problems.answer(request, said)


def _as_problem(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    """What ninja and Django answer by themselves."""
    headers = {"Allow": response["Allow"]} if "Allow" in response else {}
    kind = _KINDS.get(response.status_code, ProblemKind.REQUEST_INVALID)
    return problems.answer(request, Problem(kind, headers=headers))


def _counted(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    try:
        headers = limits.headers_for(request)
    except Exception as error:  # noqa: BLE001 - too many, or no database to count in
        return _said_no(request, error) if response.status_code < 500 else response
    for name, value in headers.items():
        response.headers[name] = value
    return response


def _with_length(response: HttpResponseBase) -> HttpResponseBase:
    if isinstance(response, HttpResponse):
        response.headers.setdefault("Content-Length", str(len(response.content)))
    return response


def _leave_out_the_body(response: HttpResponseBase) -> None:
    """A HEAD is a GET without its body, but with its length."""
    if isinstance(response, StreamingHttpResponse):
        response.streaming_content = iter(())
    elif isinstance(response, HttpResponse):
        response.content = b""
