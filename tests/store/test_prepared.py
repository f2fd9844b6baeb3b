"""A prepared query finds what Django's own finds."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from caselli.store.models import ApiKey, Extension
from caselli.store.prepared import Prepared

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(cast):
    from caselli.directory import api_keys
    from caselli.directory.audit import Actor
    from caselli.directory.scopes import Scope

    return api_keys.make(cast.alice, Actor(cast.alice), name="one", scopes=[Scope.FAX_SEND])[0]


def columns(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_the_row_and_those_it_belongs_to_are_what_django_reads(key):
    by_digest = Prepared(lambda: ApiKey.objects.filter(digest=""), ("person", "person__organization"))
    with CaptureQueriesContext(connection) as asked:
        found = by_digest.first(key.digest)
        owner, house = found.person, found.person.organization
    assert len(asked) == 1
    assert columns(found) == columns(ApiKey.objects.get(pk=key.pk))
    assert columns(owner) == columns(key.person)
    assert columns(house) == columns(key.person.organization)


def test_an_empty_foreign_key_stays_empty(key):
    key.person.organization = None
    key.person.save()
    by_digest = Prepared(lambda: ApiKey.objects.filter(digest=""), ("person", "person__organization"))
    with CaptureQueriesContext(connection) as asked:
        assert by_digest.first(key.digest).person.organization is None
    assert len(asked) == 1


def test_it_is_asked_anew_each_time(cast):
    numbers = Prepared(lambda: Extension.objects.filter(organization=0).filter(number=""))
    one = Extension.objects.filter(organization=cast.alice.organization).first()
    assert numbers.first(one.organization_id, "no such") is None
    assert numbers.all(one.organization_id, one.number) == [one]
    assert numbers.first(one.organization_id + 1, one.number) is None
