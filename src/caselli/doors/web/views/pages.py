"""The pages as they were sent, and the documents as they were handed in."""

from pathlib import Path
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from caselli.documents.preview import NoSuchPage, page_png, pages_pdf
from caselli.doors.web import seen
from caselli.doors.web.addresses import whole_number
from caselli.store import blobs
from caselli.store.models import Attempt, Document, Fax

WIDTHS = frozenset({96, 192, 432, 864, 1728})
"""The widths, in pixels, in which a picture of a page can be had."""
_TYPES = {
    "pdf": "application/pdf",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "tiff": "image/tiff",
    "text": "text/plain; charset=utf-8",
}


def picture(request: HttpRequest, tiff: Path, page: int, *, key: str) -> HttpResponse:
    """A page as PNG. ``key`` names the file's content: a browser that has the picture need not ask again."""
    width = whole_number(request.GET.get("width", "864"))
    if width not in WIDTHS:
        raise Http404
    etag = f'"{key[:32]}-{page}-{width}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers={"ETag": etag})
    try:
        png = page_png(tiff, page, width)
    except (OSError, NoSuchPage):
        raise Http404 from None
    headers = {"ETag": etag, "Cache-Control": "private, max-age=3600"}
    return HttpResponse(png, content_type="image/png", headers=headers)


def download(content: bytes, name: str) -> HttpResponse:
    """As a file to keep, never as something the browser shows or runs."""
    response = HttpResponse(content, content_type="application/pdf")
    as_attachment(response, name)
    return response


def as_attachment(response: HttpResponseBase, name: str) -> None:
    """A file to keep under this name; a browser that shows it all the same runs nothing in it."""
    disposition = content_disposition_header(as_attachment=True, filename=name)
    assert disposition is not None
    response["Content-Disposition"] = disposition
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"


@require_safe
@seen.signed_in
def viewer(request: HttpRequest, uid: UUID, page: int) -> HttpResponse:
    fax = _with_page(request, uid, page)
    calls = Attempt.objects.filter(delivery__fax=fax).select_related("delivery__to_extension").order_by("started_at")
    context = {
        "fax": fax,
        "extension": fax.extension,
        "page": page,
        "pages": range(1, fax.pages + 1),
        "previous": page - 1,
        "next": page + 1 if page < fax.pages else 0,
        "confirmed": _confirmations(list(calls), page),
    }
    return render(request, "web/page.html", context)


@require_safe
@seen.signed_in
def page_picture(request: HttpRequest, uid: UUID, page: int) -> HttpResponse:
    fax = _with_page(request, uid, page)
    return picture(request, blobs.path(fax.pages_blob), page, key=fax.pages_blob)


@require_safe
@seen.signed_in
def pages_as_sent(request: HttpRequest, uid: UUID) -> HttpResponse:
    fax = _with_page(request, uid, 1)
    try:
        content = pages_pdf(blobs.path(fax.pages_blob))
    except OSError:
        raise Http404 from None
    return download(content, f"fax {fax.added_at:%Y-%m-%d} {str(fax.uid)[:8]}.pdf")


@require_safe
@seen.signed_in
def document(request: HttpRequest, uid: UUID, position: int) -> HttpResponseBase:
    fax = seen.fax(request, uid)
    found = get_object_or_404(Document, fax=fax, position=position, blob__gt="")
    try:
        file = blobs.path(found.blob).open("rb")
    except OSError:
        raise Http404 from None
    content_type = _TYPES.get(found.kind, "application/octet-stream")
    response = FileResponse(file, as_attachment=True, filename=found.name, content_type=content_type)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _with_page(request: HttpRequest, uid: UUID, page: int) -> Fax:
    fax = seen.fax(request, uid)
    if not fax.pages_blob or not 1 <= page <= fax.pages:
        raise Http404
    return fax


def _confirmations(calls: list[Attempt], page: int) -> list[tuple[Attempt, dict[str, object]]]:
    """What each call reported of this page."""
    return [(call, report) for call in calls for report in call.pages if report.get("number") == page]
