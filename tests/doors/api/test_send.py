"""``POST /api/v1/faxes``: what a program hands in, as it is kept, and what is refused, all of it at once."""

import base64
import json
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from caselli.approval.request import content_of
from caselli.directory.scopes import Scope
from caselli.fax.submission import HandedFile
from caselli.intake import stage
from caselli.store.models import ApiKey, Delivery, Document, Event, Extension, Fax, Share, StagedFile, Trunk
from tests.intake.test_submit import LETTER

PICTURE = base64.b64encode(LETTER.content).decode()
NUMBER = "+12025550100"


def asked(*numbers, **more):
    said = {
        "recipients": [{"to": one} for one in numbers or (NUMBER,)],
        "files": [{"name": "a.png", "content": PICTURE}],
    }
    return said | more


def send(program, said, **more):
    return program.post("/api/v1/faxes", json.dumps(said), content_type="application/json", **more)


def file(name="letter.png", content=LETTER.content):
    return SimpleUploadedFile(name, content)


@pytest.fixture
def program(cast, program_of):
    return program_of(cast.alice)


def faults(answer):
    return [(one["slug"], one["field"]) for one in answer.json()["errors"]]


def test_what_json_asks_for_is_taken_and_shown_as_it_is(cast, program):
    said = {"recipients": [{"to": "202-555-0100", "name": "Dr. Müller"}], "metadata": {"order": "4711"}}
    answer = send(program, asked(header="Radiology", priority=3, callback_url="https://a.example/hook", **said))
    assert answer.status_code == 202, answer.content
    told = answer.json()
    assert (told["status"], told["channel"], told["extension"]) == ("scheduled", "api", "0003*210")
    assert (told["approved_by"], told["approved_how"], told["metadata"]) == ("alice", "api", {"order": "4711"})
    assert (told["header"], told["priority"], told["callback_url"]) == ("Radiology", 3, "https://a.example/hook")
    to = told["deliveries"][0]
    assert (to["to"], to["name"], to["status"]) == (NUMBER, "Dr. Müller", "queued")
    assert answer["Location"] == f"/api/v1/faxes/{told['id']}"
    fax = Fax.objects.get(uid=told["id"])
    assert (fax.added_by, fax.approved_by, fax.approved_ip, fax.priority) == (cast.alice, cast.alice, "127.0.0.1", 3)
    assert Delivery.objects.get().priority == 3


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"recipients": [{"to": NUMBER, "name": "Dr. Miller"}, {"to": "211"}, {"to": "+12025550101"}]},
        {"recipients": [{"to": "211"}]},
        {"hold": True, "header": "Radiology", "priority": 3},
        {"require_approval": True, "metadata": {"order": "4711"}},
        {"send_at": (timezone.now() + timedelta(days=1)).isoformat()},
        {"send_at": "2020-01-01T00:00:00Z", "callback_url": "https://a.example/hook"},
    ],
    ids=["plain", "several", "inside", "held", "second person", "later", "late"],
)
def test_the_answer_says_what_a_look_at_the_fax_says(program, more):
    answer = send(program, asked(**more))
    assert answer.status_code == 202, answer.content
    assert answer.json() == program.get(answer["Location"]).json()


def test_a_fax_that_came_inside_has_been_sent(program):
    told = send(program, asked("211")).json()
    assert (told["status"], told["deliveries"][0]["status"], told["can"]) == ("sent", "delivered", [])
    assert told["ended_at"] == told["deliveries"][0]["ended_at"] is not None


def test_a_fax_costs_few_questions(program, django_assert_max_num_queries):
    """Each is a round trip, and most of what the web process computes."""
    said = {"extension": "210", "recipients": NUMBER, "files": file()}
    with django_assert_max_num_queries(21):  # one of them notes the key’s first use
        answer = program.post("/api/v1/faxes", said)
    assert answer.status_code == 202, answer.content


def test_five_recipients_cost_no_more_than_what_is_asked_of_each(program, django_assert_max_num_queries):
    numbers = [f"+1202555010{one}" for one in range(5)]
    with django_assert_max_num_queries(21 + 4):  # whether each is blocked
        answer = send(program, asked(*numbers, extension="210"))
    assert answer.status_code == 202, answer.content


def test_what_is_approved_is_what_is_kept(program):
    send(program, asked())
    fax = Fax.objects.get()
    assert fax.approved_content == content_of(fax)


