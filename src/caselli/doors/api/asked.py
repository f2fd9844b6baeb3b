"""What lists are asked: the filters, and where to go on."""

from datetime import date, datetime
from typing import Annotated, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Model, QuerySet
from ninja import Schema
from pydantic import Field, PlainValidator, WithJsonSchema

from caselli.approval import waiting
from caselli.directory.access import administers_server, extensions_seen_by, may_administer
from caselli.doors.api import objects
from caselli.doors.api.caller import Caller
from caselli.doors.api.problem_kinds import ProblemKind
from caselli.doors.api.problems import Fault, Problem
from caselli.doors.api.shapes import ChannelSlug, StatusSlug
from caselli.fax.status import ShownStatus
from caselli.history import search
from caselli.history.times import UTC_ZONE, zone_of
from caselli.store.models import Fax, Organization

PAGE_SIZE = 50
MOST = 100
_Row = TypeVar("_Row", bound=Model)
_NAMES = ("organization", "extension__organization", "approved_by", "added_by")


def _moment_or_day(written: object) -> datetime | date:
    """Raises ValueError."""
    text = written if isinstance(written, str) else ""
    try:
        if len(text) == len("2026-11-20"):
            return date.fromisoformat(text)
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise ValueError(f"“{text[:40]}” is neither a day like 2026-11-20 nor a moment like 2026-11-20T08:00:00Z")
    return at


