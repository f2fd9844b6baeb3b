"""The API's documentation, which the server itself serves."""

import re

import pytest
from django.test import Client

from caselli.doors.api.problem_kinds import PROBLEMS, REFUSALS
from caselli.doors.api.rest import api


@pytest.fixture
def page(db):
    return Client().get("/docs/api").content.decode()


def test_every_operation_has_its_place(page):
    for operation in api.operations():
        if operation.include_in_schema:
            assert f'id="{api.get_openapi_operation_id(operation)}"' in page


def test_what_it_points_at_is_there(page):
    anchors = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= anchors


def test_every_problem_has_its_anchor(db):
    page = Client().get("/docs/problems").content.decode()
    for slug in (*PROBLEMS, *REFUSALS):
        assert f'id="{slug}"' in page


def test_a_problem_leads_to_its_anchor(db, settings):
    told = Client().get("/api/v1/nowhere").json()
    path, _, anchor = told["type"].removeprefix(settings.CONFIGURATION.public_url).partition("#")
    assert f'id="{anchor}"' in Client().get(path).content.decode()


def test_nothing_comes_from_another_host(page):
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
