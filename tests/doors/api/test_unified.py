"""The UnifiedAPI-compatible service: who may send from where, in which form, and how a no is said.

What an old client writes on the wire stands in test_unified_wire.py.
"""

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image, ImageDraw

from caselli.directory.scopes import Scope
from caselli.doors.api import unified_errors
from caselli.doors.api.problem_kinds import ProblemKind
from caselli.doors.api.unified_errors import CODES, Code
from caselli.fax.refusals import RefusalKind
from caselli.intake.promised import drop_overdue
from caselli.store.models import (
    BlockedDestination,
    Extension,
    Fax,
    Organization,
    Preferences,
    PromisedFile,
    Role,
    Share,
    Trunk,
    User,
)

BOUNDARY = "----------------------------4ebf00fbcf09"
NUMBER = "12025550100"


@pytest.fixture(scope="module")
def letter(tmp_path_factory):
    path = tmp_path_factory.mktemp("letter") / "letter.png"
    image = Image.new("L", (850, 1100), 255)
    ImageDraw.Draw(image).text((100, 100), "A letter to the clinic", fill=0)
    image.save(path, "PNG", dpi=(100, 100))
    return path.read_bytes()


def part(content, *, name="files", filename=None, kind=None):
    head = f'Content-Disposition: form-data; name="{name}"'
    head += f'; filename="{filename}"' if filename is not None else ""
    head += f"\r\nContent-Type: {kind}" if kind else ""
    return head.encode() + b"\r\n\r\n" + content


def request_part(*recipients, **options):
    return part(json.dumps({"recipients": list(recipients)}).encode(), name="request", **options)


def form(client, address, *parts, **headers):
    body = b"".join(b"--" + BOUNDARY.encode() + b"\r\n" + one + b"\r\n" for one in parts)
    body += b"--" + BOUNDARY.encode() + b"--\r\n"
    return client.generic("POST", address, body, f"multipart/form-data; boundary={BOUNDARY}", headers=headers)


def posted(client, address, asked):
    return client.post(address, json.dumps(asked), "application/json")


def put(client, file, content, **options):
    return client.put(file["redirectUri"], content, file["redirectHeaders"]["Content-Type"], **options)


def said(answer):
    """Status and code of a no, in the one shape."""
    assert answer["Content-Type"] == "application/json"
    error = json.loads(answer.content)
    assert set(error) == {"error"}
    assert set(error["error"]) == {"code", "message"}
    assert len(error["error"]["message"].split()) > 3
    return answer.status_code, error["error"]["code"]


OURS = "/uapi/faxes/@me/0003*210"


@pytest.fixture
def program(cast, program_of):
    return program_of(cast.alice)


# The older form: the files come along.


def test_a_form_becomes_a_fax_that_goes_out(cast, program, letter):
    answer = form(program, OURS, request_part(NUMBER, "211"), part(letter, filename="letter.png"))
    assert answer.status_code == 200
    fax = Fax.objects.get()
    assert answer.json() == {"id": fax.pk, "uid": str(fax.uid), "recipients": [NUMBER, "211"]}
    assert (fax.channel, fax.shown_status, fax.extension) == ("api", "Scheduled For Sending", cast.desk)
    assert (fax.added_by, fax.approved_how) == (cast.alice, "api")
    assert [(one.given, one.destination, one.status) for one in fax.deliveries.all()] == [
        (NUMBER, "+12025550100", "queued"),
        ("211", "0003*211", "delivered"),
    ]


def test_every_part_with_a_filename_is_a_file_whatever_its_name_and_in_its_order(program, letter):
    answer = form(
        program,
        "/unifiedapi/faxes/@me/210",
        part(letter, name="files[0]", filename="one.png", kind="application/octet-stream"),
        part(letter, name="my letter (2).png", filename="phpQ9x2mA"),
        request_part(NUMBER),
        part(letter, name="", filename="/home/alice/three.png"),
        part(b"nothing but a field", name="comment"),
        part(letter, name="files[0]", filename="C:\\four.png"),
        **{"Content-Disposition": "multipart/form-data"},
    )
    assert answer.status_code == 200
    names = ["one.png", "my letter (2).png", "three.png", "four.png"]
    assert [one.name for one in Fax.objects.get().documents.all()] == names


