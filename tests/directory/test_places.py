"""Countries and time zones, read as people write them."""

import pytest

from caselli.directory import places


@pytest.mark.parametrize(
    ("written", "code"),
    [("US", "US"), ("us", "US"), (" germany ", "DE"), ("Côte d'Ivoire", "CI"), ("Atlantis", None), ("", None)],
)
def test_a_country_is_read_by_code_and_by_name(written, code):
    assert places.read_country(written) == code


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("america/new york", "America/New_York"),
        ("utc", "UTC"),
        ("US/Eastern", "US/Eastern"),
        ("Mars/Base", None),
        ("", None),
    ],
)
def test_a_zone_is_read_in_any_case_and_with_blanks(written, name):
    assert places.read_zone(written) == name


def test_what_is_offered_can_be_read_and_has_a_name():
    assert {code: places.read_country(code) for code in places.countries()} == {
        code: code for code in places.countries()
    }
    assert all(places.read_zone(name) == name for name in places.zones())
    nameless = [code for code, name in places.countries().items() if code == name]
    assert set(nameless) <= {"AC", "TA", "XK"}, "not in ISO 3166, but with numbers of their own"
