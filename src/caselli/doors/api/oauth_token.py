"""``/oauth/token.php``: an app's id and secret, a code or a refresh token in; an access token for an hour out.

The clients in the field decide what is understood: a form, a form that begins with ``&``, a multipart one; id and
secret in it, or by HTTP Basic; with parameters that mean nothing here. Nothing is ever redirected, and each answer is
JSON, whose ``error`` is a plain string.
"""

import base64
import binascii
import json
from urllib.parse import unquote_plus

import structlog
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.csrf import csrf_exempt
from oauthlib.common import urlencode
from oauthlib.oauth2 import InvalidGrantError, OAuth2Error

from caselli.directory import apps
from caselli.doors.api import oauth_limits
from caselli.doors.api.oauth_provider import code_as_kept, end_tokens_of, server
from caselli.doors.api.problems import RETRY_AFTER
from caselli.store.models import App

log = structlog.get_logger()
LARGEST = 64_000
"""Bytes of a request: none that means anything is as long."""
_MEANINGS = {
    "invalid_client": "The client id or the secret is wrong; or the account of the app is switched off, or has not set "
    "up the second factor that its organization asks for.",
    "invalid_grant": "The code or refresh token is over, was used before, or is not for this app.",
    "invalid_scope": "The app may not ask for this scope.",
    "unauthorized_client": "An app of this kind gets its tokens by another grant type.",
    "unsupported_grant_type": "Use client_credentials, authorization_code or refresh_token.",
}
_NOT_UNDERSTOOD = "The request is broken. Send a form: grant_type, client_id, client_secret."


@csrf_exempt
def token(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        answer = _error(405, "invalid_request", "Send it by POST.")
        answer["Allow"] = "POST"
        return answer
    try:
        form = _form(request)
    except RequestDataTooBig:
        return _error(413, "invalid_request", "The request is too large.")
    except (SuspiciousOperation, MultiPartParserError, ValueError):
        return _error(400, "invalid_request", _NOT_UNDERSTOOD)
    try:
        return _counted(request, form)
    except (OperationalError, InterfaceError):  # the database is away
        answer = _error(503, "temporarily_unavailable", "Not at this moment. Try again in a moment.")
        answer["Retry-After"] = str(RETRY_AFTER)
        return answer


def _counted(request: HttpRequest, form: QueryDict) -> HttpResponse:
    ip, client_id = request.META.get("REMOTE_ADDR") or "", _client_id(request, form)
    app = App.objects.filter(client_id=client_id).first() if client_id else None
    if seconds := oauth_limits.seconds_to_wait(ip, app):
        answer = _error(429, "too_many_requests", f"Too many requests. Try again in {seconds} seconds.")
        answer["Retry-After"] = str(seconds)
        return answer
    answer = _answer(request, form, app)
    if answer.status_code == 200 and app is not None:
        apps.note_use(app, ip or None)
    elif answer.status_code != 200:
        oauth_limits.count_failure(ip)
        log.info("no access token", app=client_id[:40], ip=ip, answer=answer.content.decode())
    return answer


def _form(request: HttpRequest) -> QueryDict:
    """Whatever kind the body calls itself, it is a form, unless it is a multipart one. Raises ValueError."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        raise RequestDataTooBig
    if request.content_type == "multipart/form-data":
        return request.POST
    return QueryDict(request.body)


def _client_id(request: HttpRequest, form: QueryDict) -> str:
    """Who says to ask; empty where nobody says so in a way that could be kept."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    said = form.get("client_id", "")
    if scheme == "Basic":
        try:
            said = unquote_plus(base64.b64decode(given).decode().partition(":")[0])
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return said if said.isprintable() and len(said) <= 255 else ""


def _answer(request: HttpRequest, form: QueryDict, app: App | None) -> HttpResponse:
    said = [(name, code_as_kept(one) if name == "code" else one) for name, many in form.lists() for one in many]
    authorization = request.headers.get("Authorization", "")
    # The toolkit reads the second name, the library the first one.
    headers = {"Authorization": authorization, "HTTP_AUTHORIZATION": authorization}
    try:
        with transaction.atomic():  # of two requests with one code, the second leaves nothing behind
            kept, body, status = server().tokens.create_token_response(request.path, "POST", urlencode(said), headers)
    except OAuth2Error as error:
        code = form.get("code", "")
        if isinstance(error, InvalidGrantError) and app is not None and code:
            end_tokens_of(code_as_kept(code), app)  # of two with one code: it was good until the first one had it
        kept, body, status = error.headers, error.json, error.status_code
    except ValueError:  # characters that no form can hold
        return _error(400, "invalid_request", _NOT_UNDERSTOOD)
    answer = HttpResponse(body if status == 200 else _explained(body), status=status, headers=kept)
    return _kept_by_nobody(answer)


def _explained(body: str) -> str:
    """The library's error, with words where it has none."""
    told = json.loads(body)
    return json.dumps({"error": told["error"], "error_description": _MEANINGS.get(told["error"], "")} | told)


def _error(status: int, error: str, description: str) -> HttpResponse:
    body = json.dumps({"error": error, "error_description": description})
    return _kept_by_nobody(HttpResponse(body, status=status, content_type="application/json"))


def _kept_by_nobody(answer: HttpResponse) -> HttpResponse:
    answer["Content-Type"] = "application/json"
    answer["Cache-Control"] = "no-store"
    answer["Pragma"] = "no-cache"
    return answer
