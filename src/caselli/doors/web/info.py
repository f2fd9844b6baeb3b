"""Fax info: what a person is told of one fax, a recipient at a time, a call at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Prefetch
from django.urls import reverse

from caselli.approval import request
from caselli.doors.web import words
from caselli.doors.web.incoming import Came, came
from caselli.doors.web.program import Told, goes_out, said
from caselli.doors.web.rows import NEVER_WHOLE, Action, Row, approved_by, rows
from caselli.doors.web.times import Clock, Said, duration, size
from caselli.fax.causes import ALL, CANCELED, DELIVERED, UNKNOWN
from caselli.fax.number import spoken
from caselli.fax.outcome import Transport
from caselli.fax.status import DeliveryStatus, FaxStatus
from caselli.history import next_try
from caselli.history.declined import why_not_sent
from caselli.history.timeline import reason_of, remedy_of, result_of
from caselli.intake.readdress import CHANGEABLE
from caselli.queue import routes
from caselli.store.models import Attempt, Delivery, Fax, User

STORIES_A_PAGE = 50
_NAMED_RECIPIENTS = 20
_TRANSPORTS = {Transport.T38.value: "T.38", Transport.G711.value: "G.711 audio"}


@dataclass(frozen=True, slots=True)
class Fact:
    term: str
    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt: a line that says how it went, its facts, and where its pages and ladder are.

    ``inside``: the fax went to an extension of ours, without a call; so there is no more than the facts.
    """

    number: int
    inside: bool
    started: Said
    result: str
    look: words.Look
    facts: tuple[Fact, ...]
    url: str


@dataclass(frozen=True, slots=True)
class Story:
    """One recipient: the state, why, what to do, what is next; the newest call first. ``called``: by a program."""

    position: int
    name: str
    called: str
    look: words.Look
    reason: str
    remedy: str
    next_step: str
    pages_confirmed: int
    calls: tuple[Call, ...]
    arrived: Action | None
    again: Action | None


@dataclass(frozen=True, slots=True)
class Handed:
    """A document as it came; ``url`` is empty once it is erased."""

    name: str
    about: str
    url: str


@dataclass(frozen=True, slots=True)
class Info:
    row: Row
    title: str
    approved: str
    initiated: str
    stories: tuple[Story, ...]
    next_position: int
    documents: tuple[Handed, ...]
    page_numbers: range
    about_pages: str
    asked: tuple[str, ...]
    declined: str
    approval: str
    readdress: str
    mail: Came | None
    goes_out: str
    program: tuple[Told, ...]


def tell(fax: Fax, clock: Clock, *, may_act: bool, after: int = 0, person: User | None = None) -> Info:
    """Everything about the fax; the stories of STORIES_A_PAGE recipients behind position ``after``."""
    row = rows([fax], clock, may_act=may_act, person=person)[0]
    deliveries = list(
        fax.deliveries.filter(position__gt=after)
        .select_related("to_extension", "fax")
        .prefetch_related(Prefetch("attempts", Attempt.objects.order_by("-number")))
        .order_by("position")[: STORIES_A_PAGE + 1]
    )
    shown = deliveries[:STORIES_A_PAGE]
    everybody = list(fax.deliveries.select_related("to_extension").order_by("position")[: _NAMED_RECIPIENTS + 1])
    called = fax.deliveries.filter(to_extension=None).exists()
    return Info(
        row=row,
        title=f"Fax to {words.addressees(everybody, fax.deliveries.count())}",
        approved=_approved(fax, clock),
        initiated=_initiated(fax, everybody, called=called),
        stories=tuple(_story(one, fax, clock, may_act=may_act) for one in shown),
        next_position=shown[-1].position if len(deliveries) > STORIES_A_PAGE else 0,
        documents=tuple(documents_of(fax)),
        page_numbers=range(1, fax.pages + 1) if fax.pages_blob else range(0),
        about_pages=_about_pages(fax, called=called),
        asked=_asked(fax),
        declined=_declined(fax, clock),
        approval=row.opens if row.opens != row.info else "",
        readdress=reverse("fax-recipients", args=[fax.uid]) if may_act and fax.status in CHANGEABLE else "",
        mail=came(fax, clock),
        goes_out=goes_out(fax, clock),
        program=tuple(said(fax, clock)),
    )


