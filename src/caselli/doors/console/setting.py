"""``caselli NOUN list|show|add|change|remove``, for each noun of the table."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model

from caselli.directory import audit, mailboxes, second_factor
from caselli.directory.audit import Change
from caselli.directory.change import NOTHING, NotKept, in_words, keep
from caselli.directory.change import remove as remove_what_nothing_needs
from caselli.directory.invite import NotSent, invite
from caselli.directory.remove import Held, Removable, remove
from caselli.doors.console import naming, printing
from caselli.doors.console.nouns import NOUNS, Noun
from caselli.doors.console.options import FormOptions, password_given
from caselli.doors.console.printing import operator
from caselli.store.models import AuditEntry, MailSource, Organization, User

if TYPE_CHECKING:
    from caselli.directory.goes_with import Goes


class Refused(Exception):  # noqa: N818 - it names what happened
    """What is wrong, a line each."""

    def __init__(self, lines: Iterable[str]) -> None:
        super().__init__("\n".join(lines))


@dataclass(frozen=True, slots=True)
class Told:
    """One setting: ``words`` for people, ``value`` for JSON."""

    name: str
    label: str
    words: str
    value: Any


def run(noun: str, verb: str, arguments: argparse.Namespace) -> int:
    """0: done; 1: it cannot be; 2: the command is wrong, and how."""
    verbs = {
        "list": _list,
        "show": _show,
        "add": _add,
        "change": _change,
        "remove": _remove,
        "invite": _invite,
        "take-away-second-factor": _take_away_second_factor,
    }
    try:
        return verbs[verb](noun, NOUNS[noun], arguments)
    except (Refused, naming.Unclear) as wrong:
        print(wrong, file=sys.stderr)
    except (ValueError, OSError) as wrong:  # of a password
        print(f"password: {wrong}", file=sys.stderr)
    return 2


def _list(_: str, noun: Noun, arguments: argparse.Namespace) -> int:
    things = noun.every()
    if number := getattr(arguments, "of", None):
        things = things.filter(organization=naming.organization(number))
    rows = [{one.name: one for one in _told(noun, thing)} for thing in things]
    if arguments.json:
        print(json.dumps([{name: one.value for name, one in row.items()} for row in rows], indent=2))
    elif not rows:
        print(noun.empty)
    else:
        headings = [rows[0][name].label for name in noun.columns]
        printing.table(headings, ([row[name].words for name in noun.columns] for row in rows))
    return 0


def _show(_: str, noun: Noun, arguments: argparse.Namespace) -> int:
    _print(noun, noun.find(getattr(arguments, "which", "")), as_json=arguments.json)
    return 0


def _print(noun: Noun, thing: Model, *, as_json: bool) -> None:
    told = list(_told(noun, thing))
    if as_json:
        print(json.dumps({one.name: one.value for one in told}, indent=2))
    else:
        printing.facts((one.label, one.words) for one in told)


def _told(noun: Noun, thing: Any) -> Iterator[Told]:
    """Everything that can be set, as it stands; of a password only whether there is one."""
    if "mail" in noun.columns:
        yield Told("mail", "Mail", noun.named(thing), noun.named(thing))
    if "id" in noun.columns:
        yield Told("id", "Id", str(thing.pk), thing.pk)
    for options in noun.forms:
        form = options.form(instance=thing, person=None)
        for name, _ in options.plain():
            field = form.fields[name]
            value = getattr(thing, name) if hasattr(thing, name) else form.initial[name]
            label = str(field.label)
            yield Told(options.called(name), label, in_words(field, value), _as_value(name, value))
    if noun.password:
        there = thing.has_usable_password() and bool(thing.password) if isinstance(thing, User) else thing.password
        yield Told("has_password", "Password", "set" if there else NOTHING, bool(there))


def _as_value(name: str, value: Any) -> Any:
    if isinstance(value, Organization):
        return value.number
    if isinstance(value, User):
        return value.username
    return value.split("\n") if name == "authorized" and value else [] if name == "authorized" else value


def _add(name: str, noun: Noun, arguments: argparse.Namespace) -> int:
    secret = password_given(arguments) if noun.password else None
    told = [options.given(arguments) for options in noun.forms]
    with transaction.atomic():
        thing: Any = noun.model()
        for options, values in zip(noun.forms, told, strict=True):
            if thing.pk is None or values:
                thing = _keep(options, thing, _with_secret(options, values, secret))
        if isinstance(thing, User) and secret is not None:
            _set_password(thing, secret)
    invited = not getattr(arguments, "invite", False) or _send_invitation(thing)
    if arguments.json:
        _print(noun, thing, as_json=True)
        return 0 if invited else 1
    print(f"Added {name} {noun.named(thing)}.")
    if isinstance(thing, User) and secret is None:
        if not arguments.invite:
            print(
                f"Nobody can sign in with it yet: caselli user invite {thing.username}, "
                f"or caselli user change {thing.username} --ask-password"
            )
        elif invited:
            print(f"The invitation went to {thing.email}.")
    return 0 if invited else 1


def _change(name: str, noun: Noun, arguments: argparse.Namespace) -> int:
    thing = noun.find(getattr(arguments, "which", ""))
    secret = password_given(arguments) if noun.password else None
    told = [options.given(arguments) for options in noun.forms]
    if not any(told) and secret is None:
        raise Refused([f"Say what to change: caselli {name} change --help"])
    before = {one.name: one for one in _told(noun, thing)}
    called = noun.named(thing)
    with transaction.atomic():
        for options, values in zip(noun.forms, told, strict=True):
            if told_here := _with_secret(options, values, secret):
                thing = _keep(options, thing, told_here)
        if secret is not None and isinstance(thing, User):
            _set_password(thing, secret)
            change = Change("Password", "(secret)", "(another secret)")
            audit.note(operator(), AuditEntry.Deed.CHANGED, name, thing, thing.organization, [change])
    thing = noun.model._default_manager.get(pk=thing.pk)  # noqa: SLF001 - its documented name
    if arguments.json:
        _print(noun, thing, as_json=True)
        return 0
    changed = [(one.label, before[one.name].words, one.words) for one in _told(noun, thing)]
    lines = [f"  {label}: {old} → {new}" for label, old, new in changed if old != new]
    lines += ["  Password: changed"] if secret is not None else []
    print("\n".join([f"Changed {name} {called}".strip() + ":", *lines] if lines else ["It was so already."]))
    return 0


def _with_secret(options: FormOptions, values: dict[str, Any], secret: str | None) -> dict[str, Any]:
    return values | {"password": secret} if secret is not None and "password" in options.form.secrets else values


def _keep(options: FormOptions, thing: Model, values: dict[str, Any]) -> Model:
    form = options.fill(thing, values)
    if not form.is_valid():
        raise Refused(options.complaints(form))
    try:
        return keep(form, operator())
    except NotKept:
        raise Refused(options.complaints(form)) from None


def _set_password(user: User, secret: str) -> None:
    try:
        validate_password(secret, user)
    except ValidationError as weak:
        raise Refused(f"password: {one}" for one in weak.messages) from None
    user.set_password(secret)
    user.save(update_fields=["password"])


def _remove(name: str, noun: Noun, arguments: argparse.Namespace) -> int:
    if noun.find is naming.blocked:
        thing: Any = naming.blocked(arguments.which, arguments.of)
    else:
        thing = noun.find(getattr(arguments, "which", ""))
    called = noun.named(thing)
    if thing.pk is None:
        raise naming.Unclear(f"There is nothing to remove: {called} goes out in Caselli's words.")
    try:
        with_it = _take_away(thing, noun)
    except Held as held:
        print(f"{name} {called} stays. {held}", file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps({"removed": called, "with_it": {one.many: one.names for one in with_it}}))
    else:
        print("\n".join([f"Removed {name} {called}.", *(f"With it went {one}" for one in with_it)]))
    return 0


def _take_away(thing: Any, noun: Noun) -> "tuple[Goes, ...]":
    """What went with it. Raises Held."""
    if isinstance(thing, Removable):
        return remove(thing, operator())
    if isinstance(thing, MailSource):
        mailboxes.remove(thing, operator())
    else:
        remove_what_nothing_needs(thing, noun.forms[0].form.kind, thing.organization, operator())
    return ()


def _take_away_second_factor(_: str, __: Noun, arguments: argparse.Namespace) -> int:
    user = naming.user(arguments.which)
    taken = second_factor.take_away(user, operator())
    if arguments.json:
        print(json.dumps({"taken": taken}))
    elif taken:
        print(f"{user.username} has no second factor any more, and is signed out. The password alone opens.")
    else:
        print(f"{user.username} had no second factor.")
    return 0


def _invite(_: str, __: Noun, arguments: argparse.Namespace) -> int:
    user = naming.user(arguments.which)
    if not _send_invitation(user):
        return 1
    print(json.dumps({"invited": user.email}) if arguments.json else f"The invitation went to {user.email}.")
    return 0


def _send_invitation(user: User) -> bool:
    try:
        invite(user, operator())
    except NotSent as error:
        print(error, file=sys.stderr)
        return False
    return True
