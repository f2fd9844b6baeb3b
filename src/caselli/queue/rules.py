"""What next for a delivery after a call: pure, from the cause, the tries so far, and the organization's pace."""

from collections.abc import Mapping
from dataclasses import dataclass

from caselli.fax.causes import (
    CANCELED,
    DELIVERED,
    DIALER_LOST,
    MEDIA_LOST,
    TRUNK_DOWN,
    TRUNK_SILENT,
    UNKNOWN,
    Cause,
    Retry,
)
from caselli.fax.outcome import CallEnd, CallReport

LOWEST_GEAR = 3
TRUNK_AT_FAULT = (TRUNK_DOWN, TRUNK_SILENT)
"""The trunk itself did not carry the call: another one may."""
REST = 300
"""Seconds in which a trunk that did not answer is passed over where another leads."""
LONGEST_REST = 3_600
_HEARD = frozenset({CallEnd.REJECTED, CallEnd.AUTHENTICATION_FAILED, CallEnd.NO_ANSWER})
"""The trunk said something, if only that."""
_OUR_OWN_FAULT = (DIALER_LOST, MEDIA_LOST)
JITTER = 0.1
"""A wait is lengthened by up to this share, so that what failed together does not come back together."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Of the organization: seconds before the next dial by cause, and how often to try at all."""

    waits: Mapping[Retry, int]
    dials_limit: int
    answered_limit: int


@dataclass(frozen=True, slots=True)
class Tries:
    """So far, the ended call included: calls dialled, calls answered, and the gear of the last (0 is the highest)."""

    dials: int
    answered: int
    gear: int


@dataclass(frozen=True, slots=True)
class Deliver:
    pass


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """``seconds`` from now, in ``gear``."""

    seconds: float
    gear: int


@dataclass(frozen=True, slots=True)
class GiveUp:
    pass


@dataclass(frozen=True, slots=True)
class LeaveUnknown:
    pass


@dataclass(frozen=True, slots=True)
class Cancel:
    pass


Next = Deliver | RetryAfter | GiveUp | LeaveUnknown | Cancel


def next_step(
    cause: Cause,
    tries: Tries,
    pace: Pace,
    *,
    cancel_wished: bool = False,
    answered: bool = False,
    retry_after: int | None = None,
    another_trunk: bool = False,
    chance: float = 0.0,
) -> Next:
    """Decide. ``answered``: the call that just ended was; ``chance``: 0 to 1, the caller's random draw for the jitter.

    ``retry_after``: the far end's wish, seconds (RFC 3261 20.33). ``another_trunk``: one leads there that was not tried
    in vain, so that a trunk at fault costs no wait. What is true goes before what is wished: a fax that got through is
    delivered, also when somebody cancelled it meanwhile.
    """
    if cause is DELIVERED:
        return Deliver()
    if cause is UNKNOWN:
        return LeaveUnknown()
    if cancel_wished or cause is CANCELED:
        return Cancel()
    if cause.retry is Retry.NEVER or tries.dials >= pace.dials_limit or tries.answered >= pace.answered_limit:
        return GiveUp()
    if another_trunk and cause in TRUNK_AT_FAULT:
        return RetryAfter(0.0, tries.gear)
    wait = max(pace.waits[cause.retry], retry_after or 0)
    lower = cause.retry is Retry.LINE and answered and cause not in _OUR_OWN_FAULT
    gear = min(tries.gear + 1, LOWEST_GEAR) if lower else tries.gear
    return RetryAfter(wait * (1 + JITTER * chance), gear)


def says_of_trunk(report: CallReport) -> int | None:
    """Seconds for which a call says that its trunk is down, 0 when it was there; None: the call tells nothing.

    A 5xx may be about this one number. With Retry-After it is about the trunk (RFC 3261 21.5.4).
    """
    if report.end is CallEnd.UNREACHABLE:
        return REST
    if report.sip_code == 503 and report.retry_after:
        return min(report.retry_after, LONGEST_REST)
    return 0 if report.answered or report.end in _HEARD else None


@dataclass(frozen=True, slots=True)
class Steps:
    """What a call that nobody drives any more had recorded of itself."""

    dialled: bool
    answered: bool
    final_page_out: bool
    pages_confirmed: int
    pages: int


def fate_of_lost_call(steps: Steps, lost: Cause) -> Cause:
    """What is true of a call whose dialer died: only its recorded steps tell.

    The media worker dies with its dialer, and "final page out" is recorded before the far end can have understood that
    signal (it takes over a second); so without that record the fax cannot have been accepted, with it nobody knows.
    """
    if steps.pages_confirmed >= steps.pages > 0:
        return DELIVERED
    return UNKNOWN if steps.final_page_out else lost
