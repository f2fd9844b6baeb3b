"""Where a webhook may go, what its answer means, and when a message is tried again. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

TEST = "webhook.test"
"""The kind of the message by which an address is tested."""
LONGEST_URL = 500
GIVES_UP_AFTER = timedelta(days=3)
_PAUSES = (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800)
"""Seconds before the next try; the last one from then on: 16 tries in three days."""
_JITTER = 0.2
LONGEST_ASKED = timedelta(hours=6)
"""So long a wait we grant an address that asks for one."""
_LONGEST_NUMBER = 9
"""Figures."""
_TOO_MUCH_TO_DO = frozenset({429, 503})
_LOW_PORTS = frozenset({80, 443})
_TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
"""Behind a translator these are addresses of IPv4 (RFC 6052, RFC 8215), maybe of the network it stands in."""


class NotAllowed(ValueError):  # noqa: N818 - a sentence, as the other refusals are
    """The text says why we do not send there, and what to do."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart. ``path`` with its query."""

    url: str
    secure: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """As the header Host says it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def target_of(url: str, *, private: bool) -> Target:
    """Raises NotAllowed. ``private``: whether there is any network of our own in which we may send unencrypted."""
    try:
        parts = urlsplit(url)
        host, given = parts.hostname or "", parts.port
        host.encode("idna" if not host.isascii() else "ascii")
    except (ValueError, UnicodeError):
        raise NotAllowed(f"“{url}” is no address. Write it like https://example.com/faxes.") from None
    if parts.scheme not in {"https", "http"} or not host or any(one.isspace() or not one.isprintable() for one in url):
        raise NotAllowed(f"“{url}” is no address of the web. Write it like https://example.com/faxes.")
    if len(url) > LONGEST_URL:
        raise NotAllowed(f"The address is too long. Up to {LONGEST_URL} characters are possible.")
    if "@" in parts.netloc:
        raise NotAllowed("Leave the login out of the address: messages are signed, and that proves who sends them.")
    if parts.fragment:
        raise NotAllowed("Leave out the # and what follows it: a server never sees that.")
    secure = parts.scheme == "https"
    if not secure and not private:
        raise NotAllowed("The address must begin with https://, so that nobody reads the messages on their way.")
    port = given if given is not None else 443 if secure else 80
    if port not in _LOW_PORTS and not 1024 <= port <= 65_535:
        raise NotAllowed(f"Nothing is sent to port {port}. Use 443, or a port from 1024 on.")
    ascii_host = host if host.isascii() else host.encode("idna").decode("ascii")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(url, secure, ascii_host, port, path)


def check(address: Address, target: Target, private: Iterable[Network]) -> None:
    """Whether we may connect to this address of the host. Raises NotAllowed.

    ``private``: networks of our own into which webhooks may go.
    """
    plain = address.ipv4_mapped if isinstance(address, IPv6Address) and address.ipv4_mapped else address
    if any(plain.version == one.version and plain in one for one in private):
        return
    if not _is_public(plain):
        raise NotAllowed(
            f"{target.host} is at {address}, which is no address of the public Internet. "
            "The server’s operator can allow its network: CASELLI_WEBHOOKS_PRIVATE."
        )
    if not target.secure:
        raise NotAllowed("The address must begin with https://, so that nobody reads the messages on their way.")


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and (
        address.sixtofour or address.teredo or any(address in one for one in _TRANSLATED)
    ):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


class Verdict(StrEnum):
    """What an answer means for the message."""

    TAKEN = "taken"
    AGAIN = "again"
    GONE = "gone"
    """Nothing may be sent there any more (410)."""
    AWAY = "away"
    """No answer: nothing is known of the message, and the others need not be tried now."""
    LATER = "later"
    """It asks for time, and so for all messages."""


def verdict_of(status: int | None, asked: timedelta | None = None) -> Verdict:
    """``status``: of HTTP; None: there was no answer. A redirect is not followed: it is no yes. ``asked``: as
    :func:`asked_pause` has it.
    """
    if status is None:
        return Verdict.AWAY
    if asked is not None:
        return Verdict.LATER
    if 200 <= status < 300:
        return Verdict.TAKEN
    return Verdict.GONE if status == 410 else Verdict.AGAIN


def pause(tries: int, chance: float) -> timedelta:
    """After so many tries (from 1). ``chance``, from 0 to 1, spreads those that failed together."""
    seconds = _PAUSES[min(max(tries, 1), len(_PAUSES)) - 1]
    return timedelta(seconds=seconds * (1 - _JITTER + 2 * _JITTER * chance))


def asked_pause(status: int | None, retry_after: str, now: datetime) -> timedelta | None:
    """For how long an address that has too much to do asks to be left alone: ``Retry-After`` in seconds or as a date
    (RFC 9110, 10.2.3). None: it asks for nothing that can be understood.
    """
    words = retry_after.strip()
    if status not in _TOO_MUCH_TO_DO or not words:
        return None
    if words.isascii() and words.isdigit():
        return timedelta(seconds=int(words)) if len(words) <= _LONGEST_NUMBER else timedelta.max
    try:
        then = parsedate_to_datetime(words)
        return max(timedelta(), (then if then.tzinfo else then.replace(tzinfo=UTC)) - now)
    except (ValueError, OverflowError):
        return None


def granted(own: timedelta, asked: timedelta | None, age: timedelta) -> timedelta:
    """The pause before the next try of a message that is not given up: never shorter than our ``own``, never long
    enough to miss the last try in the three days.
    """
    return own if asked is None else max(own, min(asked, LONGEST_ASKED, GIVES_UP_AFTER - age))


def gives_up(age: timedelta, next_pause: timedelta) -> bool:
    """Whether the next try would be too late."""
    return age + next_pause > GIVES_UP_AFTER


def words_of(status: int | None, answer: str) -> str:
    """What a person reads of a test that was not passed. ``answer``: its first words, or the trouble."""
    if status is None:
        return answer
    said = f" It said: “{answer}”." if answer else ""
    if 300 <= status < 400:
        return f"The address answered {status}, a redirect, and those are not followed: enter where it leads to."
    return f"The address answered {status}, where 200 to 299 was needed.{said}"
