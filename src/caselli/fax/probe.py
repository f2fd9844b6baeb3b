"""What came of a question to a trunk without a call: the report the line gives. Its words stand in trunk_words.py."""

from dataclasses import dataclass, field
from enum import StrEnum

from caselli.fax.outcome import LadderEntry


class Question(StrEnum):
    OPTIONS = "options"
    REGISTRATION = "registration"


class Found(StrEnum):
    """How it ended. ``ANSWERED``: by a final status that is not about the login; ``code`` says which. ``LOOPBACK``: our
    socket is bound to an address that only this machine knows, ``detail`` says to which.
    """

    ANSWERED = "answered"
    LOGIN_WANTED = "login_wanted"
    LOGIN_WRONG = "login_wrong"
    LOGIN_STRANGE = "login_strange"
    LOGIN_LOOP = "login_loop"
    NO_ANSWER = "no_answer"
    HALF_ANSWER = "half_answer"
    NO_HOST = "no_host"
    NO_ROUTE = "no_route"
    LOOPBACK = "loopback"
    PORT_CLOSED = "port_closed"
    OURSELVES = "ourselves"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """Everything that is true of one question.

    ``address``: where the host's name led, empty when nowhere; ``detail``: what the system said of a host or a route.
    ``milliseconds``: from the first sending of the last request to its final answer, None without one; ``repeats``: how
    often requests had to be said again. ``logged_in``: the far end asked for the login, and took it. ``allow``: the
    methods it names; ``streams``: audio, T.38 and whatever else it says it can do, None where it did not tell.
    ``bindings``: addresses registered with the login. ``waited``: seconds until the answer, or until we gave up.
    """

    question: Question
    found: Found
    host: str
    port: int
    address: str = ""
    detail: str = ""
    code: int = 0
    phrase: str = ""
    milliseconds: float | None = None
    repeats: int = 0
    product: str = ""
    allow: tuple[str, ...] = ()
    streams: tuple[str, ...] | None = None
    bindings: int = 0
    logged_in: bool = False
    waited: float = 0.0
    ladder: tuple[LadderEntry, ...] = field(default=(), repr=False)
