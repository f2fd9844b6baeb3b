"""Programs of the cast: a key for whom one likes, and a client that sends it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from running import Running, running

from caselli.directory import api_keys
from caselli.directory.audit import Actor
from caselli.directory.scopes import Scope
from caselli.store.models import User

EVERY = frozenset(Scope)


@pytest.fixture
def secret_of(db: None) -> Callable[..., str]:
    """``secret_of(person, Scope.FAX_READ, sandbox=True)``: a new key; without scopes all that the person may have."""

    def make(person: User, *scopes: Scope, **more: Any) -> str:
        wanted = scopes or api_keys.scopes_for(person)
        return api_keys.make(person, Actor(person), name=more.pop("name", "Test"), scopes=wanted, **more)[1]

    return make


@pytest.fixture
def program_of(secret_of: Callable[..., str]) -> Callable[..., Client]:
    """The same, as a client that sends the key with each request."""

    def make(person: User, *scopes: Scope, **more: Any) -> Client:
        return Client(headers={"Authorization": f"Bearer {secret_of(person, *scopes, **more)}"})

    return make


@pytest.fixture(scope="session")
def running_caselli() -> Iterator[Running]:
    """One Caselli for all that speak to it over a socket (wire.py)."""
    yield from running()
