"""How things are written in addresses."""

import re

EXTENDED = r"[0-9]{1,6}\*[0-9]{1,10}"


def split_extended(text: str) -> tuple[str, str] | None:
    """Organization's and extension's number; None where the text is no extended number."""
    if not re.fullmatch(EXTENDED, text):
        return None
    organization, _, number = text.partition("*")
    return organization, number


class ExtendedNumber:
    """An extension as ``<organization>*<number>``."""

    regex = EXTENDED

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class CallName:
    """What the answering machine calls one received call: the name of its files without their ending."""

    regex = r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
