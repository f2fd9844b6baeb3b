"""``/uploads``: a file comes first, its fax later."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router, Status

from caselli.directory.access import may_act
from caselli.directory.scopes import Scope
from caselli.doors.api import rest_form, rest_send_shapes
from caselli.doors.api.caller import Needs, who
from caselli.doors.api.extensions import sending_extension
from caselli.doors.api.idempotency import repeatable
from caselli.doors.api.links import after
from caselli.doors.api.problem_kinds import ProblemKind
from caselli.doors.api.problems import Fault, Problem
from caselli.doors.api.rest_form import MULTIPART, form_of, takes_form
from caselli.doors.api.rest_send_shapes import Upload
from caselli.doors.api.shapes_directory import Extension
from caselli.fax.refusals import Refusals
from caselli.fax.submission import HandedFile
from caselli.intake import stage
from caselli.store.models import StagedFile

_FIELDS = {"files": "file"}

router = Router(tags=["Uploads"])


@router.post(
    "/uploads",
    auth=Needs(Scope.FAX_SEND),
    response={201: Upload},
    operation_id="upload_file",
    summary="Upload a file",
    openapi_extra={
        "requestBody": {"required": True, "content": {MULTIPART: {"schema": rest_send_shapes.upload_form()}}}
    },
)
@after(Extension, body={"extension": "/extension"})
@takes_form
@repeatable
def upload_file(request: HttpRequest, response: HttpResponse) -> Status[dict[str, Any]]:
    """Keeps one file for a day, for a fax from the same extension: name its id among the `uploads` of POST /faxes,
    which uses it up. Its pages are made at once, so that whatever is wrong with it is said here.

    Of one person at one extension the last 50 are kept.
    """
    caller = who(request)
    extension, file = _read(request)
    try:
        staged = stage.stage(sending_extension(caller.person, extension), caller.person, file)
    except Refusals as refused:
        raise Refusals(tuple(replace(one, field=_FIELDS.get(one.field, one.field)) for one in refused.all)) from None
    response["Location"] = f"/api/v1/uploads/{staged.uid}"
    return Status(201, _told(staged))


@router.get(
    "/uploads/{upload_id}",
    auth=Needs(Scope.FAX_SEND),
    response=Upload,
    operation_id="get_upload",
    summary="Look at an upload",
)
def get_upload(request: HttpRequest, upload_id: UUID) -> dict[str, Any]:
    """404 once a fax has used it up, or its day is over."""
    return _told(_own(request, upload_id))


@router.delete(
    "/uploads/{upload_id}",
    auth=Needs(Scope.FAX_SEND),
    response={204: None},
    operation_id="delete_upload",
    summary="Erase an upload",
)
def delete_upload(request: HttpRequest, upload_id: UUID) -> Status[None]:
    """Before its day is over."""
    one = _own(request, upload_id)
    stage.remove(one.extension_id, one.person_id, [one.uid])
    return Status(204, None)


def _read(request: HttpRequest) -> tuple[str | None, HandedFile]:
    form = form_of(request)
    if form is None:
        raise Problem(
            ProblemKind.MEDIA_TYPE_UNKNOWN, "An upload comes in a form.", f"Send the file as {MULTIPART}.", "file"
        )
    said = rest_form.as_json(form, rest_form.Kinds())
    faults = [
        Fault(ProblemKind.FIELD_UNKNOWN, f"There is no field {name[:40]}.", "", name[:40])
        for name in said.keys() - {"extension"}
    ]
    if len(form.files) != 1:
        kind = ProblemKind.FIELD_INVALID if form.files else ProblemKind.FIELD_MISSING
        faults.append(
            Fault(
                kind,
                f"One file is uploaded at a time; these are {len(form.files)}.",
                "Send one part with a filename.",
                "file",
            )
        )
    if faults:
        raise Problem(faults[0].slug, faults=tuple(faults))  # type: ignore[arg-type]
    return said.get("extension"), form.files[0]


def _own(request: HttpRequest, uid: UUID) -> StagedFile:
    """The person's own, at an extension that is still theirs to send from."""
    person = who(request).person
    found = StagedFile.objects.select_related("extension__organization").filter(uid=uid, person=person).first()
    if found is None or not may_act(person, found.extension):
        raise Http404
    return found


def _told(one: StagedFile) -> dict[str, Any]:
    return {
        "id": one.uid,
        "extension": one.extension.extended,
        "name": one.name,
        "size": one.size,
        "pages": one.pages,
        "seconds": round(one.seconds, 1),
        "uploaded_at": one.staged_at,
        "ends_at": one.staged_at + stage.KEPT,
    }
