"""A stranger's HTML becomes a PDF: cleaned, in black on white, made to fit the page. Works in the cage only.

Importing this reads the fonts' configuration.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final
from xml.etree.ElementTree import Element

import weasyprint
from PIL import Image
from weasyprint.formatting_structure.boxes import ReplacedBox, TextBox
from weasyprint.urls import URLFetcher

from caselli.documents.jobs import Job, Objected, Objection, Outcome
from caselli.documents.markup import harmless, paper
from caselli.documents.web_tree import drop_fonts, drop_styles, keep_pictures, set_directions

_SLACK: Final = 1.02
"""Of the width between the margins: a blank at the end of a line may stand out."""
_SMALLEST: Final = 1.6
"""A document too wide for the page is drawn smaller by this at most: ten points become six."""
_FRAMES: Final = 20_000
"""Of Python: WeasyPrint calls itself for each tag within another, about ten deep."""
_MOST_LETTERS: Final = 16_000
"""On a page, in small print."""
_LONGEST_TEXT: Final = 100_000
"""Letters without any tag between them: three times as many overflow Pango's numbers, and most would be lost."""

# All decoders: in the cage no module can be loaded any more.
Image.init()


class _Carried(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Pictures that were looked at, in the document itself: nothing else is fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.pictures: set[str] = set()

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> object:
        if url not in self.pictures:
            raise ValueError("not fetched")
        return super().fetch(url, headers)


def convert_web_page(job: Job, source: int, result: int) -> Outcome:
    """UTF-8 to PDF."""
    sys.setrecursionlimit(_FRAMES)
    carried = _Carried()
    text = os.pread(source, os.fstat(source).st_size, 0).decode()
    html = weasyprint.HTML(string=harmless(text), url_fetcher=carried)
    _refuse_length(html.etree_element, job.max_pages)
    carried.pictures = keep_pictures(html.etree_element)
    drop_fonts(html.etree_element)
    set_directions(html.etree_element)
    try:
        document = _without_blank_end(_laid_out(html))
    except RecursionError:
        raise Objected(Objection.TOO_COMPLEX, "recursion") from None
    if len(document.pages) > job.max_pages:
        raise Objected(Objection.TOO_MANY_PAGES, str(len(document.pages)))
    with os.fdopen(os.dup(result), "wb") as file:
        document.write_pdf(file)
    return Outcome()


def _refuse_length(root: Element, max_pages: int) -> None:
    lengths = [len(text.strip()) for text in root.itertext()]
    if max(lengths, default=0) > _LONGEST_TEXT:
        raise Objected(Objection.TOO_COMPLEX, f"{max(lengths)} letters in one")
    if sum(lengths) > max_pages * _MOST_LETTERS:
        raise Objected(Objection.TOO_MANY_PAGES, f"at least {sum(lengths) // _MOST_LETTERS:,}")


def _laid_out(html: Any) -> Any:
    try:
        return _fitting(html)
    except (MemoryError, RecursionError):
        raise
    except Exception:  # noqa: BLE001 - WeasyPrint trips over some style sheets; without them the words are there still
        drop_styles(html.etree_element)
        return _fitting(html)


def _fitting(html: Any) -> Any:
    """Drawn once, and again on larger paper, which becomes small print on A4, when something stands out."""
    document = _drawn(html, paper(1.0, tight=False))
    wide = max(map(_width_needed, document.pages))
    if wide <= _SLACK:
        return document
    return _drawn(html, paper(min(wide, _SMALLEST), tight=wide > _SMALLEST))


def _drawn(html: Any, sheet: str) -> Any:
    return html.render(presentational_hints=True, stylesheets=[weasyprint.CSS(string=sheet)])


def _width_needed(page: Any) -> float:
    """Of the width between the margins; 1.0 where all is within."""
    box = page._page_box  # noqa: SLF001 - there is no public way to see what stands out
    left = box.content_box_x()
    ends = ((one.position_x + one.width - left, left - one.position_x + box.width) for one in _ink(page))
    return max((max(pair) / box.width for pair in ends), default=1.0)


def _without_blank_end(document: Any) -> Any:
    """Raises Objected when nothing is left."""
    pages = document.pages
    last = max((number for number, page in enumerate(pages, 1) if any(True for _ in _ink(page))), default=0)
    if not last:
        raise Objected(Objection.BLANK)
    return document.copy(pages[:last])


def _ink(page: Any) -> Iterator[Any]:
    for box in page._page_box.descendants():  # noqa: SLF001
        if isinstance(box, ReplacedBox) or (isinstance(box, TextBox) and box.text.strip()):
            yield box
