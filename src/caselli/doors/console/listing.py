"""``caselli faxes`` and ``caselli show``."""

import argparse
import sys
import uuid

from caselli.doors.console import telling
from caselli.doors.console.naming import extension_named
from caselli.fax.refusals import Refusal
from caselli.history.timeline import tell_all, told
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
    telling.print_list(tell_all(chosen[: arguments.limit]), as_plain_json=arguments.json)
    return 0


def show(arguments: argparse.Namespace) -> int:
    """One fax, with everything that happened."""
    fax = find(arguments.id)
    if fax is None:
        return telling.say_missing(arguments.id)
    telling.print_fax(told(fax), fax.pages, as_plain_json=arguments.json)
    return 0


def find(text: str) -> Fax | None:
    try:
        uid = uuid.UUID(text)
    except ValueError:
        return None
    return Fax.objects.select_related("organization", "extension__organization").filter(uid=uid).first()
