"""How often access tokens may be asked for: of an app from an address, from an address at all, and in vain.

An old client asks for a token before each fax, so that the limits are wide; who guesses is held up soon. Counted in the
cache, which all processes share; two requests at the same moment may count as one.
"""

import time
from dataclasses import dataclass

from django.core.cache import cache

from caselli.store.models import App


@dataclass(frozen=True, slots=True)
class Limit:
    """``most`` in ``seconds``, which begin anew all the time (fixed windows)."""

    name: str
    most: int
    seconds: int


OF_AN_APP = Limit("app", 120, 60)
FROM_AN_ADDRESS = Limit("ip", 300, 60)
IN_VAIN = Limit("vain", 30, 300)


def seconds_to_wait(ip: str, app: App | None) -> int:
    """0: it may ask, and this is counted. An id that nobody has is not counted by itself: there is no end of them."""
    now = time.time()
    if _count(IN_VAIN, ip, now) >= IN_VAIN.most:
        return _left(IN_VAIN, now)
    asked = [(FROM_AN_ADDRESS, ip)] + ([(OF_AN_APP, f"{app.pk}:{ip}")] if app is not None else [])
    for limit, of in asked:
        if _add(limit, of, now) > limit.most:
            return _left(limit, now)
    return 0


def count_failure(ip: str) -> None:
    _add(IN_VAIN, ip, time.time())


def _key(limit: Limit, of: str, now: float) -> str:
    return f"oauth:{limit.name}:{of}:{int(now // limit.seconds)}"


def _count(limit: Limit, of: str, now: float) -> int:
    return int(cache.get(_key(limit, of, now), 0))


def _add(limit: Limit, of: str, now: float) -> int:
    counted = _count(limit, of, now) + 1
    cache.set(_key(limit, of, now), counted, limit.seconds)
    return counted


def _left(limit: Limit, now: float) -> int:
    return int(limit.seconds - now % limit.seconds) + 1
