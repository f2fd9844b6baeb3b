"""What may come in: limits, recipients, duplicates. Pure."""

from collections.abc import Callable, Iterable
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
    """An extension that exists: its id and extended number."""

    extension_id: int
    extended: str


@dataclass(frozen=True, slots=True)
class Destination:
    """``number``: E.164, or extended (then ``extension_id`` is set); ``given``: as it was written."""

    given: str
    number: str
    extension_id: int | None = None


Lookup = Callable[[str, str], Known | None]
"""(organization's number, extension's number) -> the extension, None where there is none that takes faxes."""


def read_recipients(
    given: Iterable[str], sender: Sender, limits: IntakeLimits, lookup: Lookup
) -> tuple[list[Destination], list[Refusal]]:
    """Every recipient as a destination, and everything that is wrong with them."""
    destinations: dict[str, Destination] = {}
    refusals: list[Refusal] = []
    for text in given:
        try:
            destination = _read_one(text, sender, lookup)
        except Refusal as refusal:
            refusals.append(refusal)
            continue
        if earlier := destinations.get(destination.number):
            refusals.append(_repeated(text, earlier.given))
        else:
            destinations[destination.number] = destination
    if not destinations and not refusals:
        refusals.append(
            Refusal(
                RefusalKind.RECIPIENT_MISSING,
                "recipients",
                "Nobody is named to send the fax to.",
                "Give a phone number or an extension.",
            )
        )
    if len(destinations) > limits.recipients:
        refusals.append(
            Refusal(
                RefusalKind.RECIPIENTS_TOO_MANY,
                "recipients",
                f"A fax goes to at most {limits.recipients} recipients; these are {len(destinations)}.",
                "Send several faxes, or ask your administrator to raise the limit.",
            )
        )
    return list(destinations.values()), refusals


def _read_one(text: str, sender: Sender, lookup: Lookup) -> Destination:
    match parse_recipient(text, sender.country):
        case PublicNumber(e164):
            return Destination(text.strip(), e164)
        case ExtensionNumber(number, organization):
            known = lookup(organization or sender.organization, number)
            if known is None:
                raise Refusal(
                    RefusalKind.RECIPIENT_UNKNOWN_EXTENSION,
                    "recipients",
                    f"There is no extension {text.strip()} that takes faxes.",
                    "Check the extension, or write a phone number with its area code.",
                    subject=text.strip(),
                )
            return Destination(text.strip(), known.extended, known.extension_id)


def _repeated(text: str, earlier: str) -> Refusal:
    return Refusal(
        RefusalKind.RECIPIENT_REPEATED,
        "recipients",
        f"“{text}” is the same recipient as “{earlier}”.",
        "Leave one of them out.",
        subject=text,
    )


def refuse_unreachable(destinations: Iterable[Destination], prefixes: Iterable[str]) -> list[Refusal]:
    """Public numbers that no trunk takes; ``prefixes``: those of the enabled trunks, an empty one takes all."""
    known = tuple(prefixes)
    remedy = "Ask your administrator to add a trunk for it."
    if known:
        remedy = f"Numbers that can be called from here begin with {', '.join(known)}. {remedy}"
    return [
        Refusal(RefusalKind.NO_TRUNK, "recipients", f"No trunk leads to “{one.given}”.", remedy, subject=one.given)
        for one in destinations
        if one.extension_id is None and not one.number.startswith(known or ("no trunk",))
    ]


def check_files(count: int, limits: IntakeLimits) -> list[Refusal]:
    if count == 0:
        return [
            Refusal(
                RefusalKind.FILE_MISSING,
                "files",
                "There is no file to send.",
                "Choose a PDF, JPG, PNG, TIF or TXT file.",
            )
        ]
    if count > limits.files:
        return [
            Refusal(
                RefusalKind.FILES_TOO_MANY,
                "files",
                f"A fax takes at most {limits.files} files; these are {count}.",
                "Send several faxes, or join the files into one PDF.",
            )
        ]
    return []
