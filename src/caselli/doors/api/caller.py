"""Which program asks, for whom, and what it may do."""

from dataclasses import dataclass
from typing import cast

from django.http import HttpRequest

from caselli.directory import api_keys
from caselli.directory.api_keys import WhyNot
from caselli.directory.audit import Actor
from caselli.directory.scopes import Scope
from caselli.doors.api import limits, oauth_tokens
from caselli.doors.api.problem_kinds import ProblemKind
from caselli.doors.api.problems import Problem
from caselli.store.models import User

_LONGEST = 500
"""Characters of a bearer: none of ours is as long."""
_WHY_NOT = {
    WhyNot.ENDED: ProblemKind.KEY_ENDED,
    WhyNot.EXPIRED: ProblemKind.KEY_EXPIRED,
    WhyNot.PERSON_OFF: ProblemKind.PERSON_OFF,
    WhyNot.NO_SECOND_FACTOR: ProblemKind.SECOND_FACTOR_MISSING,
}


@dataclass(frozen=True, slots=True)
class Caller:
    """``name``: ``key:<uid>`` or ``app:<client_id>``, for what is counted and repeated. ``sandbox``: reaches the
    built-in answering machine alone. ``ip``: where the request came from.
    """

    person: User
    scopes: frozenset[Scope]
    sandbox: bool
    name: str
    ip: str | None = None

    @property
    def actor(self) -> Actor:
        """For the audit."""
        return Actor(self.person, self.ip)

    def need(self, *scopes: Scope) -> None:
        """Raises Problem, 403, with the first scope that is missing (RFC 6750, 3.1)."""
        for one in scopes:
            if one not in self.scopes:
                raise Problem(
                    ProblemKind.SCOPE_MISSING,
                    f"This needs the scope {one.value}, which the key does not have.",
                    f"Make a key with the scope {one.value} under Account, API keys.",
                    headers={
                        "WWW-Authenticate": f'Bearer realm="Caselli", error="insufficient_scope", scope="{one.value}"'
                    },
                )


class ApiRequest(HttpRequest):
    """A request that passed :class:`Needs`."""

    auth: Caller


class Needs:
    """ninja's ``auth=`` of an operation: who asks must be known, and have these scopes."""

    def __init__(self, *scopes: Scope) -> None:
        self.scopes = scopes

    def __call__(self, request: HttpRequest) -> Caller:
        """Raises Problem: 401, 403, or 429."""
        caller = caller_of(request)
        limits.count(request, caller.name)
        caller.need(*self.scopes)
        return caller


def who(request: HttpRequest) -> Caller:
    """Who asks, in an operation that has :class:`Needs`."""
    return cast("ApiRequest", request).auth


def caller_of(request: HttpRequest) -> Caller:
    """From the header Authorization. Raises Problem, 401. Cookies open nothing here."""
    return caller_with(request.headers.get("Authorization", ""), request.META.get("REMOTE_ADDR") or None)


def caller_with(authorization: str, ip: str | None) -> Caller:
    """``authorization``: the header's value. Raises Problem, 401."""
    scheme, _, secret = authorization.strip().partition(" ")
    secret = secret.strip()
    if not secret or scheme.lower() != "bearer":
        raise Problem(ProblemKind.KEY_MISSING)
    caller = None if len(secret) > _LONGEST else _by_key(secret, ip) or _by_token(secret, ip)
    if caller is None:
        raise _unknown(ProblemKind.KEY_INVALID)
    return caller


def _by_key(secret: str, ip: str | None) -> Caller | None:
    if not secret.startswith(api_keys.LIVE):
        return None
    key = api_keys.find(secret)
    if key is None:
        return None
    why_not = api_keys.why_not(key)
    if why_not is not None:
        raise _unknown(_WHY_NOT[why_not])
    api_keys.note_use(key, ip)
    return Caller(key.person, api_keys.scopes_of(key), key.sandbox, f"key:{key.uid}", ip)


def _by_token(token: str, ip: str | None) -> Caller | None:
    """An access token of OAuth 2.0. Raises Problem, 401."""
    holder = oauth_tokens.holder_of(token)
    if holder is None:
        if why_not := oauth_tokens.why_not(token):
            raise _unknown(_WHY_NOT[why_not])
        return None
    return Caller(holder.person, holder.scopes, sandbox=False, name=f"app:{holder.client_id}", ip=ip)


def _unknown(kind: ProblemKind) -> Problem:
    return Problem(kind, headers={"WWW-Authenticate": 'Bearer realm="Caselli", error="invalid_token"'})
