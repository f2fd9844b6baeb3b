"""What a notice has attached: the fax, and its transmission report."""

import structlog
from django.utils import timezone

from caselli.documents.cage import ConverterLost
from caselli.documents.jobs import Objected
from caselli.documents.preview import pages_pdf
from caselli.documents.report import report_pdf
from caselli.history.receipt import receipt
from caselli.notice import rules
from caselli.notice.letter import Attached
from caselli.notice.rules import Wants
from caselli.store import blobs
from caselli.store.models import Extension, Fax

log = structlog.get_logger()


def pages(extension: Extension, blob: str, name: str) -> list[Attached]:
    """The pages, where they are wanted, still there, and not too large for a mail."""
    if extension.notify != Wants.FAX or not blob:
        return []
    try:
        content = pages_pdf(blobs.path(blob))
    except OSError:
        return []
    return [Attached(name, content)] if rules.attaches(Wants.FAX, len(content)) else []


def report(fax: Fax) -> list[Attached]:
    """A report that cannot be drawn keeps nobody from hearing how it went."""
    first = blobs.path(fax.pages_blob) if fax.pages_blob else None
    try:
        content = report_pdf(receipt(fax, timezone.now()), first)
    except (ConverterLost, Objected) as trouble:
        log.warning("a transmission report could not be drawn", fax=str(fax.uid), trouble=str(trouble))
        return []
    return [Attached(f"report {fax.added_at:%Y-%m-%d} {str(fax.uid)[:8]}.pdf", content)]


def in_words(report: list[Attached], pages: list[Attached]) -> str:
    """For the tag ``attached``."""
    if report and pages:
        return "The transmission report and the fax are attached."
    if report:
        return "The transmission report is attached."
    return "The fax is attached." if pages else ""
