"""Who proves what of a mail's sender: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489), in the words of RFC 8601.

Either we judge, or the front server that the preferences name has judged before us.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the dialogue said (RFC 5321). ``client_ip``: empty or None where no client spoke to us (a fetched mail)."""

    client_ip: str | None
    helo: str
    reverse_path: str


@dataclass(frozen=True, slots=True)
class Proof:
    """``pass`` in ``dmarc`` alone proves the sender; ``temperror`` says that it may be proven later.

    ``judged_by``: the front server that found the results, empty where it was us.
    """

    spf: str
    dkim: str
    dmarc: str
    judged_by: str = ""


def prove(content: Path | bytes, envelope: Envelope, sender: str, front_server: str) -> Proof:
    """``content``: the whole message as it came. ``sender``: the one address of its From. ``front_server``: the
    authserv-id (RFC 8601) whose Authentication-Results are believed, empty for none.

    Takes at most about five seconds, mostly of DNS. Never raises for what a mail or DNS says.
    """
    raise NotImplementedError(content, envelope, sender, front_server)
