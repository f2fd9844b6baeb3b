"""The cover page of a mail: who sends it, to whom, when, and the text of the mail as its message."""

import html as entities
import re
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from typing import Final
from zoneinfo import ZoneInfo

from caselli.doors.mail.message import Head
from caselli.store.models import Extension

_STYLE: Final = """
.organization { font-size: 15pt; font-weight: bold; border-bottom: 1.2mm solid black; padding-bottom: 3mm }
.fax { font-size: 40pt; font-weight: bold; line-height: 1; margin: 9mm 0 8mm }
.facts { width: 100%; border-collapse: collapse; margin-bottom: 9mm; font-size: 11.5pt }
.facts th, .facts td { border: 0; border-bottom: .3mm solid black; padding: 2.2mm 0 }
.facts th, .facts td { vertical-align: top; text-align: left }
.facts th { width: 24mm; font-weight: normal }
.facts td { font-weight: bold }
.facts .more { display: block; font-weight: normal }
.message { font-size: 11.5pt; line-height: 1.4 }
"""
_STYLE_TAG: Final = re.compile(r"<(/?)style\b", re.IGNORECASE)


def cover(head: Head, extension: Extension, recipients: Sequence[str], message: str) -> str:
    """HTML; ``message``: HTML too, a stranger's perhaps, whose style sheets are not to change the page."""
    rows = [
        ("To", [", ".join(recipients), ""]),
        ("From", _sender(head, extension)),
        ("Date", [_date(head, extension), ""]),
    ]
    facts = "".join(f"<tr><th>{name}</th><td>{_said(first, more)}</td></tr>" for name, (first, more) in rows if first)
    # An element of this name goes with all that is in it when the page is cleaned (documents/markup.py).
    harmless = _STYLE_TAG.sub(r"<\1xml", message)
    return (
        f"<!DOCTYPE html><html><head><meta charset=utf-8><style>{_STYLE}</style></head><body>"
        f"<div class=organization dir=auto>{entities.escape(extension.organization.name)}</div><div class=fax>Fax</div>"
        f"<table class=facts>{facts}</table><div class=message>{harmless}</div></body></html>"
    )


def message_of(plain: str) -> str:
    """Each line in its own direction."""
    lines = (entities.escape(line, quote=False) for line in plain.strip("\n").split("\n"))
    return "".join(f"<div dir=auto style='white-space:pre-wrap'>{line or '<br>'}</div>" for line in lines)


def _said(first: str, more: str) -> str:
    below = f"<span class=more>{entities.escape(more)}</span>" if more else ""
    return f"{entities.escape(first)}{below}"


def _sender(head: Head, extension: Extension) -> list[str]:
    address = head.senders[0] if head.senders else ""
    shown = head.shown_sender.strip()
    who = shown or address or extension.name
    return [who, ", ".join(filter(None, [address if shown else "", f"extension {extension.number} {extension.name}"]))]


def _date(head: Head, extension: Extension) -> str:
    """In the extension's time; empty where the mail's date is none."""
    try:
        written = parsedate_to_datetime(head.date)
        local = written.astimezone(ZoneInfo(extension.zone)) if written.tzinfo else written
    except (ValueError, TypeError, OverflowError):
        return ""
    return f"{local.day} {local:%B %Y, %H:%M}"
