"""Who wants to hear what, in which words' file; and when a mail is tried again. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum

from caselli.fax.status import ShownStatus


class Happening(StrEnum):
    """What people are told of; each has a text of that name in ``texts/``."""

    SENT = "sent"
    PARTIALLY_SENT = "partially_sent"
    SEND_FAILED = "send_failed"
    RECEIVED = "received"
    AWAITING_APPROVAL = "awaiting_approval"
    CONFIRM = "confirm"
    ERASED_SOON = "erased_soon"
    NOT_SENT = "not_sent"
    MAIL_REFUSED = "mail_refused"


class Wants(StrEnum):
    """What one wants to get by mail: ``Extension.notify``."""

    OFF = "off"
    ALERT = "alert"
    FAX = "fax"


_ENDS = {
    ShownStatus.SENT: Happening.SENT,
    ShownStatus.PARTIALLY_SENT: Happening.PARTIALLY_SENT,
    ShownStatus.SEND_FAILED: Happening.SEND_FAILED,
}
ATTACHED_AT_MOST = 10_000_000
"""Bytes. Many mail servers refuse more; the link leads to the pages all the same."""


def happening_of(shown: ShownStatus) -> Happening | None:
    """What the end of a fax is to its owner; None where there is nothing to tell (a person cancelled it)."""
    return _ENDS.get(shown)


def attaches(wants: Wants, size: int) -> bool:
    return wants is Wants.FAX and 0 < size <= ATTACHED_AT_MOST


_UNPROVEN = {
    "none": "nothing was found by which {domain} would stand behind this mail",
    "temperror": "that could not be looked up when the mail came",
    "permerror": "what {domain} says about it cannot be understood",
}


def proof(dmarc: str, judged_by: str, domain: str) -> str:
    """Whether the sender of a mail is who they say, in a phrase. ``dmarc``: in the words of RFC 8601, or empty."""
    found = f", as {judged_by} found" if judged_by else ""
    if dmarc == "pass":
        return f"proven: {domain} stands behind this mail (DMARC{found})"
    if dmarc == "fail":
        return f"NOT proven: {domain} does not stand behind this mail, it may be forged (DMARC{found})"
    why = _UNPROVEN.get(dmarc, "nobody has looked")
    return f"not proven: {why.format(domain=domain)}"


def message_id(text: str) -> str:
    """A Message-ID as a reply names it, with its angle brackets; empty for what is none (RFC 5322, 3.6.4)."""
    bare = text.strip().removeprefix("<").removesuffix(">")
    return f"<{bare}>" if re.fullmatch(r"[!-;=?-~]+@[!-;=?-~]+", bare) and len(bare) < 250 else ""


def fill(text: str, tags: Mapping[str, str]) -> tuple[str, str]:
    """Subject and body of a notice: ``Subject:`` in the first line, then the body, with ``{tag}`` for each value.

    What a value holds is never read as a tag; a tag that there is not stays as it is written. A line whose only tag
    is empty is left out.
    """
    head, _, body = text.partition("\n")
    lines = [_fill_line(line, tags) for line in body.strip("\n").split("\n")]
    filled = re.sub(r"\n{3,}", "\n\n", "\n".join(line for line in lines if line is not None)).strip("\n")
    return one_line(_put_in(head.removeprefix("Subject:"), tags), 180), filled + "\n"


def _put_in(text: str, tags: Mapping[str, str]) -> str:
    return re.sub(r"\{([a-z_]+)\}", lambda found: tags.get(found[1], found[0]), text)


def _fill_line(line: str, tags: Mapping[str, str]) -> str | None:
    named = [tags[name] for name in re.findall(r"\{([a-z_]+)\}", line) if name in tags]
    return None if named and not any(named) else _put_in(line, tags)


def counted(count: int, one: str, many: str = "") -> str:
    """``1 page``, ``2 pages``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def named_briefly(names: Sequence[str], what: str, most: int = 2) -> str:
    """``a.pdf, b.pdf`` or ``5 files``."""
    return ", ".join(names) if 0 < len(names) <= most else counted(len(names), what)


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
