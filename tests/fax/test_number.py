import pytest
from hypothesis import given
from hypothesis import strategies as st

from caselli.fax.number import (
    ExtensionNumber,
    PublicNumber,
    digits,
    parse_recipient,
    split_recipients,
    spoken,
)
from caselli.fax.refusals import Refusal, RefusalKind


@pytest.mark.parametrize(
    ("written", "country"),
    [
        ("+12025550100", "US"),
        ("+1 (202) 555-0100", "US"),
        ("202-555-0100", "US"),
        ("1 202 555 0100", "US"),
        ("001 202 555 0100", "DE"),
        ("tel:+1-202-555-0100", "US"),
        ("  202.555.0100 ", "US"),
    ],
)
def test_a_public_number_is_read_in_any_usual_writing(written, country):
    assert parse_recipient(written, country) == PublicNumber("+12025550100")


def test_every_number_of_the_sandbox_is_a_valid_number():
    for last in range(100, 200):
        assert parse_recipient(f"+1202555{last:04}", "US") == PublicNumber(f"+1202555{last:04}")


def test_a_national_number_is_read_with_the_country_of_the_organization():
    assert parse_recipient("030 123456", "DE") == PublicNumber("+4930123456")


def test_few_bare_digits_are_an_extension_of_the_own_organization():
    assert parse_recipient("211", "US") == ExtensionNumber("211")


def test_an_extended_number_names_its_organization():
    assert parse_recipient("0003*211", "US") == ExtensionNumber("211", "0003")
    assert str(ExtensionNumber("211", "0003")) == "0003*211"


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("hello", "is not a phone number"),
        ("+999 1234567", "has no country code that exists"),
        ("+1 202 555", "has too few digits"),
        ("+1 202 555 0100 0000 000", "has too many digits"),
        ("+1 202 555 01000", "has too many digits"),
        ("+1 000 555 0100", "is not a number that its country gives out"),
        ("+1 202 555 0100 ext. 12", "has an extension behind it"),
        ("1" * 80, "is too long"),
    ],
)
def test_a_wrong_number_is_refused_with_its_reason_and_an_example(written, why):
    with pytest.raises(Refusal) as caught:
        parse_recipient(written, "US")
    assert caught.value.kind is RefusalKind.RECIPIENT_INVALID
    assert caught.value.field == "recipients"
    assert why in caught.value.sentence
    assert "+1 201-555-0123" in caught.value.remedy


@given(st.text(max_size=80))
def test_whatever_is_written_it_is_read_or_refused(written):
    try:
        recipient = parse_recipient(written, "US")
    except Refusal as refusal:
        assert refusal.remedy
    else:
        assert isinstance(recipient, PublicNumber | ExtensionNumber)


@given(st.integers(0, 99))
def test_what_is_shown_reads_back_as_the_same_number(last):
    number = f"+120255501{last:02}"
    assert parse_recipient(spoken(number), "DE") == PublicNumber(number)


def test_recipients_are_separated_by_commas_semicolons_or_lines():
    assert split_recipients("211, +1 202 555 0100;;\n 0003*212 ,") == ("211", "+1 202 555 0100", "0003*212")


def test_an_extension_is_shown_as_it_is():
    assert spoken("0003*211") == "0003*211"


def test_only_digits_matter_in_a_search_by_number():
    assert digits("+1 (202) 555-01") == "120255501"
