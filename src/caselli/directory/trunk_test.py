"""Tests of a trunk: asked for by a person, taken by one dialer, ended in words. One open test a trunk at a time.

Lock order: the trunk's row, then the test's. A test call is a call: ``take`` counts the trunk's calls under the same
lock as the claim of faxes does, and the claim counts the test calls.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from caselli.directory.blocked import blocking
from caselli.fax import trunk_words
from caselli.fax.number import PublicNumber, parse_recipient, spoken
from caselli.fax.outcome import LadderEntry
from caselli.fax.refusals import Refusal, RefusalKind
from caselli.fax.status import DeliveryStatus
from caselli.fax.trunk_words import Told
from caselli.store import journey
from caselli.store.models import Delivery, Extension, Preferences, Trunk, TrunkTest, User

Kind = TrunkTest.Kind

TAKEN_WITHIN = timedelta(seconds=30)
"""From the question until a dialer takes it; after that, none is running."""
CALL_LIMIT = 240
"""Seconds for a call of one page, from INVITE to BYE."""
ENDED_WITHIN = {
    Kind.OPTIONS: timedelta(seconds=90),
    Kind.REGISTRATION: timedelta(seconds=90),
    Kind.CALL: timedelta(seconds=CALL_LIMIT + 60),
}
"""From then until its end; after that, its dialer has died."""
KEPT = 30
"""Of each trunk; older tests go when a new one is asked for."""

NO_COUNTRY = "ZZ"
"""Reads no national number: CLDR's code for an unknown region."""


@dataclass(frozen=True, slots=True)
class Taken:
    """All that a dialer needs to carry it out. ``wait``: seconds until the trunk's pace lets a call begin."""

    test_id: int
    kind: TrunkTest.Kind
    trunk: Trunk
    number: str
    calling: str
    station_id: str
    organization: str
    ring_limit: int
    negotiation_limit: int
    wait: float


def ask(trunk: Trunk, kind: TrunkTest.Kind, number: str = "", person: User | None = None) -> TrunkTest:
    """Ask for a test. Raises Refusal: beside ``number``, or beside ``kind`` where a test is open already."""
    end_overdue()
    number = _number(trunk, number) if kind is Kind.CALL else ""
    with transaction.atomic():
        Trunk.objects.select_for_update(no_key=True).get(pk=trunk.pk)
        if open_tests().filter(trunk=trunk).exists():
            raise Refusal(
                RefusalKind.STEP_IMPOSSIBLE, "kind", "A test of this trunk is going on.", "Wait until it has ended."
            )
        test = TrunkTest.objects.create(
            trunk=trunk, kind=kind, number=number, asked_at=timezone.now(), asked_by=person, words="Waits for a dialer."
        )
        ours = TrunkTest.objects.filter(trunk=trunk)
        ours.exclude(pk__in=list(ours.order_by("-id").values_list("pk", flat=True)[:KEPT])).delete()
        journey.wake_dialers()
    return test


def _number(trunk: Trunk, text: str) -> str:
    """E.164, as a fax of the trunk's organization would read it; a trunk of all takes international writing only."""
    text = text.strip()
    organization = trunk.organization
    example = "Write it with its country code, like +1 202-555-0100."
    if not text:
        raise Refusal(RefusalKind.RECIPIENT_MISSING, "number", "A call needs a number.", example)
    try:
        read = parse_recipient(text, organization.country if organization else NO_COUNTRY)
    except Refusal as refusal:
        raise Refusal(refusal.kind, "number", refusal.sentence, example, subject=text) from None
    if not isinstance(read, PublicNumber):
        sentence = f"“{text}” is an extension, and no call goes there."
        raise Refusal(RefusalKind.RECIPIENT_INVALID, "number", sentence, example, subject=text)
    found = blocking(trunk.organization_id or 0, read.e164)
    if found is not None:
        sentence = f"{spoken(read.e164)} may not be called: numbers that begin with {found.prefix} are blocked."
        raise Refusal(RefusalKind.DESTINATION_BLOCKED, "number", sentence, "Choose another number.", subject=text)
    return read.e164


def open_tests() -> "QuerySet[TrunkTest]":
    return TrunkTest.objects.filter(ended_at__isnull=True)


def calls_under_way() -> "QuerySet[TrunkTest]":
    """Test calls that a dialer has taken: each holds a channel of its trunk, and its number."""
    return open_tests().filter(kind=Kind.CALL, taken_at__isnull=False)


