"""``caselli send``: hand in a fax, and wait for what becomes of it if asked to."""

import argparse
import sys
from pathlib import Path

from caselli.approval.request import approvers
from caselli.doors.console import telling
from caselli.doors.console.following_here import follow
from caselli.doors.console.naming import extension_named
from caselli.fax.number import split_recipients
from caselli.fax.refusals import Refusal, RefusalKind, Refusals
from caselli.fax.status import ShownStatus
from caselli.fax.submission import HandedFile, Submission
from caselli.history.timeline import told
from caselli.history.told import as_json
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
            telling.say_refused(one.field, one.subject, one.sentence, one.remedy)
        return 2
    if arguments.wait:
        try:
            fax = follow(fax, quiet=arguments.json)
        except KeyboardInterrupt:
            return telling.say_goes_on(str(fax.uid))
    if arguments.json:
        telling.print_json(as_json(told(fax)))
    elif not arguments.wait:
        telling.print_handed_in(told(fax), fax.pages)
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
