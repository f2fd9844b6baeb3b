"""``caselli faxes`` and ``caselli show``."""

import argparse
import json
import sys
import uuid

from rich.console import Console
from rich.table import Table

from caselli.doors.console.naming import extension_named
from caselli.fax.number import spoken
from caselli.fax.refusals import Refusal
from caselli.history.timeline import AttemptTold, DeliveryTold, FaxTold, as_json, tell_all, told
from caselli.store.models import Fax


def faxes(arguments: argparse.Namespace) -> int:
    """The newest faxes, newest first."""
    chosen = Fax.objects.order_by("-added_at", "-id")
    if arguments.sender:
        try:
            chosen = chosen.filter(extension=extension_named(arguments.sender))
        except Refusal as refused:
            print(f"{refused.field}: {refused}", file=sys.stderr)
            return 2
    stories = tell_all(chosen[: arguments.limit])
    if arguments.json:
        print(json.dumps([as_json(one) for one in stories], indent=2))
        return 0
    if not stories:
        print("No faxes yet. Send one: caselli send --from 210 --to +12025550100 letter.pdf --wait")
        return 0
    table = Table("Fax", "Status", "From", "To", "Added", box=None, pad_edge=False)
    table.columns[0].min_width = len(str(uuid.UUID(int=0)))  # an id that is cut cannot be given to show
    for one in stories:
        to = ", ".join(spoken(delivery.to) for delivery in one.deliveries)
        table.add_row(one.id, one.status, one.extension, to, f"{one.added_at.astimezone():%Y-%m-%d %H:%M}")
    Console(width=None if sys.stdout.isatty() else 160).print(table)
    return 0


def show(arguments: argparse.Namespace) -> int:
    """One fax, with everything that happened."""
    fax = _find(arguments.id)
    if fax is None:
        print(f"There is no fax {arguments.id}. The list: caselli faxes", file=sys.stderr)
        return 2
    story = told(fax)
    if arguments.json:
        print(json.dumps(as_json(story), indent=2))
    else:
        print("\n".join(_lines(story, fax.pages)))
    return 0


def _find(text: str) -> Fax | None:
    try:
        uid = uuid.UUID(text)
    except ValueError:
        return None
    return Fax.objects.select_related("extension__organization").filter(uid=uid).first()


def _lines(story: FaxTold, pages: int) -> list[str]:
    lines = [
        f"Fax {story.id}",
        f"  {story.status}; from {story.extension} by {story.channel}, {pages} {'page' if pages == 1 else 'pages'}",
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
    facts.append(f"{one.pages_confirmed} pages confirmed")
    if one.remote_id:
        facts.append(f"answered by “{one.remote_id}”")
    if one.sip_code:
        facts.append(f"SIP {one.sip_code}")
    if one.t30_code is not None:
        facts.append(f"T.30 {one.t30_code}")
    return f"{number}. {', '.join(facts)}: {one.reason or 'on the line'}"
