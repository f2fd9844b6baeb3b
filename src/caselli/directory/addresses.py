"""Mail addresses in one writing, so that the same address is the same text: in forms, tables and mails. Pure."""

import unicodedata

_STOPS = str.maketrans("。．｡", "...")
"""What keyboards of East Asia write for the dot between two labels (UTS 46, section 2.3)."""


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
