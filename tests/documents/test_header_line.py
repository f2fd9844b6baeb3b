"""The header line stands at the top of each page, and nothing below it changes."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageSequence

from caselli.documents.coding import code_page
from caselli.documents.header_line import ROWS, HeaderLine, join, with_header
from caselli.documents.tiff import CodedPage, read_class_f, write_class_f

WIDTH = 1728
HEADER = HeaderLine("2026-11-25 18:31   Front desk   +1 202 555 0210")


def coded(rows):
    return CodedPage(WIDTH, len(rows), code_page(np.packbits(rows, axis=1), WIDTH))


def paper(margin, length=300):
    rows = np.zeros((length, WIDTH), bool)
    rows[margin:] = np.random.default_rng(margin).random((length - margin, WIDTH)) < 0.1
    return rows


def seen(*pages):
    with Image.open(io.BytesIO(write_class_f(pages))) as image:
        return [~np.asarray(page.convert("1")) for page in ImageSequence.Iterator(image)]


@pytest.mark.parametrize("margin", [ROWS, ROWS + 1, 200])
def test_it_takes_the_place_of_the_white_margin(margin):
    rows = paper(margin)
    (page,) = seen(join(coded(rows), HEADER, 1, 3))
    assert page.shape == rows.shape
    assert page[:ROWS].any()
    assert (page[ROWS:] == rows[ROWS:]).all()


@pytest.mark.parametrize("margin", [0, 1, 7, ROWS - 1])
def test_where_the_margin_is_too_small_the_page_grows_and_loses_nothing(margin):
    rows = paper(margin)
    (page,) = seen(join(coded(rows), HEADER, 1, 3))
    assert len(page) == len(rows) + ROWS - margin
    assert (page[ROWS:] == rows[margin:]).all()


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, WIDTH), st.integers(0, WIDTH)), min_size=1, max_size=80))
def test_whatever_stands_on_the_first_rows_is_kept(runs):
    rows = np.zeros((len(runs), WIDTH), bool)
    for row, (start, stop) in zip(rows, runs, strict=True):
        row[start:stop] = True
    (page,) = seen(join(coded(rows), HEADER, 1, 1))
    below = page[ROWS:]
    assert (below == rows[len(rows) - len(below) :]).all()
    assert not rows[: len(rows) - len(below)].any()


def test_an_empty_page_gets_it_too():
    (page,) = seen(join(coded(np.zeros((100, WIDTH), bool)), HEADER, 1, 1))
    assert page[:ROWS].any()
    assert not page[ROWS:].any()


def test_each_page_says_which_it_is_and_what_goes_not_again_stays_as_it_was(tmp_path):
    before = [coded(paper(100)) for _ in range(3)]
    kept, sent = tmp_path / "kept.tif", tmp_path / "sent.tif"
    kept.write_bytes(write_class_f(before))
    with_header(kept, HEADER, sent, first_page=2)
    first, second, third = seen(*read_class_f(sent.read_bytes()))
    assert not first[:ROWS].any()
    middle = WIDTH // 2
    assert (second[:ROWS, :middle] == third[:ROWS, :middle]).all()
    assert (second[:ROWS, middle:] != third[:ROWS, middle:]).any()
    assert sent.stat().st_mode & 0o777 == 0o600


def test_a_very_long_line_gets_smaller_letters_and_never_touches_the_number_of_the_page():
    (page,) = seen(join(coded(paper(100)), HeaderLine("W" * 300), 200, 200))
    inked = np.flatnonzero(page[:ROWS].any(axis=0))
    assert np.diff(inked).max() >= 40
    assert inked[0] >= 60
    assert inked[-1] <= WIDTH - 60


@pytest.mark.parametrize("words", ["", "診療所 – عيادة – 🏥", "a\nb\0"])
def test_any_words_can_stand_there(words):
    (page,) = seen(join(coded(paper(100)), HeaderLine(words), 1, 1))
    assert page[:ROWS].any()


def test_another_sort_of_tiff_is_refused(tmp_path):
    other = tmp_path / "other.tif"
    Image.new("1", (10, 10)).save(other)
    with pytest.raises(ValueError, match="not a fax"):
        with_header(other, HEADER, tmp_path / "sent.tif")