def take() -> Taken | None:
    """The oldest test that waits, for this dialer alone; None when there is none. One that may not call is ended."""
    waiting = open_tests().filter(taken_at__isnull=True, asked_at__gt=timezone.now() - TAKEN_WITHIN)
    for test_id, trunk_id in waiting.order_by("id").values_list("pk", "trunk_id"):
        with transaction.atomic():
            trunk = Trunk.objects.select_for_update(no_key=True).get(pk=trunk_id)
            test = waiting.select_for_update(of=("self",), skip_locked=True).filter(pk=test_id).first()
            if test is None:
                continue
            obstacle = _obstacle(trunk, test.number) if test.kind == Kind.CALL else None
            if obstacle is None:
                TrunkTest.objects.filter(pk=test.pk).update(taken_at=timezone.now(), words="Begins.")
                return _taken(test, trunk)
        end(test_id, obstacle)
    return None


def _obstacle(trunk: Trunk, number: str) -> Told | None:
    """Under the trunk's lock: why this call may not begin now."""
    if blocking(trunk.organization_id or 0, number) is not None:
        return trunk_words.BLOCKED
    sending = Delivery.objects.filter(status=DeliveryStatus.SENDING)
    if sending.filter(trunk=trunk).count() >= trunk.channels:
        return trunk_words.NO_CHANNEL
    if sending.filter(destination=number).exists() or calls_under_way().filter(number=number).exists():
        return trunk_words.NUMBER_IN_USE
    return None


def _taken(test: TrunkTest, trunk: Trunk) -> Taken:
    organization = trunk.organization
    calling = _calling(trunk)
    return Taken(
        test_id=test.pk,
        kind=Kind(test.kind),
        trunk=trunk,
        number=test.number,
        calling=calling,
        station_id=calling if calling.lstrip("+").isdigit() else "",
        organization=organization.name if organization else "all organizations",
        ring_limit=organization.ring_limit if organization else 60,
        negotiation_limit=Preferences.current().negotiation_limit,
        wait=_pace(trunk) if test.kind == Kind.CALL else 0.0,
    )


def _calling(trunk: Trunk) -> str:
    """Who calls: the first extension whose faxes go this way and that has a caller number, else the trunk's login."""
    extensions = Extension.objects.filter(fax_enabled=True).exclude(caller_number="").order_by("organization_id", "id")
    if trunk.organization_id is not None:
        extensions = extensions.filter(organization_id=trunk.organization_id)
    first = extensions.values_list("caller_number", flat=True).first()
    return first or trunk.username


def _pace(trunk: Trunk) -> float:
    """Seconds until this call may begin; the next one of the trunk waits behind it."""
    now = timezone.now()
    begins = max(now, trunk.next_call_at or now)
    step = timedelta(seconds=1) / trunk.calls_a_second
    Trunk.objects.filter(pk=trunk.pk).update(next_call_at=begins + step)
    return (begins - now).total_seconds()


def going_on(test_id: int, words: str) -> None:
    """What happens now, for who watches."""
    open_tests().filter(pk=test_id).update(words=words)


def end(test_id: int, told: Told, ladder: Sequence[LadderEntry] = ()) -> bool:
    """Write down what came of it, and free its channel. A second telling changes nothing (False)."""
    test = open_tests().filter(pk=test_id)
    entries = [asdict(entry) for entry in ladder]
    with transaction.atomic():
        if told.passed:
            Trunk.objects.filter(tests__in=test, down_until__isnull=False).update(down_until=None)
        written = test.update(ended_at=timezone.now(), passed=told.passed, words=told.text, entries=entries)
        if written:
            journey.wake_dialers()
    return bool(written)


def end_overdue(now: datetime | None = None) -> int:
    """No test is open for ever: neither one that nobody takes, nor one whose dialer died. Asked by all who read."""
    now = now or timezone.now()
    untaken = open_tests().filter(taken_at__isnull=True, asked_at__lte=now - TAKEN_WITHIN)
    lost = Q()
    for kind, within in ENDED_WITHIN.items():
        lost |= Q(kind=kind, taken_at__lte=now - within)
    count = untaken.update(ended_at=now, words=trunk_words.UNTAKEN.text)
    return count + open_tests().filter(lost).update(ended_at=now, words=trunk_words.LOST.text)


def result(test: TrunkTest) -> Told:
    """The words of an ended test."""
    return Told.read(test.passed, test.words)


def latest(trunk: Trunk, count: int = 10) -> list[TrunkTest]:
    """The newest first; those whose time is over have ended by that. A look costs no lock where nothing is open."""
    if open_tests().filter(trunk=trunk).exists():
        end_overdue()
    return list(TrunkTest.objects.filter(trunk=trunk).select_related("asked_by").order_by("-id")[:count])
