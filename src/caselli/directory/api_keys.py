"""Keys of programs: made, found again by their secret, and taken back.

A secret is shown once, when it is made; of it only the digest is kept. It holds 256 random bits, so that a plain
SHA-256 suffices: there is nothing to guess that a slow hash would slow down.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from caselli.directory import access, audit, sign_in
from caselli.directory.audit import Actor, Change
from caselli.directory.rules import wrong_with_name
from caselli.directory.scopes import Scope
from caselli.store.models import ApiKey, AuditEntry, User

LIVE, SANDBOX = "caselli_", "caselli_sandbox_"
"""How secrets begin: what lies in a log or in a repository is known for what it is."""
BYTES = 32
KEPT_OF_IT = 6
"""Characters of the random part that stay readable, so that a person knows one key from another."""
NOTED_EVERY = timedelta(minutes=1)
LONGEST_NAME = 60
LIVE_KEYS = 100
"""Of one person, at a time."""


class WhyNot(StrEnum):
    """Why a key that is there opens nothing."""

    ENDED = "ended"
    EXPIRED = "expired"
    PERSON_OFF = "person off"
    NO_SECOND_FACTOR = "no second factor"
    """The person's organization asks for one: a program has as much power as a person at the browser."""


class NotMade(ValueError):  # noqa: N818 - it names what happened
    """``field`` names the input, the text says what is wrong and what to do."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def scopes_for(person: User) -> tuple[Scope, ...]:
    """Those that a key of this person may have."""
    return tuple(one for one in Scope if one is not Scope.ADMIN or access.administers(person))


def make(
    person: User,
    actor: Actor,
    *,
    name: str,
    scopes: Collection[Scope],
    sandbox: bool = False,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """The key and its secret, which nobody can read again. Raises NotMade."""
    _check(person, name.strip(), scopes, expires_at)
    secret = (SANDBOX if sandbox else LIVE) + secrets.token_urlsafe(BYTES)
    return keep(person, actor, secret, name=name.strip(), scopes=scopes, expires_at=expires_at), secret


def keep(
    person: User,
    actor: Actor,
    secret: str,
    *,
    name: str,
    scopes: Collection[Scope],
    expires_at: datetime | None = None,
) -> ApiKey:
    """Write down a secret that is there already (the demo's); whoever calls answers for how random it is."""
    sandbox = secret.startswith(SANDBOX)
    beginning = len(SANDBOX if sandbox else LIVE) + KEPT_OF_IT
    kept = [one for one in Scope if one in scopes]
    with transaction.atomic():
        key = ApiKey.objects.create(
            person=person,
            name=name,
            digest=_digest(secret),
            shown=secret[:beginning],
            scopes=[one.value for one in kept],
            sandbox=sandbox,
            created_at=timezone.now(),
            expires_at=expires_at,
        )
        changes = [Change("Scopes", "", ", ".join(kept)), Change("Belongs to", "", str(person))]
        if expires_at is not None:
            changes.append(Change("Expires", "", f"{expires_at:%Y-%m-%d %H:%M} UTC"))
        audit.note(actor, AuditEntry.Deed.ADDED, "API key", called(key), person.organization, changes)
    return key


def _check(person: User, name: str, scopes: Collection[Scope], expires_at: datetime | None) -> None:
    if not name:
        raise NotMade("name", "The key has no name. Give it one by which you will know it later.")
    if len(name) > LONGEST_NAME:
        raise NotMade("name", f"Write at most {LONGEST_NAME} characters; these are {len(name)}.")
    if wrong := wrong_with_name(name):
        raise NotMade("name", wrong)
    if not scopes:
        raise NotMade("scopes", "The key may do nothing. Choose at least one scope.")
    if beyond := [one.value for one in scopes if one not in scopes_for(person)]:
        raise NotMade("scopes", f"{person.called} administers nothing. Leave out the scope {', '.join(beyond)}.")
    if expires_at is not None and expires_at <= timezone.now():
        raise NotMade("expires", "That day is over. Choose a later one, or none.")
    if live(ApiKey.objects.filter(person=person)).count() >= LIVE_KEYS:
        raise NotMade("name", f"{person.called} has {LIVE_KEYS} keys already. Take back those that nobody needs.")


def last_moment_of(day: date, person: User) -> datetime:
    """The key opens on that day too, where the person's organization is."""
    zone = ZoneInfo(person.organization.time_zone if person.organization else "UTC")
    return datetime.combine(day + timedelta(days=1), time(), zone)


def called(key: ApiKey) -> str:
    return f"{key.name} ({key.shown}…)"


def find(secret: str) -> ApiKey | None:
    """By its digest: how long it takes says nothing about secrets that are near."""
    digest = _digest(secret)
    key = ApiKey.objects.select_related("person__organization").filter(digest=digest).first()
    return key if key is not None and hmac.compare_digest(key.digest, digest) else None


def why_not(key: ApiKey) -> WhyNot | None:
    """None: it opens."""
    if key.ended_at is not None:
        return WhyNot.ENDED
    if key.expires_at is not None and key.expires_at <= timezone.now():
        return WhyNot.EXPIRED
    if not sign_in.may_sign_in(key.person):
        return WhyNot.PERSON_OFF
    return WhyNot.NO_SECOND_FACTOR if sign_in.lacks_second_factor(key.person) else None


def scopes_of(key: ApiKey) -> frozenset[Scope]:
    """What it was given, as far as its person may still have it."""
    return frozenset(one for one in scopes_for(key.person) if one.value in key.scopes)


def note_use(key: ApiKey, ip: str | None) -> None:
    """When and from where, written down at most once a minute."""
    now = timezone.now()
    if key.last_used_at is None or key.last_used_at <= now - NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk, last_used_at=key.last_used_at).update(last_used_at=now, last_used_ip=ip)


def end(key: ApiKey, actor: Actor) -> bool:
    """Take it back, from the next request on; False where it was so already."""
    with transaction.atomic():
        ended = ApiKey.objects.filter(pk=key.pk, ended_at=None).update(ended_at=timezone.now())
        if ended:
            audit.note(actor, AuditEntry.Deed.REMOVED, "API key", called(key), key.person.organization)
    return bool(ended)


def seen_by(user: User) -> QuerySet[ApiKey]:
    """One's own, and those of the people one administers."""
    keys = ApiKey.objects.select_related("person__organization")
    if not user.is_active:
        return keys.none()
    return keys.filter(Q(person=user) | Q(person__in=access.users_administered_by(user).values("pk")))


def live(keys: QuerySet[ApiKey]) -> QuerySet[ApiKey]:
    """Neither taken back nor expired."""
    return keys.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), ended_at=None)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
