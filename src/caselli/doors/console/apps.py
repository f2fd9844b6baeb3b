"""``caselli app create|list|remove``."""

import argparse
import json
import sys
from datetime import UTC
from typing import Any

from caselli.directory import apps
from caselli.directory.app_form import AppKind, Wanted, kind_of
from caselli.directory.apps import NotMade
from caselli.directory.scopes import Scope
from caselli.doors.console import naming, printing
from caselli.store.models import App

USUAL = (Scope.FAX_READ, Scope.FAX_SEND)


def run(verb: str, arguments: argparse.Namespace) -> int:
    """0: done; 2: the command is wrong, and how."""
    try:
        return {"create": _create, "list": _list, "remove": _remove}[verb](arguments)
    except NotMade as wrong:
        print("\n".join(f"{field}: {text}" for field, text in wrong.faults.items()), file=sys.stderr)
    except naming.Unclear as wrong:
        print(wrong, file=sys.stderr)
    return 2


def _create(arguments: argparse.Namespace) -> int:
    wanted = Wanted(
        arguments.name.strip(),
        AppKind(arguments.kind),
        frozenset(Scope(one) for one in arguments.scope or USUAL),
        tuple(arguments.redirect_uri or ()),
    )
    made = apps.create(naming.user(arguments.user), wanted, printing.operator())
    if arguments.json:
        print(json.dumps(_as_json(made.app) | {"client_secret": made.secret}, indent=2))
        return 0
    printing.facts([("Client id", made.app.client_id), ("Client secret", made.secret or "none")])
    if made.secret:
        print("\nKeep the secret well: it is shown this once.")
    return 0


def _list(arguments: argparse.Namespace) -> int:
    found = App.objects.select_related("user__organization")
    if arguments.user:
        found = found.filter(user=naming.user(arguments.user))
    if arguments.of:
        found = found.filter(user__organization=naming.organization(arguments.of))
    if arguments.json:
        print(json.dumps([_as_json(one) for one in found], indent=2))
    elif not found:
        print("There are no apps. Register one: caselli app create --user LOGIN --name NAME")
    else:
        headings = ("Client id", "Name", "Kind", "Belongs to", "Scopes", "Last used", "State")
        printing.table(headings, (_row(one) for one in found))
    return 0


def _row(app: App) -> tuple[str, ...]:
    return (
        app.client_id,
        app.name,
        kind_of(app).words,
        apps.owner_of(app).username,
        ", ".join(app.scopes),
        f"{app.last_used_at.astimezone():%Y-%m-%d %H:%M}" if app.last_used_at else "never",
        "works" if apps.is_good(app) else "its account has no power",
    )


def _remove(arguments: argparse.Namespace) -> int:
    app = App.objects.select_related("user__organization").filter(client_id=arguments.which).first()
    if app is None:
        raise naming.Unclear(f"There is no app {arguments.which}. See: caselli app list")
    apps.remove(app, printing.operator())
    print(json.dumps({"removed": arguments.which}) if arguments.json else f"Removed the app {app.name}.")
    return 0


def _as_json(app: App) -> dict[str, Any]:
    owner = apps.owner_of(app)
    return {
        "client_id": app.client_id,
        "name": app.name,
        "kind": kind_of(app).value,
        "user": owner.username,
        "organization": owner.organization.number if owner.organization else None,
        "scopes": app.scopes,
        "redirect_uris": app.redirect_uris.split(),
        "created_at": app.created.astimezone(UTC).isoformat(),
        "last_used_at": app.last_used_at.astimezone(UTC).isoformat() if app.last_used_at else None,
        "works": apps.is_good(app),
    }
