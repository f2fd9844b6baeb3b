"""``POST /faxes``: a program hands in a fax, or rehearses it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

import pydantic
from django.http import HttpRequest, HttpResponse
from ninja import Status

from caselli.directory.scopes import Scope
from caselli.doors.api import problems, rest_faxes, rest_form, rest_send_shapes, shapes, shapes_directory, shapes_told
from caselli.doors.api.caller import Caller, Needs, who
from caselli.doors.api.extensions import sending_extension
from caselli.doors.api.faults import MOST, fault_of
from caselli.doors.api.idempotency import repeatable, submission_key
from caselli.doors.api.links import after
from caselli.doors.api.problem_kinds import ProblemKind
from caselli.doors.api.problems import Problem
from caselli.doors.api.rest_form import Kinds, form_of, takes_form
from caselli.doors.api.rest_send_shapes import NewFax, ReadRecipient, Rehearsal, Upload, Warned
from caselli.fax.refusals import Refusal, RefusalKind, Refusals
from caselli.fax.submission import HandedFile, Submission
from caselli.intake import check
from caselli.intake.submit import Examined, awaits, examine, take_in
from caselli.store.models import Channel

router = rest_faxes.router
"""The same: ninja would answer POST /faxes by the router that has its GET, if there were two."""
_KINDS = Kinds(
    lists=frozenset({"recipients", "uploads"}),
    objects=frozenset({"metadata"}),
    flags=frozenset({"hold", "require_approval", "dry_run"}),
    numbers=frozenset({"priority"}),
)
_FIELDS = {"names": "recipients", "header_line": "header"}
_EXAMPLE = {
    "extension": "210",
    "recipients": [{"to": "+12025550100", "name": "Dr. Miller"}],
    "files": [{"name": "hello.txt", "content": "SGVsbG8sIGZheCE="}],
    "metadata": {"order": "4711"},
}


@router.post(
    "/faxes",
    auth=Needs(Scope.FAX_SEND),
    response={200: Rehearsal, 202: shapes.Fax},
    operation_id="send_fax",
    summary="Send a fax",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": rest_send_shapes.as_json(), "example": _EXAMPLE},
                "multipart/form-data": {"schema": rest_send_shapes.as_form()},
            },
        }
    },
)
@after(Upload, body={"extension": "/extension", "uploads": ["/id"]})
@after(shapes_directory.Extension, body={"extension": "/extension"})
@takes_form
@repeatable
def send_fax(request: HttpRequest, response: HttpResponse) -> Status[Rehearsal] | Status[shapes.Fax]:
    """Takes in documents for one or more recipients. The answer shows the fax as it is now: taken, but not sent yet.

    It goes out by itself: at once, or at its time (`send_at`). It waits for a person where it is on `hold`, or where a
    second person has to say yes. With `dry_run` its pages are made and counted, and nothing is kept (200).
    """
    caller = who(request)
    new, files = _read(request)
    form = form_of(request)
    limits = form.limits if form else check.limits()
    known = check.AtHand(sending_extension(caller.person, new.extension), caller.person, limits)
    submission = _submission(new, files, caller, known, submission_key(request))
    try:
        if new.dry_run:
            return Status(200, _rehearsed(submission, examine(submission, known)))
        taken = take_in(submission, known)
    except Refusals as refused:
        raise Refusals(tuple(_placed(refused.all, submission))) from None
    response["Location"] = f"/api/v1/faxes/{taken.fax.uid}"
    for told in ("added_by", "approved_by"):  # known already: nothing to look up
        if getattr(taken.fax, f"{told}_id") == caller.person.pk:
            setattr(taken.fax, told, caller.person)
    return Status(202, shapes_told.taken(taken, caller))


def _read(request: HttpRequest) -> tuple[NewFax, tuple[HandedFile, ...]]:
    """Raises Problem with all that is wrong about its form."""
    form = form_of(request)
    if form is not None:
        said = rest_form.as_json(form, _KINDS)
        said["recipients"] = [{"to": one} if isinstance(one, str) else one for one in said.get("recipients", [])]
        return _checked(said), tuple(form.files)
    new = _checked(getattr(request, "parsed", {}))
    return new, tuple(HandedFile(one.name, one.content) for one in new.files)  # type: ignore[arg-type]  # decoded


def _checked(said: object) -> NewFax:
    try:
        return NewFax.model_validate(said)
    except pydantic.ValidationError as error:
        faults = tuple(fault_of(one) for one in error.errors(include_url=False)[:MOST])
        raise Problem(ProblemKind.FIELD_INVALID, faults=faults) from None


def _submission(
    new: NewFax, files: tuple[HandedFile, ...], caller: Caller, known: check.AtHand, key: str | None
) -> Submission:
    return Submission(
        extension_id=known.extension.pk,
        channel=Channel.API.value,
        recipients=tuple(one.to for one in new.recipients),
        files=files,
        hold=new.hold,
        key=key,
        person_id=caller.person.pk,
        ip=caller.ip,
        staged=tuple(dict.fromkeys(new.uploads)),
        names=tuple(one.name or "" for one in new.recipients),
        require_approval=new.require_approval,
        send_at=new.send_at,
        priority=new.priority,
        header_line=new.header or "",
        metadata=new.metadata,
        callback_url=new.callback_url or "",
        sandbox=caller.sandbox,
    )


def _placed(refusals: Iterable[Refusal], submission: Submission) -> list[Refusal]:
    """Each beside the field of the request that it is about."""
    return [replace(one, field=_place(one, submission)) for one in refusals]


def _place(refusal: Refusal, submission: Submission) -> str:
    field, item, uploads = _FIELDS.get(refusal.field, refusal.field), refusal.item, len(submission.staged)
    if field == "files" and item is not None:
        return f"uploads[{item}]" if item < uploads else f"files[{item - uploads}]"
    if field == "recipients" and item is not None:
        return f"recipients[{item}].{'name' if refusal.field == 'names' else 'to'}"
    gone = refusal.kind is RefusalKind.FILE_MISSING and uploads
    return "uploads" if gone else field


def _rehearsed(submission: Submission, found: Examined) -> Rehearsal:
    faults = problems.faults_of(Refusals(tuple(_placed(found.refusals, submission))))
    return Rehearsal(
        accepted=not found.refusals,
        pages=len(found.document.pages) if found.document else None,
        seconds=round(found.seconds, 1) if found.document else None,
        recipients=list(_recipients(submission, found)),
        warnings=list(_warnings(submission, found)),
        errors=problems.shape("", faults)["errors"] if faults else [],
    )


def _recipients(submission: Submission, found: Examined) -> Iterable[ReadRecipient]:
    for read, name in zip(found.reads, submission.names, strict=True):
        if one := read.destination:
            known = one.extension
            called = name or (known.name if known else None)
            kind: Literal["number", "extension"] = "extension" if known else "number"
            yield ReadRecipient(given=read.given, to=one.number, kind=kind, name=called)


def _warnings(submission: Submission, found: Examined) -> Iterable[Warned]:
    if found.is_late:
        yield Warned(slug="time_is_over", detail="Its time (send_at) is over: it goes out at once.")
    if words := awaits(submission, found):
        yield Warned(slug="awaits_approval", detail=" ".join(words))
