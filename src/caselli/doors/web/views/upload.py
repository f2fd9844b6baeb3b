"""What the upload form asks while it is filled in, and what is in it when it is handed in."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from caselli.directory.access import may_act
from caselli.documents.rules import seconds_on_line
from caselli.doors.web import seen, uploads, words
from caselli.doors.web.forms import UploadForm
from caselli.doors.web.views.pages import picture
from caselli.fax.number import split_recipients, spoken
from caselli.fax.refusals import Refusals
from caselli.fax.submission import HandedFile, Submission
from caselli.intake import check
from caselli.intake import stage as staging
from caselli.intake.rules import IntakeLimits, Read, check_recipients
from caselli.store import blobs
from caselli.store.models import Channel, Extension, StagedFile

PICTURES = 4
"""Of each file so many pages are shown at once, the others unfold."""
CALL_SECONDS = seconds_on_line([])
"""What a call takes before and after its pages."""


def submission(request: HttpRequest, extension: Extension, form: UploadForm) -> Submission:
    return Submission(
        extension_id=extension.pk,
        channel=Channel.WEB,
        recipients=split_recipients(form.recipients),
        files=tuple(_handed(one) for one in request.FILES.getlist("files")),
        hold=form.hold,
        key=form.key,
        person_id=seen.person(request).pk,
        ip=seen.ip(request),
        staged=form.staged,
    )


def _handed(file: "UploadedFile[Any]") -> HandedFile:
    assert isinstance(file, TemporaryUploadedFile)
    file.flush()
    return HandedFile(file.name or "document", Path(file.temporary_file_path()))


def keep_files(request: HttpRequest, extension: Extension, form: UploadForm, limits: IntakeLimits) -> UploadForm:
    """The refused form with its files staged: nobody need choose them again. What is wrong with one was said."""
    uids = list(form.staged)
    for file in request.FILES.getlist("files")[: max(0, limits.files - len(uids))]:
        try:
            uids.append(staging.stage(extension, seen.person(request), _handed(file)).uid)
        except Refusals:
            continue
    return form.holding(tuple(uids))


def context(request: HttpRequest, extension: Extension, limits: IntakeLimits, form: UploadForm) -> dict[str, object]:
    person = seen.person(request)
    files = staging.staged(extension.pk, person.pk, form.staged)
    return {
        "extension": extension,
        "form": form,
        "limits": limits,
        "file_size": f"{limits.file_bytes // 1_000_000} MB",
        "staged": [_shown(one) for one in files],
        "total": total(files),
        "call_seconds": CALL_SECONDS,
        "closed": check.refuse_sender(extension, person),
    }


def _shown(one: StagedFile) -> dict[str, object]:
    numbers = list(range(1, one.pages + 1))
    return {
        "file": one,
        "page_seconds": one.seconds - CALL_SECONDS,
        "first": numbers[:PICTURES],
        "others": numbers[PICTURES:],
    }


def total(files: list[StagedFile]) -> str:
    """In the words that the script uses too."""
    if not files:
        return ""
    pages = sum(one.pages for one in files)
    seconds = round(CALL_SECONDS + sum(one.seconds - CALL_SECONDS for one in files))
    minutes, rest = divmod(seconds, 60)
    time = f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
    they = "it" if pages == 1 else "them"
    return f"{words.pages(pages)}, as the far end will see {they}; about {time} on the line"


@require_POST
@seen.signed_in
def recipients(request: HttpRequest, extended: str) -> HttpResponse:
    """How each ``recipient`` is read, or what is wrong with it; how ``typed`` is, and whom it may mean."""
    extension = _acted_on(request, extended)
    limits = check.limits()
    given = [one for text in request.POST.getlist("recipient") for one in split_recipients(text)]
    typed = request.POST.get("typed", "").strip()
    try:
        reads = check.recipients(extension, [*given, typed] if typed else given, limits)
        refusals = check_recipients(reads[: len(given)], limits) if given else []
    except Refusals as refused:
        reads, refusals = [], list(refused.all)
    suggestions = check.suggest(extension, typed)
    return JsonResponse(
        {
            "recipients": [_told(one) for one in reads[: len(given)]],
            "typed": _told(reads[-1]) if typed and reads else {},
            "wrong": " ".join(map(str, refusals)),
            "suggestions": [{"number": one.short, "name": one.name} for one in suggestions],
        }
    )


def _told(read: Read) -> dict[str, str]:
    if read.refusal is not None:
        return {"given": read.given, "wrong": read.refusal.sentence, "remedy": read.refusal.remedy}
    assert read.destination is not None
    known = read.destination.extension
    shown = f"{read.destination.given} {known.name}" if known else spoken(read.destination.number)
    return {"given": read.given, "shown": shown}


# As at the whole form: the upload handlers must stand before the CSRF token is read out of the body.
@csrf_exempt
@require_POST
@seen.signed_in
def stage(request: HttpRequest, extended: str) -> HttpResponse:
    extension = _acted_on(request, extended)
    request.upload_handlers = uploads.handlers(1, check.limits().file_bytes)
    return _stage(request, extension)


@csrf_protect
def _stage(request: HttpRequest, extension: Extension) -> HttpResponse:
    """The file as the form shows it: an item of its list, with the pages or with what is wrong."""
    file = request.FILES.get("files")
    if file is None:
        return HttpResponse(status=400)
    try:
        staged = staging.stage(extension, seen.person(request), _handed(file))
    except Refusals as refused:
        return render(request, "web/fragments/staged_refused.html", {"refusals": refused.all}, status=422)
    return render(request, "web/fragments/staged.html", {"one": _shown(staged)})


@require_POST
@seen.signed_in
def remove(request: HttpRequest, uid: UUID) -> HttpResponse:
    one = _staged(request, uid)
    staging.remove(one.extension_id, one.person_id, [one.uid])
    return HttpResponse(status=204)


@require_safe
@seen.signed_in
def page_picture(request: HttpRequest, uid: UUID, page: int) -> HttpResponse:
    one = _staged(request, uid)
    return picture(request, blobs.path(one.pages_blob), page, key=one.pages_blob)


def _acted_on(request: HttpRequest, extended: str) -> Extension:
    extension = seen.extension(request, extended)
    if not may_act(seen.person(request), extension):
        raise Http404
    return extension


def _staged(request: HttpRequest, uid: UUID) -> StagedFile:
    """One of the person's own, at an extension that is still theirs to send from."""
    one = StagedFile.objects.select_related("extension__organization").filter(uid=uid, person=seen.person(request))
    for found in one:
        if may_act(seen.person(request), found.extension):
            return found
    raise Http404
