"""What is repeated is done once, and answered alike."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import api_trial
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from caselli.doors.api import idempotency
from caselli.doors.api.idempotency import Claim
from caselli.doors.api.problems import Problem
from caselli.store.models import RepeatableRequest

pytestmark = pytest.mark.urls("api_trial")


@pytest.fixture(autouse=True)
def _nothing_done():
    api_trial.DONE.clear()


@pytest.fixture
def program(cast, program_of):
    return program_of(cast.alice)


def ordered(program, key, to="+12025550100", **more):
    headers = {"Idempotency-Key": key} if key is not None else {}
    body = json.dumps({"recipients": [{"to": to}], **more})
    return program.post("/api/v1/orders", body, content_type="application/json", headers=headers)


def test_the_same_request_again_gets_the_same_answer(program):
    first, second = ordered(program, "a"), ordered(program, "a")
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.content == second.content
    assert first["Content-Type"] == second["Content-Type"]
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert len(api_trial.DONE) == 1


def test_how_the_body_is_written_makes_no_difference(program):
    spoken = '{"pages":1,  "recipients":[ {"to":"+1"} ]}'
    again = '{"recipients": [{"to": "+1"}], "pages": 1}'
    for body in (spoken, again):
        program.post("/api/v1/orders", body, content_type="application/json", headers={"Idempotency-Key": "a"})
    assert len(api_trial.DONE) == 1


def test_without_a_key_each_request_is_done(program):
    ordered(program, None)
    ordered(program, None)
    assert len(api_trial.DONE) == 2
    assert not RepeatableRequest.objects.exists()


def test_another_body_under_the_same_key_is_refused(program):
    ordered(program, "a")
    answer = ordered(program, "a", to="+12025550101")
    assert (answer.status_code, answer.json()["slug"]) == (422, "idempotency_key_reused")
    assert len(api_trial.DONE) == 1


def test_a_key_is_its_callers_own(cast, program, program_of):
    ordered(program, "a")
    ordered(program_of(cast.bob), "a", to="+12025550101")
    ordered(program_of(cast.alice), "a", to="+12025550102")
    assert len(api_trial.DONE) == 3


def test_a_form_is_the_same_whatever_its_boundary(program):
    def sent(content):
        file = SimpleUploadedFile("a.txt", content)
        return program.post("/api/v1/forms", {"to": "a", "file": file}, headers={"Idempotency-Key": "a"})

    first, again, other = sent(b"one"), sent(b"one"), sent(b"two")
    assert first.content == again.content
    assert api_trial.DONE == [("a", b"one")]
    assert other.status_code == 422


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "é"])
def test_a_key_that_is_none(program, key):
    answer = ordered(program, key)
    assert (answer.status_code, answer.json()["slug"]) == (422, "idempotency_key_invalid")


def test_what_was_refused_may_be_mended_under_the_same_key(program):
    assert ordered(program, "a", to="refused").status_code == 422
    assert ordered(program, "a").status_code == 202


def test_after_a_mistake_of_ours_the_next_one_may_try_at_once_as_the_same(program):
    program.raise_request_exception = False
    assert ordered(program, "a", to="failed").status_code == 500
    assert ordered(program, "a", to="failed").status_code == 500
    (first, _), (second, _) = api_trial.DONE
    assert first == second == f"request:{RepeatableRequest.objects.get().pk}"


def test_while_the_first_is_at_work_the_second_waits(program):
    ordered(program, "a")
    RepeatableRequest.objects.update(status=None)
    answer = ordered(program, "a")
    assert (answer.status_code, answer.json()["slug"]) == (409, "request_running")
    assert int(answer["Retry-After"]) >= 1


def test_who_died_at_work_is_taken_over_by_one(program):
    ordered(program, "a")
    long_ago = timezone.now() - idempotency.TAKEN_OVER_AFTER
    RepeatableRequest.objects.update(status=None, begun_at=long_ago)
    assert ordered(program, "a").status_code == 202
    assert ordered(program, "a")["Idempotent-Replayed"] == "true"
    assert len({key for key, _ in api_trial.DONE}) == 1


def test_who_was_taken_over_keeps_nothing_any_more(db, rf):
    begun = timezone.now() - idempotency.TAKEN_OVER_AFTER
    first = idempotency.begin("key:a", "a", "digest", begun)
    second = idempotency.begin("key:a", "a", "digest")
    assert isinstance(second, Claim)
    assert (second.row, second.begun_at > first.begun_at) == (first.row, True)
    late = rf.post("/api/v1/orders")
    late.claim = first
    idempotency.keep(late, idempotency.HttpResponse("late", status=202))
    assert RepeatableRequest.objects.get().status is None


def test_after_a_day_the_key_is_free(program):
    ordered(program, "a")
    RepeatableRequest.objects.update(begun_at=timezone.now() - idempotency.KEPT_FOR)
    assert ordered(program, "a", to="+12025550101").status_code == 202
    assert len({key for key, _ in api_trial.DONE}) == 2


def test_old_ones_are_forgotten(program):
    ordered(program, "old")
    RepeatableRequest.objects.update(begun_at=timezone.now() - timedelta(hours=25))
    ordered(program, "new")
    assert idempotency.forget() == 1
    assert RepeatableRequest.objects.get().key == "new"


@pytest.mark.django_db(transaction=True)
def test_of_many_at_the_same_time_one_is_done():
    def begin(_):
        try:
            return idempotency.begin("key:a", "a", "digest")
        except Problem as problem:
            return str(problem.kind)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(begin, range(24)))
    assert sum(isinstance(one, Claim) for one in results) == 1
    assert results.count("request_running") == 23
