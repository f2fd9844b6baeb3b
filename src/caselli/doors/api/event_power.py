"""Which events a caller hears of: those of the faxes that the person sees, as long as the key opens."""

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import parse_qs

from django.db import close_old_connections

from caselli.directory.access import administers_server, extensions_seen_by
from caselli.directory.scopes import Scope
from caselli.doors.api import extensions
from caselli.doors.api.caller import Caller, caller_with
from caselli.doors.api.problem_kinds import ProblemKind
from caselli.doors.api.problems import Problem
from caselli.history import events
from caselli.history.event_kinds import EventKind, number_of, step_of
from caselli.history.events import Told
from caselli.store.models import Extension

HIGHEST = number_of(2**60, 0)


@dataclass(frozen=True, slots=True)
class Power:
    """``everything``: an administrator's, of all organizations; else only these extensions, of these organizations."""

    name: str
    everything: bool
    extensions: frozenset[int]
    organizations: frozenset[int]
    sandbox: bool

    def covers(self, event: Told) -> bool:
        if self.sandbox and not event.sandbox:
            return False
        return self.everything or event.extension_id in self.extensions


@dataclass(frozen=True, slots=True)
class Wanted:
    """``after``: the number of the last event that the reader has; None: only what happens from now on."""

    after: int | None = None
    extension_id: int | None = None
    kinds: frozenset[str] = frozenset()

    def covers(self, event: Told) -> bool:
        if self.extension_id is not None and event.extension_id != self.extension_id:
            return False
        return not self.kinds or event.kind in self.kinds


def power_of(caller: Caller) -> Power:
    """Raises Problem without the scope."""
    caller.need(Scope.FAX_READ)
    everything = administers_server(caller.person)
    seen = [] if everything else list(extensions_seen_by(caller.person).values_list("pk", "organization"))
    return Power(
        caller.name,
        everything,
        frozenset(key for key, _ in seen),
        frozenset(organization for _, organization in seen),
        caller.sandbox,
    )


def power_with(authorization: str, ip: str | None) -> Power:
    """As it is now. Raises Problem."""
    close_old_connections()
    try:
        return power_of(caller_with(authorization, ip))
    finally:
        close_old_connections()


def opened(authorization: str, ip: str | None, query: str, last_event_id: str) -> tuple[Power, Wanted]:
    """A reader comes. Raises Problem or Refusal."""
    close_old_connections()
    try:
        caller = caller_with(authorization, ip)
        power, asked = power_of(caller), parse_qs(query, keep_blank_values=True)
        after = last_event_id.strip() or asked.get("after", [""])[-1]
        named = asked.get("extension", [""])[-1]
        return power, wanted(caller, after, named, asked.get("kind", []))
    finally:
        close_old_connections()


def wanted(caller: Caller, after: str, extension: str, kinds: Collection[str]) -> Wanted:
    """Raises Problem or Refusal."""
    if after and not (after.isascii() and after.isdecimal() and int(after[:30]) < HIGHEST):
        wrong = f"“{after[:40]}” is no number of an event."
        raise Problem(ProblemKind.FIELD_INVALID, wrong, "Give the id of an event, or 0.", "after")
    for one in kinds:
        if one not in set(EventKind):
            raise Problem(
                ProblemKind.FIELD_INVALID,
                f"There is no event {one[:40]}.",
                f"Give one of {', '.join(EventKind)}.",
                "kind",
            )
    found = extensions.seen_extension(caller.person, extension) if extension else None
    return Wanted(int(after) if after else None, found.pk if found else None, frozenset(kinds))


@dataclass(frozen=True, slots=True)
class Portion:
    """``told``: what this reader hears; ``upto``: the step up to which all was read; ``more``: whether it goes on."""

    told: list[Told]
    upto: int
    more: bool


def read(power: Power, wanted: Wanted, after: int, upto: int, limit: int = events.STEPS_AT_ONCE) -> Portion:
    """Steps beyond the step ``after``."""
    if wanted.extension_id is None and power.everything:
        steps = events.of_all(after, upto, limit)
    else:
        chosen = power.extensions if wanted.extension_id is None else {wanted.extension_id}
        steps = events.of_extensions(chosen, _organizations(power, wanted), after, upto, limit)
    told = [one for one in events.told(steps, wanted.kinds) if power.covers(one)]
    more = len(steps) == limit
    first = wanted.after or 0
    return Portion([one for one in told if one.number > first], steps[-1].pk if more else upto, more)


def _organizations(power: Power, wanted: Wanted) -> Collection[int]:
    if not power.everything:
        return power.organizations
    return list(Extension.objects.filter(pk__in=[wanted.extension_id]).values_list("organization_id", flat=True))


def begins_after(wanted: Wanted) -> int:
    """The step after which is read: that of the last event may hold another one."""
    return max(0, step_of(wanted.after or 0)[0] - 1)
