"""Mail addresses in one writing, so that the same address is the same text: in forms, tables and mails."""

import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

_STOPS = str.maketrans("。．｡", "...")
"""What keyboards of East Asia write for the dot between two labels (UTS 46, section 2.3)."""
_LONGEST = 254
"""Bytes of an address (RFC 5321, 4.5.3.1.3)."""


def canonical(address: str) -> str:
    """Lower case, composed (NFC), the domain in letters: ``Büro@XN--MNCHEN-3YA.example`` is ``büro@münchen.example``.

    What is no address comes back in lower case; nothing is raised.
    """
    local, at, domain = address.strip().rpartition("@")
    return f"{_composed(local)}{at}{unicode_domain(domain)}"


def unicode_domain(domain: str) -> str:
    """The U-labels (RFC 5890), in lower case. A label that cannot be read as one stays as it is."""
    return ".".join(_letters(label) for label in _labels(domain))


def ascii_domain(domain: str) -> str:
    """The A-labels (RFC 5890), which DNS knows. Letters are never exchanged for others: ``ß`` stays one (IDNA 2008)."""
    return ".".join(_composed(label) if label.isascii() else _punycode(_composed(label)) for label in _labels(domain))


def is_mail_address(text: str) -> bool:
    """One bare address, at most 254 characters long. The part before the @ may be in any script (RFC 6531)."""
    local, at, domain = text.rpartition("@")
    domain = ascii_domain(domain)
    readable = all(one.isprintable() and one != " " for one in text)
    try:
        validate_email("".join("x" if not one.isascii() else one for one in local) + at + domain)
    except ValidationError:
        return False
    return readable and len(text) <= _LONGEST and len(f"{local}{at}{domain}".encode()) <= _LONGEST


def _labels(domain: str) -> list[str]:
    return domain.strip().translate(_STOPS).removesuffix(".").split(".")


def _letters(label: str) -> str:
    label = _composed(label)
    if label.startswith("xn--") and label.isascii():
        try:
            letters = _composed(label[4:].encode().decode("punycode"))
        except (UnicodeError, ValueError, OverflowError):
            return label
        honest = not letters.isascii() and letters.translate(_STOPS) == letters and _punycode(letters) == label
        return letters if honest else label
    return label


def _punycode(label: str) -> str:
    return f"xn--{label.encode('punycode').decode()}"


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())
