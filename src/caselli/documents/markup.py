"""A stranger's HTML, made harmless and fit for paper: pure.

An allow-list (nh3) takes away scripts, forms, frames, SVG and every address. Style sheets stay: what they hide or lay
out is part of what its reader sees; nothing they ask for is fetched, and a sheet of ours stands above them that lets
through black on white only.
"""

import re
from typing import Final

import nh3

from caselli.documents.jobs import Objected, Objection

MOST_TAGS: Final = 150_000
"""Opening and closing: WeasyPrint would not be done with more in its minute."""
DEEPEST: Final = 400
"""Tags within tags. Sixty answers, each a table within the quotation of the one before, have 300."""
_DEEPEST_AS_WRITTEN: Final = 2_000
"""Before it is cleaned, when some ends may be missing on purpose."""
_MOST_SPANNED: Final = {"colspan": 100, "span": 100, "rowspan": 1000}
"""Every cell of a span is laid out; HTML would allow 1,000 and 65,534."""

_TAGS: Final = (
    "a abbr acronym address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del "
    "details dfn dir div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hgroup hr i img ins kbd li "
    "main mark menu nav nobr ol p pre q rp rt ruby s samp section small span strike strong style sub summary sup "
    "table tbody td tfoot th thead time tr tt u ul var wbr"
)
_GONE_WITH_CONTENT: Final = (
    "applet audio canvas datalist embed frameset iframe math noembed noframes object optgroup option script select "
    "svg template textarea title video xml"
)
_ATTRIBUTES: Final = {
    "*": {"align", "class", "dir", "hidden", "id", "lang", "style", "valign"},
    "col": {"span", "width"},
    "colgroup": {"span", "width"},
    "font": {"face", "size"},
    "hr": {"noshade", "size", "width"},
    "img": {"alt", "border", "height", "hspace", "src", "vspace", "width"},
    "li": {"type", "value"},
    "ol": {"reversed", "start", "type"},
    "table": {"border", "cellpadding", "cellspacing", "frame", "height", "rules", "width"},
    "td": {"colspan", "height", "nowrap", "rowspan", "width"},
    "th": {"colspan", "height", "nowrap", "rowspan", "width"},
    "tr": {"height"},
    "ul": {"type"},
}
_STYLE_OR_TAG: Final = re.compile(r"<style\b[^>]*>.*?</style>|<(/?)([a-zA-Z][a-zA-Z0-9]*)", re.DOTALL)
_END_MAY_BE_MISSING: Final = (
    "br col dd dt hr img input li link meta option p param rp rt source tbody td tfoot th thead tr wbr"
)
_DIRECTION: Final = re.compile(r"<(?:html|body)\b[^<>]{0,2000}?\bdir\s*=\s*[\"']?(rtl|ltr|auto)\b", re.IGNORECASE)
_HEAD: Final = 20_000
"""Letters in which the tag of the body begins, behind its style sheets."""

LAYOUT: Final = """
body { margin: 0; font: 10pt/1.3 'DejaVu Sans', 'Noto Sans', sans-serif; overflow-wrap: break-word }
img, table, div { max-width: 100% }
pre, tt, code, kbd, samp { font-family: 'DejaVu Sans Mono', 'Noto Sans Mono', monospace }
pre { white-space: pre-wrap }
img { object-fit: contain }
"""
"""What holds where the document says nothing else."""
_PAPER: Final = """
@page {{ size: {width:.2f}mm {length:.2f}mm !important; margin: {vertical:.2f}mm {horizontal:.2f}mm !important }}
*, *::before, *::after {{
    color: black !important; background: none !important; text-shadow: none !important; box-shadow: none !important;
    opacity: 1 !important; position: static !important; transform: none !important; page: auto !important;
    border-image: none !important; list-style-image: none !important; outline: none !important
}}
table, td, th, hr, blockquote {{ border-color: black !important }}
"""
_TIGHT: Final = """
* { max-width: 100% !important; min-width: 0 !important; overflow-wrap: anywhere !important }
:not(pre) { white-space: normal !important }
table, td, th, col { width: auto !important }
"""


def paper(enlarged: float, *, tight: bool) -> str:
    """The sheet above all others: A4, ``enlarged`` for a document too wide for it, which is drawn smaller then.

    ``tight``: and nothing may be wider than the page, whatever becomes of the layout.
    """
    sheet = _PAPER.format(width=210 * enlarged, length=297 * enlarged, vertical=15 * enlarged, horizontal=17 * enlarged)
    return sheet + _TIGHT if tight else sheet


def harmless(html: str) -> str:
    """The same document without anything that acts or fetches. Raises Objected when it is too much to be drawn."""
    _refuse_excess(html, _DEEPEST_AS_WRITTEN)
    direction = _DIRECTION.search(html[:_HEAD])
    cleaner = nh3.Cleaner(
        tags=set(_TAGS.split()),
        clean_content_tags=set(_GONE_WITH_CONTENT.split()),
        attributes=_ATTRIBUTES,
        attribute_filter=_bounded,
        url_schemes={"data"},
        link_rel=None,
    )
    clean = cleaner.clean(html)
    _refuse_excess(clean, DEEPEST)
    wrapped = f"<div dir={direction[1].lower()}>{clean}</div>" if direction else clean
    return f"<!DOCTYPE html><meta charset=utf-8><style>{LAYOUT}</style><body>{wrapped}"


def _bounded(_tag: str, attribute: str, value: str) -> str | None:
    most = _MOST_SPANNED.get(attribute)
    if most is None:
        return value
    digits = value.strip()
    return str(min(int(digits), most)) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else None


def _refuse_excess(html: str, deepest: int) -> None:
    tags = depth = 0
    end_may_be_missing = frozenset(_END_MAY_BE_MISSING.split())
    for found in _STYLE_OR_TAG.finditer(html):
        if found[2] is None:
            continue
        tags += 1
        if found[2].lower() not in end_may_be_missing:
            depth = max(0, depth - 1) if found[1] else depth + 1
        if tags > MOST_TAGS or depth > deepest:
            raise Objected(Objection.TOO_COMPLEX, f"{tags} tags, {depth} deep")
