"""Subjects that are read, and subjects that are refused with an example that fits."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from caselli.doors.mail import subject
from caselli.doors.mail.subject import Subject
from caselli.fax.refusals import Refusal, RefusalKind

NUMBERS = st.sampled_from(["+1 202 555 0100", "(202) 555-0101", "001.202.555.0102", "0003*211", "tel:+12025550103"])
EXTENSIONS = st.from_regex(r"\A([0-9]{1,6}\*)?[0-9]{1,10}\Z")
BLANKS = st.sampled_from(["", " ", "  ", "\t", "\u00a0", "\u200e"])


@given(
    st.lists(NUMBERS, min_size=1, max_size=12),
    EXTENSIONS | st.just(""),
    BLANKS,
    st.sampled_from([",", ";", "，"]),
)
def test_recipients_and_the_extension_before_them_are_read_as_written(recipients, extension, blank, comma):
    written = f"{blank},{blank}".replace(",", comma).join(recipients)
    before = f"{blank}{extension}{blank}:" if extension else ""
    assert subject.read(before + blank + written + blank) == Subject(extension, tuple(recipients))


@given(st.text(max_size=200))
@example("tel:")
@example(":")
@example("1" * 4_000)
def test_whatever_is_written_is_read_or_refused_with_an_example_that_fits(written):
    try:
        read = subject.read(written)
    except Refusal as refusal:
        assert refusal.field == "subject"
        assert refusal.kind in {RefusalKind.SUBJECT_INVALID, RefusalKind.RECIPIENT_MISSING}
        shown = refusal.remedy.partition("Subject: ")[2]
        assert subject.read(shown).recipients
    else:
        assert read.recipients
        assert all(re.search(r"\d", one) for one in read.recipients)


@pytest.mark.parametrize(
    "prefix", ["Fwd", "FW", "Re", "re", "AW", "WG", "Antwort", "SV", "TR", "Re[2]", "RE (3)", "转发"]
)
def test_the_prefix_of_a_reply_is_said_to_be_wrong_and_the_rest_is_the_example(prefix):
    with pytest.raises(Refusal) as refused:
        subject.read(f"{prefix}: +1 202 555 0100, hello")
    assert refused.value.kind is RefusalKind.SUBJECT_INVALID
    assert f"“{prefix}" in refused.value.sentence
    assert refused.value.remedy.endswith("like this: Subject: +1 202 555 0100")


def test_a_reply_to_a_mail_that_named_its_extension_is_told_about_the_prefix_alone():
    with pytest.raises(Refusal) as refused:
        subject.read("Re: 210: +1 202 555 0100")
    assert "“Re:”" in refused.value.sentence
    assert refused.value.remedy.endswith("Subject: 210: +1 202 555 0100")


def test_where_an_extension_must_be_named_the_examples_name_one():
    for written in ("", "hello", "Fwd: hello"):
        with pytest.raises(Refusal) as refused:
            subject.read(written, sends_from="210")
        assert refused.value.remedy.endswith("Subject: 210: +1 202 555 0100, 211")


def test_words_beside_a_number_are_never_dialled():
    for written in (
        "Order 202-555-0100",
        "202-555-0100 Dr. Miller",
        "211 Lab",
        "1-800-FLOWERS",
        "+1 202 555 0100 ext 5",
    ):
        with pytest.raises(Refusal, match="is no phone number and no extension"):
            subject.read(written)


def test_a_long_wrong_item_is_shortened():
    with pytest.raises(Refusal) as refused:
        subject.read("x" * 1_000)
    assert len(refused.value.sentence) < 120
