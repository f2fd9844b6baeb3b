"""What an operation is asked with: address, query, body."""

from datetime import UTC, date, datetime

import pytest

from caselli.client import File, Recipient
from caselli.client.given import parts_of, recipients_of
from caselli.client.operations import GET_FAX, GET_FAX_PAGE, LIST_FAXES, SEND_FAX
from caselli.client.plans import KEY_HEADER, Operation


def test_what_stands_in_the_address_is_written_so_that_it_stays_there():
    assert GET_FAX.request({"id": "a/../b?c"}).path == "/api/v1/faxes/a%2F..%2Fb%3Fc"
    assert GET_FAX_PAGE.request({"id": "1", "page": 2}).path == "/api/v1/faxes/1/pages/2.png"


def test_a_filter_that_is_not_said_is_not_asked():
    asked = {"to": None, "since": date(2026, 11, 1), "waits_for_me": True, "limit": 5}
    assert LIST_FAXES.request(asked).query == (("limit", "5"), ("since", "2026-11-01"), ("waits_for_me", "true"))


def test_a_body_without_files_is_json():
    request = SEND_FAX.request({"recipients": [Recipient("+12025550100")], "send_at": datetime(2027, 3, 1, tzinfo=UTC)})
    assert request.json == {"recipients": [{"to": "+12025550100"}], "send_at": "2027-03-01T00:00:00+00:00"}
    assert request.form == {}


def test_a_body_with_files_is_a_form_whose_fields_with_parts_are_json():
    parts = parts_of(File("a.txt", b"Hello"))
    named = {"recipients": [Recipient("211", "Lab")], "hold": True, "header": "Acme", "metadata": {"order": "4711"}}
    request = SEND_FAX.request(named, parts, idempotency_key="my key")
    assert request.form == {
        "recipients": '[{"to": "211", "name": "Lab"}]',
        "hold": "true",
        "header": "Acme",
        "metadata": '{"order": "4711"}',
    }
    assert request.json is None
    assert request.headers == {KEY_HEADER: "my key"}


def test_a_time_that_nobody_could_read_is_refused_here():
    with pytest.raises(ValueError, match="has no time zone"):
        SEND_FAX.request({"send_at": datetime(2027, 3, 1)})  # noqa: DTZ001


def test_what_another_method_takes_in_its_address_stands_there():
    changing = Operation("change", "PATCH", "/things/{number}", type(None), query=frozenset({"extension"}))
    request = changing.request({"number": "0003*210", "extension": ["1", "2"], "name": "Desk"})
    assert request.path == "/api/v1/things/0003*210"
    assert request.query == (("extension", "1"), ("extension", "2"))
    assert request.json == {"name": "Desk"}


def test_recipients_and_files_may_be_given_alone_or_many(tmp_path):
    letter = tmp_path / "letter.txt"
    letter.write_text("Hello")
    assert recipients_of("211") == [Recipient("211")]
    assert recipients_of(["211", Recipient("212", "Lab")]) == [Recipient("211"), Recipient("212", "Lab")]
    assert [(one.name, one.content) for one in parts_of(str(letter))] == [("letter.txt", letter)]
    assert [one.name for one in parts_of([letter, File("b.pdf", b"%PDF-")])] == ["letter.txt", "b.pdf"]
    with pytest.raises(FileNotFoundError):
        parts_of(tmp_path / "missing.pdf")
