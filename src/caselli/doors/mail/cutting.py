"""Signatures and quoted text, cut off the text of a mail: pure, linear, and in doubt nothing is cut.

Quoted text goes when it stands in one piece, below or above what was written; where answers stand between the quoted
lines, all of it stays, since they would make no sense without. A text of nothing but quotations stays, and so does
what is said to be forwarded, which its sender wants to show.
"""

import re
from collections import deque
from collections.abc import Sequence
from typing import Final

from caselli.doors.mail.texts import shows_nothing

_MOST_SIGNED: Final = 15
"""Lines: what is longer is no signature."""
_SENT_FROM: Final = re.compile(
    r"(?:Sent from (?:my |Mail for |Outlook for |Yahoo)[^\n<>]{0,40}|Get Outlook for [^\n<>]{2,20}(?:<[^\n<>]{1,60}>)?"
    r"|Von meinem [^\n<>]{2,30} gesendet|Gesendet (?:von meinem|mit der|von (?:Outlook|Mail) für) [^\n<>]{2,40}"
    r"|Envoyé (?:de|depuis) mon [^\n<>]{2,30}|Enviado desde mi [^\n<>]{2,30}|Enviado do meu [^\n<>]{2,30}"
    r"|Inviato dal mio [^\n<>]{2,30}|Inviato da iP(?:hone|ad)|Verzonden vanaf mijn [^\n<>]{2,30}"
    r"|Trimis de pe (?:iP|telefon)[^\n<>]{0,30}|Wysłane z (?:iP|mojego )[^\n<>]{0,30}|Skickat från min [^\n<>]{2,30}"
    r"|Отправлено с (?:iP|моего )[^\n<>]{0,30})",
    re.IGNORECASE,
)
_SENT_FROM_IN_HTML: Final = re.compile(rf">\s{{0,9}}{_SENT_FROM.pattern}\s{{0,9}}(?=<)", re.IGNORECASE)
_ATTRIBUTION: Final = re.compile(
    r"(?:(?:On|Am|Le|El|Il|Op|Em|Pe|În|La|W dniu|Dnia|Den|Il giorno)\b|\d{1,4}[-./ ]).{0,300}\d.{0,300}"
    r"\b(?:wrote|schrieb|a écrit|escribió|ha scritto|schreef|escreveu|a scris|pisze|napisał|skrev|пишет|написал)\b"
    r".{0,200}:",
    re.IGNORECASE,
)
_MOST_ATTRIBUTED: Final = 3
"""Lines, where a long one was wrapped."""
_ORIGINAL: Final = re.compile(
    r"-{2,}\s?(?:Original Message|Original-Nachricht|Ursprüngliche Nachricht|Message d.origine|Mensaje original"
    r"|Messaggio originale|Oorspronkelijk bericht|Mensagem original|Mesaj original|Wiadomość oryginalna)\s?-{2,}",
    re.IGNORECASE,
)
_HEADER: Final = tuple(
    re.compile(rf"\*?(?:{names})\s?:\*?\s", re.IGNORECASE)
    for names in (
        "From|Von|De|Da|Van|Od|От",
        "Sent|Date|Gesendet|Datum|Envoyé|Enviado(?: el)?|Fecha|Inviato|Data|Verzonden|Trimis|Wysłano|Отправлено",
        "To|An|À|Para|A|Aan|Către|Do|Кому",
        "Subject|Betreff|Objet|Asunto|Oggetto|Onderwerp|Assunto|Subiect|Temat|Тема",
    )
)
_HEADER_LINES: Final = 8


def cut_plain(text: str) -> str:
    """What its sender has written himself; the text as it is where that is not plain to see."""
    lines = text.split("\n")
    start = _original(lines)
    own = _without_signature(lines[:start])
    if start < len(lines) and not _blank(own):
        return "\n".join(own).rstrip("\n")
    first, behind = _quotation(lines)
    if first < behind:
        above, below = _without_signature(lines[:first]), _without_signature(lines[behind:])
        # In one piece, and words of the sender on one side of it only.
        if _blank(above) != _blank(below):
            return "\n".join(above if _blank(below) else below).strip("\n")
        return text
    return "\n".join(_without_signature(lines)).rstrip("\n")


def _blank(lines: Sequence[str]) -> bool:
    return not any(line.strip() for line in lines)


def _without_signature(lines: Sequence[str]) -> list[str]:
    kept = list(lines)
    marks = [number for number, line in enumerate(kept) if line == "-- "]
    if marks and sum(bool(line.strip()) for line in kept[marks[-1] :]) <= _MOST_SIGNED:
        kept = kept[: marks[-1]]
    while kept and not kept[-1].strip():
        kept.pop()
    if kept and _SENT_FROM.fullmatch(kept[-1].strip()):
        kept.pop()
    return kept