def test_it_was_pre_approved_before_it_went_into_the_queue(program):
    send(program, asked())
    steps = list(Event.objects.filter(delivery=None).values_list("old", "new", "mover"))
    assert steps == [
        ("received", "rendered", "system"),
        ("rendered", "pre_approved", "system"),
        ("pre_approved", "released", "system"),
    ]


def test_a_form_says_the_same(program):
    answer = program.post(
        "/api/v1/faxes",
        {
            "extension": "0003*210",
            "recipients": [NUMBER, '{"to": "211", "name": "Bob"}', '[{"to": "+12025550101"}]'],
            "files": [file(), file("b.png")],
            "metadata": '{"order": "4711"}',
            "priority": "-2",
            "hold": "true",
        },
    )
    assert answer.status_code == 202, answer.content
    told = answer.json()
    assert [(one["to"], one["name"]) for one in told["deliveries"]] == [
        (NUMBER, None),
        ("0003*211", "Bob"),
        ("+12025550101", None),
    ]
    assert [one["name"] for one in told["documents"]] == ["letter.png", "b.png"]
    assert (told["status"], told["held"], told["priority"], told["metadata"]) == (
        "approved",
        True,
        -2,
        {"order": "4711"},
    )


def test_a_large_file_of_a_form_is_the_file_that_came(program):
    """Beyond what is held in memory."""
    content = LETTER.content + b"\0" * 1_500_000
    answer = program.post("/api/v1/faxes", {"recipients": NUMBER, "files": file(content=content)})
    assert answer.status_code == 202, answer.content
    assert Document.objects.get().size == len(content)


def test_a_held_one_waits_for_a_click(program):
    assert send(program, asked(hold=True)).json()["status"] == "approved"
    assert Delivery.objects.get().status == "waiting"


def test_at_its_time_means_pre_approved_until_then(program):
    at = (timezone.now() + timedelta(hours=2)).replace(microsecond=250_000)
    told = send(program, asked(send_at=at.astimezone(ZoneInfo("Asia/Tokyo")).isoformat())).json()
    assert told["send_at"] == f"{at:%Y-%m-%dT%H:%M:%S}.250Z"
    assert (told["status"], told["deliveries"][0]["status"]) == ("pre_approved", "waiting")
    assert Fax.objects.get().send_at == at
    assert Fax.objects.get().approved_how == "api"


def test_a_time_that_is_over_means_at_once(program):
    told = send(program, asked(send_at="2020-01-01T09:00:00+01:00")).json()
    assert (told["status"], told["send_at"]) == ("scheduled", None)


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_kept(program):
    later = (timezone.now() + timedelta(days=400)).isoformat()
    said = {
        "recipients": [{"to": "hello"}, {"to": NUMBER, "name": "x" * 101}, {"to": "202 555 0100"}],
        "files": [{"name": "a.png", "content": PICTURE}, {"name": "b.pdf", "content": ""}],
        "send_at": later,
        "hold": True,
        "priority": 11,
        "header": "x" * 61,
        "metadata": {"a b": "x", "long": "x" * 501},
        "callback_url": "ftp://a.example/",
    }
    answer = send(program, said)
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert faults(answer) == [
        ("recipient_invalid", "recipients[0].to"),
        ("recipient_repeated", "recipients[2].to"),
        ("send_at_invalid", "send_at"),
        ("send_at_invalid", "send_at"),
        ("priority_invalid", "priority"),
        ("header_invalid", "header"),
        ("recipient_name_invalid", "recipients[1].name"),
        ("metadata_invalid", "metadata"),
        ("metadata_invalid", "metadata"),
        ("callback_invalid", "callback_url"),
        ("file_empty", "files[1]"),
    ]
    assert not Fax.objects.exists()


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"recipients": "x"}, [("field_invalid", "recipients")]),
        (
            {"recipients": [{"to": 5}], "hold": "true"},
            [("field_invalid", "recipients[0].to"), ("field_invalid", "hold")],
        ),
        ({"recipients": [{"name": "x"}]}, [("field_missing", "recipients[0].to")]),
        ({"to": NUMBER}, [("field_missing", "recipients"), ("field_unknown", "to")]),
        ({"recipients": [], "send_at": 5}, [("field_invalid", "send_at")]),
        ({"recipients": [], "send_at": "2030-01-01T00:00:00"}, [("field_invalid", "send_at")]),
        ({"recipients": [], "send_at": "2030-01-01"}, [("field_invalid", "send_at")]),
        ({"recipients": [], "metadata": {"a": 1}}, [("field_invalid", "metadata.a")]),
        ({"recipients": [], "files": [{"name": "a", "content": "?"}]}, [("field_invalid", "files[0].content")]),
        ({"recipients": [], "uploads": ["x"]}, [("field_invalid", "uploads[0]")]),
    ],
)
def test_what_is_no_such_field_is_named(program, said, wrong):
    answer = send(program, said)
    assert (answer.status_code, faults(answer)) == (422, wrong)


