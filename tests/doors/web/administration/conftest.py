"""Forms filled in as a browser does: what the page shows is sent back, but for what the person changes."""

import pytest
from browsing import filled
from django.urls import reverse

from caselli.store.models import Role, User


@pytest.fixture
def fill():
    """Open the page, change some fields, press Save: ``fill(admin, page, name="Other")``. None: unchecked, emptied."""

    def send(browser, page, **changes):
        data = filled(browser.get(page)) | changes
        return browser.post(page, {name: value for name, value in data.items() if value is not None})

    return send


@pytest.fixture
def admin(cast, browser_of):
    return browser_of(cast.admin)


@pytest.fixture
def olivia(cast, browser_of):
    return browser_of(cast.olivia)


@pytest.fixture
def at():
    """An address by its name: ``at("user", cast.alice.pk)``."""

    def address(name, *args):
        return reverse(name, args=args)

    return address


@pytest.fixture
def fred(cast):
    """Administers the other organization."""
    return User.objects.create_user("fred", organization=cast.rival, role=Role.ORGANIZATION_ADMINISTRATOR)


@pytest.fixture
def troubles():
    """The summary above a refused form, as (field, sentence)."""

    def read(answer):
        assert answer.status_code == 422, answer.status_code
        return [(one.label, one.text) for one in answer.context["shown"].troubles]

    return read
