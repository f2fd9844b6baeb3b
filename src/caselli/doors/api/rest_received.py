"""Received faxes: an extension's inbox, and what its reader may do with it."""

from typing import Annotated

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Path, Query, Router, Status

from caselli.directory.scopes import Scope
from caselli.doors.api import files, objects, shapes_received
from caselli.doors.api.asked import Asked, key_in
from caselli.doors.api.caller import Needs, who
from caselli.doors.api.links import after
from caselli.doors.api.rest_faxes import Ordinal
from caselli.history import received

router = Router(tags=["Received faxes"], auth=Needs(Scope.FAX_READ))

Key = Annotated[int, Path(ge=1, le=9_223_372_036_854_775_807)]


@router.get(
    "/extensions/{extension}/received-faxes",
    response=shapes_received.ReceivedFaxes,
    operation_id="list_received_faxes",
    summary="The inbox of an extension, newest first",
)
def list_received_faxes(request: HttpRequest, extension: str, asked: Query[Asked]) -> shapes_received.ReceivedFaxes:
    """What came in and was not deleted."""
    caller = who(request)
    inbox = objects.inbox(caller, objects.extension(caller, extension))
    key = key_in(asked.cursor) if asked.cursor is not None else None
    page = received.turn(inbox, key, asked.limit)
    return shapes_received.ReceivedFaxes.model_construct(
        items=[shapes_received.told(one) for one in page.faxes],
        next=str(page.older) if page.older is not None else None,
    )


@router.get(
    "/received-faxes/{id}",
    response=shapes_received.ReceivedFax,
    operation_id="get_received_fax",
    summary="One received fax",
)
def get_received_fax(request: HttpRequest, id: Key) -> shapes_received.ReceivedFax:  # noqa: A002 - in the address
    """Looking at it does not mark it as read."""
    return shapes_received.told(objects.received_fax(who(request), id))


@router.get(
    "/received-faxes/{id}/pages/{page}.png",
    operation_id="get_received_page",
    summary="A received page as a picture",
    openapi_extra=files.answers("image/png", "The page."),
)
@after(page="1")
def get_received_page(
    request: HttpRequest,
    id: Key,  # noqa: A002
    page: Ordinal,
    width: files.AskedWidth = None,
) -> HttpResponseBase:
    """As it came down the line."""
    return files.page(request, objects.received_fax(who(request), id).blob, page, width)


@router.get(
    "/received-faxes/{id}/document.pdf",
    operation_id="get_received_pdf",
    summary="All received pages as a PDF",
    openapi_extra=files.answers("application/pdf", "The pages."),
)
def get_received_pdf(request: HttpRequest, id: Key) -> HttpResponseBase:  # noqa: A002
    """As they came down the line, pixel for pixel."""
    one = objects.received_fax(who(request), id)
    name = f"received fax {one.received_at:%Y-%m-%d} {one.sender.replace('*', '-')}.pdf"
    return files.pages(request, one.blob, name)


@router.patch(
    "/received-faxes/{id}",
    response=shapes_received.ReceivedFax,
    operation_id="mark_received_fax",
    summary="Mark it as read, or as unread",
)
def mark_received_fax(
    request: HttpRequest,
    id: Key,  # noqa: A002
    body: shapes_received.Reading,
) -> shapes_received.ReceivedFax:
    """For who may act for the extension. The moment of the first reading stays."""
    caller = who(request)
    one = objects.received_fax(caller, id)
    objects.may_act_on(caller, one.extension)
    (received.mark_read if body.read else received.mark_unread)(one)
    return shapes_received.told(objects.received_fax(caller, id))


@router.delete(
    "/received-faxes/{id}",
    response={204: None},
    operation_id="delete_received_fax",
    summary="Delete a received fax",
    auth=Needs(Scope.FAX_CANCEL),
)
def delete_received_fax(request: HttpRequest, id: Key) -> Status[None]:  # noqa: A002
    """Its pages are erased. The record of who sent it stays with the sender."""
    caller = who(request)
    one = objects.received_fax(caller, id)
    objects.may_act_on(caller, one.extension)
    received.delete(one)
    return Status(204, None)
