"""Whom an access token speaks for, and what it may do."""

import hashlib
from dataclasses import dataclass

from django.utils import timezone
from oauth2_provider.models import AccessToken

from caselli.directory import apps
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
    digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
    related = ("user__organization", "application__user__organization")
    found = AccessToken.objects.select_related(*related).filter(token_checksum=digest).first()
    if found is None or found.expires <= timezone.now() or not isinstance(found.application, App):
        return None
    app = found.application
    person = apps.owner_of(app) if kind_of(app) is AppKind.TRUSTED else found.user
    if not isinstance(person, User) or not may_serve(app, person):
        return None
    given = found.scope.split()
    return Holder(person, frozenset(one for one in apps.scopes_of(app, person) if one.value in given), app.client_id)


def may_serve(app: App, person: User) -> bool:
    """Whether tokens of this app for this person open anything, now."""
    if not apps.is_good(app):
        return False
    return person.pk == apps.owner_of(app).pk or (apps.has_power(person) and apps.reaches(app, person))