def test_nobody_and_nothing(program):
    answer = send(program, {"recipients": []})
    assert faults(answer) == [("recipient_missing", "recipients"), ("file_missing", "files")]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"recipients": NUMBER, "hold": ["true", "true"]}, "hold"),
        ({"recipients": NUMBER, "metadata": "{"}, "metadata"),
        ({"recipients": NUMBER, "priority": "1.5"}, "priority"),
        ({"recipients": "[{]"}, "recipients"),
        ({"recipients": NUMBER, "colour": "red"}, "colour"),
    ],
)
def test_what_a_form_says_wrongly_is_named(program, fields, field):
    answer = program.post("/api/v1/faxes", fields | {"files": file()})
    assert (answer.status_code, [one for _, one in faults(answer)]) == (422, [field])


def test_a_form_that_breaks_off_is_said_to_be_broken(program):
    body = b'--x\r\nContent-Disposition: form-data; name="recipients"\r\n\r\n+1202'
    answer = program.generic("POST", "/api/v1/faxes", body, content_type="multipart/form-data; boundary=x")
    assert (answer.status_code, answer.json()["slug"]) == (400, "request_invalid")


def test_a_file_that_is_too_large_is_said_so(program):
    """What is beyond the bound is not even kept while it comes in."""
    form = {"recipients": NUMBER, "files": [file(), file("big.png", bytes(26_000_000))]}
    answer = program.post("/api/v1/faxes", form)
    assert (answer.status_code, faults(answer)) == (413, [("file_too_large", "files[1]")])


def test_an_extension_that_one_does_not_see_is_not_there(cast, program):
    for text in ("310", "0004*310", "999", "nonsense", ""):
        answer = send(program, asked(extension=text))
        assert (answer.status_code, answer.json()["slug"]) == (404, "extension_unknown"), text


def test_an_extension_that_one_may_only_look_at_sends_nothing(cast, program):
    Share.objects.create(extension=cast.lab, user=cast.alice)
    answer = send(program, asked(extension="211"))
    assert (answer.status_code, answer.json()["slug"]) == (403, "not_allowed")


def test_who_has_several_extensions_names_one(cast, program_of):
    olivia = program_of(cast.olivia)
    answer = send(olivia, asked())
    assert (answer.status_code, faults(answer)) == (422, [("field_missing", "extension")])
    assert send(olivia, asked(extension="211")).json()["extension"] == "0003*211"


def test_a_short_number_is_one_of_the_own_organization_first(cast, program_of):
    Extension.objects.create(organization=cast.rival, number="210", name="Theirs", owner=cast.charlie)
    assert send(program_of(cast.olivia), asked(extension="210")).json()["extension"] == "0003*210"
    answer = send(program_of(cast.admin), asked(extension="210"))
    assert (answer.status_code, answer.json()["detail"]) == (404, "Several organizations have an extension 210.")


def test_a_key_without_the_scope_sends_nothing(cast, program_of):
    answer = send(program_of(cast.alice, Scope.FAX_READ), asked())
    assert (answer.status_code, answer.json()["slug"]) == (403, "scope_missing")
    assert not Fax.objects.exists()


