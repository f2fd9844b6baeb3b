"""Whatever goes wrong, the answer has one shape."""

import json

import pytest
from django.test import Client

from caselli.directory.scopes import Scope
from caselli.doors.api import bodies, problems
from caselli.doors.api.problem_kinds import PROBLEMS, REFUSALS, ProblemKind
from caselli.fax.refusals import RefusalKind

MEMBERS = {"type", "title", "status", "detail", "instance", "slug", "field", "remedy", "errors"}
pytestmark = pytest.mark.urls("api_trial")


def is_problem(answer, status, slug):
    told = answer.json()
    assert (answer.status_code, told["slug"]) == (status, slug), told
    assert answer["Content-Type"] == "application/problem+json"
    assert set(told) == MEMBERS
    assert told["status"] == status
    assert told["type"].endswith(f"/docs/problems#{slug}")
    assert told["detail"]
    assert told["remedy"]
    assert answer.headers["RateLimit"]
    return told


@pytest.fixture
def program(cast, program_of):
    return program_of(cast.alice, Scope.FAX_SEND)


def ordered(program, body, **more):
    content = body if isinstance(body, bytes | str) else json.dumps(body)
    return program.post("/api/v1/orders", content, content_type="application/json", **more)


def test_every_slug_has_its_status_and_title_once():
    assert PROBLEMS.keys() == set(ProblemKind)
    assert REFUSALS.keys() == set(RefusalKind)
    assert not {one.value for one in ProblemKind} & {one.value for one in RefusalKind}
    titles = [said.title for said in (*PROBLEMS.values(), *REFUSALS.values())]
    assert len(titles) == len(set(titles))
    assert all(said.meaning and said.remedy for said in PROBLEMS.values())


@pytest.mark.parametrize("address", ["/api/v1", "/api/v1/", "/api/v1/nowhere", "/api/v1/found/x", "/api/v1/found/1/"])
def test_an_address_that_is_none(program, address):
    assert is_problem(program.get(address), 404, "not_found")["instance"] == address


def test_an_unknown_address_is_none_without_a_key_too(db):
    is_problem(Client().get("/api/v1/nowhere"), 404, "not_found")


def test_a_path_that_no_address_can_have(db):
    is_problem(Client().get("/api/v1/nowhere%00"), 404, "not_found")


def test_a_method_that_an_address_does_not_take(program):
    answer = program.delete("/api/v1/orders")
    is_problem(answer, 405, "method_not_allowed")
    assert answer["Allow"] == "POST"
    is_problem(program.options("/api/v1/orders"), 405, "method_not_allowed")


def test_a_head_is_a_get_without_a_body(program):
    answer = program.head("/api/v1/found/1")
    assert answer.status_code == 200
    assert answer.content == b""


def test_a_scope_that_is_missing_is_named(cast, program_of):
    answer = ordered(program_of(cast.alice, Scope.FAX_READ), {"recipients": [{"to": "a"}]})
    assert "fax:send" in is_problem(answer, 403, "scope_missing")["detail"]
    assert 'error="insufficient_scope", scope="fax:send"' in answer["WWW-Authenticate"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "json"])
def test_a_body_of_another_kind(program, kind):
    answer = program.post("/api/v1/orders", b"a=b", content_type=kind)
    is_problem(answer, 415, "media_type_unknown")
    assert "application/json" in answer["Accept-Post"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b'{"recipients": NaN}',
        b'{"pages": ' + b"9" * 5000 + b"}",
        b"[" * 5000,
        b"[" * 30 + b"]" * 30,
        b'{"recipients": [',
    ],
)
def test_a_body_that_is_no_json(program, body):
    is_problem(ordered(program, body), 400, "json_invalid")


@pytest.mark.parametrize("text", [r"\u0000", r"\ud800"])
def test_a_text_that_no_database_keeps(program, text):
    told = is_problem(ordered(program, '{"recipients": [{"to": "' + text + '"}]}'), 422, "field_invalid")
    assert told["field"] == "recipients[0].to"
    is_problem(ordered(program, '{"' + text + '": 1}'), 422, "field_invalid")
    is_problem(program.get("/api/v1/found/1?page=%00"), 422, "field_invalid")


def test_json_that_is_too_large(program):
    is_problem(ordered(program, {"recipients": [{"to": "a" * bodies.LARGEST_JSON}]}), 413, "request_too_large")


