"""``caselli share`` and ``caselli audit``."""

import argparse
import json
import sys
from typing import Any

from caselli.directory import sharing
from caselli.doors.console import naming, printing
from caselli.store.models import AuditEntry, Extension, Share


def run(verb: str, arguments: argparse.Namespace) -> int:
    """0: done; 2: the command is wrong, and how."""
    try:
        return {"list": _list, "add": _add, "remove": _remove}[verb](arguments)
    except (naming.Unclear, sharing.NotShared) as wrong:
        print(wrong, file=sys.stderr)
        return 2


def _list(arguments: argparse.Namespace) -> int:
    shares = Share.objects.select_related("extension__organization", "user").order_by(
        "extension__organization__number", "extension__number", "user__username"
    )
    if arguments.extension:
        shares = shares.filter(extension=naming.extension(arguments.extension))
    if arguments.json:
        print(json.dumps([_as_json(one) for one in shares], indent=2))
    elif not shares:
        print("Nothing is shared. Share: caselli share add 0003*210 --user bob")
    else:
        printing.table(
            ("Extension", "Shared with", "Right"),
            ((_called(one.extension), str(one.user or sharing.EVERYBODY), sharing.words(one)) for one in shares),
        )
    return 0


def _add(arguments: argparse.Namespace) -> int:
    extension = naming.extension(arguments.extension)
    user = naming.user(arguments.user) if arguments.user else None
    shared = sharing.share(extension, user, printing.operator(), may_act=arguments.act)
    if arguments.json:
        print(json.dumps(_as_json(shared), indent=2))
    else:
        who = str(user) if user else sharing.EVERYBODY
        print(f"The faxes of {_called(extension)} are shared with {who}, who {sharing.words(shared)}.")
    return 0


def _remove(arguments: argparse.Namespace) -> int:
    extension = naming.extension(arguments.extension)
    user = naming.user(arguments.user) if arguments.user else None
    shared = Share.objects.select_related("extension__organization").filter(extension=extension, user=user).first()
    who = str(user) if user else sharing.EVERYBODY
    if shared is None:
        raise naming.Unclear(f"{_called(extension)} is not shared with {who}. See: caselli share list")
    told = _as_json(shared)
    sharing.unshare(shared, printing.operator())
    print(
        json.dumps({"removed": told}) if arguments.json else f"{_called(extension)} is not shared with {who} any more."
    )
    return 0


def _called(extension: Extension) -> str:
    return f"{extension.extended} {extension.name}"


def _as_json(shared: Share) -> dict[str, Any]:
    return {
        "extension": shared.extension.extended,
        "user": shared.user.username if shared.user else None,
        "may_act": shared.may_act,
    }


def audit(arguments: argparse.Namespace) -> int:
    """What was changed, newest first."""
    entries = AuditEntry.objects.select_related("person", "organization")
    try:
        if arguments.of:
            entries = entries.filter(organization=naming.organization(arguments.of))
    except naming.Unclear as wrong:
        print(wrong, file=sys.stderr)
        return 2
    chosen = entries[: arguments.limit]
    if arguments.json:
        print(json.dumps([_entry_as_json(one) for one in chosen], indent=2))
    elif not chosen:
        print("Nothing has been changed yet.")
    for one in () if arguments.json else chosen:
        where = f", from {one.ip}" if one.ip else ""
        print(f"{one.at.astimezone():%Y-%m-%d %H:%M:%S}  {one.person_name}{where}")
        print(f"  {one.deed} {one.kind} {one.subject}")
        for change in one.changes:
            print(f"    {change['field']}: {change['old']} → {change['new']}")
    return 0


def _entry_as_json(one: AuditEntry) -> dict[str, Any]:
    return {
        "at": one.at.isoformat(),
        "person": one.person.username if one.person else None,
        "name": one.person_name,
        "ip": one.ip,
        "organization": one.organization.number if one.organization else None,
        "deed": one.deed,
        "kind": one.kind,
        "subject": one.subject,
        "changes": one.changes,
    }
