"""``PUT /uapi/uploads/{secret}``: a file that was announced. Its address is all that opens this, once."""

import tempfile
from pathlib import Path
from typing import IO

from django.http import HttpRequest, HttpResponse, JsonResponse

from caselli.doors.api.problem_kinds import ProblemKind
from caselli.doors.api.problems import Problem
from caselli.doors.api.unified import names_of
from caselli.doors.api.unified_bodies import LARGEST_FILE
from caselli.doors.api.unified_errors import FILE, MOVED_ON, NOT_FOUND, UPLOAD_DONE, UPLOAD_GONE, Code, UnifiedError
from caselli.intake.promised import NotTakenError, WhyNotTaken, take

_PIECE = 1 << 18
_WHY_NOT: dict[WhyNotTaken, tuple[Code, str]] = {
    WhyNotTaken.UNKNOWN: (NOT_FOUND, "There is no such address. Announce the fax again."),
    WhyNotTaken.LATE: (
        UPLOAD_GONE,
        "The ten minutes for this file are over: its fax is dropped. Announce it again.",
    ),
    WhyNotTaken.HERE_ALREADY: (UPLOAD_DONE, "This file is here already: its address is good for one."),
    WhyNotTaken.OVER: (MOVED_ON, "The fax does not wait for this file any more: it was dropped or canceled."),
}


def upload(request: HttpRequest, secret: str) -> HttpResponse:
    """Raises Problem, Refusals and UnifiedError."""
    if request.method != "PUT":
        raise Problem(ProblemKind.METHOD_NOT_ALLOWED, headers={"Allow": "PUT"})
    if (request.content_type or "").startswith("multipart/"):
        raise UnifiedError(FILE, "Put the bytes of the file alone, without a form around them.")
    with tempfile.NamedTemporaryFile(prefix="caselli-") as file:
        _copy(request, file)
        try:
            fax = take(secret, Path(file.name))
        except NotTakenError as error:
            raise UnifiedError(*_WHY_NOT[error.why]) from None
    return JsonResponse(names_of(fax))


def _copy(request: HttpRequest, file: IO[bytes]) -> None:
    kept = 0
    while kept <= LARGEST_FILE and (piece := request.read(_PIECE)):
        kept += file.write(piece)
    file.flush()
