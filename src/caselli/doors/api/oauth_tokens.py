"""Whom an access token speaks for, and what it may do."""

import hashlib
from dataclasses import dataclass

from django.utils import timezone
from oauth2_provider.models import AccessToken

from caselli.directory import apps, sign_in
from caselli.directory.api_keys import WhyNot
from caselli.directory.app_form import AppKind, kind_of
from caselli.directory.scopes import Scope
from caselli.store.models import App, User


@dataclass(frozen=True, slots=True)
class Holder:
    """``scopes``: what the token was given, as far as its app and its person still may."""

    person: User
    scopes: frozenset[Scope]
    client_id: str


def holder_of(token: str) -> Holder | None:
    """None: unknown or expired; or its app, its person or the account behind its app has no power any more.

    Found by the digest: how long it takes says nothing about tokens that are near.
    """
    found = _find(token)
    if found is None or found.expires <= timezone.now():
        return None
    app, person = _parties(found)
    if person is None or not may_serve(app, person):
        return None
    given = found.scope.split()
    return Holder(person, frozenset(one for one in apps.scopes_of(app, person) if one.value in given), app.client_id)


def why_not(token: str) -> WhyNot | None:
    """Of a token without a holder: in the words that keys have; None where there is no such token (any more)."""
    found = _find(token)
    if found is None:
        return None
    if found.expires <= timezone.now():
        return WhyNot.EXPIRED
    app, person = _parties(found)
    people = [one for one in (apps.owner_of(app), person) if one is not None]
    if not all(map(sign_in.may_sign_in, people)):
        return WhyNot.PERSON_OFF
    return WhyNot.NO_SECOND_FACTOR if any(map(sign_in.lacks_second_factor, people)) else None


def _find(token: str) -> AccessToken | None:
    digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
    related = ("user__organization", "application__user__organization")
    found = AccessToken.objects.select_related(*related).filter(token_checksum=digest).first()
    return found if found is not None and isinstance(found.application, App) else None


def _parties(token: AccessToken) -> tuple[App, User | None]:
    """Its app, and for whom it speaks."""
    app = token.application
    assert isinstance(app, App)
    person = apps.owner_of(app) if kind_of(app) is AppKind.TRUSTED else token.user
    return app, person if isinstance(person, User) else None


def may_serve(app: App, person: User) -> bool:
    """Whether tokens of this app for this person open anything, now."""
    if not apps.is_good(app):
        return False
    return person.pk == apps.owner_of(app).pk or (apps.has_power(person) and apps.reaches(app, person))
