"""Each caller has a bucket of its own, which every process draws from."""

import re
from dataclasses import replace

import pytest
from django.test import Client

from caselli.doors.api import limits
from caselli.store.models import RequestBucket

ME = "/api/v1/me"


@pytest.fixture
def limit(settings):
    def set_to(number):
        settings.CONFIGURATION = replace(settings.CONFIGURATION, api_limit=number)

    return set_to


def told(answer):
    policy = re.fullmatch(r'"caller";q=(\d+);w=60', answer["RateLimit-Policy"])
    rate = re.fullmatch(r'"caller";r=(\d+);t=(\d+)', answer["RateLimit"])
    return int(policy[1]), int(rate[1]), int(rate[2])


def test_an_answer_tells_what_is_left(cast, program_of, limit):
    limit(3)
    program = program_of(cast.alice)
    assert [told(program.get(ME))[:2] for _ in range(3)] == [(3, 2), (3, 1), (3, 0)]


def test_who_asks_too_often_is_told_when_to_come_back(cast, program_of, limit):
    limit(2)
    program = program_of(cast.alice)
    answers = [program.get(ME) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    last = answers[-1]
    assert last.json()["slug"] == "too_many_requests"
    assert 1 <= int(last["Retry-After"]) <= 30
    assert told(last)[1] == 0


def test_a_refused_request_takes_nothing(cast, program_of, limit):
    limit(1)
    program = program_of(cast.alice)
    program.get(ME)
    before = RequestBucket.objects.get().full_at
    assert program.get(ME).status_code == 429
    assert RequestBucket.objects.get().full_at == before


def test_one_caller_takes_nothing_from_another(cast, program_of, limit):
    limit(1)
    first, second = program_of(cast.alice), program_of(cast.alice)
    assert [first.get(ME).status_code, first.get(ME).status_code] == [200, 429]
    assert second.get(ME).status_code == 200


def test_who_has_no_key_is_counted_by_address(db, limit):
    limit(2)
    stranger = Client()
    assert [stranger.get(ME).status_code for _ in range(3)] == [401, 401, 429]
    assert stranger.get("/api/v1/nowhere").status_code == 429
    assert stranger.get(ME, REMOTE_ADDR="192.0.2.9").status_code == 401


def test_a_bucket_is_full_again_after_its_window(cast, program_of, limit):
    limit(1)
    program = program_of(cast.alice)
    program.get(ME)
    RequestBucket.objects.update(full_at="2020-01-01T00:00Z")
    assert program.get(ME).status_code == 200


def test_full_buckets_are_forgotten(db):
    limits.take("key:one")
    assert limits.forget() == 0
    RequestBucket.objects.update(full_at="2020-01-01T00:00Z")
    assert limits.forget() == 1