def call_of(attempt: Attempt, fax: Fax, clock: Clock) -> Call:
    """``attempt`` with its delivery."""
    open_still = attempt.ended_at is None
    return Call(
        number=attempt.number,
        inside=attempt.delivery.to_extension_id is not None,
        started=clock.say(attempt.started_at),
        result=words.phase(attempt.delivery, fax.pages) if open_still else _result(attempt),
        look=_call_look(attempt),
        facts=tuple(_facts(attempt, fax, clock, open_still=open_still)),
        url=reverse("fax-attempt", args=[fax.uid, attempt.delivery.position, attempt.number]),
    )


def _about_pages(fax: Fax, *, called: bool) -> str:
    """None were made where its files are still to come, or never came."""
    if not fax.pages:
        return "No pages yet" if fax.status == FaxStatus.RECEIVED else "No pages"
    pages = words.pages(fax.pages)
    return f"{pages}, about {duration(fax.seconds_on_line)} on the line" if called else pages


def _approved(fax: Fax, clock: Clock) -> str:
    if fax.status == FaxStatus.RECEIVED:
        return "Its files are still to come. With the last one it goes out by itself."
    if fax.status == FaxStatus.REFUSED:
        return "It was never whole, and was not sent."
    if fax.approved_at is None:
        return "Sending has not been approved yet."
    where = f" from {fax.approved_ip}" if fax.approved_ip else ""
    by = approved_by(fax)
    who = f" by {by}" if by else ""
    how = f" ({fax.get_approved_how_display()})" if fax.approved_how else ""
    return f"Sending was approved{where} on {clock.exactly(fax.approved_at)}{who}{how}."


def _asked(fax: Fax) -> tuple[str, ...]:
    """Whose yes the fax waits for, and why; empty where it does not wait."""
    if fax.status != FaxStatus.AWAITING_APPROVAL:
        return ()
    why = request.reasons_in_words(fax, request.destinations_of(fax))
    mail = request.mail_of(fax)
    if mail is not None and request.unconfirmed(fax):
        later = ("After that it needs a second person’s yes.", *why) if why else ()
        return (f"It waits for its sender’s word: the link went to {mail.sender}.", *later)
    people = [one.called for one in request.approvers(fax.extension, *request.authors_of(fax))]
    return (f"It waits for the yes of {words.one_of(people)}.", *why)


def _declined(fax: Fax, clock: Clock) -> str:
    """Who would not have it sent, when and why."""
    sentence = why_not_sent([fax]).get(fax.pk, "")
    return f"{sentence} ({clock.exactly(fax.ended_at)})" if sentence and fax.ended_at else sentence


def _initiated(fax: Fax, everybody: list[Delivery], *, called: bool) -> str:
    """``called``: not all of them are extensions of ours, which get it without a call."""
    names = ", ".join(words.addressee(one) for one in everybody[:_NAMED_RECIPIENTS])
    more = fax.deliveries.count() - _NAMED_RECIPIENTS
    to = f"{names} and {more} more" if more > 0 else names
    dialled = fax.status == FaxStatus.PURGED and Attempt.objects.filter(delivery__fax=fax).exists()
    if fax.status == FaxStatus.RELEASED or dialled:
        if not called:
            return f"The fax to {to} needs no call: it stays on this server."
        return f"Caselli initiated the call to send the fax to {to}."
    if fax.status == FaxStatus.CANCELED:
        return f"The fax to {to} was cancelled before any call was made."
    if fax.status in {FaxStatus.REFUSED, FaxStatus.PURGED}:
        return f"No call was made. The fax was for {to}."
    return f"No call has been made yet. The fax is for {to}."


def _story(delivery: Delivery, fax: Fax, clock: Clock, *, may_act: bool) -> Story:
    status = DeliveryStatus(delivery.status)
    decidable = may_act and status is DeliveryStatus.UNKNOWN
    where = [fax.uid, delivery.position]
    name = words.addressee(delivery)
    calls = tuple(call_of(one, fax, clock) for one in delivery.attempts.all())
    reason = reason_of(delivery)
    return Story(
        position=delivery.position,
        name=name,
        called=delivery.name,
        look=words.DELIVERY_LOOKS[status],
        reason="" if status is DeliveryStatus.DELIVERED and calls and calls[0].result == reason else reason,
        remedy=remedy_of(delivery),
        next_step=_next_step(delivery, fax, clock),
        pages_confirmed=delivery.pages_confirmed,
        calls=calls,
        arrived=Action(reverse("recipient-arrived", args=where), "It arrived", name) if decidable else None,
        again=Action(reverse("recipient-again", args=where), "Send again", name) if decidable else None,
    )


