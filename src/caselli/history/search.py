"""Finding faxes again: the filters, and pages by key, newest first."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import phonenumbers
from django.db.models import Q, QuerySet

from caselli.fax.status import ShownStatus
from caselli.store.models import Channel, Fax

PAGE_SIZE = 50
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

    @property
    def is_empty(self) -> bool:
        return self == Search()


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
    if to and not _digits(to):
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


def narrow(faxes: QuerySet[Fax], search: Search, zone: ZoneInfo, country: str) -> QuerySet[Fax]:
    """The faxes that match. ``zone`` says when a day begins, ``country`` reads a number in its national writing."""
    if search.to:
        faxes = faxes.filter(_sent_to(search.to, country))
    if search.since:
        faxes = faxes.filter(added_at__gte=_midnight(search.since, zone))
    if search.until:
        faxes = faxes.filter(added_at__lt=_midnight(search.until, zone, later=1))
    if search.status:
        faxes = faxes.filter(shown_status=search.status.value)
    if search.channel:
        faxes = faxes.filter(channel=search.channel.value)
    if search.text:
        faxes = faxes.filter(names__contains=search.text.casefold())
    return faxes


@dataclass(frozen=True, slots=True)
class Page:
    """Faxes, newest first. ``older`` and ``newer`` are the keys of the pages beside this one, None where none is."""

    faxes: list[Fax]
    newer: UUID | None
    older: UUID | None


def turn(
    faxes: QuerySet[Fax], *, older_than: UUID | None = None, newer_than: UUID | None = None, size: int = PAGE_SIZE
) -> Page:
    """One page of the faxes beside a fax that the reader has seen; the newest page where that fax is not among them."""
    key = older_than or newer_than
    anchor = faxes.filter(uid=key).first() if key else None
    if anchor is None:
        found = list(faxes.order_by("-added_at", "-id")[: size + 1])
        return Page(found[:size], None, found[size - 1].uid if len(found) > size else None)
    if older_than:
        beyond = _beside(anchor, "lt")
        found = list(faxes.filter(beyond).order_by("-added_at", "-id")[: size + 1])
        newer = found[0].uid if found else anchor.uid
        return Page(found[:size], newer, found[size - 1].uid if len(found) > size else None)
    found = list(faxes.filter(_beside(anchor, "gt")).order_by("added_at", "id")[: size + 1])
    shown = found[:size][::-1]
    if len(found) <= size:  # the newest page is always a full one
        return turn(faxes, size=size)
    return Page(shown, shown[0].uid, shown[-1].uid)


def _beside(anchor: Fax, way: str) -> Q:
    # The first condition is implied by the other two; it lets PostgreSQL start in the index at the right place.
    return Q(**{f"added_at__{way}e": anchor.added_at}) & (
        Q(**{f"added_at__{way}": anchor.added_at}) | Q(added_at=anchor.added_at, **{f"id__{way}": anchor.pk})
    )


def _digits(text: str) -> str:
    return re.sub(r"[^\d*]", "", text).strip("*")


def _sent_to(text: str, country: str) -> Q:
    """Any part of the number in any writing; a whole national one (020 7946 0958) is read with its country."""
    wanted = Q(sent_to__contains=_digits(text))
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return wanted
    return wanted | Q(sent_to__contains=phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


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
