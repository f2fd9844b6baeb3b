"""Finding faxes again: the filters, and pages by key, newest first."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from types import MappingProxyType
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import phonenumbers
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, Func, OuterRef, Q, QuerySet

from caselli.fax.status import ShownStatus
from caselli.store.grams import Kind, grams, grams_of_fax
from caselli.store.models import Channel, Extension, Fax, Organization

PAGE_SIZE = 50
STRETCH = 1_000
_LUCK = 5
"""Fewer than so many in the first stretch may be luck: some more stretches say it better."""
_MORE = 5
_FARTHEST = 21
"""Stretches: where more would have to be read, the index is quicker. Before, it would give thousands to be sorted."""
_NEWEST = ("-added_at", "-id")
_OLDEST = ("added_at", "id")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TEXT_LIMIT = 100
_Kind = TypeVar("_Kind", ShownStatus, Channel)


@dataclass(frozen=True, slots=True)
class Search:
    """Each filter is optional, all combine. ``since`` and ``until``: days on which the fax was added, inclusive."""

    to: str = ""
    since: date | None = None
    until: date | None = None
    status: ShownStatus | None = None
    channel: Channel | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, and what is wrong with it by field (``to``, ``since``, ...): no search then."""

    search: Search
    errors: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def read(given: Mapping[str, str]) -> Asked:
    """Read the fields of a search form or an address as people fill them in."""
    errors: dict[str, str] = {}

    def day(name: str) -> date | None:
        text = given.get(name, "").strip()
        if text and not _DATE.fullmatch(text):
            errors[name] = f"“{text[:40]}” is not a date: write it like 2026-11-20."
            return None
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            errors[name] = f"“{text}” is not a day of the calendar."
            return None

    to = given.get("to", "").strip()
    if to and not _only_digits(to):
        errors["to"] = f"“{to[:40]}” has no digits: write a phone number or an extension, or a part of one."
    since, until = day("since"), day("until")
    if since and until and since > until:
        errors["since"] = f"The search starts after it ends: {since} is later than {until}."
    search = Search(
        to=to[:60],
        since=since,
        until=until,
        status=_one_of(ShownStatus, given.get("status", ""), "status", errors),
        channel=_one_of(Channel, given.get("channel", ""), "channel", errors),
        text=given.get("text", "").strip()[:_TEXT_LIMIT],
    )
    return Asked(search, MappingProxyType(errors))


@dataclass(frozen=True, slots=True)
class Found:
    """``faxes``: those that match by what the indexes keep in order. ``words``: what else must be true of them;
    ``grams``: what each of them has in the index of letters, one way or the other; empty where the words are too short.
    """

    faxes: QuerySet[Fax]
    words: Q | None = None
    grams: tuple[tuple[int, ...], ...] = ()


def select(faxes: QuerySet[Fax], search: Search, zone: ZoneInfo) -> QuerySet[Fax]:
    """By days, status and channel; not by numbers and words, which are indexed by extension (:func:`narrow`)."""
    if search.since:
        faxes = faxes.filter(added_at__gte=_midnight(search.since, zone))
    if search.until:
        faxes = faxes.filter(added_at__lt=_midnight(search.until, zone, later=1))
    if search.status:
        faxes = faxes.filter(shown_status=search.status.value)
    if search.channel:
        faxes = faxes.filter(channel=search.channel.value)
    return faxes


def narrow(faxes: QuerySet[Fax], search: Search, extension: Extension, zone: ZoneInfo) -> Found:
    """The faxes of the extension that match. ``zone`` says when a day begins; the organization's country reads a number
    in its national writing.
    """
    faxes = select(faxes.filter(extension=extension), search, zone)
    named = search.text.casefold()
    in_names = grams(extension.pk, Kind.NAME, named)
    words = Q(names__contains=named) if named else None
    ways = [in_names]
    if search.to:
        numbers = _ways_to_write(search.to, extension.organization.country)
        to = reduce(or_, (Q(sent_to__contains=number) for number in numbers))
        words = to if words is None else words & to
        ways = [in_names + grams(extension.pk, Kind.NUMBER, number) for number in numbers]
    return Found(faxes, words, tuple(tuple(way) for way in ways if all(ways)))


@dataclass(frozen=True, slots=True)
class Page:
    """Faxes, newest first. ``older`` and ``newer`` are the keys of the pages beside this one, None where none is."""

    faxes: list[Fax]
    newer: UUID | None
    older: UUID | None


def turn(
    found: Found,
    *,
    older_than: UUID | None = None,
    newer_than: UUID | None = None,
    size: int = PAGE_SIZE,
    stretch: int = STRETCH,
) -> Page:
    """One page of the faxes beside a fax that the reader has seen; the newest page where that fax is not among them.

    ``stretch``: how many faxes are read for the words before the index of letters is asked.
    """
    key = older_than or newer_than
    anchor = found.faxes.filter(uid=key).first() if key else None
    if anchor is None:
        first = _first(found, _NEWEST, size + 1, stretch)
        return Page(first[:size], None, first[size - 1].uid if len(first) > size else None)
    if older_than:
        older = _first(found, _NEWEST, size + 1, stretch, _beside(anchor, "lt"))
        newer = older[0].uid if older else anchor.uid
        return Page(older[:size], newer, older[size - 1].uid if len(older) > size else None)
    first = _first(found, _OLDEST, size + 1, stretch, _beside(anchor, "gt"))
    if len(first) <= size:  # the newest page is always a full one
        return turn(found, size=size, stretch=stretch)
    shown = first[:size][::-1]
    return Page(shown, shown[0].uid, shown[-1].uid)