def test_the_same_request_twice_is_one_fax(program):
    form = {"recipients": NUMBER, "files": file()}
    answers = [
        program.post("/api/v1/faxes", form | {"files": file()}, headers={"Idempotency-Key": "k1"}) for _ in range(2)
    ]
    assert [one.status_code for one in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    assert Fax.objects.count() == 1
    other = program.post("/api/v1/faxes", form | {"files": file("other.png")}, headers={"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["slug"]) == (422, "idempotency_key_reused")


def test_the_policys_second_person_is_asked(cast, program):
    cast.clinic.approve_all = True
    cast.clinic.save()
    told = send(program, asked()).json()
    assert (told["status"], told["approved_at"]) == ("not_approved", None)


def test_a_program_may_ask_for_a_second_person(cast, program):
    assert send(program, asked(require_approval=True)).json()["status"] == "not_approved"
    assert Fax.objects.get().status == "awaiting_approval"


def test_where_nobody_else_may_say_yes_that_is_refused(cast, program_of):
    for one in (cast.olivia, cast.admin):
        one.is_active = False
        one.save()
    answer = send(program_of(cast.alice), asked(require_approval=True))
    assert (answer.status_code, answer.json()["slug"]) == (409, "no_approver")
    assert "You ask for a second person’s yes" in answer.json()["detail"]


def sandbox_trunk():
    return Trunk.objects.create(name="Machine", host="h", prefix="+120255501", sandbox=True)


def test_a_sandbox_key_reaches_the_answering_machine_alone(cast, program_of):
    sandbox_trunk()
    program = program_of(cast.alice, sandbox=True)
    answer = send(program, asked("+12025550100", "+12125550199", "211"))
    assert faults(answer) == [("sandbox_only", "recipients[1].to"), ("sandbox_only", "recipients[2].to")]
    assert "Its numbers begin with +120255501." in answer.json()["remedy"]
    told = send(program, asked("+12025550100")).json()
    assert told["sandbox"] is True
    assert Delivery.objects.get().sandbox is True


def test_where_no_trunk_leads_to_the_machine_a_sandbox_key_reaches_nobody(cast, program_of):
    answer = send(program_of(cast.alice, sandbox=True), asked("+12025550100"))
    assert answer.json()["slug"] == "sandbox_only"
    assert "Ask your administrator" in answer.json()["remedy"]


def test_a_rehearsal_counts_the_pages_and_keeps_nothing(cast, program):
    answer = send(program, asked("202-555-0100", "211", dry_run=True))
    assert answer.status_code == 200
    told = answer.json()
    assert (told["accepted"], told["pages"], told["errors"], told["warnings"]) == (True, 1, [], [])
    assert told["seconds"] > 5
    assert told["recipients"] == [
        {"given": "202-555-0100", "to": NUMBER, "kind": "number", "name": None},
        {"given": "211", "to": "0003*211", "kind": "extension", "name": "Lab"},
    ]
    assert not Fax.objects.exists()


def test_a_rehearsal_says_all_that_would_be_refused(program):
    said = asked("+1", NUMBER, dry_run=True) | {
        "files": [{"name": "a.pdf", "content": PICTURE[:4]}, {"name": "b", "content": ""}]
    }
    told = send(program, said).json()
    assert (told["accepted"], told["pages"], told["seconds"]) == (False, None, None)
    assert [(one["slug"], one["field"]) for one in told["errors"]] == [
        ("recipient_invalid", "recipients[0].to"),
        ("file_empty", "files[1]"),
    ]


def test_a_rehearsal_warns_of_what_one_may_not_expect(cast, program):
    told = send(program, asked(dry_run=True, require_approval=True, send_at="2020-01-01T00:00:00Z")).json()
    assert [one["slug"] for one in told["warnings"]] == ["time_is_over", "awaits_approval"]
    assert "asks for a second person" in told["warnings"][1]["detail"]


def test_uploads_come_before_the_files_and_are_used_up(cast, program):
    staged = stage.stage(cast.desk, cast.alice, HandedFile("first.png", LETTER.content))
    told = send(program, asked(uploads=[str(staged.uid)])).json()
    assert [one["name"] for one in told["documents"]] == ["first.png", "a.png"]
    assert not StagedFile.objects.exists()
    answer = send(program, asked(uploads=[str(staged.uid)]))
    assert faults(answer) == [("file_missing", "uploads")]


def test_nobody_elses_upload_is_sent(cast, program, program_of):
    staged = stage.stage(cast.lab, cast.bob, HandedFile("theirs.png", LETTER.content))
    assert faults(send(program, asked(uploads=[str(staged.uid)]))) == [("file_missing", "uploads")]
    assert StagedFile.objects.exists()


def test_a_key_that_is_gone_sends_nothing(program):
    ApiKey.objects.update(ended_at=timezone.now())
    assert send(program, asked()).status_code == 401
