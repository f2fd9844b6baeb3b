"""What signalling tells the call about: progress, offers and answers, the end of the dialog."""

import re
from dataclasses import dataclass

from caselli.line.sip.address import SocketAddress
from caselli.line.sip.message import Request, Response
from caselli.line.sip.sdp import Sdp


@dataclass(frozen=True, slots=True)
class Progress:
    """A provisional response to the first INVITE."""

    status: int


@dataclass(frozen=True, slots=True)
class Answered:
    """The first INVITE is answered; ``Established`` goes on from here.

    ``early_body``: what this far end said in a 183 before, for those that do not repeat it in the 200.
    """

    invite: Request
    response: Response
    source: SocketAddress
    early_body: bytes = b""


@dataclass(frozen=True, slots=True)
class Refused:
    """The first INVITE came to nothing. ``response``: None when no final one came; ``status``: what that counts as."""

    response: Response | None
    reason: str
    status: int = 408


@dataclass(frozen=True, slots=True)
class CredentialsRefused:
    """A 401 or 407 that we cannot answer, or whose answer was refused."""

    response: Response


@dataclass(frozen=True, slots=True)
class OfferArrived:
    """A re-INVITE or UPDATE of the far end. Call ``Established.accept`` or ``refuse`` before anything else."""

    request: Request
    offer: Sdp


@dataclass(frozen=True, slots=True)
class AnswerArrived:
    """To our offer in a re-INVITE, or (``refresh``) to one that only repeated what holds."""

    answer: Sdp
    refresh: bool = False


@dataclass(frozen=True, slots=True)
class OfferRefused:
    """Ours. ``wait``: seconds after which to ask again (491 by RFC 3261 14.1, or a short Retry-After), None for no."""

    status: int
    reason: str
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The ACK of our 2xx came."""


@dataclass(frozen=True, slots=True)
class Bye:
    """The far end hung up."""

    q850: int | None


@dataclass(frozen=True, slots=True)
class ByeDone:
    """Our BYE is answered, or nobody answers any more."""


@dataclass(frozen=True, slots=True)
class DialogLost:
    """The far end does not know the dialog any more, or is silent: all that remains is BYE."""

    reason: str


Heard = (
    Progress
    | Answered
    | Refused
    | CredentialsRefused
    | OfferArrived
    | AnswerArrived
    | OfferRefused
    | Acknowledged
    | Bye
    | ByeDone
    | DialogLost
)


def q850_of(message: Request | Response) -> int | None:
    """The Q.850 cause of a Reason header (RFC 3326), or None."""
    for value in message.headers.values("Reason"):
        match = re.match(r"Q\.850\s*;(?:.*;)?\s*cause\s*=\s*(\d{1,3})\b", value, re.IGNORECASE)
        if match:
            return int(match[1])
    return None


def retry_after_of(message: Response) -> int | None:
    """Retry-After in seconds (20.33), or None."""
    match = re.match(r"\s*(\d{1,9})", message.headers.get("Retry-After") or "")
    return int(match[1]) if match else None
