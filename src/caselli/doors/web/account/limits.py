"""When one may try again."""

import math
import time

from allauth.core.internal.ratelimit import get_cache_key, get_rates
from django.core.cache import cache
from django.http import HttpRequest

ACCOUNT = "allauth.account"


def seconds_to_wait(request: HttpRequest, action: str, key: str) -> int:
    """Until each rate of the action lets the next attempt through; 0 when it already does."""
    longest = 0.0
    for rate in get_rates(app=ACCOUNT, action=action):
        attempts = cache.get(get_cache_key(request, app=ACCOUNT, action=action, rate=rate, key=key), [])
        counted = sorted(one for one in attempts if one > time.time() - rate.duration)
        if len(counted) >= rate.amount:
            longest = max(longest, counted[-rate.amount] + rate.duration - time.time())
    return math.ceil(longest)


def in_words(seconds: int) -> str:
    """``in 40 seconds``, ``in 5 minutes``."""
    if seconds <= 90:
        return f"in {max(seconds, 1)} second{'s' if seconds > 1 else ''}"
    return f"in {math.ceil(seconds / 60)} minutes"
