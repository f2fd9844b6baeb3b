"""A text becomes fax pages: in any script, long lines wrapped, form feeds obeyed."""

import numpy as np
import pytest
from documents.reading import bounds, fax_of, page_of, pages_of, refusals_of

from caselli.documents.convert import Limits
from caselli.documents.pages import FileKind
from caselli.fax.refusals import RefusalKind


def test_eighty_letters_fit_a_line_and_longer_lines_wrap():
    def lines(text: str) -> int:
        rows = page_of(text.encode()).any(axis=1)
        return int(np.count_nonzero(rows[1:] & ~rows[:-1]))

    assert lines("M" * 80) == 1
    assert lines("M" * 200) == 3
    assert lines("MMMM " * 40) == 3


def test_a_form_feed_begins_a_new_page():
    document = fax_of(b"one\n\x0ctwo\n\x0c\x0cfour\n")
    assert document.files[0].kind is FileKind.TEXT
    assert [page.any() for page in pages_of(document)] == [True, True, False, True]


def test_a_long_text_takes_as_many_pages_as_it_needs():
    document = fax_of("".join(f"Line {number}\n" for number in range(200)).encode())
    assert len(document.pages) == 4


def test_text_from_right_to_left_stands_at_the_right():
    left, _, right, _ = bounds(page_of("שלום\n".encode()))
    assert left > 1728 / 2
    assert right > 1500
    assert bounds(page_of(b"peace\n"))[2] < 1728 / 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_same_words_look_the_same_in_any_encoding(encoding):
    words = "Grüße für 5 € – Müller\r\n"
    assert (page_of(words.encode(encoding)) == page_of(words.encode())).all()


def test_a_page_of_markup_is_shown_as_it_stands_and_fetches_nothing():
    text = 'x <img src="http://127.0.0.1:9/x.png"> & <style>p{}</style> <script>1</script>'
    assert page_of(text.encode()).sum() > page_of(b"x").sum() * 10


def test_a_text_of_blanks_is_empty():
    assert [refusal.kind for refusal in refusals_of(b" \r\n\t\n")] == [RefusalKind.FILE_EMPTY]


def test_a_text_that_is_too_long_is_refused_before_it_is_set():
    (refusal,) = refusals_of(b"word\n" * 1_000_000)
    assert refusal.kind is RefusalKind.FILE_TOO_MANY_PAGES
    assert "at least 15," in refusal.sentence


def test_a_text_just_too_long_is_refused_with_its_pages():
    (refusal,) = refusals_of(b"word\n" * 190, limits=Limits(max_pages=3))
    assert "has 4 pages; a fax may have 3" in refusal.sentence
