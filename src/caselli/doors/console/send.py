"""``caselli send``: hand in a fax, and wait for what becomes of it if asked to."""

import argparse
import json
import sys
from pathlib import Path

from caselli.approval.request import approvers
from caselli.doors.console.following import follow
from caselli.doors.console.naming import extension_named
from caselli.fax.number import split_recipients
from caselli.fax.refusals import Refusal, RefusalKind, Refusals
from caselli.fax.status import ShownStatus
from caselli.fax.submission import HandedFile, Submission
from caselli.history.timeline import as_json, told
from caselli.intake.submit import submit
from caselli.store.models import Channel, Fax


def _files(names: list[str]) -> tuple[HandedFile, ...]:
    for name in names:
        if not Path(name).is_file():
            raise Refusal(
                RefusalKind.FILE_MISSING, "files", f"There is no file {name}.", "Check its path.", subject=name
            )
    return tuple(HandedFile(Path(name).name, Path(name)) for name in names)


def send(arguments: argparse.Namespace) -> int:
    """0: accepted (with --wait: every recipient has it); 1: not every recipient has it; 2: not taken, and why."""
    try:
        fax = _submit(arguments)
    except (Refusal, Refusals) as refused:
        for one in refused.all if isinstance(refused, Refusals) else (refused,):
            about = f"{one.subject}: " if one.subject and one.subject not in one.sentence else ""
            print(f"{one.field}: {about}{one}", file=sys.stderr)
        return 2
    if arguments.wait:
        try:
            fax = follow(fax, quiet=arguments.json)
        except KeyboardInterrupt:
            print(f"\nIt goes on by itself. See: caselli show {fax.uid}", file=sys.stderr)
            return 130
    if arguments.json:
        print(json.dumps(as_json(told(fax)), indent=2))
    elif not arguments.wait:
        print(f"{fax.uid}  {fax.shown_status}, {fax.pages} {'page' if fax.pages == 1 else 'pages'}")
    if fax.shown_status == ShownStatus.NOT_APPROVED:
        asked = " or ".join(one.called for one in approvers(fax.extension, fax.added_by_id))
        print(f"It waits for a second person’s yes: {asked} is asked.", file=sys.stderr)
    return 0 if not arguments.wait or fax.shown_status == ShownStatus.SENT else 1


def _submit(arguments: argparse.Namespace) -> Fax:
    extension = extension_named(arguments.sender)
    recipients = tuple(one for text in arguments.to for one in split_recipients(text))
    return submit(
        Submission(
            extension_id=extension.pk,
            channel=Channel.CONSOLE.value,
            recipients=recipients,
            files=_files(arguments.files),
            hold=arguments.hold,
        )
    )
