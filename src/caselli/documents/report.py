"""The transmission report as a PDF: a sheet for the file, black on white, with a picture of the first page."""

import base64
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Final

from caselli.documents.preview import NoSuchPage, page_png
from caselli.documents.sheet import pdf_of
from caselli.fax.status import DeliveryStatus, ShownStatus
from caselli.history.receipt import NOTHING, Line, Receipt

MOST_PAGES: Final = 100
_ON_LETTER: Final = frozenset({"BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE"})
"""Where paper is 8.5 x 11 inches (Unicode CLDR, paper size by territory)."""
_ROOM: Final = {"A4": 140, "letter": 120}
"""Millimetres for the picture under one recipient; each further one takes ``_ROW`` of them."""
_ROW: Final = 13
_SMALLEST: Final = 70
_ON_NEXT_SHEET: Final = 110
_MARKS: Final = {
    ShownStatus.SENT: "✓",
    ShownStatus.PARTIALLY_SENT: "!",
    ShownStatus.SEND_FAILED: "✗",
}
_COLUMNS: Final = (
    ("To", 21),
    ("Result", 23),
    ("Last call", 19),
    ("Pages confirmed", 11),
    ("Duration", 11),
    ("Answered by", 15),
)

_STYLE: Final = """
@page { size: %(paper)s; margin: 16mm 16mm 18mm;
  @bottom-left { content: "Fax %(uid)s, written %(written)s"; font: 7pt 'DejaVu Sans', sans-serif; color: #444 }
  @bottom-right { content: "Page " counter(page) " of " counter(pages); font: 7pt 'DejaVu Sans', sans-serif;
    color: #444 } }
body { margin: 0; font: 8.5pt/1.4 'DejaVu Sans', 'Noto Sans', 'Noto Sans CJK JP', sans-serif; color: #000 }
h1 { margin: 0; font-size: 17pt; line-height: 1.2 }
p { margin: 0 }
.whose { margin: 1mm 0 5mm; color: #333 }
.state { display: table; width: 100%%; margin-bottom: 5mm; padding: 3mm 4mm; border: 0.5mm solid #000;
  box-sizing: border-box }
.state p { display: table-cell; vertical-align: middle }
.state .word { font-size: 14pt; font-weight: bold; white-space: nowrap; width: 1%%; padding-right: 6mm }
.facts { width: 100%%; border-collapse: collapse; margin-bottom: 5mm }
.facts th { width: 24mm; padding: 0.7mm 3mm 0.7mm 0; text-align: left; vertical-align: top; font-weight: normal;
  color: #444; white-space: nowrap }
.facts td { padding: 0.7mm 0; vertical-align: top; overflow-wrap: anywhere }
.to { width: 100%%; border-collapse: collapse; table-layout: fixed }
.to thead { display: table-header-group }
.to th, .to td { padding: 1.4mm 2.5mm 1.4mm 0; text-align: left; vertical-align: top; overflow-wrap: anywhere }
.to thead th { border-bottom: 0.35mm solid #000; font-size: 7.5pt; vertical-align: bottom }
.to tbody th, .to tbody td { border-bottom: 0.15mm solid #888 }
.to tr { break-inside: avoid }
.to .result { font-weight: bold }
.to .short { white-space: nowrap }
.to .why { display: block; font-weight: normal }
figure { margin: 6mm 0 0; break-inside: avoid; text-align: center }
figure img { max-width: 100%%; max-height: %(height)smm; border: 0.35mm solid #000 }
figcaption { margin-top: 1.5mm; font-size: 7.5pt; color: #333 }
"""


def report_pdf(told: Receipt, pages: Path | None) -> bytes:
    """``pages``: the fax as TIFF, None once it is erased.

    Raises jobs.Objected, and ConverterLost when the trouble is ours.
    """
    return pdf_of(_html(told, _first_page(pages)), MOST_PAGES)


def paper_of(country: str) -> str:
    """In the words of CSS."""
    return "letter" if country in _ON_LETTER else "A4"


def _first_page(pages: Path | None) -> bytes | None:
    try:
        return page_png(pages, 1, 864) if pages else None
    except (OSError, NoSuchPage):
        return None


def _html(told: Receipt, picture: bytes | None) -> str:
    paper = paper_of(told.country)
    room = _ROOM[paper] - _ROW * (len(told.lines) - 1)
    height = room if room >= _SMALLEST else _ON_NEXT_SHEET
    style = _STYLE % {"paper": paper, "uid": told.uid, "written": told.written, "height": height}
    return (
        f"<!DOCTYPE html><html lang='en'><meta charset='utf-8'><title>Transmission report, fax {told.uid}</title>"
        f"<style>{style}</style><body><h1>Transmission report</h1>"
        f"<p class='whose'>Extension {escape(told.extension)}, {escape(told.organization)}</p>"
        f"<div class='state'><p class='word'>{_MARKS.get(told.status, '')} {told.status}</p>"
        f"<p>{_sum(told)}</p></div>"
        f"<table class='facts'>{''.join(_fact(*one) for one in _facts(told))}</table>"
        f"{_table(told.lines)}{_figure(told, picture)}</body></html>"
    )


def _sum(told: Receipt) -> str:
    delivered = sum(one.status is DeliveryStatus.DELIVERED for one in told.lines)
    recipients = len(told.lines)
    if recipients == 1:
        return "The recipient has the whole fax." if delivered else "The recipient does not have the whole fax."
    return f"{delivered:,} of {recipients:,} recipients have the whole fax."


def _facts(told: Receipt) -> Iterable[tuple[str, str]]:
    yield "Document" if told.documents.count(",") == 0 else "Documents", told.documents or NOTHING
    yield "Pages", f"{told.pages:,}"
    yield "Handed in", f"{told.added}, {told.handed_in}"
    yield "Approved", told.approved or "not yet"
    yield "Ended", told.ended or NOTHING
    if told.station_id:
        yield "Station ID", told.station_id


def _fact(name: str, value: str) -> str:
    return f"<tr><th scope='row'>{name}</th><td>{escape(value)}</td></tr>"


def _table(lines: Iterable[Line]) -> str:
    columns = (
        ("To", 21),
        ("Result", 23),
        ("Last call", 19),
        ("Pages confirmed", 11),
        ("Duration", 11),
        ("Answered by", 15),
    )
    widths = "".join(f"<col style='width:{width}%'>" for _, width in columns)
    names = "".join(f"<th scope='col'>{name}</th>" for name, _ in columns)
    rows = "".join(_row(one) for one in lines)
    return (
        f"<table class='to'><colgroup>{widths}</colgroup><thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(line: Line) -> str:
    why = f"<span class='why'>{escape(line.reason)}</span>" if line.reason else ""
    calls = f"<br>call {line.calls:,}" if line.calls > 1 else ""
    return (
        f"<tr><th scope='row'>{escape(line.to)}</th><td class='result'>{line.word}{why}</td>"
        f"<td>{escape(line.when)}{calls}</td><td>{line.pages}</td><td class='short'>{line.lasted}</td>"
        f"<td>{escape(line.answered_by)}</td></tr>"
    )


def _figure(told: Receipt, picture: bytes | None) -> str:
    if picture is None:
        return "<p class='whose'>The pages have been erased.</p>"
    data = base64.b64encode(picture).decode()
    said = "The page as it was sent" if told.pages == 1 else f"The first of {told.pages:,} pages, as it was sent"
    return f"<figure><img alt='' src='data:image/png;base64,{data}'><figcaption>{said}</figcaption></figure>"
