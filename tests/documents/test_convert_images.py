"""Images become fax pages: upright, on white, at their own size where they have one, unchanged where they are a fax."""

import io

import numpy as np
import pytest
from documents.reading import bounds, fax_of, page_of, pages_of
from documents.samples import image_file, photo, with_black_square
from PIL import Image, TiffImagePlugin

from caselli.documents.pages import FileKind
from caselli.documents.rules import A4_WIDTH

FAX = {"compression": "group4"}


def noise(length: int, width: int = 1728) -> Image.Image:
    pixels = np.random.default_rng(length).random((length, width)) < 0.3
    return Image.fromarray(~pixels)


def test_a_fine_fax_tiff_passes_pixel_for_pixel():
    first, second = noise(2200), noise(1500)
    tiff = image_file(first, "TIFF", **FAX, dpi=(204, 196), save_all=True, append_images=[second])
    pages = pages_of(fax_of(tiff))
    assert [(page == ~np.asarray(sent)).all() for page, sent in zip(pages, (first, second), strict=True)] == [True] * 2


def test_each_row_of_a_standard_fax_tiff_is_sent_twice():
    sent = noise(1100)
    page = page_of(image_file(sent, "TIFF", **FAX, dpi=(204, 98)))
    assert page.shape == (2200, 1728)
    assert (page[0::2] == ~np.asarray(sent)).all()
    assert (page[1::2] == ~np.asarray(sent)).all()


def test_what_this_system_makes_passes_through_it_again_unchanged():
    document = fax_of(image_file(photo((800, 900)), "PNG"))
    assert fax_of(document.tiff).tiff == document.tiff


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_deflate", "packbits", "group3"])
def test_a_tiff_of_any_compression_is_read(compression):
    mode = "1" if compression == "group3" else "L"
    tiff = image_file(with_black_square((800, 800), mode), "TIFF", compression=compression)
    assert fax_of(tiff).files[0].kind is FileKind.TIFF
    assert bounds(page_of(tiff))[2] == pytest.approx(20 + A4_WIDTH / 4, abs=3)


def test_a_thumbnail_in_a_tiff_is_no_page():
    page = with_black_square((850, 1100))
    tiff = image_file(page, "TIFF", save_all=True, append_images=[page.resize((85, 110))])
    marked = _mark_second_as_reduced(page)
    assert fax_of(tiff).files[0].pages == 2
    assert fax_of(marked).files[0].pages == 1


def _mark_second_as_reduced(page: Image.Image) -> bytes:
    file = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(file, new=True) as out:
        for image, kind in ((page, 0), (page.resize((85, 110)), 1)):
            image.save(out, "TIFF", tiffinfo={254: kind})
            out.newFrame()
    return file.getvalue()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF"])
def test_a_camera_held_in_any_way_gives_an_upright_page(form, orientation):
    upright = with_black_square((400, 800))
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    seen = upright.transpose(undo[orientation]) if orientation in undo else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"tiffinfo": {274: orientation}} if form == "TIFF" else {"exif": exif}
    page = page_of(image_file(seen, form, **options))
    left, top, right, bottom = bounds(page)
    assert top == pytest.approx(0, abs=2)
    assert left < right < 1728 / 2
    # A quarter of the width and of the length, of a page twice as long as wide.
    assert (bottom - top) / (right - left) == pytest.approx(2 * 196 / 204, rel=0.02)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16", "I", "F"])
def test_every_way_to_store_a_pixel_is_read(mode):
    form = {"CMYK": "JPEG", "YCbCr": "JPEG", "F": "TIFF", "I": "TIFF"}.get(mode, "PNG")
    square = with_black_square((850, 850))
    if mode in {"I;16", "I", "F"}:
        depth = {"I;16": (np.uint16, 257.0), "I": (np.int32, 257.0), "F": (np.float32, 1 / 255)}[mode]
        image = Image.fromarray((np.asarray(square) * depth[1]).astype(depth[0]))
    else:
        image = square.convert(mode)
    page = page_of(image_file(image, form))
    left, top, right, bottom = bounds(page)
    assert (left, top) == (20, 0)
    assert (right - left, bottom - top) == (pytest.approx(422, abs=3), pytest.approx(405, abs=3))
    assert page[top:bottom, left:right].mean() > 0.98


def test_what_is_clear_is_white():
    clear = Image.new("RGBA", (600, 600), (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), (0, 0, 150, 150))
    assert page_of(image_file(clear, "PNG")).mean() < 0.08
    palette = Image.new("P", (600, 600), 1)
    palette.putpalette([255, 255, 255, 0, 0, 0])
    assert not page_of(image_file(palette, "PNG", transparency=1)).any()


def test_an_honest_resolution_is_true_to_scale():
    left, top, right, bottom = bounds(page_of(image_file(with_black_square((1200, 1200)), "PNG", dpi=(300, 300))))
    assert (right - left, bottom - top) == (pytest.approx(204, abs=2), pytest.approx(196, abs=2))


def test_a_landscape_scan_is_turned_and_a_photo_without_a_size_is_not():
    scan = page_of(image_file(with_black_square((3508, 2480)), "JPEG", dpi=(300, 300)))
    assert scan.shape == (2292, 1728)
    snapshot = page_of(image_file(with_black_square((3508, 2480)), "JPEG"))
    assert snapshot.shape[0] == round(1687 * 2480 / 3508 * 196 / 204)


def test_a_tall_image_fits_one_page():
    assert page_of(image_file(with_black_square((300, 3000)), "PNG")).shape == (2292, 1728)


def test_a_tiny_image_is_enlarged_four_times_and_no_more():
    left, _, right, _ = bounds(page_of(image_file(with_black_square((40, 40)), "PNG")))
    assert right - left == pytest.approx(40, abs=3)


def test_a_photo_becomes_dots_of_the_same_greyness():
    picture = photo((1000, 1000))
    page = page_of(image_file(picture, "JPEG", quality=92))
    shown = page[: round(1687 * 196 / 204), 20:1707]
    assert shown.mean() == pytest.approx(1 - np.asarray(picture).mean() / 255, abs=0.03)


def test_a_jpeg_for_a_camera_with_two_lenses_is_one_page():
    page = with_black_square((640, 480))
    assert fax_of(image_file(page, "MPO", save_all=True, append_images=[page])).files[0].pages == 1
