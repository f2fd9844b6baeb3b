"""A far server for all, and programs of the cast that speak with the whole of Django, in this process."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from client_far import far  # noqa: F401 - a fixture for all of them
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections

from caselli.client import Client
from caselli.directory import api_keys
from caselli.directory.audit import Actor
from caselli.directory.scopes import Scope
from caselli.store.models import User


@pytest.fixture
def program(db: None) -> Iterator[Callable[..., Client]]:
    """``program(cast.alice, Scope.FAX_READ)``: a client with a new key; without scopes all that she may have."""
    signals = (request_started, request_finished)
    for one in signals:  # they would close the connection in the middle of the test's transaction
        one.disconnect(close_old_connections)
    with ExitStack() as clients:

        def make(person: User, *scopes: Scope, **more: Any) -> Client:
            wanted = scopes or api_keys.scopes_for(person)
            secret = api_keys.make(person, Actor(person), name="Test", scopes=wanted, **more)[1]
            transport = httpx.WSGITransport(get_wsgi_application(), remote_addr="192.0.2.7")
            return clients.enter_context(Client("http://testserver", secret, retries=0, transport=transport))

        yield make
    for one in signals:
        one.connect(close_old_connections)
