"""How often access tokens may be asked for: of an app from an address, from an address at all, and in vain.

An old client asks for a token before each fax, so that the limits are wide; who guesses is held up soon.
"""

import math

from caselli.doors.api.limits import Limit, take, wait
from caselli.store.models import App

OF_AN_APP = Limit(120, 60)
FROM_AN_ADDRESS = Limit(300, 60)
IN_VAIN = Limit(30, 300)


def seconds_to_wait(ip: str, app: App | None) -> int:
    """0: it may ask, and this is counted. An id that nobody has is not counted by itself: there is no end of them."""
    if held := wait(_in_vain(ip), IN_VAIN):
        return math.ceil(held)
    asked = [(f"token ip:{ip}", FROM_AN_ADDRESS)]
    if app is not None:
        asked.append((f"token app:{app.pk} ip:{ip}", OF_AN_APP))
    for caller, limit in asked:
        standing = take(caller, limit)
        if standing.wait is not None:
            return max(1, math.ceil(standing.wait))
    return 0


def count_failure(ip: str) -> None:
    take(_in_vain(ip), IN_VAIN)


def _in_vain(ip: str) -> str:
    return f"token in vain ip:{ip}"
