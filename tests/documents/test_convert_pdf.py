"""A PDF becomes fax pages: true to scale, complete, legible."""

import numpy as np
import pytest
from documents.reading import bounds, fax_of, page_of, pages_of
from documents.samples import A4, BLACK_SQUARE, LETTER, filled_form, image_file, locked_pdf, pdf, photo, stream, text_at

from caselli.documents.pages import FileKind

CENTRED = (1728 - 1687) // 2


def test_an_inch_on_paper_is_an_inch_on_the_fax():
    left, top, right, bottom = bounds(page_of(pdf(BLACK_SQUARE)))
    assert (right - left, bottom - top) == (pytest.approx(204, abs=1), pytest.approx(196, abs=1))


def test_an_a4_page_is_centred_and_as_long_as_paper():
    page = page_of(pdf(BLACK_SQUARE, size=A4))
    left, _, _, bottom = bounds(page)
    assert page.shape == (2292, 1728)
    assert left == pytest.approx(CENTRED + 204, abs=1)
    assert bottom == pytest.approx(2292 - 196, abs=1)


def test_a_letter_page_loses_a_third_of_a_percent_to_fit_the_width():
    page = page_of(pdf(BLACK_SQUARE, size=LETTER))
    assert page.shape == (2149, 1728)


def test_a_landscape_page_is_turned_clockwise():
    page = page_of(pdf(BLACK_SQUARE, size=A4[::-1]))
    left, top, _, _ = bounds(page)
    assert page.shape == (2292, 1728)
    # What was at the lower left is at the upper left after a quarter turn clockwise.
    assert (left, top) == (pytest.approx(CENTRED + 204, abs=1), pytest.approx(196, abs=1))


def test_a_page_turned_by_its_own_entry_is_upright():
    page = page_of(pdf(BLACK_SQUARE, size=A4[::-1], page="/Rotate 90"))
    assert page.shape == (2292, 1728)
    assert bounds(page)[0] == pytest.approx(CENTRED + 204, abs=1)


def test_a3_is_shrunk_to_a4():
    assert page_of(pdf(BLACK_SQUARE, size=(A4[1], A4[0] * 2))).shape == (2292, 1728)


def test_every_page_is_there_in_its_order():
    document = fax_of(pdf(*(f"0 g 72 {100 + 50 * n} 72 20 re f".encode() for n in range(7))))
    tops = [bounds(page)[1] for page in pages_of(document)]
    assert len(tops) == len(document.pages) == 7
    assert tops == sorted(tops, reverse=True)
    assert document.files[0].kind is FileKind.PDF
    assert document.files[0].pages == 7


def test_what_was_filled_into_a_form_and_stamped_on_it_is_on_the_fax():
    page = page_of(filled_form())
    for bottom_points in (700, 500, 300):
        middle = round((A4[1] - bottom_points - 20) / 72 * 196)
        assert page[middle - 40 : middle + 40].any(), f"nothing at {bottom_points} points"


def test_black_text_is_crisp():
    page = page_of(pdf(text_at("Hamburgefonts", 72, 600, 6)))
    rows = page[bounds(page)[1] : bounds(page)[3]]
    assert 8 <= rows.shape[0] <= 30
    # Ink in strokes of two or three pixels, not in dots: most black pixels have a black neighbour above or below.
    joined = np.count_nonzero(rows[1:] & rows[:-1])
    assert joined > 0.5 * np.count_nonzero(rows)


@pytest.mark.parametrize("colour", ["0.6 g", "1 0 0 rg", "0 0.4 1 rg", "0.2 0.6 0.2 rg"])
def test_grey_and_coloured_text_is_as_legible_as_black(colour):
    black = page_of(pdf(text_at("Legible", 72, 600, 12)))
    coloured = page_of(pdf(text_at("Legible", 72, 600, 12, colour)))
    assert np.count_nonzero(black ^ coloured) < 0.05 * np.count_nonzero(black)


def test_white_text_on_a_shade_stands_out_and_the_shade_is_dots():
    page = page_of(pdf(b"0.5 g 72 600 300 60 re f " + text_at("HHHH", 90, 615, 40, "1 g")))
    shade = page[round((A4[1] - 655) / 72 * 196) :][: 9 * 16, CENTRED + 600 : CENTRED + 600 + 8 * 30]
    assert 0.4 < shade.mean() < 0.6
    # The stem of the first H, 40 points high, is white inside.
    row = page[round((A4[1] - 625) / 72 * 196)]
    longest = max(len(run) for run in "".join(" #"[int(black)] for black in row[270:420]).split("#"))
    assert longest > 10


def _with_image(data: bytes, size: tuple[int, int], place: str, under: bytes = b"") -> bytes:
    entries = (
        f"/Type/XObject/Subtype/Image/Width {size[0]}/Height {size[1]}/ColorSpace/DeviceGray/BitsPerComponent 8"
        "/Filter/DCTDecode"
    )
    content = f"q {place} cm /I Do Q ".encode() + under
    return pdf(content, resources="/XObject<</I 12 0 R>>", more=(stream(data, entries),))


def test_a_photo_on_a_page_of_text_becomes_dots_and_the_text_stays():
    jpeg = image_file(photo((400, 400)), "JPEG", quality=90)
    with_photo = page_of(_with_image(jpeg, (400, 400), "200 0 0 200 100 100", text_at("Legible", 72, 700)))
    alone = page_of(pdf(text_at("Legible", 72, 700)))
    assert (with_photo[:1000] == alone[:1000]).all()
    middle = with_photo[1600:1900, 400:700]
    assert 0.2 < middle.mean() < 0.8
    assert np.count_nonzero(middle[1:] ^ middle[:-1]) > 0.1 * middle.size


def test_a_pdf_that_anyone_may_read_but_not_change_is_taken():
    assert bounds(page_of(locked_pdf(b"")))[2:] == bounds(page_of(pdf(BLACK_SQUARE)))[2:]


def test_a_pdf_behind_a_mail_header_is_taken():
    assert fax_of(b"Received: from somewhere\r\n\r\n" + pdf(BLACK_SQUARE)).files[0].kind is FileKind.PDF


def test_a_blank_page_is_a_page():
    assert not page_of(pdf(b"")).any()
