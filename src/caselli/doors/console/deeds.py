"""What the operator decides about a fax of this machine: each command is one verb of the house."""

import argparse
from collections.abc import Callable, Mapping

from caselli.approval import decide as yes_or_no
from caselli.approval.request import content_of
from caselli.doors.console import telling
from caselli.doors.console.listing import find
from caselli.fax.refusals import Refusal, RefusalKind
from caselli.history.timeline import told
from caselli.history.told import as_json
from caselli.queue import decide
from caselli.store.models import ApprovedHow, Fax

Deed = Callable[[Fax, argparse.Namespace], None]


def run(name: str, arguments: argparse.Namespace) -> int:
    """0: done; 2: not done, and why. Whoever sits at the server needs nobody's leave."""
    fax = find(arguments.id)
    if fax is None:
        return telling.say_missing(arguments.id)
    try:
        _DEEDS[name](fax, arguments)
    except Refusal as refused:
        telling.say_refused(refused.field, refused.subject, refused.sentence, refused.remedy)
        return 2
    fax = Fax.objects.select_related("extension__organization").get(pk=fax.pk)
    if arguments.json:
        telling.print_json(as_json(told(fax)))
    else:
        telling.print_handed_in(told(fax), fax.pages)
    return 0


def _approve(fax: Fax, _: argparse.Namespace) -> None:
    yes_or_no.approve(fax, None, None, content_of(fax), ApprovedHow.CONSOLE)


def _decline(fax: Fax, arguments: argparse.Namespace) -> None:
    yes_or_no.refuse(fax, None, None, arguments.reason)


def _cancel(fax: Fax, _: argparse.Namespace) -> None:
    decide.cancel(fax, None, None)


def _resend(fax: Fax, _: argparse.Namespace) -> None:
    decide.resend(fax, None, None)


def _send_held(fax: Fax, _: argparse.Namespace) -> None:
    decide.send_held(fax, None, None)


def _resolve(fax: Fax, arguments: argparse.Namespace) -> None:
    delivery = fax.deliveries.filter(position=arguments.recipient).first()
    if delivery is None:
        sentence = f"The fax has no recipient {arguments.recipient}."
        raise Refusal(RefusalKind.RECIPIENT_MISSING, "recipient", sentence, "They are counted from 1.")
    (decide.it_arrived if arguments.arrived else decide.send_again)(delivery, None, None)


_DEEDS: Mapping[str, Deed] = {
    "approve": _approve,
    "cancel": _cancel,
    "decline": _decline,
    "resend": _resend,
    "resolve": _resolve,
    "send-held": _send_held,
}
