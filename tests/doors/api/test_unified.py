"""The UnifiedAPI-compatible service: who may send from where, in which form, and how a no is said.

What an old client writes on the wire stands in test_unified_wire.py.
"""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from doors.api.unified_client import BOUNDARY, NUMBER, OURS, form, part, posted, put, request_part, said
from PIL import Image, ImageDraw

from caselli.intake.promised import drop_overdue
from caselli.store.models import (
    BlockedDestination,
    Fax,
    Organization,
    Preferences,
    PromisedFile,
    Trunk,
)


@pytest.fixture(scope="module")
def letter(tmp_path_factory):
    path = tmp_path_factory.mktemp("letter") / "letter.png"
    image = Image.new("L", (850, 1100), 255)
    ImageDraw.Draw(image).text((100, 100), "A letter to the clinic", fill=0)
    image.save(path, "PNG", dpi=(100, 100))
    return path.read_bytes()


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
        part(letter, name="", filename="/scans/three.png"),
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
    assert (answer.status_code, answer.content, answer.get("Content-Type")) == (204, b"", None)


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
