"""What may come in: limits, recipients, duplicates. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from caselli.fax.number import ExtensionNumber, PublicNumber, parse_recipient
from caselli.fax.refusals import Refusal, RefusalKind


@dataclass(frozen=True, slots=True)
class IntakeLimits:
    """Of the server fax preferences; ``file_bytes`` for one file."""

    recipients: int
    files: int
    file_bytes: int = 25_000_000
    pages: int = 200


@dataclass(frozen=True, slots=True)
class Sender:
    """What the rules need of the extension: its country reads national numbers."""

    country: str
    organization: str


@dataclass(frozen=True, slots=True)
class Known:
    """An extension that exists: its id, its extended number, and what it is called."""

    extension_id: int
    extended: str
    name: str

    @property
    def short(self) -> str:
        return self.extended.rpartition("*")[2]


@dataclass(frozen=True, slots=True)
class Destination:
    """``number``: E.164, or extended (then ``extension`` is set); ``given``: as written, a name as its number."""

    given: str
    number: str
    extension: Known | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """One recipient as it was ``given``, and what it is: a destination, or why it is none."""

    given: str
    destination: Destination | None = None
    refusal: Refusal | None = None


Lookup = Callable[[str, str], Known | None]
"""(organization's number, extension's number) -> the extension, None where there is none that takes faxes."""
ByName = Callable[[str], Sequence[Known]]
"""A name in full -> the extensions of the sender's own organization that are called so."""


def read_recipients(given: Iterable[str], sender: Sender, lookup: Lookup, by_name: ByName) -> list[Read]:
    """Every recipient, in its order: a public number, an extension by its number, or by its name."""
    seen: dict[str, str] = {}
    reads: list[Read] = []
    for text in (one.strip() for one in given):
        try:
            destination = _read_one(text, sender, lookup, by_name)
            if earlier := seen.get(destination.number):
                raise _repeated(text, earlier)
        except Refusal as refusal:
            reads.append(Read(text, refusal=refusal))
            continue
        seen[destination.number] = text
        reads.append(Read(text, destination))
    return reads


def _read_one(text: str, sender: Sender, lookup: Lookup, by_name: ByName) -> Destination:
    try:
        recipient = parse_recipient(text, sender.country)
    except Refusal as refusal:
        return _named(text, by_name(text), refusal)
    match recipient:
        case PublicNumber(e164):
            return Destination(text, e164)
        case ExtensionNumber(number, organization):
            known = lookup(organization or sender.organization, number)
            if known is None:
                raise Refusal(
                    RefusalKind.RECIPIENT_UNKNOWN_EXTENSION,
                    "recipients",
                    f"There is no extension {text} that takes faxes.",
                    "Check the extension, or write a phone number with its area code.",
                    subject=text,
                )
            return Destination(text, known.extended, known)


def _named(text: str, known: Sequence[Known], otherwise: Refusal) -> Destination:
    """The one extension of that name. Raises ``otherwise`` where there is none, and names the choice among several."""
    if not known:
        raise otherwise
    if len(known) > 1:
        choices = [one.short for one in known]
        raise Refusal(
            RefusalKind.RECIPIENT_AMBIGUOUS,
            "recipients",
            f"Several extensions are called “{text}”.",
            f"Give the number of the one you mean: {', '.join(choices[:-1])} or {choices[-1]}.",
            subject=text,
        )
    return Destination(known[0].short, known[0].extended, known[0])


def _repeated(text: str, earlier: str) -> Refusal:
    return Refusal(
        RefusalKind.RECIPIENT_REPEATED,
        "recipients",
        f"“{text}” is the same recipient as “{earlier}”.",
        "Leave one of them out.",
        subject=text,
    )


def check_recipients(reads: Sequence[Read], limits: IntakeLimits) -> list[Refusal]:
    """That there is anybody, and not too many."""
    if not reads:
        return [
            Refusal(
                RefusalKind.RECIPIENT_MISSING,
                "recipients",
                "Nobody is named to send the fax to.",
                "Give a phone number or an extension.",
            )
        ]
    count = sum(one.destination is not None for one in reads)
    return [too_many_recipients(count, limits)] if count > limits.recipients else []


