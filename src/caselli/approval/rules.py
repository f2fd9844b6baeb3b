"""Which faxes need whose yes, who may give it, and what it is given to. Pure."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import phonenumbers

from caselli.fax.number import spoken


class Reason(StrEnum):
    """Why a fax needs a second person's yes."""

    ALL = "all"
    ABROAD = "abroad"
    PAGES = "pages"


@dataclass(frozen=True, slots=True)
class Policy:
    """What the organization asks for; each alone suffices. ``over_pages`` None: however many."""

    all: bool = False
    abroad: bool = False
    over_pages: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Who would say yes. ``administers``: this organization, or the server."""

    id: int
    active: bool
    organization_id: int | None
    administers: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """The fax: whose yes it needs, and whose own it is: ``authors`` handed it in, confirmed it, or changed it last."""

    organization_id: int
    approver_id: int | None
    authors: frozenset[int]


def content_hash(documents: Sequence[str], pages: str, destinations: Sequence[str]) -> str:
    """What an approval is given to: digests of the documents and of the pages, destinations, each in order.

    SHA-256 in hexadecimal, of a JSON text, in which no two contents look alike.
    """
    told = json.dumps([list(documents), pages, list(destinations)], separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()


def needs_second_person(policy: Policy, pages: int, destinations: Iterable[str], country: str) -> tuple[Reason, ...]:
    """Why, by the organization's policy; empty where the sender's own word suffices.

    ``destinations``: E.164, or extended numbers of extensions, which are nowhere abroad; ``country``: ISO 3166.
    """
    reasons = []
    if policy.all:
        reasons.append(Reason.ALL)
    if policy.abroad and abroad(destinations, country):
        reasons.append(Reason.ABROAD)
    if policy.over_pages is not None and pages > policy.over_pages:
        reasons.append(Reason.PAGES)
    return tuple(reasons)


def abroad(destinations: Iterable[str], country: str) -> list[str]:
    """The public numbers that are not the country's own. One country code may belong to several: +1 is Canada's too."""
    return [one for one in destinations if one.startswith("+") and not _of_country(one, country)]


def _of_country(number: str, country: str) -> bool:
    try:
        return phonenumbers.is_valid_number_for_region(phonenumbers.parse(number), country)
    except phonenumbers.NumberParseException:
        return False


def in_words(
    reasons: Iterable[Reason], policy: Policy, pages: int, destinations: Iterable[str], country: str, organization: str
) -> tuple[str, ...]:
    """The reasons as a person reads them."""
    sentences = []
    for reason in reasons:
        match reason:
            case Reason.ALL:
                sentences.append(f"{organization} asks for a second person’s yes for every fax.")
            case Reason.ABROAD:
                numbers = [spoken(one) for one in abroad(destinations, country)]
                more = f" and {len(numbers) - 3} more" if len(numbers) > 3 else ""
                sentences.append(f"It goes abroad: {', '.join(numbers[:3])}{more}.")
            case Reason.PAGES:
                sentences.append(f"It has {pages} pages, more than {policy.over_pages}.")
    return tuple(sentences)


def may_approve(person: Person, asked: Asked) -> bool:
    """Administrators always, and whom the extension names; never who made the fax what it is."""
    if not person.active or person.id in asked.authors:
        return False
    named = person.id == asked.approver_id and person.organization_id == asked.organization_id
    return person.administers or named


def needs_confirmation(*, trusts: bool, dmarc: str) -> bool:
    """Whether a mail's fax waits for its sender. ``trusts``: the extension does; ``dmarc``: a result of RFC 8601.

    A trusted sender has to be proven: anybody can write an address into a mail.
    """
    return not (trusts and dmarc == "pass")


def warned_before_the_end(days: int) -> timedelta:
    """How long before a fax is given up that nobody confirmed, its sender is warned: a day, or half of the only one."""
    return min(timedelta(days=1), timedelta(days=days) / 2)


def in_time(seconds: float) -> str:
    """``in 40 seconds``, ``in 5 minutes``, ``in 2 hours``: rounded up, so that it is never too soon."""
    for size, unit, most in ((1, "second", 90), (60, "minute", 90), (3_600, "hour", 1 << 31)):
        count = max(1, -int(-seconds // size))
        if count <= most:
            return f"in {count} {unit}" if count == 1 else f"in {count} {unit}s"
    raise ValueError(seconds)
