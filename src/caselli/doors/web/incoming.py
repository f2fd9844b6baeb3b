"""Mails that came in, in words: from whom, which way, whether their sender is proven, and what became of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.db.models import QuerySet
from django.urls import reverse

from caselli.approval.request import mail_of
from caselli.doors.web import words
from caselli.doors.web.times import Clock, Said, size
from caselli.fax.status import ShownStatus
from caselli.store.models import Fax, IncomingMail

PAGE_SIZE = 50
State = IncomingMail.State

_NOT_ASKED = {
    "temperror": "It could not be looked up when the mail came.",
    "permerror": "What the domain says about it cannot be understood.",
}
_MEANINGS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "DMARC": _NOT_ASKED
        | {
            "pass": "The sender’s domain stands behind this mail: the address is genuine.",
            "fail": "The sender’s domain does not stand behind this mail: the address may be forged.",
            "none": "Nothing was found by which the sender’s domain would stand behind this mail.",
        },
        "SPF": _NOT_ASKED
        | {
            "pass": "The server it came from may send for its domain.",
            "fail": "The server it came from may not send for its domain.",
            "softfail": "The server it came from is none of those that its domain names.",
            "neutral": "Its domain says neither yes nor no about the server it came from.",
            "none": "The server it came from is not known here, or its domain names none that send for it.",
        },
        "DKIM": _NOT_ASKED
        | {
            "pass": "Its signature is right: nothing was changed on the way.",
            "fail": "Its signature is wrong: it was changed on the way, or forged.",
            "neutral": "Its signature cannot be judged.",
            "policy": "Its signature is not of a kind that counts.",
            "none": "It carries no signature.",
        },
    }
)
_TONES = {"pass": "good", "fail": "bad", "softfail": "warn", "temperror": "warn", "permerror": "warn"}
_ICONS = {"good": "check-circle", "bad": "x-circle", "warn": "exclamation-circle", "rest": "minus-circle"}
_REFUSED = words.Look("Refused", "bad", "x-circle")
_IN_TROUBLE = words.Look("Waits for another try", "warn", "clock")
_UNREAD = words.Look("About to be read", "move", "clock")


@dataclass(frozen=True, slots=True)
class Proof:
    """One way to prove a sender: its name, its result in the words of RFC 8601, and what that means."""

    look: words.Look
    result: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Came:
    """The mail that a fax was. ``confirmed``: when and from where its sender said yes, empty before."""

    mail: IncomingMail
    received: Said
    way: str
    confirmed: str
    proofs: tuple[Proof, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A mail in the list. ``why``: the refusal or the trouble; ``next_try`` is empty where there is none."""

    mail: IncomingMail
    when: Said
    look: words.Look
    way: str
    why: str
    next_try: str
    fax: str


def came(fax: Fax, clock: Clock) -> Came | None:
    mail = mail_of(fax)
    if mail is None:
        return None
    return Came(mail, clock.say(mail.received_at), _way(mail), _confirmed(mail, clock), proofs(mail))


def proofs(mail: IncomingMail) -> tuple[Proof, ...]:
    """What is known, the one that decides first."""
    results = (("DMARC", mail.dmarc), ("SPF", mail.spf), ("DKIM", mail.dkim))
    return tuple(_proof(name, result) for name, result in results if result)


def lines(mails: list[IncomingMail], clock: Clock) -> list[Line]:
    """With extension, organization and fax in each mail."""
    return [_line(one, clock) for one in mails]


def turn(mails: QuerySet[IncomingMail], older_than: int | None) -> tuple[list[IncomingMail], int | None]:
    """A page, newest first, and the key behind which the next one begins."""
    if older_than is not None:
        mails = mails.filter(pk__lt=older_than)
    found = list(mails.order_by("-pk")[: PAGE_SIZE + 1])
    return found[:PAGE_SIZE], found[PAGE_SIZE - 1].pk if len(found) > PAGE_SIZE else None


def _proof(name: str, result: str) -> Proof:
    tone = _TONES.get(result, "rest")
    return Proof(words.Look(name, tone, _ICONS[tone]), result, _MEANINGS[name].get(result, ""))


def _way(mail: IncomingMail) -> str:
    """``SMTP from 192.0.2.7 (mail.acme.example), 87 kB``."""
    called = f" ({mail.helo})" if mail.helo else ""
    return f"{mail.get_via_display()}{_origin(mail.client_ip)}{called}, {size(mail.size)}"


def _confirmed(mail: IncomingMail, clock: Clock) -> str:
    if mail.confirmed_at is None:
        return ""
    when = clock.exactly(mail.confirmed_at)
    if mail.confirmed_by is not None:
        return f"{when}, by {mail.confirmed_by.called} in its place{_origin(mail.confirmed_ip)}"
    return f"{when}, by the link{_origin(mail.confirmed_ip)}" if mail.confirmed_ip else f"{when}, as a trusted sender"


def _origin(ip: str | None) -> str:
    return f" from {ip}" if ip else ""


def _line(mail: IncomingMail, clock: Clock) -> Line:
    waits = mail.state == State.WAITING
    return Line(
        mail=mail,
        when=clock.say(mail.received_at),
        look=_look(mail),
        way=_way(mail),
        why=mail.words if mail.state != State.FAXED else "",
        next_try=clock.say_soon(mail.next_try_at) if waits and mail.words and mail.next_try_at else "",
        fax=reverse("fax", args=[mail.fax.uid]) if mail.fax else "",
    )


def _look(mail: IncomingMail) -> words.Look:
    match State(mail.state):
        case State.FAXED if mail.fax is not None:
            return words.LOOKS[ShownStatus(mail.fax.shown_status)]
        case State.WAITING:
            return _IN_TROUBLE if mail.words else _UNREAD
        case _:
            return _REFUSED