def too_many_recipients(count: int, limits: IntakeLimits) -> Refusal:
    return Refusal(
        RefusalKind.RECIPIENTS_TOO_MANY,
        "recipients",
        f"A fax goes to at most {_count(limits.recipients, 'recipient')}; these are {count}.",
        "Send several faxes, or ask your administrator to raise the limit.",
    )


def refuse_unreachable(destination: Destination, prefixes: Sequence[str]) -> Refusal | None:
    """A public number that no trunk takes; ``prefixes``: those of the enabled trunks, an empty one takes all."""
    if destination.extension is not None or destination.number.startswith(tuple(prefixes) or ("no trunk",)):
        return None
    remedy = "Ask your administrator to add a trunk for it."
    if prefixes:
        remedy = f"Numbers that can be called from here begin with {', '.join(prefixes)}. {remedy}"
    sentence = f"No trunk leads to “{destination.given}”."
    return Refusal(RefusalKind.NO_TRUNK, "recipients", sentence, remedy, subject=destination.given)


def refuse_outside_sandbox(destination: Destination, prefixes: Sequence[str]) -> Refusal | None:
    """What a sandbox's fax may not be sent to; ``prefixes``: those of the trunks to the answering machine.

    Not to an extension either: there a person would find it.
    """
    if destination.extension is None and destination.number.startswith(tuple(prefixes) or ("no trunk",)):
        return None
    remedy = "Ask your administrator for a trunk to the answering machine."
    if prefixes:
        remedy = f"Its numbers begin with {', '.join(one or '+' for one in prefixes)}. For all others take a real key."
    return Refusal(
        RefusalKind.SANDBOX_ONLY,
        "recipients",
        f"A sandbox key reaches the built-in answering machine alone: “{destination.given}” is none of its numbers.",
        remedy,
        subject=destination.given,
    )


def check_files(count: int, limits: IntakeLimits) -> list[Refusal]:
    if count == 0:
        return [
            Refusal(
                RefusalKind.FILE_MISSING,
                "files",
                "There is no file to send.",
                "Choose a PDF, JPG, PNG, TIF, TXT or HTML file.",
            )
        ]
    if count > limits.files:
        return [
            Refusal(
                RefusalKind.FILES_TOO_MANY,
                "files",
                f"A fax takes at most {_count(limits.files, 'file')}; these are {count}.",
                "Send several faxes, or join the files into one PDF.",
            )
        ]
    return []


def refuse_lost(count: int) -> list[Refusal]:
    """Files that were staged and are kept no more."""
    if not count:
        return []
    return [
        Refusal(
            RefusalKind.FILE_MISSING,
            "files",
            "A file that was uploaded more than a day ago, or taken out since, is not kept any more."
            if count == 1
            else f"{count} files that were uploaded more than a day ago, or taken out since, are not kept any more.",
            "Choose it again." if count == 1 else "Choose them again.",
        )
    ]


@dataclass(frozen=True, slots=True)
class Allowance:
    """Bytes an extension may keep, and keeps; ``days``: how long sent faxes stay (None: for ever)."""

    allowed: int
    used: int
    days: int | None

    def refuse(self, extension: str, coming: int) -> list[Refusal]:
        """Why so many bytes more do not fit, if they do not."""
        if self.used + coming <= self.allowed:
            return []
        waiting = f"Sent faxes are erased after {self.days} days. " if self.days else ""
        return [
            Refusal(
                RefusalKind.ALLOWANCE_USED_UP,
                "files",
                f"Extension {extension} may keep {_megabytes(self.allowed)} of faxes and keeps {_megabytes(self.used)};"
                f" this fax would take {_megabytes(coming)} more.",
                f"Delete received faxes that are no longer needed. {waiting}Or ask your administrator for more room.",
            )
        ]


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB"
