"""What the door says, to whom, and in which letters."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caselli.doors.mail import rules
from caselli.doors.mail.rules import Code
from caselli.fax.refusals import Refusal, RefusalKind

CODE = Code(554, "5.6.0")
FRONTS = [ip_network(one) for one in ("127.0.0.0/8", "192.0.2.0/24", "2001:db8::/64")]


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
    like_this = refusal(RefusalKind.SUBJECT_INVALID, "subject", "Write it like this: Subject: 211")
    assert rules.EXAMPLE not in rules.refuse([like_this], utf8=False)


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


@pytest.mark.parametrize("ours", ["127.0.0.1", "192.0.2.9", "::ffff:192.0.2.9", "2001:db8::5"])
def test_our_own_servers_are_known(ours):
    assert rules.is_front(rules.client_address(ours), FRONTS)


@pytest.mark.parametrize("foreign", ["198.51.100.7", "2001:db8:1::5", "::1", "", "no address", "fe80::1%eth0"])
def test_others_are_none_of_ours(foreign):
    assert not rules.is_front(rules.client_address(foreign), FRONTS)
