"""A file is what it contains, whatever it is called."""

import io
import zipfile

import pytest
from documents.samples import BLACK_SQUARE, image_file, pdf, photo
from hypothesis import given
from hypothesis import strategies as st

from caselli.documents.pages import FileKind
from caselli.documents.signatures import Stranger, decode_text, recognise

PICTURE = photo((64, 64))


def office(*members: str, first: str = "[Content_Types].xml") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in (first, *(f"docProps/{number}.xml" for number in range(300)), *members):
            archive.writestr(name, "<xml/>" * 50)
    return file.getvalue()


def open_document() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", "<xml/>")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (pdf(BLACK_SQUARE), FileKind.PDF),
        (b"\x00\x05junk before\n" + pdf(BLACK_SQUARE), FileKind.PDF),
        (b"\xef\xbb\xbf" + pdf(BLACK_SQUARE), FileKind.PDF),
        (image_file(PICTURE, "JPEG"), FileKind.JPEG),
        (image_file(PICTURE, "PNG"), FileKind.PNG),
        (image_file(PICTURE, "TIFF"), FileKind.TIFF),
        (b"MM\x00*" + bytes(100), FileKind.TIFF),
        (b"Hello", FileKind.TEXT),
        (b"A text that speaks of %PDF-1.7 and of its objects.\n", FileKind.TEXT),
        ("Grüße €".encode("cp1252"), FileKind.TEXT),
        ("Grüße €".encode("utf-16"), FileKind.TEXT),
        ("\ufeffשלום".encode(), FileKind.TEXT),
        (b"BMW sold MZ-bikes\n", FileKind.TEXT),
        (b"a DOS text\r\n\x1a", FileKind.TEXT),
        (b"1 < 2, says <html> in the middle", FileKind.TEXT),
        (office("word/document.xml"), Stranger.WORD),
        (office("xl/workbook.xml"), Stranger.EXCEL),
        (office("ppt/presentation.xml"), Stranger.POWERPOINT),
        (office("word/document.xml", first="docProps/app.xml"), Stranger.WORD),
        (office("a.xml"), Stranger.ARCHIVE),
        (open_document(), Stranger.OPEN_DOCUMENT),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), Stranger.OLD_OFFICE),
        (rb"{\rtf1 hello}", Stranger.RICH_TEXT),
        (b"%!PS-Adobe-3.0\n", Stranger.POSTSCRIPT),
        (b"\x1b%-12345X@PJL\n", Stranger.PRINTER_DATA),
        (b"\n<!-- saved --><!-- from -->\n<HTML><body>", FileKind.HTML),
        (b"\xef\xbb\xbf<!doctype html>", FileKind.HTML),
        (b"<p>Dear clinic", FileKind.HTML),
        (b"\n<script>1</script><p>Dear clinic", FileKind.HTML),
        (b"<patient> is away", FileKind.TEXT),
        (b"<a@example.com> wrote", FileKind.TEXT),
        ("<!DOCTYPE html><p>שלום".encode("utf-16"), FileKind.HTML),
        (b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN">', FileKind.HTML),
        (b"<meta charset=utf-8><title>A page without much", FileKind.HTML),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", FileKind.TEXT),
        (b"<headline>News</headline>", FileKind.TEXT),
        (b"<!---->" * 300, FileKind.TEXT),
        (image_file(PICTURE, "GIF"), Stranger.GIF),
        (image_file(PICTURE, "WEBP"), Stranger.WEBP),
        (image_file(PICTURE, "BMP"), Stranger.BMP),
        (b"\x00\x00\x00\x18ftypheic" + bytes(50), Stranger.HEIF),
        (b"\x00\x00\x00\x18ftypisom" + bytes(50), Stranger.SOUND_OR_FILM),
        (b"RIFF\x00\x00\x00\x00WAVE", Stranger.SOUND_OR_FILM),
        (b"\x7fELF" + bytes(50), Stranger.PROGRAM),
        (b"MZ\x90\x00" + bytes(50), Stranger.PROGRAM),
        (b"\x1f\x8b\x08" + bytes(50), Stranger.ARCHIVE),
        (b"\x00\x01\x02", Stranger.UNKNOWN),
        (b"\x81\x8d\x8f", Stranger.UNKNOWN),
        (b"\xff\xfeodd", Stranger.UNKNOWN),
    ],
)
def test_a_file_is_told_by_its_content(content, kind):
    assert recognise(content) is kind


@pytest.mark.parametrize("looks", Stranger)
def test_every_stranger_has_a_name_and_a_remedy(looks):
    assert looks.looks_like
    assert looks.remedy.endswith(".")


@given(st.binary(min_size=1, max_size=3000))
def test_any_bytes_get_an_answer(content):
    assert recognise(content) in {*FileKind, *Stranger}


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t\f"), min_size=1))
def test_any_text_is_read_back_as_it_was_written(text):
    assert decode_text(text.encode("utf-16")) == text
    if not text.startswith("\ufeff"):
        assert decode_text(text.encode()) == text


@given(st.binary(max_size=60), st.sampled_from([FileKind.PDF, FileKind.JPEG, FileKind.PNG, FileKind.TIFF]))
def test_what_follows_a_signature_does_not_matter(rest, kind):
    start = {
        FileKind.PDF: b"%PDF-",
        FileKind.JPEG: b"\xff\xd8\xff",
        FileKind.PNG: b"\x89PNG\r\n\x1a\n",
        FileKind.TIFF: b"II*\x00",
    }
    assert recognise(start[kind] + rest) is kind
