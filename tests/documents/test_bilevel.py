"""Black and white, each sort of content in its own way."""

import numpy as np
import pytest
from documents.samples import photo
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from caselli.documents.bilevel import Box, Content, content_of, pack, pack_page, picture_to_black
from caselli.documents.coding import code_page

SIZE = (1728, 1200)


def letter() -> Image.Image:
    page = Image.new("L", SIZE, 255)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(28)
    for line in range(30):
        pen.text(
            (120, 60 + 36 * line), f"{line} The quick brown fox jumps over the lazy dog, again and again and", 0, font
        )
    return page


def on_paper(page: Image.Image, dark: int, bright: int, noise: float) -> "np.ndarray":
    """Ink on paper that darkens from left to right, as a poor scanner sees it."""
    ink = np.asarray(page, dtype=np.float32) / 255
    paper = np.linspace(bright, dark, ink.shape[1])[None, :]
    grain = np.random.default_rng(3).normal(0, noise, ink.shape)
    return (ink * (paper - 40) + 40 + grain).clip(0, 255).astype(np.uint8)


PHOTO = np.asarray(photo(SIZE))
CLEAN = np.asarray(letter())
SCANS = [on_paper(letter(), 90, 230, 6), on_paper(letter(), 150, 225, 16), on_paper(letter(), 235, 250, 3)]


@pytest.mark.parametrize("scan", SCANS)
def test_paper_with_ink_is_a_scan(scan):
    assert content_of(scan) is Content.SCAN


def test_a_photo_is_a_photo_and_a_clean_page_is_crisp():
    assert content_of(PHOTO) is Content.PHOTO
    assert content_of(CLEAN) is Content.CRISP


@pytest.mark.parametrize("scan", SCANS)
def test_a_noisy_shaded_scan_gives_back_the_letters_and_only_them(scan):
    black, ink = picture_to_black(scan), CLEAN < 128
    strokes = np.asarray(letter().filter(__import__("PIL.ImageFilter").ImageFilter.MinFilter(3))) < 128
    assert np.count_nonzero(black & ink) > 0.85 * np.count_nonzero(ink)
    assert np.count_nonzero(black & ~strokes) < 0.002 * black.size


@pytest.mark.parametrize("scan", SCANS)
def test_a_noisy_scan_is_small_on_the_line(scan):
    assert len(code_page(pack(picture_to_black(scan)), 1728)) < 2.0 * len(code_page(pack(CLEAN < 128), 1728))


def test_a_wide_black_bar_in_a_scan_stays_black():
    page = letter()
    ImageDraw.Draw(page).rectangle((200, 500, 1500, 700), fill=0)
    assert picture_to_black(on_paper(page, 200, 240, 5))[510:690, 210:1490].mean() > 0.99


def test_dots_are_as_dark_as_the_grey():
    for level in (64, 96, 128, 191, 215):
        flat = np.full((64, 1728), level, np.uint8)
        black = np.unpackbits(pack_page(flat), axis=1)
        assert black.mean() == pytest.approx(1 - level / 255, abs=0.03)


def test_behind_text_a_hint_of_a_shade_is_paper_and_a_dark_one_black():
    for level, darkness in ((226, 0.0), (239, 0.0), (51, 1.0)):
        black = np.unpackbits(pack_page(np.full((64, 1728), level, np.uint8)), axis=1)
        assert black.mean() == darkness


def test_black_and_white_stay_as_they_are():
    bits = np.random.default_rng(5).integers(0, 2, (200, 1728)).astype(np.uint8)
    assert (pack_page(bits * 255) == np.packbits(1 - bits, axis=1)).all()


def test_a_picture_in_a_drawing_is_treated_by_what_it_shows():
    page = np.full((1200, 1728), 255, np.uint8)
    page[100:700, 100:900] = SCANS[1][:600, :800]
    black = np.unpackbits(pack_page(page, [Box(100, 100, 900, 700)]), axis=1).astype(bool)
    assert black[100:700, 100:900].mean() < 0.2
    assert not black[710:].any()


@given(
    st.integers(1, 70).map(lambda rows: np.random.default_rng(rows).integers(0, 256, (rows, 1728)).astype(np.uint8)),
    st.lists(
        st.builds(Box, st.integers(0, 1728), st.integers(0, 70), st.integers(0, 1728), st.integers(0, 70)), max_size=3
    ),
)
def test_any_page_with_any_boxes_becomes_black_and_white(grey, boxes):
    assert pack_page(grey, boxes).shape == (grey.shape[0], 216)


@given(st.integers(1, 50), st.integers(1, 50), st.integers(0, 255))
def test_any_picture_however_small_becomes_black_and_white(rows, columns, level):
    assert picture_to_black(np.full((rows, columns), level, np.uint8)).shape == (rows, columns)
