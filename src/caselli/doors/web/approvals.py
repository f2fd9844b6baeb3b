"""What a second person is shown of a fax that needs their yes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Max, prefetch_related_objects

from caselli.approval import request
from caselli.doors.web import words
from caselli.doors.web.live_names import live_name
from caselli.doors.web.rows import approval
from caselli.doors.web.times import Clock, Said, duration
from caselli.fax.status import FaxStatus, ShownStatus
from caselli.history.declined import why_not_sent
from caselli.notice.rules import proof
from caselli.store.models import Channel, Event, Fax, User


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of *Approvals*. ``other``: who else is asked; ``result``: what became of it, empty while it waits."""

    fax: Fax
    name: str
    look: words.Look
    to: str
    pages: str
    on_line: str
    sender: str
    why: tuple[str, ...]
    proof: str
    since: Said
    other: str
    waits: bool
    result: str


def lines(faxes: Sequence[Fax], clock: Clock, person: User) -> list[Waiting]:
    """With extension and organization in each fax. As few queries however many recipients they have."""
    prefetch_related_objects(list(faxes), "deliveries__to_extension", "extension__approver")
    prefetch_related_objects([one for one in faxes if one.channel == Channel.EMAIL], "mail")
    asked = Event.objects.filter(fax__in=faxes, delivery=None, new=FaxStatus.AWAITING_APPROVAL)
    since = dict(asked.values_list("fax_id").annotate(Max("at")).order_by())
    why_not = why_not_sent(faxes)
    return [_line(one, clock, person, clock.say(since.get(one.pk, one.added_at)), why_not) for one in faxes]


def _line(fax: Fax, clock: Clock, person: User, since: Said, why_not: dict[int, str]) -> Waiting:
    deliveries = list(fax.deliveries.all())
    waits = fax.status == FaxStatus.AWAITING_APPROVAL
    return Waiting(
        fax=fax,
        name=live_name(fax.pk),
        look=words.LOOKS[ShownStatus(fax.shown_status)],
        to=words.addressees(deliveries) if deliveries else "nobody",
        pages=words.pages(fax.pages),
        on_line=f"about {duration(fax.seconds_on_line)} on the line",
        sender=_sender(fax),
        why=_why(fax, [one.destination for one in deliveries]) if waits else (),
        proof=_proof(fax) if waits else "",
        since=since,
        other=_other(fax, person) if waits and not request.unconfirmed(fax) else "",
        waits=waits,
        result="" if waits else _result(fax, clock, why_not.get(fax.pk, "")),
    )


def _why(fax: Fax, destinations: Sequence[str]) -> tuple[str, ...]:
    """Whose word it waits for, where that is its sender's, and why a second person's."""
    asked = request.reasons_in_words(fax, destinations)
    mail = request.mail_of(fax)
    if mail is None or not request.unconfirmed(fax):
        return asked
    later = ("After that it needs a second person’s yes.",) if asked else ()
    return (f"It came by mail, and the link went to {mail.sender}: nobody has confirmed it yet.", *later)


def _proof(fax: Fax) -> str:
    """Whether the sender of its mail is who they say; empty for a fax that came another way."""
    mail = request.mail_of(fax)
    if mail is None:
        return ""
    return f"Its sender is {proof(mail.dmarc, mail.judged_by, mail.sender.rpartition('@')[2])}."


def _sender(fax: Fax) -> str:
    where = f"{fax.extension.number} {fax.extension.name}"
    if mail := request.mail_of(fax):
        return f"{mail.sender} by mail, {where}"
    return f"{fax.added_by.called}, {where}" if fax.added_by else where


def _other(fax: Fax, person: User) -> str:
    """The one whom the extension names, where that is not the reader."""
    named = fax.extension.approver
    if named is None or named == person or not request.may_approve(named, fax):
        return ""
    return named.called


def _result(fax: Fax, clock: Clock, why_not: str) -> str:
    given = approval(fax, clock)
    if given is not None:
        who = f" by {given.who}" if given.who else ""
        return f"Approved {given.when.text}{who}."
    return why_not or "It does not wait for a yes any more."


def recipients(fax: Fax) -> Iterable[str]:
    return [words.addressee(one) for one in fax.deliveries.select_related("to_extension").order_by("position")]