def _original(lines: Sequence[str]) -> int:
    """Where Outlook's copy of the earlier mail begins; behind the last line where there is none."""
    for number, line in enumerate(lines):
        if _ORIGINAL.fullmatch(line.strip()) or (
            _HEADER[0].match(line) and _is_header(lines[number : number + _HEADER_LINES])
        ):
            above = number - 1
            return above if above >= 0 and re.fullmatch(r"_{20,}", lines[above].strip()) else number
    return len(lines)


def _is_header(lines: Sequence[str]) -> bool:
    """Who, when, to whom and about what, in this order."""
    waiting = list(_HEADER)
    for line in lines:
        if not line.strip():
            break
        if waiting and waiting[0].match(line):
            waiting.pop(0)
    return not waiting


def _quotation(lines: Sequence[str]) -> tuple[int, int]:
    """The one piece of quoted lines with the line that says whose they are; empty where there are none or several."""
    quoted = [number for number, line in enumerate(lines) if line.startswith(">")]
    if not quoted:
        return 0, 0
    first, behind = quoted[0], quoted[-1] + 1
    if any(line.strip() and not line.startswith(">") for line in lines[first:behind]):
        return 0, 0
    return _attribution(lines, first), behind


def _attribution(lines: Sequence[str], first: int) -> int:
    end = first
    while end and not lines[end - 1].strip():
        end -= 1
    for count in range(1, min(_MOST_ATTRIBUTED, end) + 1):
        if not lines[end - count].strip():
            break
        if _ATTRIBUTION.fullmatch(" ".join(line.strip() for line in lines[end - count : end])):
            return end - count
    return first


_QUOTE: Final = re.compile(
    r"<(?P<tag>blockquote|div)\b(?=[^<>]*\b(?:type=[\"']?cite\b|class=[\"'][^\"'<>]*\b(?:gmail_quote|yahoo_quoted)\b))[^<>]*>",
    re.IGNORECASE,
)
_PREFIX: Final = re.compile(r"<(?P<tag>div)\b(?=[^<>]*\bclass=[\"']?moz-cite-prefix\b)[^<>]*>", re.IGNORECASE)
_OUTLOOK: Final = re.compile(
    r"<div\b(?=[^<>]*(?:\bid=[\"']?(?:divRplyFwdMsg|appendonsend)\b"
    r"|border:\s?none;\s?border-top:\s?solid #(?:E1E1E1|B5C4DF)\b))[^<>]*>",
    re.IGNORECASE,
)
_SIGNATURE: Final = re.compile(
    r"<(?P<tag>div|pre|span)\b(?=[^<>]*\b(?:class=[\"'][^\"'<>]*\b(?:gmail_signature_prefix|gmail_signature|moz-signature)\b"
    r"|id=[\"']?(?:AppleMail|ms-outlook-mobile-)?signature\b))[^<>]*>",
    re.IGNORECASE,
)
_FORWARDED: Final = re.compile(r"-{5,}\s|Begin forwarded|Forwarded message", re.IGNORECASE)
_FORWARDED_WITHIN: Final = 1_000
_MOST_SIGNATURES: Final = 4


def cut_html(html: str) -> str:
    """As ``cut_plain``, by the marks that mail programs leave in their HTML."""
    if outlook := _OUTLOOK.search(html):
        own = html[: outlook.start()]
        if not shows_nothing(own):
            return _without_signature_in_html(own)
    quote = _QUOTE.search(html)
    if quote is None:
        return _without_signature_in_html(html)
    end = _end_of(html, quote)
    begin = quote.start()
    if not end or _FORWARDED.search(html, begin, begin + _FORWARDED_WITHIN):
        return html
    if (prefix := _PREFIX.search(html, 0, begin)) and _end_of(html, prefix) <= begin:
        between = html[_end_of(html, prefix) : begin]
        begin = prefix.start() if shows_nothing(between) else begin
    above, below = html[:begin], html[end:]
    if shows_nothing(below) and not shows_nothing(above):
        return _without_signature_in_html(above) + below
    if shows_nothing(above) and not shows_nothing(below) and not _QUOTE.search(below):
        return above + _without_signature_in_html(below)
    return html


def _end_of(html: str, opened: re.Match[str]) -> int:
    """Behind the end of the element; 0 where that is not sure."""
    depth = 0
    for tag in re.finditer(rf"<!--|<(/?){opened['tag']}\b[^<>]*>", html[opened.start() :], re.IGNORECASE):
        if tag[0] == "<!--":
            return 0
        depth += -1 if tag[1] else 1
        if not depth:
            return opened.start() + tag.end()
    return 0


def _without_signature_in_html(html: str) -> str:
    for _ in range(_MOST_SIGNATURES):
        found = _SIGNATURE.search(html)
        end = _end_of(html, found) if found else 0
        if found is None or not end:
            break
        html = html[: found.start()] + html[end:]
    last = next(iter(deque(_SENT_FROM_IN_HTML.finditer(html), maxlen=1)), None)
    if last and shows_nothing(html[last.end() :]):
        return html[: last.start() + 1] + html[last.end() :]
    return html