def behind(found: Found, anchor: Fax | None, size: int) -> tuple[list[Fax], bool]:
    """The next ``size`` behind the anchor, newest first, and whether there are more. The anchor itself need not match
    any more: who follows a list while faxes change their status gets each fax once.
    """
    faxes = _first(found, _NEWEST, size + 1, STRETCH, _beside(anchor, "lt") if anchor else None)
    return faxes[:size], len(faxes) > size


class _Unnest(Func):
    function = "unnest"
    arity = 1
    set_returning = True
    output_field = BigIntegerField()


def behind_in_each(
    of: QuerySet[Extension] | QuerySet[Organization], faxes: QuerySet[Fax], anchor: Fax | None, size: int
) -> tuple[list[Fax], bool]:
    """As :func:`behind`, for the faxes of many extensions or organizations: the first ones of each, in one query.

    Their indexes begin with the extension, or the organization; so PostgreSQL would sort all faxes of all of them.
    """
    if anchor is not None:
        faxes = faxes.filter(_beside(anchor, "lt"))
    one = "extension" if of.model is Extension else "organization"
    first = faxes.filter(**{one: OuterRef("pk")}).order_by(*_NEWEST).values("pk")[: size + 1]
    keys: Any = of.order_by().annotate(first_faxes=_Unnest(ArraySubquery(first))).values("first_faxes")
    found = list(faxes.filter(pk__in=keys).order_by(*_NEWEST)[: size + 1])
    return found[:size], len(found) > size


def _first(found: Found, order: tuple[str, str], count: int, stretch: int, beyond: Q | None = None) -> list[Fax]:
    """The first ``count`` in this order. Common words are found by reading on in the order until there are enough, rare
    ones in the index of letters. Which is which, the database guesses badly: so we read a stretch, and then we know.
    """
    faxes = found.faxes.order_by(*order)
    if beyond is not None:
        faxes = faxes.filter(beyond)
    if found.words is None:
        return list(faxes[:count])
    if not found.grams:
        return list(faxes.filter(found.words)[:count])
    read = stretch
    near, whole = _within(read, faxes, found.words, count, order)
    if not whole and 0 < len(near) < min(_LUCK, count):
        read = _MORE * stretch
        near, whole = _within(read, faxes, found.words, count, order)
    if not whole and 0 < len(near) < count and (enough := 2 * read * count // len(near)) <= _FARTHEST * stretch:
        near, whole = _within(enough, faxes, found.words, count, order)
    if whole or len(near) == count:
        return near
    in_index = reduce(or_, (Q(grams__contains=list(way)) for way in found.grams))
    return list(faxes.alias(grams=grams_of_fax()).filter(in_index, found.words)[:count])


def _within(stretch: int, faxes: QuerySet[Fax], words: Q, count: int, order: tuple[str, str]) -> tuple[list[Fax], bool]:
    """Those of the next ``stretch`` faxes of which the words are true, ``count`` at most; and whether that were all."""
    last = faxes.values_list("added_at", "pk")[stretch : stretch + 1].first()  # these two stand in the index itself
    if last is not None:
        faxes = faxes.filter(_beyond(*last, "gt" if order is _NEWEST else "lt"))
    return list(faxes.filter(words)[:count]), last is None


def _beside(anchor: Fax, way: str) -> Q:
    return _beyond(anchor.added_at, anchor.pk, way)


def _beyond(added_at: datetime, pk: int, way: str) -> Q:
    # The first condition is implied by the other two; it lets PostgreSQL start in the index at the right place.
    return Q(**{f"added_at__{way}e": added_at}) & (
        Q(**{f"added_at__{way}": added_at}) | Q(added_at=added_at, **{f"id__{way}": pk})
    )


def _only_digits(text: str) -> str:
    return re.sub(r"[^\d*]", "", text).strip("*")


def _ways_to_write(text: str, country: str) -> list[str]:
    """Any part of a number in any writing; a whole national one (020 7946 0958) as its country reads it too."""
    part = _only_digits(text)
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return [part]
    whole = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return [part] if part in whole else [part, whole]


def _midnight(day: date, zone: ZoneInfo, later: int = 0) -> datetime:
    try:
        return datetime.combine(day + timedelta(days=later), time(), zone)
    except OverflowError:
        return datetime.combine(date.max, time.max, zone)


def _one_of(kinds: type[_Kind], text: str, name: str, errors: dict[str, str]) -> _Kind | None:
    if not text:
        return None
    try:
        return kinds(text)
    except ValueError:
        errors[name] = f"There is no {name} “{text[:40]}”."
        return None
