"""What is tried again, and when. Pure."""

from dataclasses import dataclass

from caselli.client.effects import Answer, LineLost
from caselli.client.problem import retry_after

BUSY = 429
_AWAY = frozenset({502, 503, 504})
_STILL_AT_WORK = "request_running"


@dataclass(frozen=True, slots=True)
class Patience:
    """``retries``: after the first try. Seconds: ``first`` pause, doubled each time up to ``longest``; ``most``: a
    longer Retry-After than that is not waited for, but told.
    """

    retries: int = 4
    first: float = 0.5
    longest: float = 8.0
    most: float = 60.0


def pause_after_answer(
    answer: Answer, slug: str, tries: int, patience: Patience, chance: float, *, repeatable: bool
) -> float | None:
    """Seconds until the next try; None: this answer stands. ``tries``: so far. ``chance``: 0 to 1.

    A 429 has changed nothing and may always be repeated; the others only where a repetition does no harm.
    """
    again = answer.status == BUSY or (repeatable and (answer.status in _AWAY or slug == _STILL_AT_WORK))
    if not again or tries > patience.retries:
        return None
    asked = retry_after(answer.headers)
    if asked is None:
        return _pause(tries, patience, chance)
    return None if asked > patience.most else max(asked, 0.1)


def pause_after_loss(
    lost: LineLost, tries: int, patience: Patience, chance: float, *, repeatable: bool
) -> float | None:
    """The same where no answer came. What never reached the server may always be repeated."""
    if tries > patience.retries or (lost.sent and not repeatable):
        return None
    return _pause(tries, patience, chance)


def _pause(tries: int, patience: Patience, chance: float) -> float:
    """Half of it by chance, so that many clients that lost one server do not come back in one moment."""
    whole: float = min(patience.first * 2 ** (tries - 1), patience.longest)
    return whole * (0.5 + 0.5 * chance)
