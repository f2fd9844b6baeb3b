"""A sheet of our own, written as HTML, as a PDF to keep."""

from caselli.documents.cage import TEXT
from caselli.documents.convert import Limits, ask
from caselli.documents.jobs import Work


def pdf_of(html: str, most_pages: int, limits: Limits | None = None) -> bytes:
    """``html``: whole and safe already; pictures only as ``data:`` addresses.

    Raises Objected (it has more pages than that, ...), and ConverterLost when the trouble is ours.
    """
    return ask(TEXT, Work.HTML, html.encode(), limits or Limits(), most_pages)[0]