When = Annotated[
    datetime | date,
    PlainValidator(_moment_or_day),
    WithJsonSchema({"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]}),
]
Limit = Annotated[int, Field(ge=1, le=MOST, description="Items at most.")]
Cursor = Annotated[str | None, Field(max_length=100, description="The next of the page before.")]


class FaxesAsked(Schema):
    """The filters combine."""

    extension: str | None = Field(None, description="Sent from there. 210 or 0003*210.")
    to: str = Field(
        "",
        max_length=60,
        description="Any part of a number or extension it goes to. Needs extension.",
    )
    text: str = Field("", max_length=100, description="Any part of a document's name. Needs extension.")
    since: When | None = Field(
        None, description="Added then or later: a moment, or a day in the extension's time zone."
    )
    until: When | None = Field(None, description="Added before this moment; or on this day or earlier.")
    status: StatusSlug | None = None
    channel: ChannelSlug | None = None
    waits_for_me: bool = Field(False, description="Those alone that wait for a yes that this key's person may give.")
    limit: Limit = PAGE_SIZE
    cursor: Cursor = None


class AttemptsAsked(Schema):
    recipient: int | None = Field(None, ge=1, le=32_767, description="Of this recipient alone.")
    ladder: bool = Field(True, description="With all messages of each call.")
    limit: int = Field(10, ge=1, le=50, description="Items at most.")
    cursor: Cursor = None


class Asked(Schema):
    limit: Limit = PAGE_SIZE
    cursor: Cursor = None


class OfAnOrganization(Asked):
    organization: str | None = Field(None, max_length=6, description="Number: its own alone.")

    def only(self, every: QuerySet[_Row]) -> QuerySet[_Row]:
        """Of what the caller sees; another organization's number finds nothing."""
        return every if self.organization is None else every.filter(organization__number=self.organization)


def key_in(cursor: str) -> int:
    """Raises Problem."""
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= 18):
        raise bad_cursor()
    return int(cursor)


def in_order(every: QuerySet[_Row], asked: Asked | AttemptsAsked) -> tuple[list[_Row], str | None]:
    """A page in the order in which they were added; and the cursor of the next one. Raises Problem."""
    if asked.cursor is not None:
        every = every.filter(pk__gt=key_in(asked.cursor))
    found = list(every.order_by("pk")[: asked.limit + 1])
    shown = found[: asked.limit]
    return shown, str(shown[-1].pk) if len(found) > asked.limit else None


def bad_cursor() -> Problem:
    return Problem(
        ProblemKind.FIELD_INVALID,
        "The cursor is none of this list.",
        "Give the next of the page before, as it is; or leave it out, to begin anew.",
        "cursor",
    )


class FaxSearch:
    """Which faxes; each question takes a fixed number of queries, and as long for a million faxes as for fifty."""

    def __init__(self, caller: Caller, asked: FaxesAsked) -> None:
        self._caller = caller
        self._asked = asked
        self._extension = objects.extension(caller, asked.extension) if asked.extension is not None else None
        self._search = self._read()
        self._zone = self._zone_of_days()

    def _read(self) -> search.Search:
        asked = self._asked
        given = {"to": asked.to, "text": asked.text, "channel": asked.channel or ""}
        for name, at in (("since", asked.since), ("until", asked.until)):
            if at is not None and not isinstance(at, datetime):
                given[name] = at.isoformat()
        if asked.status:
            given["status"] = ShownStatus[asked.status.upper()].value
        read = search.read(given)
        faults = [Fault(ProblemKind.FIELD_INVALID, words, "", name) for name, words in read.errors.items()]
        if self._extension is None:
            faults += [
                Fault(
                    ProblemKind.FIELD_MISSING,
                    f"Numbers and words are looked for in one extension's faxes: {name} needs extension.",
                    "Add extension, like 0003*210.",
                    "extension",
                )
                for name in ("to", "text")
                if given[name].strip()
            ]
        if faults:
            raise Problem(ProblemKind.FIELD_INVALID, faults=tuple(faults))
        return read.search

    def _zone_of_days(self) -> ZoneInfo:
        if self._extension is not None:
            return zone_of(self._extension.zone)
        organization = self._caller.person.organization
        return zone_of(organization.time_zone) if organization else UTC_ZONE

    def _anchor(self) -> Fax | None:
        if self._asked.cursor is None:
            return None
        try:
            found = Fax.objects.filter(uid=UUID(self._asked.cursor))
        except ValueError:
            raise bad_cursor() from None
        if not administers_server(self._caller.person):
            found = found.filter(organization=self._caller.person.organization)
        anchor = found.first()
        if anchor is None:
            raise bad_cursor()
        return anchor

    def page(self) -> tuple[list[Fax], str | None]:
        """And the cursor of the next page."""
        faxes = objects.of_caller(Fax.objects.select_related(*_NAMES), self._caller)
        if self._asked.waits_for_me:
            faxes = faxes.filter(pk__in=waiting.open_to(self._caller.person).order_by().values("pk"))
        found, more = self._page(self._between_moments(faxes))
        return found, str(found[-1].uid) if more else None

    def _between_moments(self, faxes: QuerySet[Fax]) -> QuerySet[Fax]:
        since, until = self._asked.since, self._asked.until
        if isinstance(since, datetime):
            faxes = faxes.filter(added_at__gte=since)
        if isinstance(until, datetime):
            faxes = faxes.filter(added_at__lt=until)
        return faxes

    def _page(self, faxes: QuerySet[Fax]) -> tuple[list[Fax], bool]:
        anchor, size = self._anchor(), self._asked.limit
        if self._extension is not None:
            found = search.narrow(faxes, self._search, self._extension, self._zone)
            return search.behind(found, anchor, size)
        faxes = search.select(faxes, self._search, self._zone)
        if self._asked.waits_for_me:
            return search.behind(search.Found(faxes), anchor, size)
        person = self._caller.person
        # What these leave out is found by the indexes of an extension's faxes alone.
        by_time = self._search.status is None and self._search.channel is None and not self._caller.sandbox
        if by_time and administers_server(person):
            return search.behind_in_each(Organization.objects.all(), faxes, anchor, size)
        if by_time and may_administer(person, person.organization):
            return search.behind(search.Found(faxes.filter(organization=person.organization)), anchor, size)
        return search.behind_in_each(extensions_seen_by(person), faxes, anchor, size)
