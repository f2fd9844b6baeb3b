"""``POST /uapi/faxes/{userId}/{extension}``: send a fax, in the older form (v3) or the newer one (v5)."""

from typing import Any
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse, JsonResponse

from caselli.directory.scopes import Scope
from caselli.doors.api import limits
from caselli.doors.api.caller import Caller, caller_with
from caselli.doors.api.problem_kinds import ProblemKind
from caselli.doors.api.problems import Problem
from caselli.doors.api.unified_account import sender
from caselli.doors.api.unified_errors import RECIPIENTS, UnifiedError
from caselli.doors.api.unified_request import Wanted, read
from caselli.fax.submission import Submission
from caselli.intake import check, promised
from caselli.intake.submit import submit
from caselli.store.models import Channel, Extension, Fax

TOKEN = "accessRequestToken"  # noqa: S105 - the name of the parameter
UPLOADED_AS = "application/octet-stream"


def create(request: HttpRequest, user_id: str, number: str | None = None) -> HttpResponse:
    """Raises Problem, Refusals and UnifiedError."""
    if request.method != "POST":
        raise Problem(ProblemKind.METHOD_NOT_ALLOWED, headers={"Allow": "POST"})
    caller = caller_of(request)
    limits.count(request, caller.name)
    caller.need(Scope.FAX_SEND)
    extension = sender(caller, user_id, number or "")
    known = check.AtHand(extension, caller.person, check.limits())
    with read(request, known.limits) as wanted:
        if not wanted.recipients:
            raise UnifiedError(RECIPIENTS, 'There are no recipients. Name them: {"recipients": ["12025550100"]}.')
        if wanted.files:
            return _sent(wanted, submit(_submission(caller, extension, wanted), known))
        if wanted.announced:
            announcement = promised.announce(_submission(caller, extension, wanted), wanted.announced, known)
            return _announced(request, wanted, announcement)
        return HttpResponse(status=204)


def caller_of(request: HttpRequest) -> Caller:
    """From the header Authorization, or from the query: ``accessRequestToken=Bearer ...``, encoded once, or twice, as
    some clients do. Raises Problem, 401.
    """
    ip = request.META.get("REMOTE_ADDR") or None
    header = request.headers.get("Authorization", "")
    query = request.GET.get(TOKEN, "")
    if query and not header.lower().startswith("bearer "):
        return caller_with(_as_bearer(unquote(query).replace("+", " ")), ip)
    return caller_with(_as_bearer(header), ip)


def _as_bearer(value: str) -> str:
    """The documentation of the field shows the token alone too."""
    value = value.strip()
    return f"Bearer {value}" if value and " " not in value else value


def _submission(caller: Caller, extension: Extension, wanted: Wanted) -> Submission:
    return Submission(
        extension_id=extension.pk,
        channel=Channel.API,
        recipients=wanted.recipients,
        files=wanted.files,
        person_id=caller.person.pk,
        ip=caller.ip,
        pre_approved=True,
        sandbox=caller.sandbox,
    )


def _sent(wanted: Wanted, fax: Fax) -> JsonResponse:
    return JsonResponse({**names_of(fax), "recipients": list(wanted.recipients)})


def names_of(fax: Fax) -> dict[str, Any]:
    return {"id": fax.pk, "uid": str(fax.uid)}


def _announced(request: HttpRequest, wanted: Wanted, announcement: promised.Announcement) -> JsonResponse:
    """The addresses are of the scheme and the host by which the request came: it came through, so will the files."""
    service = request.path_info.split("/")[1]
    files = [
        {
            "name": one.name,
            **({} if one.size is None else {"size": one.size}),
            "redirectUri": request.build_absolute_uri(f"/{service}/uploads/{secret}"),
            "redirectHeaders": {"Content-Type": UPLOADED_AS},
        }
        for one, secret in zip(wanted.announced, announcement.secrets, strict=True)
    ]
    return JsonResponse({**names_of(announcement.fax), "recipients": list(wanted.recipients), "files": files})
