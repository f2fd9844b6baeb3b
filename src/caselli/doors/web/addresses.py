"""How things are written in addresses."""

import re
from functools import cache
from uuid import UUID

from django.urls import reverse

EXTENDED = r"[0-9]{1,6}\*[0-9]{1,10}"


def split_extended(text: str) -> tuple[str, str] | None:
    """Organization's and extension's number; None where the text is no extended number."""
    if not re.fullmatch(EXTENDED, text):
        return None
    organization, _, number = text.partition("*")
    return organization, number


def whole_number(text: str) -> int | None:
    """A count or key out of an address; None where it is none, or longer than any of ours."""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


_ANY = UUID(int=0)


def of_fax(name: str, uid: UUID, *more: int) -> str:
    """The page of that name of a fax. For fifty rows, asking Django for each takes a tenth of the whole page's time."""
    return _pattern(name, *more).replace(str(_ANY), str(uid), 1)


@cache
def _pattern(name: str, *more: int) -> str:
    return reverse(name, args=[_ANY, *more])


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


class Token:
    """A signed link: base64 for addresses, and the marks between its parts."""

    regex = r"[A-Za-z0-9_.:=-]{1,300}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
