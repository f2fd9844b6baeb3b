"""What the door says, to whom, and in which letters."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caselli.doors.mail import rules
from caselli.doors.mail.rules import Code
from caselli.fax.refusals import Refusal, RefusalKind

CODE = Code(554, "5.6.0")


def refusal(kind: RefusalKind, field: str = "files", sentence: str = "It is wrong.") -> Refusal:
    return Refusal(kind, field, sentence, "Mend it.")


@pytest.mark.parametrize("kind", RefusalKind)
def test_every_refusal_has_an_answer(kind):
    first = rules.refuse([refusal(kind)], utf8=False)
    assert first[0] in "45"
    assert first[4] == first[0]
    assert first.endswith("It is wrong. Mend it.")


def test_a_refusal_of_the_subject_comes_with_an_example_once():
    wrong = refusal(RefusalKind.RECIPIENT_INVALID, "recipients")
    assert rules.refuse([wrong, wrong], utf8=False).endswith(f"\r\n554 5.6.0 {rules.EXAMPLE}")
    told = refusal(RefusalKind.SUBJECT_INVALID, "subject", "No number is there. Example: 211.")
    assert rules.EXAMPLE not in rules.refuse([told], utf8=False)


def test_what_is_for_ever_is_said_before_what_may_pass():
    passing, lasting = refusal(RefusalKind.STORAGE_FULL), refusal(RefusalKind.SENDER_UNKNOWN)
    assert rules.code_of([passing]) == Code(452, "4.3.1")
    assert rules.code_of([passing, lasting]) == Code(550, "5.7.1")


@given(st.lists(st.text(), min_size=1, max_size=30), st.booleans())
def test_whatever_is_said_an_answer_is_well_formed(sentences, utf8):
    lines = rules.answer(CODE, *sentences, utf8=utf8).encode("utf-8" if utf8 else "ascii").split(b"\r\n")
    assert len(lines) <= rules.MOST_LINES
    for line in lines:
        assert line.startswith(b"554 5.6.0 " if line is lines[-1] else b"554-5.6.0 ")
        assert b"\r" not in line
        assert b"\n" not in line
        assert b"\0" not in line


def test_a_line_is_never_longer_than_the_standard_allows():
    assert all(len(line) <= 510 for line in rules.answer(CODE, "long " * 500).split("\r\n"))


def test_without_utf8_the_nearest_letters_are_taken():
    said = rules.answer(CODE, "“Zürich – Łódź” … Привет")
    assert said == '554 5.6.0 "Zurich - Lodz" ... ??????'
    assert "Zürich" in rules.answer(CODE, "Zürich", utf8=True)


@pytest.mark.parametrize(
    "same",
    [
        "fax@bücher.example",
        "FAX@BÜCHER.Example",
        "fax@xn--bcher-kva.example",
        "Fax@XN--BCHER-KVA.EXAMPLE.",
        "fax@bu\u0308cher。example",
        " fax@bücher．example",
    ],
)
def test_an_address_is_the_same_however_it_is_written(same):
    assert rules.same_address("fax@bücher.example", same)


@pytest.mark.parametrize(
    "other", ["fax@bucher.example", "faxe@bücher.example", "fax@bücher.example.org", "bücher.example", "", "fax@xn--.e"]
)
def test_another_address_is_another(other):
    assert not rules.same_address("fax@bücher.example", other)


def test_a_label_that_only_claims_to_be_punycode_is_compared_as_it_is():
    assert rules.same_address("a@xn--\x7f\x7f.example", "A@xn--\x7f\x7f.example")


@given(st.text(), st.text())
def test_comparing_addresses_never_fails(one, other):
    assert rules.same_address(f"{one}@{other}", f"{one}@{other}")
    rules.same_address(one, other)


def test_only_our_own_servers_are_believed_about_who_wrote_a_mail():
    fronts = [ip_network("192.0.2.0/24"), ip_network("2001:db8::/64")]
    name = "mx.example.com"
    for ours in ("127.0.0.1", "::1", "192.0.2.9", "::ffff:192.0.2.9", "2001:db8::5"):
        assert rules.believed(name, "smtp", ours, fronts) == name
    for foreign in ("198.51.100.7", "2001:db8:1::5", "", None, "no address"):
        assert rules.believed(name, "smtp", foreign, fronts) == ""
    assert rules.believed(name, "lmtp", "198.51.100.7", fronts) == name
    assert rules.believed(name, "imap", None, fronts) == name
