"""What every request to ``/uapi`` and ``/unifiedapi`` passes, and nothing else does: no session, no cookie, no page.

Whatever happens behind it, a no has the shape that its clients read, and there is never a redirect.
"""

import logging
from collections.abc import Callable, Mapping

from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import resolve
from django.utils.cache import patch_cache_control

from caselli.doors.api import limits, problems, unified_bodies
from caselli.doors.api.faults import error_of
from caselli.doors.api.problem_kinds import said as kind_of
from caselli.doors.api.problems import Fault, Problem
from caselli.doors.api.unified_errors import MESSAGES, OURS, Code, UnifiedError, body, code_of

_POLICY = "default-src 'none'; frame-ancestors 'none'"

log = logging.getLogger(__name__)


class UnifiedDoor:
    """A middleware that answers for this service, and lets everything else pass."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not unified_bodies.is_ours(request.path_info):
            return self._get_response(request)
        response = _answered(request, _answer)
        if response.status_code >= 400 and getattr(request, "standing", None) is None:
            response = _answered(request, lambda it: _counted(it, response))
        for name, value in _standing_of(request).items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", _POLICY)
        patch_cache_control(response, no_store=True)
        _say_length(response)
        return response


def _say_length(response: HttpResponseBase) -> None:
    """Without it an answer goes out in chunks, and clients that read from the socket by themselves know none."""
    if response.status_code == 204:
        del response.headers["Content-Type"]
    elif isinstance(response, HttpResponse):
        response.headers["Content-Length"] = str(len(response.content))


def _answered(request: HttpRequest, answer: Callable[[HttpRequest], HttpResponseBase]) -> HttpResponseBase:
    try:
        return answer(request)
    except Exception as error:  # noqa: BLE001 - the last place where it can become an answer
        return _said_no(request, error)


def _counted(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Who shows no good token, or guesses an address, is counted by where it asks from. Raises Problem, 429."""
    limits.headers_for(request)
    return response


def _standing_of(request: HttpRequest) -> Mapping[str, str]:
    """How often this caller may still ask; nothing where none was counted."""
    standing: limits.Standing | None = getattr(request, "standing", None)
    return standing.headers if standing is not None else {}


def _answer(request: HttpRequest) -> HttpResponseBase:
    if "\0" in request.path_info:
        raise Http404
    found = resolve(request.path_info)
    request.resolver_match = found
    response: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
    return response


def _said_no(request: HttpRequest, error: Exception) -> HttpResponse:
    if isinstance(error, UnifiedError):
        return told(error.code, error.message)
    said = error_of(error)
    if said is None:
        got_request_exception.send(sender=None, request=request)
        log.error("A request of the UnifiedAPI service failed: %s %s", request.method, request.path, exc_info=error)
        return told(
            OURS, "Caselli made a mistake; its log tells which. Look under Sent Faxes before you send it again."
        )
    faults = problems.faults_of(said)
    code = code_of(faults[0].slug)
    response = told(code, " ".join(_in_words(one) for one in faults))
    if isinstance(said, Problem):
        for name, value in problems.headers_of(said, code.status).items():
            response.headers[name] = value
    return response


def _in_words(fault: Fault) -> str:
    """Where it says nothing itself, what its kind says."""
    about = kind_of(fault.slug)
    own = MESSAGES.get(fault.slug) if not fault.detail else None
    return own or f"{fault.detail or about.meaning} {fault.remedy or about.remedy}".strip()


def told(code: Code, message: str) -> HttpResponse:
    return HttpResponse(body(code.code, message), status=code.status, content_type="application/json")
