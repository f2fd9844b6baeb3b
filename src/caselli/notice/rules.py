"""Who wants to hear what, in which words' file; and when a mail is tried again. Pure."""

import re
from datetime import timedelta
from enum import StrEnum


class Trouble(StrEnum):
    """Why a mail did not go out."""

    AWAY = "away"
    """The server does not answer, or not as one should: nothing is wrong with the mail."""
    LATER = "later"
    """The server took none of it for now (4xx)."""
    REFUSED = "refused"
    """The server will never take this mail (5xx)."""


_PAUSES = (1, 2, 5, 10, 20, 30, 60, 120, 240)
"""Minutes before the next try; the last one from then on: ten tries in the first eight hours."""
REFUSED_LATER_FOR = timedelta(days=3)


def pause(tries: int) -> timedelta:
    """After so many tries (from 1)."""
    return timedelta(minutes=_PAUSES[min(max(tries, 1), len(_PAUSES)) - 1])


def gives_up(trouble: Trouble, age: timedelta) -> bool:
    """A server that is away loses nothing, however long; what it refuses is not offered for ever."""
    return trouble is Trouble.REFUSED or (trouble is Trouble.LATER and age > REFUSED_LATER_FOR)


def one_line(text: str, longest: int) -> str:
    """For a header or a list: no line break and no control character, cut with an ellipsis."""
    plain = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+", " ", text).split())
    return plain if len(plain) <= longest else plain[: longest - 1].rstrip() + "…"


def default_sender(public_host: str) -> str:
    """Where nobody set one: ``caselli@`` the name of the public address; an IP address is no mail domain."""
    named = re.fullmatch(r"(?!\d+(\.\d+){3}\Z)[A-Za-z0-9.-]+", public_host)
    return f"caselli@{public_host if named else 'localhost'}"
