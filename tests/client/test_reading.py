"""From JSON to what programs hold."""

from datetime import UTC, datetime

import pytest
from client_far import ME

from caselli.client import Me, Problem
from caselli.client.reading import read
from caselli.client.shapes import Upload
from caselli.client.shapes_events import EventData, FaxInBrief

UPLOAD = {
    "id": "1",
    "extension": "0003*210",
    "name": "a.pdf",
    "size": 3,
    "pages": 1,
    "seconds": 30,
    "uploaded_at": "2026-11-26T02:40:27.5Z",
    "ends_at": "2026-11-27T02:40:27.500Z",
}
FAX = {
    "id": "1",
    "extension": "0003*210",
    "channel": "api",
    "status": "sent",
    "status_name": "Sent",
    "pages": 1,
    "recipients": 1,
    "added_at": "2026-11-26T02:40:27Z",
    "send_at": None,
    "metadata": {"order": "4711"},
    "sandbox": True,
}


def test_what_is_read_is_frozen_and_typed():
    me = read(Me, ME)
    assert (me.organization.number, me.scopes) == ("0003", ("fax:read",))
    with pytest.raises(AttributeError):
        me.login = "bob"


def test_times_are_aware_and_a_whole_number_will_do_for_a_part():
    upload = read(Upload, UPLOAD)
    assert upload.uploaded_at == datetime(2026, 11, 26, 2, 40, 27, 500_000, tzinfo=UTC)
    assert upload.seconds == 30.0


def test_what_a_newer_server_says_besides_is_left_out():
    assert read(Upload, UPLOAD | {"colour": "blue"}) == read(Upload, UPLOAD)


def test_a_field_with_a_default_may_be_missing_and_no_other():
    assert read(EventData, {"fax": FAX}) == EventData(read(FaxInBrief, FAX))
    with pytest.raises(Problem, match="not have the shape of Upload"):
        read(Upload, {name: value for name, value in UPLOAD.items() if name != "pages"})


@pytest.mark.parametrize("wrong", [{"pages": "one"}, {"uploaded_at": "yesterday"}, {"name": None}])
def test_an_answer_of_another_shape_is_told(wrong):
    with pytest.raises(Problem) as told:
        read(Upload, UPLOAD | wrong)
    assert told.value.slug == "not_caselli"