def test_json_of_too_many_parts(program):
    is_problem(ordered(program, {"recipients": [0] * bodies.MOST_PARTS}), 413, "request_too_large")


def test_each_field_that_is_wrong_is_named(program):
    told = is_problem(ordered(program, {"recipients": [{}, {"two": 1, "to": "a"}], "pages": "x"}), 422, "field_missing")
    assert {(one["slug"], one["field"]) for one in told["errors"]} == {
        ("field_missing", "recipients[0].to"),
        ("field_unknown", "recipients[1].two"),
        ("field_invalid", "pages"),
    }
    assert told["field"] == "recipients[0].to"


def test_a_body_that_is_not_there(program):
    is_problem(program.post("/api/v1/orders", b"", content_type="application/json"), 422, "field_missing")


def test_a_wrong_parameter_of_an_address(program):
    assert is_problem(program.get("/api/v1/found/1?page=x"), 422, "field_invalid")["field"] == "page"


def test_a_parameter_that_is_none(program):
    told = is_problem(program.get("/api/v1/found/1?page=2&stauts=sent&x=1"), 422, "field_unknown")
    assert [one["field"] for one in told["errors"]] == ["stauts", "x"]
    assert told["remedy"] == "This address knows: page."
    is_problem(program.get("/api/v1/conflict?x=1"), 422, "field_unknown")
    is_problem(Client().get("/api/v1/conflict?x=1"), 401, "key_missing")


def test_a_form_that_breaks_off(program):
    answer = program.post("/api/v1/forms", b"--x\r\nbroken", content_type="multipart/form-data; boundary=")
    is_problem(answer, 400, "request_invalid")


def test_a_refusal_of_the_house_keeps_its_slug_and_words(program):
    told = is_problem(ordered(program, {"recipients": [{"to": "refused"}]}), 422, "no_trunk")
    assert (told["detail"], told["remedy"], told["field"]) == ("No trunk leads there.", "Add one.", "recipients")
    assert told["errors"][0]["subject"] == "refused"


def test_several_refusals_come_in_one_answer(program):
    told = is_problem(ordered(program, {"recipients": [{"to": "twice"}]}), 422, "file_too_large")
    assert [one["slug"] for one in told["errors"]] == ["file_too_large", "recipient_invalid"]


def test_a_conflict(program):
    assert is_problem(program.get("/api/v1/conflict"), 409, "conflict")["detail"] == "It is so already."


def test_a_mistake_of_ours_tells_nothing_of_it(program, caplog):
    program.raise_request_exception = False
    answer = ordered(program, {"recipients": [{"to": "failed"}]})
    is_problem(answer, 500, "internal_error")
    assert "mistake" not in answer.content.decode().replace("Caselli made a mistake", "")
    assert "RuntimeError" in caplog.text


def test_answers_are_kept_by_nobody_and_open_to_no_other_page(program):
    answer = program.get("/api/v1/found/1", headers={"Origin": "https://other.example"})
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    assert not [name for name in answer.headers if name.startswith("Access-Control")]
    assert "Set-Cookie" not in answer.headers
    assert not answer.cookies


def test_a_program_needs_no_token_of_a_page(cast, secret_of):
    strict = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {secret_of(cast.alice)}"})
    assert ordered(strict, {"recipients": [{"to": "a"}]}).status_code == 202


def test_a_problem_is_described_as_its_shape_says(program):
    told = program.get("/api/v1/nowhere").json()
    assert problems.ProblemShape.model_validate(told).model_dump() == told


@pytest.mark.urls("caselli.project.urls")
def test_a_field_that_is_not_understood_is_told_in_our_words(program):
    said = {"recipients": [{"to": 5}], "send_at": "2030-01-01T00:00:00", "uploads": ["x"], "hold": "yes"}
    answer = program.post("/api/v1/faxes", said, content_type="application/json")
    assert [one["detail"] for one in answer.json()["errors"]] == [
        "recipients[0].to must be text.",
        "uploads[0] must be an id, as an answer gave it.",
        "send_at must have its offset from UTC, like 2027-03-01T09:00:00+01:00.",
        "hold must be true or false.",
    ]


@pytest.mark.parametrize("path", ["/users/a%00b", "/organizations/a%00b", "/extensions/a%00b", "/webhooks/a%00b"])
def test_a_name_with_a_nul_is_nobodys(cast, program_of, path):
    answer = program_of(cast.admin).get(f"/api/v1{path}")
    assert (answer.status_code, answer.json()["slug"]) == (404, "not_found")
