"""Pages and documents as files: with an ETag, because they never change, and never as something that a browser runs."""

from collections.abc import Callable
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, parse_etags
from ninja import Query

from caselli.documents.preview import NoSuchPage, page_png, pages_pdf
from caselli.store import blobs
from caselli.store.models import Document

_TYPES = {
    "pdf": "application/pdf",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "tiff": "image/tiff",
    "text": "text/plain; charset=utf-8",
}


class Width(IntEnum):
    """Pixels."""

    W96 = 96
    W192 = 192
    W432 = 432
    W864 = 864
    W1728 = 1728


AskedWidth = Annotated[Width | None, Query(description="In smooth grey. Without it: the line's own pixels.")]


def answers(content_type: str, words: str) -> dict[str, Any]:
    """An operation's ``openapi_extra``: what it answers is a file."""
    return {
        "responses": {
            200: {
                "description": words,
                "headers": {"ETag": {"description": "Send it as If-None-Match.", "schema": {"type": "string"}}},
                "content": {content_type: {"schema": {"type": "string", "format": "binary"}}},
            },
            304: {"description": "It is what If-None-Match names."},
        }
    }


def page(request: HttpRequest, blob: str, number: int, width: Width | None) -> HttpResponseBase:
    """A page as PNG. ``blob``: the digest that names the pages."""
    etag = f'"{blob[:32]}-{number}-{int(width) if width else "line"}"'
    return _made(request, etag, "image/png", "", lambda: page_png(_path(blob), number, width and int(width)))


def pages(request: HttpRequest, blob: str, name: str) -> HttpResponseBase:
    """All pages as they go down the line, as a PDF."""
    return _made(request, f'"{blob[:32]}-pdf"', "application/pdf", name, lambda: pages_pdf(_path(blob)))


def document(request: HttpRequest, one: Document) -> HttpResponseBase:
    """As it was handed in."""
    etag = f'"{one.blob[:32]}"'
    if _is_known(request, etag):
        return _not_modified(etag)
    try:
        file = _path(one.blob).open("rb")
    except OSError:
        raise Http404 from None
    return _guarded(FileResponse(file, content_type=_TYPES.get(one.kind, "application/octet-stream")), etag, one.name)


def made_anew(content: bytes, name: str) -> HttpResponseBase:
    """A PDF that tells of this moment."""
    return _guarded(HttpResponse(content, content_type="application/pdf"), "", name)


def _path(blob: str) -> Path:
    if not blob:
        raise Http404
    return blobs.path(blob)


def _made(request: HttpRequest, etag: str, content_type: str, name: str, make: Callable[[], bytes]) -> HttpResponseBase:
    if _is_known(request, etag):
        return _not_modified(etag)
    try:
        content = make()
    except (OSError, NoSuchPage):
        raise Http404 from None
    return _guarded(HttpResponse(content, content_type=content_type), etag, name)


def _is_known(request: HttpRequest, etag: str) -> bool:
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return bool({etag, f"W/{etag}", "*"} & set(known))


def _not_modified(etag: str) -> HttpResponse:
    return HttpResponse(status=304, headers={"ETag": etag, "Cache-Control": "private, no-cache"})


def _guarded(response: HttpResponseBase, etag: str, name: str) -> HttpResponseBase:
    """``name``: it is a file to keep. Whoever shows it all the same runs nothing in it."""
    if name:
        disposition = content_disposition_header(as_attachment=True, filename=name)
        assert disposition is not None
        response["Content-Disposition"] = disposition
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-cache" if etag else "private, no-store"
    if etag:
        response["ETag"] = etag
    return response