@pytest.mark.parametrize("options", [{}, {"kind": "application/json"}, {"filename": "request.json"}])
def test_the_part_request_may_look_like_a_file(program, options):
    answer = form(program, OURS, part(b"Dear clinic", filename="a.txt"), request_part("nobody", **options))
    assert said(answer) == (400, "fx_recipients_invalid")
    assert "nobody" in answer.json()["error"]["message"]


def test_a_file_of_that_name_is_a_file_where_the_request_is_there_too(program, letter):
    answer = form(program, OURS, part(letter, name="request", filename="a.png"), request_part(NUMBER))
    assert answer.status_code == 200
    assert [one.name for one in Fax.objects.get().documents.all()] == ["a.png"]


@pytest.mark.parametrize("parts", [(), (part(b"", filename=""),), (part(b"words", name="text"),)])
def test_without_a_file_there_is_nothing_to_send(program, parts):
    answer = form(program, OURS, request_part(NUMBER), *parts)
    assert (answer.status_code, answer.content) == (204, b"")


def test_a_field_that_is_null_is_as_good_as_none(program):
    assert posted(program, OURS, {"recipients": [NUMBER], "files": None, "id": None}).status_code == 204
    assert said(posted(program, OURS, {"recipients": None})) == (400, "fx_recipients_invalid")


@pytest.mark.parametrize("recipients", [[], ["nobody"], ["999"], [NUMBER, f"+{NUMBER}"], [NUMBER] * 6, [True], NUMBER])
def test_recipients_that_cannot_be_sent_to(program, recipients):
    asked = part(json.dumps({"recipients": recipients}).encode(), name="request")
    assert said(form(program, OURS, asked, part(b"Dear clinic", filename="a.txt"))) == (400, "fx_recipients_invalid")
    assert said(posted(program, OURS, {"recipients": recipients, "files": [{"name": "a"}]})) == (
        400,
        "fx_recipients_invalid",
    )
    assert not Fax.objects.exists()


def test_a_number_without_quotes_is_a_number(program):
    assert posted(program, OURS, {"recipients": [int(NUMBER)], "files": ["a.pdf"]}).status_code == 200


def test_numbers_that_are_blocked_or_that_no_trunk_takes(cast, program):
    BlockedDestination.objects.create(organization=cast.clinic, prefix="+1202")
    assert said(posted(program, OURS, {"recipients": [NUMBER], "files": ["a"]})) == (400, "fx_recipients_invalid")
    BlockedDestination.objects.all().delete()
    Trunk.objects.all().delete()
    assert said(posted(program, OURS, {"recipients": [NUMBER], "files": ["a"]})) == (400, "fx_recipients_invalid")


@pytest.mark.parametrize("content", [b"", bytes(range(256)) * 9])
def test_a_file_that_cannot_be_faxed(program, content):
    answer = form(program, OURS, request_part(NUMBER), part(content, filename="holiday.bin"))
    assert said(answer) == (400, "fx_file_invalid")
    assert "holiday.bin" in answer.json()["error"]["message"]


def test_more_files_than_the_server_allows(program):
    Preferences.objects.update_or_create(id=1, defaults={"files_limit": 2})
    files = [part(b"x", filename=f"{number}.txt") for number in range(3)]
    assert said(form(program, OURS, request_part(NUMBER), *files)) == (400, "fx_max_files_reached")
    assert said(posted(program, OURS, {"recipients": [NUMBER], "files": ["a", "b", "c"]})) == (
        400,
        "fx_max_files_reached",
    )