def _next_step(delivery: Delivery, fax: Fax, clock: Clock) -> str:
    match DeliveryStatus(delivery.status):
        case DeliveryStatus.SENDING:
            return f"{words.phase(delivery, fax.pages)}."
        case DeliveryStatus.QUEUED if delivery.queued_at:
            return _how_it_waits(delivery, fax, clock)
        case DeliveryStatus.RETRY_WAIT if delivery.next_try_at:
            last = next((one.gear for one in delivery.attempts.all()), None)
            return f"Next try {clock.say_soon(delivery.next_try_at)}. {next_try.way(delivery, last)}"
        case _:
            return ""


def _how_it_waits(delivery: Delivery, fax: Fax, clock: Clock) -> str:
    assert delivery.queued_at is not None
    until = clock.say_soon(delivery.queued_at + timedelta(hours=fax.organization.queue_hours))
    if held := routes.held_back(delivery):
        return f"{held} Otherwise it fails {until}."
    return f"It goes out as soon as a line is free. If none is by then, it fails {until}."


def _result(attempt: Attempt) -> str:
    return result_of(attempt) or "The call has ended."


def _call_look(attempt: Attempt) -> words.Look:
    if attempt.ended_at is None:
        return words.DELIVERY_LOOKS[DeliveryStatus.SENDING]
    match ALL.get(attempt.cause):
        case cause if cause is DELIVERED:
            return words.DELIVERY_LOOKS[DeliveryStatus.DELIVERED]
        case cause if cause is CANCELED:
            return words.DELIVERY_LOOKS[DeliveryStatus.CANCELED]
        case cause if cause is UNKNOWN:
            return words.DELIVERY_LOOKS[DeliveryStatus.UNKNOWN]
        case _:
            return words.DELIVERY_LOOKS[DeliveryStatus.FAILED]


def _facts(attempt: Attempt, fax: Fax, clock: Clock, *, open_still: bool) -> Iterable[Fact]:
    """What a call never came to is a dash, not an empty place; what needs no call has none of it."""
    dash = "–"
    travelled = bool(attempt.transport)
    yield Fact("When", clock.exactly(attempt.started_at))
    yield Fact("To", _dialled(attempt.delivery))
    yield Fact("Trunk", attempt.trunk_name or dash)
    yield Fact("Pages confirmed", _pages_confirmed(attempt, fax))
    if attempt.delivery.to_extension_id is not None:
        return
    yield Fact("Duration", dash if open_still else duration(attempt.seconds))
    yield Fact("Speed", f"{attempt.rate:,} bit/s" if attempt.rate else dash)
    yield Fact("Error correction", ("on" if attempt.ecm else "off") if travelled else dash)
    yield Fact("Way", _TRANSPORTS.get(attempt.transport, dash))
    yield Fact("Answered by", attempt.remote_id or dash)
    yield Fact("SIP", f"{attempt.sip_code} {attempt.sip_phrase}".strip() if attempt.sip_code else dash)
    if attempt.q850 is not None:
        yield Fact("Q.850", str(attempt.q850))
    yield Fact("T.30", dash if attempt.t30_code is None else str(attempt.t30_code))


def _dialled(delivery: Delivery) -> str:
    return delivery.destination if delivery.to_extension_id else spoken(delivery.destination)


def _pages_confirmed(attempt: Attempt, fax: Fax) -> str:
    wanted = fax.pages - attempt.first_page + 1
    start = f", from page {attempt.first_page} on" if attempt.first_page > 1 else ""
    return f"{attempt.pages_confirmed} of {wanted}{start}"


def documents_of(fax: Fax) -> Iterable[Handed]:
    for one in fax.documents.all():
        about = f"{one.kind.upper()}, {words.pages(one.pages)}, {size(one.size)}"
        url = reverse("fax-document", args=[fax.uid, one.position]) if one.blob else ""
        yield Handed(one.name, about if url else f"{about}, erased", url)
    if fax.status in NEVER_WHOLE:
        missing = "still to come" if fax.status == FaxStatus.RECEIVED else "never came"
        for file in fax.promised.all():
            yield Handed(file.name, "came" if file.came_at else missing, "")
