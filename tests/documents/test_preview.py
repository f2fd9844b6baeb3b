"""What people look at is what went down the line."""

import io
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from documents.reading import fax_of, pages_of
from documents.samples import BLACK_SQUARE, image_file, pdf, photo, text_at
from PIL import Image

from caselli.documents.preview import NoSuchPage, page_png, pages_pdf


@pytest.fixture(scope="module")
def document():
    return fax_of(pdf(BLACK_SQUARE, text_at("Hello", 100, 700, 30)), image_file(photo((900, 600)), "JPEG"))


@pytest.fixture(scope="module")
def tiff(document, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("preview") / "fax.tif"
    path.write_bytes(document.tiff)
    return path


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


def test_without_a_width_every_pixel_is_shown(document, tiff):
    for number, page in enumerate(pages_of(document), start=1):
        with opened(page_png(tiff, number)) as image:
            assert image.mode == "1"
            assert (~np.asarray(image) == page).all()


def test_with_a_width_the_page_is_smooth_and_in_proportion(document, tiff):
    with opened(page_png(tiff, 1, 432)) as image:
        assert image.size == (432, round(2292 / 4 * 204 / 196))
        grey = np.asarray(image.convert("L"))
    assert 0 < len(set(np.unique(grey)) - {0, 255}) <= 14
    assert grey.mean() == pytest.approx(255 * (1 - pages_of(document)[0].mean()), abs=1)


def test_a_page_that_is_not_there_is_told(tiff):
    for number in (0, -1, 4):
        with pytest.raises(NoSuchPage):
            page_png(tiff, number)


def _pixels_of_pdf(content: bytes) -> list[np.ndarray]:
    """Each page drawn at one dot a pixel."""
    with pypdfium2.PdfDocument(content) as opened_pdf:
        found = []
        for page in opened_pdf:
            images = list(page.get_objects())
            found.append(np.asarray(images[0].get_bitmap().to_pil().convert("L")) < 128)
    return found


def test_the_pdf_holds_the_very_pixels(document, tiff):
    for shown, sent in zip(_pixels_of_pdf(pages_pdf(tiff)), pages_of(document), strict=True):
        assert (shown == sent).all()


def test_a_fax_received_in_another_coding_is_shown_too(tmp_path):
    received = Image.fromarray(np.random.default_rng(2).random((1100, 1728)) > 0.1)
    path = tmp_path / "received.tif"
    path.write_bytes(image_file(received, "TIFF", compression="group3", dpi=(204, 98)))
    assert (_pixels_of_pdf(pages_pdf(path))[0] == ~np.asarray(received)).all()
    with pypdfium2.PdfDocument(pages_pdf(path)) as shown:
        assert shown.get_page_size(0) == (
            pytest.approx(1728 / 204 * 72, abs=0.1),
            pytest.approx(1100 / 98 * 72, abs=0.1),
        )
    with opened(page_png(path, 1, 864)) as image:
        assert image.size == (864, round(1100 * 204 / 98 / 2))
