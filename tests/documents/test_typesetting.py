"""A text is set as it stands: every letter, every line, each in its own direction."""

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from caselli.documents.typesetting import COLUMNS, LINES, least_pages, typeset

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=900)


def blocks(text: str) -> list[tuple[bool, str]]:
    """Direction and text of each block, as an HTML reader sees them."""
    found = re.findall(r"<pre( class=rtl)?>\n(.*?)</pre>", typeset(text), re.DOTALL)
    return [(bool(rtl), html.unescape(content)) for rtl, content in found]


@given(TEXTS)
def test_no_letter_and_no_line_is_lost(text):
    shown = "\n".join(content.removesuffix(" ") if content.endswith("\n ") else content for _, content in blocks(text))
    assert [line.rstrip(" ") for line in shown.split("\n")] == [
        line.rstrip(" ") for line in text.rstrip("\n").split("\n")
    ]


def test_a_word_without_end_is_broken_where_a_line_is_full_and_a_mark_stays_with_its_letter():
    long = "e\u0301" * 2000
    [(_, shown)] = blocks(f"before {long} after")
    lines = shown.removeprefix("before ").removesuffix(" after").split("\n")
    assert "".join(lines) == long
    assert {len(line) for line in lines[:-1]} == {2 * COLUMNS}
    assert blocks("https://example.org/" + "a-" * 400)[0][1].count("\n") == 0


def test_each_paragraph_goes_its_own_way():
    assert [rtl for rtl, _ in blocks("one\n1) שלום\n\n(123)\nمرحبا\ntwo שלום\n")] == [False, True, False]


def test_a_text_without_letters_goes_rightward():
    assert blocks("123\n") == [(False, "123")]


def test_every_newline_of_the_world_ends_a_line():
    assert blocks("a\r\nb\rc\vd")[0][1] == "a\nb\nc\nd"


def test_a_form_feed_begins_a_section():
    assert typeset("a\fb\f").count("<section>") == 2


def test_markup_is_shown_and_not_obeyed():
    assert "<b>" not in typeset("<b>&amp;</b>")
    assert blocks("<b>&amp;</b>") == [(False, "<b>&amp;</b>")]


def test_the_least_number_of_pages_is_never_too_many():
    assert least_pages("x") == 1
    assert least_pages("a\fb\fc") == 3
    assert least_pages("line\n" * LINES * 3) <= 3
    assert least_pages("line\n" * 100_000) > 1000
    assert least_pages("x" * 1_000_000) > 90
