"""How a fax looks in a terminal: the same, whether it lies here or on another server."""

import json
import sys
import uuid
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from caselli.fax.number import spoken
from caselli.history.told import AttemptTold, DeliveryTold, FaxTold, as_json

WIDE = 160
"""Columns for a file or another program."""


def pages_in_words(pages: int) -> str:
    return f"{pages} {'page' if pages == 1 else 'pages'}"


def print_json(told: object) -> None:
    print(json.dumps(told, indent=2))


def print_handed_in(story: FaxTold, pages: int) -> None:
    print(f"{story.id}  {story.status}, {pages_in_words(pages)}")


def print_list(stories: Sequence[FaxTold], *, as_plain_json: bool) -> None:
    if as_plain_json:
        print_json([as_json(one) for one in stories])
        return
    if not stories:
        print("No faxes yet. Send one: caselli send --from 210 --to +12025550100 letter.pdf --wait")
        return
    table = Table("Fax", "Status", "From", "To", "Added", box=None, pad_edge=False)
    table.columns[0].min_width = len(str(uuid.UUID(int=0)))  # an id that is cut cannot be given to show
    for one in stories:
        to = ", ".join(spoken(delivery.to) for delivery in one.deliveries)
        table.add_row(one.id, one.status, one.extension, to, f"{one.added_at.astimezone():%Y-%m-%d %H:%M}")
    Console(width=None if sys.stdout.isatty() else WIDE).print(table)


def print_fax(story: FaxTold, pages: int, *, as_plain_json: bool) -> None:
    if as_plain_json:
        print_json(as_json(story))
    else:
        print("\n".join(_lines(story, pages)))


def say_refused(field: str, subject: str, sentence: str, remedy: str) -> None:
    """``field``: empty where it is about none."""
    about = f"{subject}: " if subject and subject not in sentence else ""
    print(f"{f'{field}: ' if field else ''}{about}{sentence} {remedy}".rstrip(), file=sys.stderr)


def say_goes_on(fax: str) -> int:
    print(f"\nIt goes on by itself. See: caselli show {fax}", file=sys.stderr)
    return 130


def say_missing(fax: str) -> int:
    print(f"There is no fax {fax}. The list: caselli faxes", file=sys.stderr)
    return 2


def _lines(story: FaxTold, pages: int) -> list[str]:
    lines = [
        f"Fax {story.id}",
        f"  {story.status}; from {story.extension} by {story.channel}, {pages_in_words(pages)}",
        f"  added {story.added_at.astimezone():%Y-%m-%d %H:%M:%S}",
    ]
    for delivery in story.deliveries:
        lines += _delivery_lines(delivery)
    return lines


def _delivery_lines(delivery: DeliveryTold) -> list[str]:
    lines = [f"  {spoken(delivery.to)}: {delivery.status}. {delivery.reason} {delivery.remedy}".rstrip()]
    if delivery.next_try_at is not None:
        lines.append(f"    next try at {delivery.next_try_at.astimezone():%H:%M:%S}")
    return lines + [f"    {_attempt_line(number, one)}" for number, one in enumerate(delivery.attempts, 1)]


def _attempt_line(number: int, one: AttemptTold) -> str:
    facts = [f"{one.started_at.astimezone():%H:%M:%S}", f"by {one.trunk}", f"{one.seconds:.1f} s"]
    if one.transport:
        facts += [one.transport.upper(), f"{one.rate} bit/s", "ECM" if one.ecm else "no ECM"]
    facts.append(f"{one.pages_confirmed} {'page' if one.pages_confirmed == 1 else 'pages'} confirmed")
    if one.remote_id:
        facts.append(f"answered by “{one.remote_id}”")
    if one.sip_code:
        facts.append(f"SIP {one.sip_code}")
    if one.t30_code is not None:
        facts.append(f"T.30 {one.t30_code}")
    return f"{number}. {', '.join(facts)}: {one.reason or 'on the line'}"