def test_a_file_that_is_too_large(program):
    large = b"x" * 25_000_001
    answer = form(program, OURS, request_part(NUMBER), part(large + large, filename="a.txt"))
    assert said(answer) == (413, "fx_file_too_large")
    assert "50 MB; a file may have 25 MB" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "asked", [b"{", b"[]", b'"x"', b'{"recipients": ["1"]', b"\xff\xfe", b'{"recipients": ["\\u0000"]}', b"[" * 60_000]
)
def test_what_is_no_request_is_said(program, asked):
    assert said(program.post(OURS, asked, "application/json")) == (400, "request_invalid")
    assert said(form(program, OURS, part(asked, name="request"), part(b"x", filename="a.txt"))) == (
        400,
        "request_invalid",
    )


@pytest.mark.parametrize("kind", ["multipart/form-data", f"multipart/form-data; boundary={BOUNDARY}"])
def test_a_form_that_breaks_off_is_said(program, kind):
    assert said(program.generic("POST", OURS, b"--nothing", kind)) == (400, "request_invalid")


@pytest.mark.parametrize("files", ["a.pdf", [1], [None], [{"name": 7}], [{"name": "a", "size": "9"}], [{"size": -1}]])
def test_files_that_are_announced_wrongly(program, files):
    assert said(posted(program, OURS, {"recipients": [NUMBER], "files": files})) == (400, "fx_file_invalid")


# The newer form: the files follow.


def test_a_fax_is_announced_and_goes_out_with_its_last_file(program, letter):
    files = [{"name": "a.png", "size": len(letter)}, {"name": "b.png"}]
    answer = posted(program, OURS, {"recipients": ["0003*211"], "files": files})
    fax = Fax.objects.get()
    told = answer.json()
    assert (answer.status_code, told["id"], told["uid"], told["recipients"]) == (
        200,
        fax.pk,
        str(fax.uid),
        ["0003*211"],
    )
    assert [(one["name"], one.get("size")) for one in told["files"]] == [("a.png", len(letter)), ("b.png", None)]
    assert "size" not in told["files"][1]
    assert all(one["redirectUri"].startswith("http://testserver/uapi/uploads/") for one in told["files"])
    assert fax.status == "received"
    nobody = Client()
    first, last = (put(nobody, one, letter) for one in told["files"])
    assert (first.status_code, last.status_code) == (200, 200)
    assert last.json() == {"id": fax.pk, "uid": str(fax.uid)}
    fax.refresh_from_db()
    assert (fax.shown_status, fax.pages, fax.approved_how) == ("Sent", 2, "api")


def test_the_address_of_a_file_has_the_scheme_and_the_name_by_which_the_request_came(program):
    answer = program.post(
        "/unifiedapi/faxes/@me/210",
        json.dumps({"recipients": [NUMBER], "files": ["a"]}),
        "application/json",
        secure=True,
        headers={"Host": "fax.example.com:8443"},
    )
    assert answer.json()["files"][0]["redirectUri"].startswith("https://fax.example.com:8443/unifiedapi/uploads/")


def test_a_file_is_put_once_in_time_at_its_length_and_without_a_form_around_it(program, letter):
    asked = {"recipients": [NUMBER], "files": [{"name": "a.png", "size": len(letter)}, "b.png"]}
    one, other = posted(program, OURS, asked).json()["files"]
    assert said(put(program, one, letter[:-1])) == (400, "fx_file_invalid")
    assert said(put(program, one, b"")) == (400, "fx_file_invalid")
    assert said(program.put(one["redirectUri"], letter, "multipart/form-data; boundary=x")) == (400, "fx_file_invalid")
    assert put(program, one, letter).status_code == 200
    assert said(put(program, one, letter)) == (409, "upload_done")
    PromisedFile.objects.update(ends_at=timezone.now())
    assert said(put(program, other, letter)) == (410, "upload_expired")
    assert said(program.put("/uapi/uploads/nobody-was-told-this", letter)) == (404, "not_found")


