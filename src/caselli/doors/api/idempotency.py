"""``Idempotency-Key``: a request that is repeated within a day is done once, and answered alike.

The first one claims its key (the race ends at the unique constraint), acts, and the door keeps its answer. What was
refused leaves the key free, because nothing was done. Where the first one died, a later one takes its place with the
same :func:`submission_key`, so that even a fax that was stored in the last moment is stored once.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from caselli.doors.api.caller import who
from caselli.doors.api.problem_kinds import ProblemKind
from caselli.doors.api.problems import Problem
from caselli.store.models import RepeatableRequest

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
KEPT_FOR = timedelta(hours=24)
TAKEN_OVER_AFTER = timedelta(minutes=5)
"""No request takes as long; whoever has not answered by then is dead."""
ASK_AGAIN = 2
"""Seconds, for who asks while the first one is at work."""
_HEADERS = ("Content-Type", "Location")
_P = ParamSpec("_P")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class Claim:
    """The key is this request's: ``row`` and ``begun_at`` name it, until another one takes over."""

    row: int
    begun_at: datetime


class ClaimingRequest(HttpRequest):
    claim: Claim


def repeatable(
    view: Callable[Concatenate[HttpRequest, _P], _R],
) -> Callable[Concatenate[HttpRequest, _P], _R | HttpResponse]:
    """For an operation that creates or acts; between ``@router.post(...)`` and its function."""

    @wraps(view)
    def once(request: HttpRequest, *args: _P.args, **kwargs: _P.kwargs) -> _R | HttpResponse:
        key = request.headers.get(HEADER)
        if key is None:
            return view(request, *args, **kwargs)
        claimed = begin(who(request).name, _checked(key), digest_of(request))
        if isinstance(claimed, RepeatableRequest):
            return _again(claimed)
        cast("ClaimingRequest", request).claim = claimed
        return view(request, *args, **kwargs)

    once.repeatable = True  # type: ignore[attr-defined]
    return cast("Callable[Concatenate[HttpRequest, _P], _R | HttpResponse]", once)


def submission_key(request: HttpRequest) -> str | None:
    """For ``Submission.key``: the same for whoever takes over. None without an Idempotency-Key."""
    claim = _claim_of(request)
    return f"request:{claim.row}" if claim else None


def begin(caller: str, key: str, digest: str, now: datetime | None = None) -> Claim | RepeatableRequest:
    """A claim, or the row with the answer of the first one. Raises Problem: 409 or 422."""
    now = now or timezone.now()
    RepeatableRequest.objects.filter(caller=caller, key=key, begun_at__lte=now - KEPT_FOR).delete()
    row, is_new = RepeatableRequest.objects.get_or_create(
        caller=caller, key=key, defaults={"digest": digest, "begun_at": now}
    )
    if is_new:
        return Claim(row.pk, now)
    if row.digest != digest:
        raise Problem(ProblemKind.IDEMPOTENCY_KEY_REUSED, field=HEADER)
    if row.status is not None:
        return row
    if row.begun_at > now - TAKEN_OVER_AFTER or not _take_over(row, now):
        raise Problem(ProblemKind.REQUEST_RUNNING, field=HEADER, headers={"Retry-After": str(ASK_AGAIN)})
    return Claim(row.pk, now)


def _take_over(row: RepeatableRequest, now: datetime) -> bool:
    """One of those who try."""
    first = RepeatableRequest.objects.filter(pk=row.pk, begun_at=row.begun_at, status=None)
    return bool(first.update(begun_at=now))


def keep(request: HttpRequest, response: HttpResponseBase) -> None:
    """The door's, for every answer: what was done is kept, what was refused leaves the key free, and after a mistake
    of ours the next one may try at once.
    """
    claim = _claim_of(request)
    if claim is None:
        return
    row = RepeatableRequest.objects.filter(pk=claim.row, begun_at=claim.begun_at, status=None)
    if 200 <= response.status_code < 300 and isinstance(response, HttpResponse):
        headers = {name: response[name] for name in _HEADERS if name in response}
        row.update(status=response.status_code, headers=headers, answer=response.content)
    elif response.status_code < 500:
        row.delete()
    else:
        row.update(begun_at=claim.begun_at - TAKEN_OVER_AFTER)


def digest_of(request: HttpRequest) -> str:
    """Of method, address and what the body says: how it is written (blanks, a form's boundary) makes no difference."""
    asked: list[Any] = [request.method, request.get_full_path()]
    if hasattr(request, "parsed"):
        asked.append(request.parsed)
    else:
        asked.append(sorted((name, values) for name, values in request.POST.lists()))
        asked.append(
            sorted((name, one.name, _digest_of_file(one)) for name, files in request.FILES.lists() for one in files)
        )
    written = json.dumps(asked, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(written.encode()).hexdigest()


def _digest_of_file(file: "UploadedFile[Any]") -> str:
    digest = hashlib.sha256()
    for piece in file.chunks():
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()


def forget() -> int:
    """Those of more than a day ago; how many."""
    return RepeatableRequest.objects.filter(begun_at__lte=timezone.now() - KEPT_FOR).delete()[0]


def _again(row: RepeatableRequest) -> HttpResponse:
    return HttpResponse(bytes(row.answer), status=row.status, headers={**row.headers, REPLAYED: "true"})


def _checked(key: str) -> str:
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise Problem(ProblemKind.IDEMPOTENCY_KEY_INVALID, field=HEADER)
    return key


def _claim_of(request: HttpRequest) -> Claim | None:
    return getattr(request, "claim", None)
