"""The commands about faxes on another server, by its API: the same words, the same printing, the same exit status.

Nothing here knows Django: this machine may have nothing but the program.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path

from caselli.client import Attempt, Client, Delivery, Fax, Problem
from caselli.doors.console import telling
from caselli.doors.console.following import Watched, told_to_the_terminal
from caselli.fax.number import split_recipients
from caselli.fax.status import DeliveryStatus
from caselli.history.told import AttemptTold, DeliveryTold, FaxTold, as_json

NO_ANSWER = 3
"""Exit status, as where the database of this machine does not answer."""
_GONE = "not_found"
Deed = Callable[[Client, argparse.Namespace], Fax]


def run(name: str, arguments: argparse.Namespace) -> int:
    remote = arguments.configuration.remote
    if not remote.key:
        print(
            "caselli: CASELLI_URL is set, and CASELLI_KEY is not: give it an API key of that server.", file=sys.stderr
        )
        return 2
    try:
        client = Client(remote.url, remote.key, retries=2, certificate=remote.certificate)
    except (OSError, ValueError) as error:
        print(f"caselli: CASELLI_CERTIFICATE: {error}", file=sys.stderr)
        return 2
    with client:
        return ask(client, name, arguments)


def ask(client: Client, name: str, arguments: argparse.Namespace) -> int:
    """0: done (send --wait: every recipient has it); 1: not every recipient has it; 2: not done; 3: no answer."""
    try:
        return _COMMANDS[name](client, arguments) if name in _COMMANDS else _decide(client, _DEEDS[name], arguments)
    except Problem as problem:
        return _say(problem, arguments)


def _say(problem: Problem, arguments: argparse.Namespace) -> int:
    if problem.slug == _GONE and "id" in arguments:
        return telling.say_missing(arguments.id)
    for one in problem.errors:
        telling.say_refused(one.field or "", one.subject or "", one.detail, one.remedy)
    return NO_ANSWER if not problem.status or problem.status >= 500 else 2


def _send(client: Client, arguments: argparse.Namespace) -> int:
    missing = next((one for one in arguments.files if not Path(one).is_file()), None)
    if missing is not None:
        telling.say_refused("files", missing, f"There is no file {missing}.", "Check its path.")
        return 2
    recipients = [one for text in arguments.to for one in split_recipients(text)]
    fax = client.faxes.send(recipients, arguments.files, extension=arguments.sender, hold=arguments.hold)
    if arguments.wait:
        try:
            fax = _follow(client, fax, quiet=arguments.json)
        except KeyboardInterrupt:
            return telling.say_goes_on(fax.id)
    if arguments.json:
        telling.print_json(as_json(_told(fax, _attempts(client, fax))))
    elif not arguments.wait:
        telling.print_handed_in(_told(fax), fax.pages)
    if fax.status == "not_approved":
        print("It waits for a second person’s yes.", file=sys.stderr)
    return 0 if not arguments.wait or fax.sent else 1


def _follow(client: Client, fax: Fax, *, quiet: bool) -> Fax:
    with told_to_the_terminal(fax.id, fax.pages, quiet=quiet) as tell:
        for now in client.faxes.watch(fax):
            fax = now
            tell([_watched(one, fax.pages) for one in fax.deliveries])
    return fax


def _faxes(client: Client, arguments: argparse.Namespace) -> int:
    at_once = max(1, min(arguments.limit, 100))
    found = list(islice(client.faxes.list(extension=arguments.sender, limit=at_once), max(0, arguments.limit)))
    stories = [_told(one, _attempts(client, one) if arguments.json else []) for one in found]
    telling.print_list(stories, as_plain_json=arguments.json)
    return 0


def _show(client: Client, arguments: argparse.Namespace) -> int:
    fax = client.faxes.get(arguments.id)
    telling.print_fax(_told(fax, _attempts(client, fax)), fax.pages, as_plain_json=arguments.json)
    return 0


def _decide(client: Client, deed: Deed, arguments: argparse.Namespace) -> int:
    fax = deed(client, arguments)
    if arguments.json:
        telling.print_json(as_json(_told(fax, _attempts(client, fax))))
    else:
        telling.print_handed_in(_told(fax), fax.pages)
    return 0


_COMMANDS: Mapping[str, Callable[[Client, argparse.Namespace], int]] = {"send": _send, "faxes": _faxes, "show": _show}
_DEEDS: Mapping[str, Deed] = {
    "approve": lambda client, said: client.faxes.approve(said.id),
    "cancel": lambda client, said: client.faxes.cancel(said.id),
    "decline": lambda client, said: client.faxes.decline(said.id, said.reason),
    "resend": lambda client, said: client.faxes.resend(said.id),
    "resolve": lambda client, said: client.faxes.resolve(said.id, said.recipient, arrived=said.arrived),
    "send-held": lambda client, said: client.faxes.send_held(said.id),
}


def _attempts(client: Client, fax: Fax) -> list[Attempt]:
    return list(client.faxes.attempts(fax, ladder=False, limit=50))


def _told(fax: Fax, attempts: list[Attempt] | None = None) -> FaxTold:
    return FaxTold(
        id=fax.id,
        extension=fax.extension,
        channel=fax.channel,
        status=fax.status_name,
        added_at=fax.added_at,
        deliveries=tuple(
            _told_delivery(one, [call for call in attempts or [] if call.recipient == one.recipient])
            for one in fax.deliveries
        ),
    )


def _told_delivery(one: Delivery, attempts: list[Attempt]) -> DeliveryTold:
    return DeliveryTold(
        to=one.to,
        status=one.status_name,
        reason=one.reason or "",
        remedy=one.remedy or "",
        next_try_at=one.next_try_at,
        attempts=tuple(
            AttemptTold(
                started_at=call.started_at,
                trunk=call.trunk or "",
                seconds=call.seconds,
                pages_confirmed=call.pages_confirmed,
                rate=call.rate or 0,
                ecm=call.ecm,
                transport=call.transport,
                remote_id=call.remote_id or "",
                sip_code=call.sip_code,
                t30_code=call.t30_code,
                reason=call.reason or "",
            )
            for call in attempts
        ),
    )


def _watched(one: Delivery, pages: int) -> Watched:
    return Watched(
        number=one.recipient,
        to=one.to,
        status=DeliveryStatus(one.status),
        status_name=one.status_name,
        reason=one.reason or "",
        remedy=one.remedy or "",
        phase=one.phase or "",
        phase_page=one.phase_page or 0,
        pages=pages,
        pages_confirmed=one.pages_confirmed,
        next_try_at=one.next_try_at,
    )
