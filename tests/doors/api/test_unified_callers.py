"""The UnifiedAPI-compatible service: who may send from where, by which token, and that every no has the one shape."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client
from doors.api.unified_client import NUMBER, OURS, form, part, posted, request_part, said

from caselli.directory.scopes import Scope
from caselli.doors.api import unified_errors
from caselli.doors.api.problem_kinds import ProblemKind
from caselli.doors.api.unified_errors import CODES, Code
from caselli.fax.refusals import RefusalKind
from caselli.store.models import (
    Extension,
    Fax,
    Role,
    Share,
    User,
)


@pytest.fixture
def program(cast, program_of):
    return program_of(cast.alice)


@pytest.fixture
def browser_of_alice(cast):
    browser = Client()
    browser.force_login(cast.alice)
    return browser


# Who may send from where.

ASKED = {"recipients": [f"+{NUMBER}"], "files": ["a.pdf"]}


@pytest.mark.parametrize("user", ["@me", "@viewer", "@owner", "%40me"])
@pytest.mark.parametrize("extension", ["210", "0003*210", "0003%2A210"])
def test_an_account_sends_from_its_own_extension(program, user, extension):
    for service in ("uapi", "unifiedapi"):
        assert posted(program, f"/{service}/faxes/{user}/{extension}", ASKED).status_code == 200


def test_an_id_is_the_account_itself_or_a_user_that_it_administers(cast, program_of):
    def answer(person, user, extension="0003*210"):
        return posted(program_of(person), f"/uapi/faxes/{user}/{extension}", ASKED)

    assert answer(cast.alice, cast.alice.pk).status_code == 200
    assert answer(cast.olivia, cast.alice.pk).status_code == 200
    assert answer(cast.admin, cast.alice.pk, "210").status_code == 200
    assert {one.added_by for one in Fax.objects.all()} == {cast.alice, cast.olivia, cast.admin}
    assert said(answer(cast.alice, cast.bob.pk)) == (404, "user_not_found")
    assert said(answer(cast.olivia, cast.charlie.pk)) == (404, "user_not_found")
    assert said(answer(cast.olivia, cast.bob.pk)) == (403, "access_denied")
    for nobody in ("0", "99999999", "9" * 30, "@self", "alice", "²"):
        assert said(answer(cast.alice, nobody)) == (404, "user_not_found")


@pytest.mark.parametrize("extension", ["@self", "@me", "", "Front desk", "0003*", "*210", "210x", "1" * 11, "²¹⁰"])
def test_the_extension_must_be_a_number(program, extension):
    assert said(posted(program, f"/uapi/faxes/@me/{extension}", ASKED)) == (400, "extension_invalid")


def test_an_organization_s_account_names_extensions_of_its_own_and_an_administrator_any(cast, program_of):
    def answer(person, extension):
        return posted(program_of(person), f"/uapi/faxes/@owner/{extension}", ASKED)

    assert answer(cast.olivia, "211").status_code == 200
    assert answer(cast.admin, "0004*310").status_code == 200
    assert answer(cast.admin, "310").status_code == 200
    Extension.objects.create(organization=cast.rival, number="210", name="Rival desk", owner=cast.charlie)
    assert said(answer(cast.admin, "210")) == (400, "extension_invalid")
    assert answer(cast.olivia, "210").status_code == 200
    assert said(answer(cast.olivia, "0004*310")) == (404, "extension_not_found")


def test_what_is_not_there_for_a_person_is_not_there_for_a_program(cast, program_of):
    for person in (cast.charlie, cast.bob):
        answer = posted(program_of(person), OURS, ASKED)
        nowhere = posted(program_of(person), "/uapi/faxes/@me/0003*999", ASKED)
        assert said(answer) == said(nowhere) == (404, "extension_not_found")
        assert answer.content.replace(b"210", b"999") == nowhere.content
    Share.objects.create(extension=cast.desk, user=cast.bob)
    assert said(posted(program_of(cast.bob), OURS, ASKED)) == (403, "access_denied")
    Share.objects.update(may_act=True)
    assert posted(program_of(cast.bob), OURS, ASKED).status_code == 200


def test_faxing_may_be_switched_off(cast, program):
    Extension.objects.update(fax_enabled=False)
    assert said(posted(program, OURS, ASKED)) == (403, "fx_disabled")


# Tokens.


def test_a_token_comes_in_the_header_or_in_the_query(cast, secret_of):
    secret = secret_of(cast.alice)
    written = [f"Bearer {secret}", f"Bearer%20{secret}", f"Bearer+{secret}", f"Bearer%2520{secret}", secret]
    for one in written:
        assert posted(Client(), f"{OURS}?accessRequestToken={one}", ASKED).status_code == 200, one
    for one in (f"Bearer {secret}", f"bearer {secret}", secret):
        assert posted(Client(headers={"Authorization": one}), OURS, ASKED).status_code == 200, one


def test_without_a_good_token_nothing_is_said_of_anything(cast, secret_of):
    assert said(posted(Client(), OURS, ASKED)) == (401, "token_missing")
    for wrong in ("Bearer x", "Basic YTpi", "Bearer caselli_0000", f"Bearer {'x' * 9000}"):
        for address in (OURS, "/uapi/faxes/@me/@self"):
            answer = posted(Client(headers={"Authorization": wrong}), address, ASKED)
            assert said(answer) in {(401, "token_invalid"), (401, "token_missing")}
            assert answer["WWW-Authenticate"].startswith("Bearer")
    reader = Client(headers={"Authorization": f"Bearer {secret_of(cast.alice, Scope.FAX_READ)}"})
    assert said(posted(reader, OURS, ASKED)) == (403, "scope_missing")


def test_a_browser_s_cookie_opens_nothing_here(browser_of_alice):
    assert said(posted(browser_of_alice, OURS, ASKED)) == (401, "token_missing")


# Never a page, never a redirect.


@pytest.mark.parametrize(
    "address", ["/uapi", "/uapi/", "/uapi/faxes", "/uapi/phoneCalls/@me/@self", "/unifiedapi/x/", "/uapi/faxes/a/b/c"]
)
def test_an_address_where_nothing_is(program, address):
    assert said(program.post(address, "{}", "application/json")) == (404, "not_found")
    assert said(program.get(address)) == (404, "not_found")


def test_a_slash_at_the_end_is_no_matter(program):
    assert posted(program, f"{OURS}/", ASKED).status_code == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused_in_the_same_shape(program, method):
    answer = program.generic(method, OURS, b"{}", "application/json")
    assert (said(answer), answer["Allow"]) == ((405, "method_not_allowed"), "POST")
    answer = program.generic("POST" if method == "PUT" else method, "/uapi/uploads/x", b"{}", "application/json")
    assert (said(answer), answer["Allow"]) == ((405, "method_not_allowed"), "PUT")


def test_a_mistake_of_ours_has_the_same_shape(cast, secret_of, settings, tmp_path):
    no_folder = tmp_path / "no folder"
    no_folder.write_text("a file stands where the shelf should be")
    settings.CONFIGURATION = replace(settings.CONFIGURATION, home=no_folder)
    program = Client(headers={"Authorization": f"Bearer {secret_of(cast.alice)}"}, raise_request_exception=False)
    answer = form(program, OURS, request_part(NUMBER), part(b"x", filename="a.txt"))
    assert said(answer) == (500, "internal_server_error")


def test_answers_are_kept_by_nobody_and_tell_how_often_one_may_ask(program):
    answer = posted(program, OURS, ASKED)
    assert "no-store" in answer["Cache-Control"]
    assert answer["RateLimit"]
    assert "Set-Cookie" not in answer


def test_who_asks_too_often_waits(program, settings):
    settings.CONFIGURATION = replace(settings.CONFIGURATION, api_limit=1)
    assert posted(program, OURS, ASKED).status_code == 200
    answer = posted(program, OURS, ASKED)
    assert said(answer) == (429, "too_many_requests")
    assert int(answer["Retry-After"]) > 0


def test_who_guesses_waits_too(cast, settings):
    settings.CONFIGURATION = replace(settings.CONFIGURATION, api_limit=1)
    assert said(Client().put("/uapi/uploads/guessed", b"x")) == (404, "not_found")
    assert said(Client().put("/uapi/uploads/guessed", b"x")) == (429, "too_many_requests")
    assert said(posted(Client(), OURS, ASKED)) == (429, "too_many_requests")


def test_every_way_in_which_sending_is_refused_has_its_code():
    """What only mails, approvals and the fields of the other API can be refused for cannot come here."""
    elsewhere = ("mail_", "sender_", "subject_", "link_")
    of_the_api = ("idempotency_", "json_", "field_", "media_", "request_")
    missing = {one for one in (*RefusalKind, *ProblemKind) if one not in CODES}
    assert {one for one in missing if not one.startswith(elsewhere + of_the_api)} == {
        "recipient_name_invalid", "send_at_invalid", "priority_invalid", "header_invalid", "metadata_invalid",
        "callback_invalid", "no_approver", "content_changed", "reason_missing", "conflict",
    }  # fmt: skip


def test_every_code_stands_in_the_documentation():
    page = (Path(__file__).parents[3] / "docs" / "unified-api.md").read_text()
    codes = {one for one in vars(unified_errors).values() if isinstance(one, Code)} | set(CODES.values())
    lines = [one for one in page.splitlines() if one.startswith("| ")]
    rows = {code: row.split("|")[1].strip() for row in lines for code in re.findall(r"`(\w+)`", row)}
    assert {one.code: rows.get(one.code) for one in codes} == {one.code: str(one.status) for one in codes}


def test_who_may_send_from_alice_s_extension(cast, program_of):
    """The roles of tests/doors/web/test_access.py."""

    def user(name, organization, role=Role.USER):
        return User.objects.create_user(name, organization=organization, role=role)

    reader, actor = user("reader", cast.clinic), user("actor", cast.clinic)
    Share.objects.create(extension=cast.desk, user=reader)
    Share.objects.create(extension=cast.desk, user=actor, may_act=True)
    expected = {
        "foreigner": (cast.charlie, 404),
        "colleague": (cast.bob, 404),
        "reader": (reader, 403),
        "actor": (actor, 200),
        "owner": (cast.alice, 200),
        "olivia": (cast.olivia, 200),
        "foreign_administrator": (user("fred", cast.rival, Role.ORGANIZATION_ADMINISTRATOR), 404),
        "admin": (cast.admin, 200),
    }
    programs = {role: program_of(person) for role, (person, _) in expected.items()} | {"stranger": Client()}
    for service in ("uapi", "unifiedapi"):
        address = f"/{service}/faxes/@owner/0003*210"
        got = {role: posted(program, address, ASKED).status_code for role, program in programs.items()}
        assert got == {role: status for role, (_, status) in expected.items()} | {"stranger": 401}
