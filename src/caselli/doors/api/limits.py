"""How often one caller may ask: a bucket that refills by itself, in the database, so that one count holds for all
processes and machines.

The bucket is the generic cell rate algorithm: one time a caller, when it will be full again. One statement takes from
it; the table is not logged, so that nothing waits for a disk. A limit of each process, divided, would be cheaper by
half a millisecond, and wrong as soon as there are two of them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from caselli.doors.api.problem_kinds import ProblemKind
from caselli.doors.api.problems import Problem
from caselli.store.models import RequestBucket

WINDOW = 60
"""Seconds in which an empty bucket is full again."""
# clock_timestamp(), for now() stands still within a transaction.
_TAKE = """
INSERT INTO store_requestbucket AS kept (caller, full_at)
VALUES (%(caller)s, clock_timestamp() + make_interval(secs => %(one)s))
ON CONFLICT (caller) DO UPDATE SET full_at = greatest(kept.full_at, clock_timestamp()) + make_interval(secs => %(one)s)
WHERE kept.full_at + make_interval(secs => %(one)s) <= clock_timestamp() + make_interval(secs => %(all)s)
RETURNING extract(epoch FROM full_at - clock_timestamp())::float8
"""
_LOOK = "SELECT extract(epoch FROM full_at - clock_timestamp())::float8 FROM store_requestbucket WHERE caller = %s"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests at once; spent ones come back one by one, all of them within ``seconds``."""

    most: int
    seconds: int

    @property
    def one(self) -> float:
        """Seconds until a spent request is back."""
        return self.seconds / self.most


@dataclass(frozen=True, slots=True)
class Standing:
    """``limit``: requests in WINDOW seconds; ``left``: how many may follow at once; ``full_in``: seconds until all
    may; ``wait``: seconds until the next one, when this one was refused.
    """

    limit: int
    left: int
    full_in: float
    wait: float | None = None

    @property
    def headers(self) -> Mapping[str, str]:
        """As the draft of the IETF has them (draft-ietf-httpapi-ratelimit-headers)."""
        told = {
            "RateLimit-Policy": f'"caller";q={self.limit};w={WINDOW}',
            "RateLimit": f'"caller";r={self.left};t={math.ceil(self.full_in)}',
        }
        return told if self.wait is None else told | {"Retry-After": str(max(1, math.ceil(self.wait)))}


class Counted(HttpRequest):
    """A request that was counted once, and shall not be again."""

    standing: Standing


def take(caller: str, limit: Limit | None = None) -> Standing:
    """One request of this caller's; without ``limit`` as many as programs have. Does not raise: a refused one has
    ``wait``.
    """
    limit = limit or Limit(settings.CONFIGURATION.api_limit, WINDOW)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"caller": caller, "one": limit.one, "all": limit.seconds})
        taken = cursor.fetchone()
    if taken is None:
        full_in = _full_in(caller)
        return Standing(limit.most, 0, full_in, wait=max(0.0, full_in + limit.one - limit.seconds))
    left = max(0, math.floor((limit.seconds - taken[0]) / limit.one + 1e-6))
    return Standing(limit.most, left, max(0.0, taken[0]))


def wait(caller: str, limit: Limit) -> float:
    """Seconds until the caller may ask; 0.0: now. Takes nothing."""
    return max(0.0, _full_in(caller) + limit.one - limit.seconds)


def _full_in(caller: str) -> float:
    """Seconds until the bucket is full again."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, [caller])
        return max(0.0, float((cursor.fetchone() or [0.0])[0]))


def count(request: HttpRequest, caller: str) -> None:
    """The request is this caller's. Raises Problem, 429."""
    standing = take(caller)
    cast("Counted", request).standing = standing
    if standing.wait is not None:
        raise Problem(ProblemKind.TOO_MANY_REQUESTS, headers=standing.headers)


def headers_for(request: HttpRequest) -> Mapping[str, str]:
    """What the answer says of it. Raises Problem, 429: a request without a known caller counts for its address."""
    if getattr(request, "standing", None) is None:
        count(request, f"ip:{request.META.get('REMOTE_ADDR', '')}"[:120])
    return cast("Counted", request).standing.headers


def forget() -> int:
    """Those whose bucket is full again; how many."""
    return RequestBucket.objects.filter(full_at__lt=timezone.now()).delete()[0]
