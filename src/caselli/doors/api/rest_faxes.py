"""Faxes: lists, one, its calls, its pages and documents. What can be done with one: rest_fax_deeds.py."""

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Path, Query, Router

from caselli.directory.scopes import Scope
from caselli.documents.report import report_pdf
from caselli.doors.api import files, objects, shapes, shapes_told
from caselli.doors.api.asked import AttemptsAsked, FaxesAsked, FaxSearch, in_order
from caselli.doors.api.caller import Needs, who
from caselli.doors.api.links import after
from caselli.doors.api.rest_events import Happened
from caselli.doors.api.shapes_directory import Extension
from caselli.history.receipt import receipt
from caselli.store import blobs
from caselli.store.models import Attempt, Document, Ladder

router = Router(tags=["Faxes"], auth=Needs(Scope.FAX_READ))

Ordinal = Annotated[int, Path(ge=1, le=2_147_483_647)]


@router.get("/faxes", response=shapes.Faxes, operation_id="list_faxes", summary="Faxes, newest first")
@after(Extension, extension="/extension")
def list_faxes(request: HttpRequest, asked: Query[FaxesAsked]) -> shapes.Faxes:
    """The faxes of all extensions that the key's person sees, or of one of them.

    Follow `next` as long as it is not null. There are no counts: they would not be true when they arrive.
    """
    caller = who(request)
    found, after = FaxSearch(caller, asked).page()
    return shapes.Faxes.model_construct(items=shapes_told.faxes(found, caller), next=after)


@router.get("/faxes/{id}", response=shapes.Fax, operation_id="get_fax", summary="One fax")
@after(Happened, id="/data/fax/id")
def get_fax(request: HttpRequest, id: UUID) -> shapes.Fax:  # noqa: A002 - the name in the address
    """As it stands now, with all its recipients. To hear of changes, use webhooks or `GET /events` rather."""
    caller = who(request)
    return shapes_told.fax(objects.fax(caller, id), caller)


@router.get(
    "/faxes/{id}/attempts", response=shapes.Attempts, operation_id="list_attempts", summary="The calls of a fax"
)
def list_attempts(request: HttpRequest, id: UUID, asked: Query[AttemptsAsked]) -> shapes.Attempts:  # noqa: A002
    """Every call that was made, in the order in which they were begun, with its SIP, T.38 and T.30 messages."""
    fax = objects.fax(who(request), id)
    calls = Attempt.objects.filter(delivery__fax=fax).select_related("delivery")
    if asked.recipient is not None:
        calls = calls.filter(delivery__position=asked.recipient)
    if asked.ladder:
        calls = calls.prefetch_related("ladder")
    found, after = in_order(calls, asked)
    return shapes.Attempts.model_construct(
        items=[shapes_told.attempt(one, _entries(one) if asked.ladder else None) for one in found], next=after
    )


def _entries(one: Attempt) -> list[object]:
    """A call under way has none yet."""
    try:
        return list(one.ladder.entries)
    except Ladder.DoesNotExist:
        return []


@router.get(
    "/faxes/{id}/pages/{page}.png",
    operation_id="get_fax_page",
    summary="A page as a picture",
    openapi_extra=files.answers("image/png", "The page."),
)
@after(page="1")
def get_fax_page(
    request: HttpRequest,
    id: UUID,  # noqa: A002
    page: Ordinal,
    width: Annotated[
        files.Width | None, Query(description="In smooth grey. Without it: the line's own pixels.")
    ] = None,
) -> HttpResponseBase:
    """As it goes down the line, without the header line, which is written at the moment of the call."""
    return files.page(request, objects.fax(who(request), id).pages_blob, page, width)


@router.get(
    "/faxes/{id}/document.pdf",
    operation_id="get_fax_pdf",
    summary="All pages as a PDF",
    openapi_extra=files.answers("application/pdf", "The pages."),
)
def get_fax_pdf(request: HttpRequest, id: UUID) -> HttpResponseBase:  # noqa: A002
    """As they go down the line, pixel for pixel. What was handed in is at `/faxes/{id}/documents/{number}`."""
    fax = objects.fax(who(request), id)
    return files.pages(request, fax.pages_blob, f"fax {fax.added_at:%Y-%m-%d} {str(fax.uid)[:8]}.pdf")


@router.get(
    "/faxes/{id}/documents/{number}",
    operation_id="get_document",
    summary="A document as it was handed in",
    openapi_extra=files.answers("*/*", "The document; Content-Type tells its kind."),
)
@after(number="/documents/0/number")
def get_document(request: HttpRequest, id: UUID, number: Ordinal) -> HttpResponseBase:  # noqa: A002
    """404 once it is erased: its `available` is false then."""
    found = get_object_or_404(Document, fax=objects.fax(who(request), id), position=number, blob__gt="")
    return files.document(request, found)


@router.get(
    "/faxes/{id}/report.pdf",
    operation_id="get_report",
    summary="The transmission report",
    openapi_extra={
        "responses": {
            200: {
                "description": "The report.",
                "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
            }
        }
    },
)
def get_report(request: HttpRequest, id: UUID) -> HttpResponseBase:  # noqa: A002
    """One sheet for the file: to whom, when, what came of it, with a picture of the first page."""
    fax = objects.fax(who(request), id)
    pages = blobs.path(fax.pages_blob) if fax.pages_blob else None
    name = f"report {fax.added_at:%Y-%m-%d} {str(fax.uid)[:8]}.pdf"
    return files.made_anew(report_pdf(receipt(fax, timezone.now()), pages), name)
