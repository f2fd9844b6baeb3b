"""What the mail door says and whom it believes: a refusal's answer in the dialogue, who speaks."""

import textwrap
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from caselli.fax.refusals import Refusal, RefusalKind

Network = IPv4Network | IPv6Network

EXAMPLE = "An example of a subject: +12025550100, 211"
LINE = 300
"""Characters of a line of an answer. RFC 5321 4.5.3.1.5 allows 512 octets, a letter may take three of them."""
MOST_LINES = 12


@dataclass(frozen=True, slots=True)
class Code:
    """``reply``: RFC 5321 4.2; ``enhanced``: RFC 3463."""

    reply: int
    enhanced: str

    @property
    def is_for_ever(self) -> bool:
        return self.reply >= 500


# Never 5.1.x for what a mail says: the servers of bulk senders then take our address for a wrong one and bar it.
_CONTENT = Code(554, "5.6.0")
_NOT_ALLOWED = Code(550, "5.7.1")
TOO_LARGE = Code(552, "5.3.4")
_CODES = {
    RefusalKind.MAIL_OFF: _NOT_ALLOWED,
    RefusalKind.MAIL_ADDRESS_UNKNOWN: Code(550, "5.1.1"),
    RefusalKind.MAIL_TOO_LARGE: TOO_LARGE,
    RefusalKind.MAIL_AUTOMATIC: _NOT_ALLOWED,
    RefusalKind.MAIL_UNPROVEN: Code(550, "5.7.26"),
    RefusalKind.SENDER_UNKNOWN: _NOT_ALLOWED,
    RefusalKind.SENDER_AMBIGUOUS: _NOT_ALLOWED,
    RefusalKind.NOT_ALLOWED: _NOT_ALLOWED,
    RefusalKind.DESTINATION_BLOCKED: _NOT_ALLOWED,
    RefusalKind.NO_APPROVER: _NOT_ALLOWED,
    RefusalKind.ORGANIZATION_OFF: Code(550, "5.2.1"),
    RefusalKind.EXTENSION_FAX_OFF: Code(550, "5.2.1"),
    RefusalKind.EXTENSION_UNKNOWN: _CONTENT,
    RefusalKind.ALLOWANCE_USED_UP: Code(552, "5.2.2"),
    RefusalKind.STORAGE_FULL: Code(452, "4.3.1"),
    RefusalKind.CONVERTER_LOST: Code(451, "4.3.0"),
}

_ASCII = str.maketrans({
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "−": "-",
    "…": "...", "•": "*", "×": "x", "→": "->", "ß": "ss", "Æ": "AE", "æ": "ae", "Ø": "O", "ø": "o", "Ł": "L", "ł": "l",
})  # fmt: skip


def code_of(refusals: Sequence[Refusal]) -> Code:
    """The first that is for ever; a sender who tries again later would only hear that one again."""
    codes = [_CODES.get(one.kind, _CONTENT) for one in refusals]
    return next((one for one in codes if one.is_for_ever), codes[0])


def refuse(refusals: Sequence[Refusal], *, utf8: bool) -> str:
    """All that is wrong, as one answer, with an example where the subject is to be mended."""
    said = [str(one) for one in refusals]
    mend = any(one.field in {"subject", "recipients"} for one in refusals)
    if mend and not any(shown in one for one in said for shown in ("xample", "Subject:")):
        said.append(EXAMPLE)
    return answer(code_of(refusals), *said, utf8=utf8)


def answer(code: Code, *sentences: str, utf8: bool = False) -> str:
    """One answer of as many lines as it takes, without the last line end; ASCII unless the client asked for more."""
    lines: list[str] = []
    for one in sentences:
        if not (one.isascii() and one.isprintable()):  # which most are, and there are many a second
            one = "".join(_visible(letter) for letter in one)  # noqa: PLW2901
        words = " ".join(one.split())
        lines += textwrap.wrap(words if utf8 else in_ascii(words), LINE) or [""]
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], f"... and {len(lines) - MOST_LINES + 1} more lines like these"]
    *before, last = lines
    head = [f"{code.reply}-{code.enhanced} {line}\r\n" for line in before]
    return "".join([*head, f"{code.reply} {code.enhanced} {last}"])


def too_large(megabytes: int) -> str:
    return (
        f"The mail is larger than {megabytes} MB. Send smaller files, or fewer of them; in a mail they grow by a third."
    )


def in_ascii(text: str) -> str:
    """The nearest letters; a question mark for those that have none near (RFC 6531 3.7.4.2)."""
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKD", text.translate(_ASCII))
    return "".join(letter if letter.isascii() else "?" for letter in plain if not unicodedata.combining(letter))


def _visible(letter: str) -> str:
    """A subject or a name may hold anything; an answer is lines of text, in UTF-8."""
    return " " if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} else letter


def client_address(peer: str) -> IPv4Address | IPv6Address | None:
    """Of the socket's peer: an IPv4 client of a dual socket is an IPv4 client."""
    try:
        found = ip_address(peer.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def is_front(client: IPv4Address | IPv6Address | None, fronts: Sequence[Network]) -> bool:
    """Whether it is one of the operator's own mail servers."""
    return client is not None and any(client in one for one in fronts)
