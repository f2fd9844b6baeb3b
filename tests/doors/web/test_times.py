"""Times and durations as people say them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from caselli.doors.web.times import Clock, duration, size, zone_of

BERLIN = Clock(ZoneInfo("Europe/Berlin"), datetime(2026, 11, 20, 13, 31, tzinfo=UTC))


@pytest.mark.parametrize(
    ("at", "text"),
    [
        ("2026-11-20T13:30:00Z", "today 14:30"),
        ("2026-11-19T23:00:00Z", "today 00:00"),
        ("2026-11-19T22:59:00Z", "yesterday 23:59"),
        ("2026-11-16T15:02:00Z", "Mon 16:02"),
        ("2026-11-13T15:02:00Z", "13 Nov 16:02"),
        ("2026-01-02T00:00:00Z", "2 Jan 01:00"),
        ("2025-11-20T13:30:00Z", "20 Nov 2025"),
        ("2026-11-21T13:30:00Z", "21 Nov 14:30"),
    ],
)
def test_a_moment_is_said_as_near_as_it_is(at: str, text: str):
    assert BERLIN.say(datetime.fromisoformat(at)).text == text


def test_a_moment_is_exact_on_a_second_look():
    said = BERLIN.say(datetime(2026, 11, 20, 13, 30, 5, tzinfo=UTC))
    assert said.exact == "20 November 2026, 14:30:05 CET"
    assert datetime.fromisoformat(said.iso) == datetime(2026, 11, 20, 13, 30, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "text"),
    [
        ("2026-11-20T13:31:04Z", "at 14:31:04"),
        ("2026-11-20T13:36:04Z", "at 14:36"),
        ("2026-11-21T07:00:00Z", "on Sat 21 Nov at 08:00"),
    ],
)
def test_a_moment_to_come(at: str, text: str):
    assert BERLIN.say_soon(datetime.fromisoformat(at)) == text


def test_an_unknown_zone_is_utc():
    assert zone_of("Mars/Olympus").key == "UTC"
    assert zone_of("../etc/passwd").key == "UTC"
    assert zone_of("Europe/Berlin").key == "Europe/Berlin"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0 s"), (0.44, "0.4 s"), (12.4, "12 s"), (59.6, "1 min 00 s"), (65, "1 min 05 s"), (3725, "1 h 02 min")],
)
def test_a_duration(seconds: float, text: str):
    assert duration(seconds) == text


@pytest.mark.parametrize(("count", "text"), [(999, "999 bytes"), (87_400, "87 kB"), (1_440_000, "1.4 MB")])
def test_a_size(count: int, text: str):
    assert size(count) == text
