"""Who a fax goes to: public phone numbers (E.164) and extensions, short or extended."""

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

from caselli.fax.refusals import Refusal, RefusalKind

SHORT_EXTENSION_DIGITS = 5
"""Bare digits up to this many are an extension of the own organization; more are a public number."""

_EXTENDED = re.compile(r"(\d{1,6})\*(\d{1,10})")
_BARE = re.compile(rf"\d{{1,{SHORT_EXTENSION_DIGITS}}}")
_SEPARATORS = re.compile(r"[,;\n]")


@dataclass(frozen=True, slots=True)
class PublicNumber:
    """``e164``: with a leading plus, as ITU-T E.164 writes it."""

    e164: str

    def __str__(self) -> str:
        return self.e164


@dataclass(frozen=True, slots=True)
class ExtensionNumber:
    """``organization`` is None for the short writing: the sender's own organization is meant."""

    number: str
    organization: str | None = None

    def __str__(self) -> str:
        return self.number if self.organization is None else f"{self.organization}*{self.number}"


Recipient = PublicNumber | ExtensionNumber

_ERRORS = {
    phonenumbers.NumberParseException.INVALID_COUNTRY_CODE: "has no country code that exists",
    phonenumbers.NumberParseException.NOT_A_NUMBER: "is not a phone number",
    phonenumbers.NumberParseException.TOO_SHORT_AFTER_IDD: "is too short",
    phonenumbers.NumberParseException.TOO_SHORT_NSN: "is too short",
    phonenumbers.NumberParseException.TOO_LONG: "is too long",
}


def split_recipients(text: str) -> tuple[str, ...]:
    """The recipients of one line of text, separated by commas, semicolons or line ends; empty ones left out."""
    return tuple(part.strip() for part in _SEPARATORS.split(text) if part.strip())


def parse_recipient(text: str, country: str) -> Recipient:
    """Read one recipient as a person writes it; ``country`` (ISO 3166, two letters) reads national numbers.

    Raises Refusal (field ``recipients``), which says what was wrong with it.
    """
    text = text.strip()
    if match := _EXTENDED.fullmatch(text):
        return ExtensionNumber(number=match[2], organization=match[1])
    if _BARE.fullmatch(text):
        return ExtensionNumber(number=text)
    return PublicNumber(_parse_public(text, country))


def _parse_public(text: str, country: str) -> str:
    if len(text) > 60:
        raise _refuse(text[:40] + "…", "is too long", country)
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException as error:
        raise _refuse(text, _ERRORS.get(error.error_type, "is not a phone number"), country) from None
    if number.extension:
        raise _refuse(text, "has an extension behind it, which a fax call cannot dial", country)
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible == phonenumbers.ValidationResult.TOO_SHORT:
        raise _refuse(text, "has too few digits", country)
    if possible == phonenumbers.ValidationResult.TOO_LONG:
        raise _refuse(text, "has too many digits", country)
    if not phonenumbers.is_valid_number(number):
        raise _refuse(text, "is not a number that its country gives out", country)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _refuse(text: str, why: str, country: str) -> Refusal:
    example = phonenumbers.example_number(country)
    shown = (
        phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        if example
        else "+1 202-555-0100"
    )
    return Refusal(
        RefusalKind.RECIPIENT_INVALID,
        "recipients",
        f"“{text}” {why}.",
        f"Write it like {shown}, or give an extension like 211 or 0003*211.",
        subject=text,
    )


@lru_cache(maxsize=4096)
def spoken(number: str) -> str:
    """An E.164 number as people read it (``+1 202-555-0100``); anything else as it is."""
    if not number.startswith("+"):
        return number
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def digits(text: str) -> str:
    """Only the digits: what a search by number compares."""
    return re.sub(r"\D", "", text)
