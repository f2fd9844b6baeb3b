"""What the sender of a mail is shown of its fax, by the link: before the yes, while it goes, and how it ended."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from caselli.approval import request as approval
from caselli.doors.web import words
from caselli.doors.web.rows import approval as approved
from caselli.doors.web.times import Clock
from caselli.fax.status import DeliveryStatus, FaxStatus, ShownStatus
from caselli.history import next_try
from caselli.history.declined import why_not_sent
from caselli.history.timeline import reason_of, remedy_of
from caselli.store.models import Delivery, Fax, IncomingMail

_NOTHING_YET = "Nothing is sent before you say so. If the mail was not yours, choose “Do not send”."
_TROUBLE = frozenset({DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Fate:
    """One recipient: what happens now, or what became of it, and what to do."""

    name: str
    look: words.Look
    text: str
    remedy: str
    pages_confirmed: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """``asks``: for the sender's word; ``waits``: a no is still heard; ``again``: the rest can be sent again.

    ``moving``: look again soon. ``digest``: another one where anything of this is another.
    """

    look: words.Look
    headline: str
    sentences: tuple[str, ...]
    fates: tuple[Fate, ...]
    asks: bool
    waits: bool
    again: bool
    moving: bool
    digest: str


def tell(fax: Fax, mail: IncomingMail, clock: Clock) -> Told:
    """What stands above the pages."""
    deliveries = list(fax.deliveries.select_related("to_extension", "fax").order_by("position"))
    asks = approval.unconfirmed(fax)
    headline, sentences = _words(fax, mail, deliveries, clock, asks=asks)
    released = fax.status == FaxStatus.RELEASED
    fates = tuple(_fate(one, clock) for one in deliveries) if released else ()
    shown = ShownStatus(fax.shown_status)
    moving = shown is ShownStatus.SCHEDULED
    failed = any(one.status == DeliveryStatus.FAILED for one in deliveries)
    return Told(
        look=words.LOOKS[shown],
        headline=headline,
        sentences=sentences,
        fates=fates,
        asks=asks,
        waits=fax.status == FaxStatus.AWAITING_APPROVAL,
        again=released and failed and not moving,
        moving=moving,
        digest=sha256(repr((shown, headline, sentences, fates)).encode()).hexdigest()[:16],
    )


def _words(
    fax: Fax, mail: IncomingMail, deliveries: Sequence[Delivery], clock: Clock, *, asks: bool
) -> tuple[str, tuple[str, ...]]:
    """The headline, and what is said below it."""
    said: tuple[str, ...]
    match FaxStatus(fax.status):
        case FaxStatus.AWAITING_APPROVAL if asks:
            headline, said = "Shall this fax be sent?", (_NOTHING_YET,)
        case FaxStatus.AWAITING_APPROVAL:
            headline, said = "It waits for a second person’s yes", _second_person(fax, mail, clock)
        case FaxStatus.APPROVED:
            headline, said = "It is approved", (f"It goes out when extension {fax.extension.number} says so.",)
        case FaxStatus.CANCELED:
            headline, said = "It is not sent", (_why_not(fax, clock),)
        case FaxStatus.RELEASED:
            headline, sentence = _on_its_way(fax, deliveries)
            said = (sentence, _yes(fax, clock))
        case _:
            headline, said = "It is being made ready", ("Look again in a moment.",)
    return headline, tuple(one for one in said if one)


def _second_person(fax: Fax, mail: IncomingMail, clock: Clock) -> tuple[str, ...]:
    people = [one.called for one in approval.approvers(fax.extension, *approval.authors_of(fax))]
    when = f" {clock.say(mail.confirmed_at).text}" if mail.confirmed_at else ""
    why = approval.reasons_in_words(fax, approval.destinations_of(fax))
    return (f"Your yes was noted{when}.", *why, f"It goes out as soon as {words.one_of(people)} has said yes too.")


def _why_not(fax: Fax, clock: Clock) -> str:
    when = f" {clock.say(fax.ended_at).text}" if fax.ended_at else ""
    return why_not_sent([fax]).get(fax.pk, "") or f"It was cancelled{when}."


def _yes(fax: Fax, clock: Clock) -> str:
    given = approved(fax, clock)
    if given is None:
        return ""
    who = f" by {given.who}" if given.who else ""
    return f"Approved {given.when.text}{who} ({given.how})."


def _on_its_way(fax: Fax, deliveries: Sequence[Delivery]) -> tuple[str, str]:
    counts = Counter(DeliveryStatus(one.status) for one in deliveries)
    arrived, total = counts[DeliveryStatus.DELIVERED], len(deliveries)
    match ShownStatus(fax.shown_status):
        case ShownStatus.SCHEDULED:
            return "It is on its way", "You may close this page: a mail tells you how it ended."
        case ShownStatus.SENT:
            return ("It has arrived" if total == 1 else f"It has arrived at all {total} recipients"), ""
        case ShownStatus.PARTIALLY_SENT:
            return f"It has arrived at {arrived} of {total} recipients", ""
        case ShownStatus.CANCELED:
            return "It was cancelled", ""
        case _ if counts[DeliveryStatus.FAILED]:
            return "It has not arrived", ""
        case _:
            return "Nobody knows whether it arrived", "Ask the recipient before you send it again: it may arrive twice."


def _fate(delivery: Delivery, clock: Clock) -> Fate:
    status = DeliveryStatus(delivery.status)
    sending = status is DeliveryStatus.SENDING
    return Fate(
        name=words.addressee(delivery),
        look=words.DELIVERY_LOOKS[status],
        text=_fate_in_words(delivery, status, clock),
        remedy=remedy_of(delivery) if status in _TROUBLE else "",
        pages_confirmed=delivery.pages_confirmed if sending else None,
    )


def _fate_in_words(delivery: Delivery, status: DeliveryStatus, clock: Clock) -> str:
    match status:
        case DeliveryStatus.SENDING:
            return f"{words.phase(delivery, delivery.fax.pages)}."
        case DeliveryStatus.QUEUED:
            return "It goes out as soon as a line is free."
        case DeliveryStatus.RETRY_WAIT if delivery.next_try_at:
            change = next_try.change(delivery)
            return f"{reason_of(delivery)} Next try {clock.say_soon(delivery.next_try_at)}{change}.".strip()
        case _:
            return reason_of(delivery)
