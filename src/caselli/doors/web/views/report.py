"""The transmission report of a fax: one sheet to print and to file."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from caselli.documents.report import report_pdf
from caselli.doors.web import seen, words
from caselli.doors.web.views.pages import download
from caselli.history.receipt import receipt
from caselli.store import blobs


@require_safe
@seen.signed_in
def report(request: HttpRequest, uid: UUID) -> HttpResponse:
    fax = seen.fax(request, uid)
    told = receipt(fax, timezone.now())
    context = {
        "fax": fax,
        "extension": fax.extension,
        "told": told,
        "look": words.LOOKS[told.status],
        "lines": [(one, words.DELIVERY_LOOKS[one.status]) for one in told.lines],
    }
    return render(request, "web/report.html", context)


@require_safe
@seen.signed_in
def as_pdf(request: HttpRequest, uid: UUID) -> HttpResponse:
    fax = seen.fax(request, uid)
    pages = blobs.path(fax.pages_blob) if fax.pages_blob else None
    name = f"report {fax.added_at:%Y-%m-%d} {str(fax.uid)[:8]}.pdf"
    return download(report_pdf(receipt(fax, timezone.now()), pages), name)
