"""Who sends is one and plain, or nobody."""

from email.utils import formataddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caselli.doors.mail import addresses

LOCAL = st.from_regex(r"\A[a-zäöü0-9'+_-]{1,20}(\.[a-z0-9]{1,10})?\Z")
DOMAIN = st.from_regex(r"\A[a-zéß0-9]{1,20}\.example\Z")
ADDRESS = st.builds("{}@{}".format, LOCAL, DOMAIN)


def read(field: str) -> list[str]:
    return [one.address for one in addresses.read(field)]


@given(
    st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=30),
    st.from_regex(r"\A[a-z]{1,9}@[a-z]{1,9}\Z"),
)
def test_what_the_library_writes_is_read(name, address):
    (one,) = addresses.read(formataddr((name, address)))
    assert one.address == address
    assert one.shown.strip() == name.strip() if '"' not in name and "\\" not in name else one.shown


@given(st.lists(ADDRESS, min_size=1, max_size=4))
def test_every_address_of_a_list_is_seen(some):
    assert read(", ".join(some)) == some
    assert read("Group: " + ", ".join(f"X <{one}>" for one in some) + ";") == some


@given(st.text(max_size=120) | st.text('<>@,;:"()\\ab. =?', max_size=40))
def test_whatever_is_written_gives_addresses_that_are_some_or_none(field):
    for one in read(field):
        local, at, domain = one.rpartition("@")
        assert (bool(local), at, bool(domain)) == (True, "@", True)
        assert not set('<>,;:"() \t\r\n\0') & set(local)
        assert "@" not in local
        assert one.replace("@", "") in field.replace("@", "").replace('"', "").replace("\\", "") or "(" in field


@pytest.mark.parametrize(
    "field",
    [
        "alice@clinic.example <m@evil.example>",
        '"alice@clinic.example" <m@evil.example>',
        "m@evil.example (alice@clinic.example)",
        "(alice@clinic.example) m@evil.example",
        '"<alice@clinic.example>" <m@evil.example>',
        "=?utf-8?q?=3Calice=40clinic.example=3E?= <m@evil.example>",
    ],
)
def test_a_name_is_no_address(field):
    assert read(field) == ["m@evil.example"]


@pytest.mark.parametrize(
    "field",
    [
        "<alice@clinic.example> <m@evil.example>",
        "<alice@clinic.example> m@evil.example",
        "alice@clinic.example@evil.example",
        "<m@evil.example:alice@clinic.example>",
        "<@evil.example:alice@clinic.example>",
        'alice@clinic.example" <m@evil.example>',
        "alice@clinic.example (",
        "alice@clinic.example\0.evil.example",
        "alice @clinic. example",
        "al ice@clinic.example",
        "a" * 9_000 + "@clinic.example",
    ],
)
def test_what_two_programs_could_read_in_two_ways_is_nobody(field):
    assert read(field) == []


def test_the_tag_behind_a_plus_is_told_from_the_address():
    assert addresses.without_tag("alice+fax+2@clinic.example") == "alice@clinic.example"
    assert addresses.without_tag("alice@clinic.example") == "alice@clinic.example"
    assert addresses.without_tag("+fax@clinic.example") == "+fax@clinic.example"