def test_an_unreadable_file_is_told_with_the_last_one_and_on_the_pages(cast, program, browser_of_alice):
    file = posted(program, OURS, {"recipients": [NUMBER], "files": ["holiday.bin"]}).json()["files"][0]
    page = browser_of_alice.get("/extensions/0003*210/sent").content.decode()
    assert "Its files are still to come." in page
    answer = put(program, file, bytes(range(256)) * 9)
    assert said(answer) == (400, "fx_file_invalid")
    assert Fax.objects.get().shown_status == "Send Failed"
    page = browser_of_alice.get("/extensions/0003*210/sent").content.decode()
    assert "“holiday.bin” is of a kind we do not know." in page
    info = browser_of_alice.get(f"/faxes/{Fax.objects.get().uid}").content.decode()
    assert "“holiday.bin” is of a kind we do not know." in info
    assert "No call was made. The fax was for" in info
    assert said(put(program, file, b"x")) == (409, "upload_done")


def test_a_fax_whose_file_never_came_has_its_pages_in_the_browser(program, browser_of_alice):
    posted(program, OURS, {"recipients": [NUMBER], "files": ["a.pdf"]})
    fax = Fax.objects.get()

    def opened():
        more = ("", "/report", "/report.pdf", "/told", "/row", "/pages.pdf", "/pages/1", "/documents/1")
        return {one: browser_of_alice.get(f"/faxes/{fax.uid}{one}").status_code for one in more}

    assert set(opened().values()) <= {200, 404}
    assert (opened()[""], opened()["/report"], opened()["/report.pdf"]) == (200, 200, 200)
    drop_overdue(timezone.now() + timedelta(minutes=11))
    info = browser_of_alice.get(f"/faxes/{fax.uid}").content.decode()
    assert "“a.pdf” never came" in info
    assert "No pages, added" in info
    assert "never came</span>" in info
    assert "erased" not in info + browser_of_alice.get("/extensions/0003*210/sent").content.decode()
    assert set(opened().values()) <= {200, 404}
    assert (opened()[""], opened()["/report"], opened()["/report.pdf"]) == (200, 200, 200)


@pytest.fixture
def browser_of_alice(cast):
    browser = Client()
    browser.force_login(cast.alice)
    return browser


def test_an_announced_file_that_is_too_large_is_not_even_awaited(program):
    asked = {"recipients": [NUMBER], "files": [{"name": "a.pdf", "size": 25_000_001}]}
    assert said(posted(program, OURS, asked)) == (413, "fx_file_too_large")


# Pre-approved, whatever the policy.


def test_no_policy_holds_it_up(program, letter):
    Organization.objects.update(approve_all=True, approve_abroad=True)
    assert form(program, OURS, request_part(NUMBER), part(letter, filename="a.png")).status_code == 200
    assert Fax.objects.get().shown_status == "Scheduled For Sending"


def test_a_sandbox_key_reaches_the_sandbox_alone(cast, program_of):
    program = program_of(cast.alice, sandbox=True)
    assert said(posted(program, OURS, {"recipients": [NUMBER], "files": ["a"]})) == (400, "fx_recipients_invalid")
    Trunk.objects.update(sandbox=True)
    assert posted(program, OURS, {"recipients": [NUMBER], "files": ["a"]}).status_code == 200
    assert Fax.objects.get().sandbox


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


def test_a_mistake_of_ours_has_the_same_shape(cast, secret_of, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("oh")

    monkeypatch.setattr("caselli.doors.api.unified.submit", broken)
    program = Client(headers={"Authorization": f"Bearer {secret_of(cast.alice)}"}, raise_request_exception=False)
    answer = form(program, OURS, request_part(NUMBER), part(b"x", filename="a.txt"))
    assert said(answer) == (500, "internal_server_error")


def test_answers_are_kept_by_nobody_and_tell_how_often_one_may_ask(program):
    answer = posted(program, OURS, ASKED)
    assert "no-store" in answer["Cache-Control"]
    assert answer["RateLimit"]
    assert "Set-Cookie" not in answer


def test_who_asks_too_often_waits(program, settings, monkeypatch):
    monkeypatch.setattr("caselli.doors.api.limits.WINDOW", 3600)
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
