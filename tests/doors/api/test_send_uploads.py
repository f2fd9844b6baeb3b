"""``/api/v1/uploads``: a file comes before its fax."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from caselli.directory.scopes import Scope
from caselli.fax.submission import HandedFile
from caselli.intake import stage
from caselli.store.models import Share, StagedFile
from tests.intake.test_submit import LETTER


def file(content=LETTER.content):
    return SimpleUploadedFile("letter.png", content)


@pytest.fixture
def program(cast, program_of):
    return program_of(cast.alice)


@pytest.fixture
def staged(cast):
    return StagedFile.objects.create(
        extension=cast.desk, person=cast.alice, name="a.png", blob="", size=1, pages=1, staged_at=timezone.now()
    )


def test_a_file_is_kept_for_a_day(cast, program):
    answer = program.post("/api/v1/uploads", {"file": file()})
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert (told["name"], told["pages"], told["size"]) == ("letter.png", 1, len(LETTER.content))
    assert told["extension"] == "0003*210"
    assert answer["Location"] == f"/api/v1/uploads/{told['id']}"
    assert program.get(answer["Location"]).json() == told
    assert StagedFile.objects.get().person == cast.alice


def test_what_cannot_be_read_is_refused_at_once(program):
    answer = program.post("/api/v1/uploads", {"file": file(b"%PDF-1.7 broken")})
    assert (answer.status_code, answer.json()["slug"]) == (422, "file_damaged")
    assert answer.json()["field"] == "file"
    assert not StagedFile.objects.exists()


def test_one_file_at_a_time(program):
    for form, slug in (({}, "field_missing"), ({"file": [file(), file()]}, "field_invalid")):
        answer = program.post("/api/v1/uploads", form | {"extension": "210"})
        assert (answer.status_code, answer.json()["slug"], answer.json()["field"]) == (422, slug, "file")
    answer = program.post("/api/v1/uploads", {"file": file(), "to": "x"})
    assert (answer.json()["slug"], answer.json()["field"]) == ("field_unknown", "to")


def test_an_upload_is_no_json(program):
    answer = program.post("/api/v1/uploads", "{}", content_type="application/json")
    assert (answer.status_code, answer.json()["slug"]) == (415, "media_type_unknown")


def test_it_can_be_erased(program, staged):
    assert program.delete(f"/api/v1/uploads/{staged.uid}").status_code == 204
    assert program.get(f"/api/v1/uploads/{staged.uid}").status_code == 404
    assert program.delete(f"/api/v1/uploads/{staged.uid}").status_code == 404


def test_nobody_else_sees_it(cast, program_of, staged):
    Share.objects.create(extension=cast.desk, user=cast.bob, may_act=True)
    for other in (cast.bob, cast.olivia, cast.admin, cast.charlie):
        for method in ("get", "delete"):
            assert getattr(program_of(other), method)(f"/api/v1/uploads/{staged.uid}").status_code == 404
    assert StagedFile.objects.exists()


def test_what_is_none_of_ours_is_not_there(program):
    for name in (uuid4(), "nonsense"):
        assert program.get(f"/api/v1/uploads/{name}").status_code == 404


def test_who_may_not_send_from_there_any_more_does_not_see_it(cast, program_of):
    share = Share.objects.create(extension=cast.desk, user=cast.bob, may_act=True)
    mine = stage.stage(cast.desk, cast.bob, HandedFile("mine.png", LETTER.content))
    share.delete()
    assert program_of(cast.bob).get(f"/api/v1/uploads/{mine.uid}").status_code == 404


def test_it_takes_the_scope_to_send(cast, program_of, staged):
    reader = program_of(cast.alice, Scope.FAX_READ)
    assert reader.post("/api/v1/uploads", {"file": file()}).status_code == 403
    assert reader.get(f"/api/v1/uploads/{staged.uid}").status_code == 403


def test_nowhere_but_where_one_may_send(cast, program):
    assert program.post("/api/v1/uploads", {"file": file(), "extension": "310"}).json()["slug"] == "extension_unknown"
    Share.objects.create(extension=cast.lab, user=cast.alice)
    assert program.post("/api/v1/uploads", {"file": file(), "extension": "211"}).json()["slug"] == "not_allowed"


def test_repeated_with_a_key_it_is_one(program):
    told = [program.post("/api/v1/uploads", {"file": file()}, headers={"Idempotency-Key": "u"}) for _ in range(2)]
    assert told[0].json() == told[1].json()
    assert StagedFile.objects.count() == 1


def test_after_its_day_it_is_gone(program, staged):
    StagedFile.objects.update(staged_at=timezone.now() - timedelta(hours=25))
    stage.expire()
    assert program.get(f"/api/v1/uploads/{staged.uid}").status_code == 404
