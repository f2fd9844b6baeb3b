"""What a program may say of a fax beyond what a person can."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caselli.fax.refusals import RefusalKind
from caselli.fax.submission import Submission
from caselli.intake.terms import LONGEST_AHEAD, refuse, send_later

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
BERLIN = timezone(timedelta(hours=1))


def refused(**said):
    return [(one.kind, one.field) for one in refuse(Submission(1, "api", (), (), **said), NOW)]


def test_nothing_said_is_nothing_wrong():
    assert refused() == []


@pytest.mark.parametrize(
    "said",
    [
        {"send_at": NOW - timedelta(days=900)},
        {"send_at": NOW + LONGEST_AHEAD},
        {"send_at": datetime(2027, 3, 1, 9, tzinfo=BERLIN)},
        {"priority": -10},
        {"priority": 10},
        {"header_line": "Praxis Dr. Müller"},
        {"header_line": "x" * 60},
        {"names": ("", "Dr. Müller", "x" * 100)},
        {"metadata": {"order-4711_a.b": "", "x" * 40: "x" * 500}},
        {"metadata": {str(number): "x" for number in range(20)}},
    ],
)
def test_what_may_be_said(said):
    assert refused(**said) == []


@pytest.mark.parametrize(
    ("said", "kind", "field"),
    [
        ({"send_at": NOW + LONGEST_AHEAD + timedelta(seconds=1)}, RefusalKind.SEND_AT_INVALID, "send_at"),
        ({"send_at": datetime(2027, 3, 1)}, RefusalKind.SEND_AT_INVALID, "send_at"),  # noqa: DTZ001 - the point
        ({"send_at": NOW, "hold": True}, RefusalKind.SEND_AT_INVALID, "send_at"),
        ({"priority": 11}, RefusalKind.PRIORITY_INVALID, "priority"),
        ({"priority": -(10**30)}, RefusalKind.PRIORITY_INVALID, "priority"),
        ({"header_line": "x" * 61}, RefusalKind.HEADER_INVALID, "header"),
        ({"header_line": "a\nb"}, RefusalKind.HEADER_INVALID, "header"),
        ({"names": ("", "a\tb")}, RefusalKind.RECIPIENT_NAME_INVALID, "names"),
        ({"metadata": {"": "x"}}, RefusalKind.METADATA_INVALID, "metadata"),
        ({"metadata": {"a b": "x"}}, RefusalKind.METADATA_INVALID, "metadata"),
        ({"metadata": {"x" * 41: "x"}}, RefusalKind.METADATA_INVALID, "metadata"),
        ({"metadata": {"a": "x" * 501}}, RefusalKind.METADATA_INVALID, "metadata"),
        ({"metadata": {"a": "x\0"}}, RefusalKind.METADATA_INVALID, "metadata"),
        ({"metadata": {str(number): "x" for number in range(21)}}, RefusalKind.METADATA_INVALID, "metadata"),
    ],
)
def test_what_may_not(said, kind, field):
    assert refused(**said) == [(kind, field)]


def test_a_name_that_is_wrong_is_told_by_its_place():
    (wrong,) = refuse(Submission(1, "api", (), (), names=("a", "b", "x" * 101)), NOW)
    assert wrong.item == 2


@given(st.datetimes(timezones=st.timezones()))
def test_it_waits_for_a_time_that_is_to_come_and_for_no_other(at):
    assert send_later(at, NOW) == (at if at > NOW else None)
