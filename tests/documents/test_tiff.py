"""The class-F TIFF is what every reader takes it for, and comes back as it went in."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageSequence

from caselli.documents.coding import CodingFailed, code_page
from caselli.documents.tiff import CodedPage, read_class_f, write_class_f

BITS = st.integers(1, 8).flatmap(
    lambda rows: st.binary(min_size=rows * 216, max_size=rows * 216).map(
        lambda content: np.frombuffer(content, np.uint8).reshape(rows, 216)
    )
)


def coded(bits: "np.ndarray[tuple[int, int], np.dtype[np.uint8]]") -> CodedPage:
    return CodedPage(1728, bits.shape[0], code_page(bits, 1728))


@settings(max_examples=40)
@given(st.lists(BITS, min_size=1, max_size=3))
def test_another_decoder_reads_the_same_pixels(pages):
    tiff = write_class_f([coded(bits) for bits in pages])
    with Image.open(io.BytesIO(tiff)) as image:
        read = [~np.asarray(frame.convert("1")) for frame in ImageSequence.Iterator(image)]
    assert len(read) == len(pages)
    for black, bits in zip(read, pages, strict=True):
        assert (black == np.unpackbits(bits, axis=1).astype(bool)).all()


@settings(max_examples=40)
@given(st.lists(BITS, min_size=1, max_size=3))
def test_pages_come_back_as_they_went_in(pages):
    given_pages = tuple(coded(bits) for bits in pages)
    assert read_class_f(write_class_f(given_pages)) == given_pages


def test_the_tags_are_those_of_class_f():
    page = coded(np.zeros((100, 216), np.uint8))
    with Image.open(io.BytesIO(write_class_f([page, page, page]))) as image:
        for number in range(3):
            image.seek(number)
            tags = image.tag_v2
            assert tags[297] == (number, 3)
            assert (tags[254], tags[256], tags[257], tags[258], tags[259], tags[262]) == (2, 1728, 100, (1,), 4, 0)
            assert (tags[266], tags[277], tags[278], tags[296], tags[293], tags[327]) == (1, 1, 100, 2, 0, 0)
            assert (tags[282], tags[283]) == (204, 196)
            assert len(tags[273]) == 1


@given(st.binary(max_size=300))
def test_whatever_is_no_class_f_is_told(rest):
    content = b"II*\x00" + rest
    pages = read_class_f(content)
    assert pages is None or all(page.coded in content for page in pages)


def test_a_ring_of_directories_is_told():
    tiff = bytearray(write_class_f([coded(np.zeros((10, 216), np.uint8))]))
    tiff[8 + 2 + 19 * 12 : 8 + 2 + 19 * 12 + 4] = (8).to_bytes(4, "little")
    assert read_class_f(bytes(tiff)) is None


def test_no_room_for_the_code_is_told():
    import resource
    import signal

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    noise = np.random.default_rng(1).integers(0, 256, (500, 216)).astype(np.uint8)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        with pytest.raises(CodingFailed):
            code_page(noise, 1728)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
