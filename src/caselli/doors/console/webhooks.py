"""``caselli webhook add|list|test|secret|switch|remove``."""

import argparse
import json
import sys
from typing import Any
from uuid import UUID

from caselli.directory.change import NotKept, keep
from caselli.doors.console import naming, printing
from caselli.notice import webhook_deeds
from caselli.notice.webhook_form import WebhookForm
from caselli.store.models import Webhook


def run(verb: str, arguments: argparse.Namespace) -> int:
    """0: done; 1: the test was not passed; 2: the command is wrong, and how."""
    verbs = {"add": _add, "list": _list, "test": _test, "secret": _secret, "switch": _switch, "remove": _remove}
    try:
        return verbs[verb](arguments)
    except naming.Unclear as wrong:
        print(wrong, file=sys.stderr)
    return 2


def _add(arguments: argparse.Namespace) -> int:
    told = {
        "name": arguments.name,
        "url": arguments.url,
        "organization": naming.organization(arguments.of).pk,
        "kinds": arguments.kind or [],
    }
    form = WebhookForm.filled(told, Webhook(), None)
    kept = None
    if form.is_valid():
        try:
            kept = keep(form, printing.operator())
        except NotKept:
            kept = None
    if not isinstance(kept, Webhook):
        for name, errors in form.errors.items():
            print(f"{name}: {' '.join(map(str, errors))}", file=sys.stderr)
        return 2
    tested = webhook_deeds.test(kept)
    if arguments.json:
        print(json.dumps(_as_json(kept) | {"secret": kept.secret, "words": tested.words}, indent=2))
    else:
        print(f"{kept.secret}\n\nKeep it well: it is shown this once. {tested.words}")
        if not tested.passed:
            print(f"It is kept, but off. Mend the address, then: caselli webhook test {kept.uid}")
    return 0 if tested.passed else 1


def _list(arguments: argparse.Namespace) -> int:
    every = Webhook.objects.select_related("organization")
    if arguments.of:
        every = every.filter(organization=naming.organization(arguments.of))
    if arguments.json:
        print(json.dumps([_as_json(one) for one in every], indent=2))
    elif not every:
        print("No webhooks yet. Add one: caselli webhook add --organization 0003 --name NAME --url https://...")
    else:
        headings = ("Name", "Organization", "Address", "Events", "State")
        printing.table(headings, ([*_row(one)] for one in every))
    return 0


def _row(one: Webhook) -> tuple[str, ...]:
    state = "in service" if one.enabled else "off"
    events = ", ".join(one.kinds) or "all"
    return (one.name, one.organization.number, one.url, events, f"{state}: {one.trouble}" if one.trouble else state)


def _test(arguments: argparse.Namespace) -> int:
    tested = webhook_deeds.test(_named(arguments.which))
    print(json.dumps({"passed": tested.passed, "words": tested.words}) if arguments.json else tested.words)
    return 0 if tested.passed else 1


def _secret(arguments: argparse.Namespace) -> int:
    secret = webhook_deeds.change_secret(_named(arguments.which), printing.operator())
    words = f"{secret}\n\nIt is shown this once. For a day messages are signed with the former one too."
    print(json.dumps({"secret": secret}) if arguments.json else words)
    return 0


def _switch(arguments: argparse.Namespace) -> int:
    found = webhook_deeds.switch(_named(arguments.which), printing.operator(), enabled=arguments.state == "on")
    words = f"The webhook {found} is {'in service' if found.enabled else 'switched off'}."
    print(json.dumps({"enabled": found.enabled}) if arguments.json else words)
    return 0


def _remove(arguments: argparse.Namespace) -> int:
    found = _named(arguments.which)
    webhook_deeds.remove(found, printing.operator())
    print(json.dumps({"removed": found.name}) if arguments.json else f"Removed webhook {found}.")
    return 0


def _named(text: str) -> Webhook:
    every = Webhook.objects.select_related("organization")
    try:
        found = list(every.filter(uid=UUID(text)))
    except ValueError:
        found = list(every.filter(name=text))
    if not found:
        raise naming.Unclear(f"There is no webhook {text}. See: caselli webhook list")
    if len(found) > 1:
        raise naming.Unclear(f"Several webhooks are called {text}. Name it by its id: caselli webhook list --json")
    return found[0]


def _as_json(one: Webhook) -> dict[str, Any]:
    return {
        "id": str(one.uid),
        "name": one.name,
        "organization": one.organization.number,
        "url": one.url,
        "kinds": one.kinds,
        "enabled": one.enabled,
        "trouble": one.trouble or None,
    }
