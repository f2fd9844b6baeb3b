"""Where a page lies on the fax, and how long it takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caselli.documents.rules import (
    A4_LENGTH,
    LONGEST_TRUE,
    PAGE_WIDTH,
    SHORTEST,
    FaxScan,
    Placement,
    fax_scan,
    image_is_absurd,
    place_image,
    place_page,
    seconds_on_line,
)

MM = 1 / 25.4


@pytest.mark.parametrize(
    ("paper", "width", "length", "placement"),
    [
        ("A4", 210 * MM, 297 * MM, Placement(1687, 2292, 20, 2292)),
        ("A4 landscape", 297 * MM, 210 * MM, Placement(1687, 2292, 20, 2292, turned=True)),
        ("letter", 8.5, 11, Placement(1728, 2149, 0, 2149)),
        ("legal", 8.5, 14, Placement(1728, 2735, 0, 2735)),
        ("A3", 297 * MM, 420 * MM, Placement(1687, 2292, 20, 2292)),
        ("A3 landscape", 420 * MM, 297 * MM, Placement(1687, 2292, 20, 2292, turned=True)),
        ("A5", 148 * MM, 210 * MM, Placement(1189, 1620, 269, 1620)),
        ("A5 landscape", 210 * MM, 148 * MM, Placement(1687, 1142, 20, 1142)),
        ("a card", 85 * MM, 55 * MM, Placement(683, 424, 522, SHORTEST)),
        ("a screen", 13.333, 7.5, Placement(1530, 2613, 99, 2613, turned=True)),
        ("a receipt", 80 * MM, 1000 * MM, Placement(191, 2292, 768, 2292)),
        ("a banner", 100, 5, Placement(119, 2292, 804, 2292, turned=True)),
    ],
)
def test_paper_lies_where_it_should(paper, width, length, placement):
    assert place_page(width, length) == placement


SIDES = st.floats(0.01, 200)


@given(SIDES, SIDES)
def test_a_page_always_fits(width, length):
    place = place_page(width, length)
    assert place.left >= 0
    assert place.left + place.width <= PAGE_WIDTH
    assert 0 < place.length <= place.page_length
    assert SHORTEST <= place.page_length <= LONGEST_TRUE


@given(st.floats(0.5, 40), st.floats(0.5, 40))
def test_a_page_keeps_its_shape_and_is_never_enlarged(width, length):
    place = place_page(width, length)
    across, down = (length, width) if place.turned else (width, length)
    scales = place.width / (across * 204), place.length / (down * 196)
    assert scales[0] == pytest.approx(scales[1], abs=1 / min(place.width, place.length))
    assert max(scales) <= 1.02


@given(SIDES, SIDES)
def test_turning_never_makes_a_page_smaller(width, length):
    if place_page(width, length).turned:
        assert width > length
        assert place_page(width, length).width >= place_page(length, width).width - 1


@pytest.mark.parametrize(
    ("size", "dpi", "placement"),
    [
        ((2480, 3508), (300, 300), Placement(1686, 2292, 21, 2292)),
        ((3508, 2480), (300, 300), Placement(1686, 2292, 21, 2292, turned=True)),
        ((4000, 3000), (72, 72), Placement(1687, 1216, 20, 1216)),
        ((4000, 3000), None, Placement(1687, 1216, 20, 1216)),
        ((3000, 4000), (96, 96), Placement(1687, 2161, 20, 2161)),
        ((100, 100), None, Placement(400, 384, 664, SHORTEST)),
        ((100, 100), (200, 200), Placement(102, 98, 813, SHORTEST)),
        ((20000, 20000), (300, 300), Placement(1687, 1621, 20, 1621)),
    ],
)
def test_images_lie_where_they_should(size, dpi, placement):
    assert place_image(*size, dpi) == placement


@given(
    st.integers(1, 60_000),
    st.integers(1, 60_000),
    st.none() | st.tuples(st.floats(allow_nan=False), st.floats(allow_nan=False)),
)
def test_an_image_always_fits(width, length, dpi):
    place = place_image(width, length, dpi)
    assert place.left + place.width <= PAGE_WIDTH
    assert 0 < place.length <= place.page_length <= max(A4_LENGTH, LONGEST_TRUE)


@pytest.mark.parametrize(
    ("size", "dpi", "scan"),
    [
        ((1728, 2200), (204, 196), FaxScan(1, 2200)),
        ((1728, 2200), (200, 200), FaxScan(1, 2200)),
        ((1728, 2200), None, FaxScan(1, 2200)),
        ((1728, 1100), (204, 98), FaxScan(2, 2200)),
        ((1728, 400), (204, 196), FaxScan(1, SHORTEST)),
        ((1728, 9000), (204, 98), None),
        ((1728, 2200), (300, 300), None),
        ((1700, 2200), (200, 200), None),
    ],
)
def test_a_fax_page_is_known_by_its_width_and_rows(size, dpi, scan):
    assert fax_scan(*size, dpi) == scan


def test_absurd_sizes_are_known():
    assert not image_is_absurd(9921, 14_031)
    assert image_is_absurd(20_000, 20_000)
    assert image_is_absurd(1, 70_000)


def test_three_letters_take_the_time_that_was_measured():
    assert seconds_on_line([25_600] * 3) == pytest.approx(70.7, abs=0.5)
