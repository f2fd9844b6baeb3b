"""``caselli key create|list|end``."""

import argparse
import json
import sys
from datetime import UTC, date
from typing import Any
from uuid import UUID

from caselli.directory import api_keys
from caselli.directory.api_keys import NotMade
from caselli.directory.scopes import Scope
from caselli.doors.console import naming, printing
from caselli.store.models import ApiKey

USUAL = (Scope.FAX_READ, Scope.FAX_SEND)
STATES = {
    api_keys.WhyNot.ENDED: "taken back",
    api_keys.WhyNot.EXPIRED: "expired",
    api_keys.WhyNot.PERSON_OFF: "person switched off",
    api_keys.WhyNot.NO_SECOND_FACTOR: "person lacks a second factor",
}


def run(verb: str, arguments: argparse.Namespace) -> int:
    """0: done; 2: the command is wrong, and how."""
    try:
        return {"create": _create, "list": _list, "end": _end}[verb](arguments)
    except NotMade as wrong:
        print(f"{wrong.field}: {wrong}", file=sys.stderr)
    except naming.Unclear as wrong:
        print(wrong, file=sys.stderr)
    return 2


def _create(arguments: argparse.Namespace) -> int:
    person = naming.user(arguments.user)
    key, secret = api_keys.make(
        person,
        printing.operator(),
        name=arguments.name,
        scopes=[Scope(one) for one in arguments.scope or USUAL],
        sandbox=arguments.sandbox,
        expires_at=api_keys.last_moment_of(_day(arguments.expires), person) if arguments.expires else None,
    )
    if arguments.json:
        print(json.dumps(_as_json(key) | {"key": secret}, indent=2))
    else:
        print(f"{secret}\n\nKeep it well: it is shown this once. Take it back: caselli key end {key.shown}")
        if api_keys.why_not(key) is api_keys.WhyNot.NO_SECOND_FACTOR:
            print(f"It opens nothing until {person.called} has set up a second factor, at the next sign-in.")
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotMade("expires", f"{text} is no day. Write it like 2027-01-31.") from None


def _list(arguments: argparse.Namespace) -> int:
    keys = ApiKey.objects.select_related("person__organization").prefetch_related("person__authenticator_set")
    if arguments.user:
        keys = keys.filter(person=naming.user(arguments.user))
    if arguments.of:
        keys = keys.filter(person__organization=naming.organization(arguments.of))
    if arguments.json:
        print(json.dumps([_as_json(one) for one in keys], indent=2))
    elif not keys:
        print("There are no keys. Make one: caselli key create --user LOGIN --name NAME")
    else:
        headings = ("Key", "Name", "Person", "Scopes", "Expires", "Last used", "State")
        printing.table(headings, ([*_row(one)] for one in keys))
    return 0


def _row(key: ApiKey) -> tuple[str, ...]:
    return (
        f"{key.shown}…",
        key.name,
        key.person.username,
        ", ".join(key.scopes),
        f"{key.expires_at.astimezone():%Y-%m-%d %H:%M}" if key.expires_at else "never",
        f"{key.last_used_at.astimezone():%Y-%m-%d %H:%M}" if key.last_used_at else "never",
        _state(key),
    )


def _state(key: ApiKey) -> str:
    why_not = api_keys.why_not(key)
    return "opens" if why_not is None else STATES[why_not]


def _end(arguments: argparse.Namespace) -> int:
    key = _named(arguments.which)
    ended = api_keys.end(key, printing.operator())
    if arguments.json:
        print(json.dumps({"ended": ended, "id": str(key.uid)}))
    elif ended:
        print(f"The key {api_keys.called(key)} opens nothing any more.")
    else:
        print(f"The key {api_keys.called(key)} was taken back before.")
    return 0


def _named(text: str) -> ApiKey:
    keys = ApiKey.objects.select_related("person__organization")
    try:
        found = list(keys.filter(uid=UUID(text)))
    except ValueError:
        found = list(keys.filter(shown=text.rstrip("….")))
    if not found:
        raise naming.Unclear("There is no such key. See: caselli key list")
    if len(found) > 1:
        raise naming.Unclear(f"Several keys begin with {text}. Name it by its id: caselli key list --json")
    return found[0]


def _as_json(key: ApiKey) -> dict[str, Any]:
    return {
        "id": str(key.uid),
        "name": key.name,
        "shown": key.shown,
        "user": key.person.username,
        "organization": key.person.organization.number if key.person.organization else None,
        "scopes": key.scopes,
        "sandbox": key.sandbox,
        "created_at": key.created_at.astimezone(UTC).isoformat(),
        "expires_at": key.expires_at.astimezone(UTC).isoformat() if key.expires_at else None,
        "last_used_at": key.last_used_at.astimezone(UTC).isoformat() if key.last_used_at else None,
        "ended_at": key.ended_at.astimezone(UTC).isoformat() if key.ended_at else None,
        "opens": api_keys.why_not(key) is None,
    }
