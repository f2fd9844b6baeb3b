"""Several files are one fax; everything that cannot be sent is said, beside the file it concerns, with a remedy."""

import io
import zipfile

import pytest
from documents.reading import bounds, fax_of, pages_of, refusals_of
from documents.samples import (
    BLACK_SQUARE,
    endless_pdf,
    image_file,
    locked_pdf,
    pdf,
    photo,
    png_header_claiming,
    swelling_pdf,
    with_black_square,
)

from caselli.documents import reasons
from caselli.documents.convert import Limits, SourceFile, convert
from caselli.documents.jobs import Objected, Objection
from caselli.documents.pages import FileKind
from caselli.fax.refusals import RefusalKind, Refusals


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "x" * 100)
    return file.getvalue()


def test_several_files_become_one_fax_in_their_order(tmp_path):
    (tmp_path / "b").write_bytes(image_file(with_black_square((500, 500)), "JPEG"))
    document = convert(
        [
            SourceFile("a.pdf", pdf(BLACK_SQUARE, BLACK_SQUARE)),
            SourceFile("b.jpg", tmp_path / "b"),
            SourceFile("c.txt", b"hello"),
        ],
        Limits(),
    )
    assert [(file.name, file.kind, file.pages) for file in document.files] == [
        ("a.pdf", FileKind.PDF, 2),
        ("b.jpg", FileKind.JPEG, 1),
        ("c.txt", FileKind.TEXT, 1),
    ]
    assert [bounds(page)[1] > 1000 for page in pages_of(document)] == [True, True, False, False]
    assert [(page.width, page.length) for page in document.pages] == [(1728, 2292)] * 2 + [(1728, 1621), (1728, 2292)]
    assert sum(page.coded_bytes for page in document.pages) < len(document.tiff)


def test_a_jpeg_that_is_called_pdf_is_taken_for_what_it_is():
    jpeg = image_file(photo((300, 300)), "JPEG")
    document = convert([SourceFile("letter.pdf", jpeg)], Limits())
    assert document.files[0].kind is FileKind.JPEG


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        (b"", RefusalKind.FILE_EMPTY, "is empty"),
        (zipped("[Content_Types].xml", "word/document.xml"), RefusalKind.FILE_KIND_UNKNOWN, "a Word document"),
        (zipped("a.txt"), RefusalKind.FILE_KIND_UNKNOWN, "an archive"),
        (b"\x00\x01\x02\x03" * 50, RefusalKind.FILE_KIND_UNKNOWN, "a kind we do not know"),
        (locked_pdf(b"secret"), RefusalKind.FILE_ENCRYPTED, "protected by a password"),
        (b"%PDF-1.7\nand nothing more", RefusalKind.FILE_DAMAGED, "is damaged"),
        (b"\xff\xd8\xff\xe0" + bytes(500), RefusalKind.FILE_DAMAGED, "is damaged"),
        (image_file(photo((500, 500)), "JPEG")[:3000], RefusalKind.FILE_DAMAGED, "is damaged"),
        (image_file(photo((500, 500)), "PNG")[:3000], RefusalKind.FILE_DAMAGED, "is damaged"),
        (image_file(photo((500, 500)), "TIFF")[:3000], RefusalKind.FILE_DAMAGED, "is damaged"),
        (png_header_claiming(60_000, 50_000), RefusalKind.FILE_TOO_COMPLEX, "60,000 x 50,000 pixels"),
        (png_header_claiming(100_000, 1), RefusalKind.FILE_TOO_COMPLEX, "100,000 x 1 pixels"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_a_remedy(content, kind, words):
    (refusal,) = refusals_of(content)
    assert refusal.kind is kind
    assert words in refusal.sentence
    assert refusal.field == "files"
    assert refusal.subject == "file 1"
    assert refusal.remedy.endswith(".")


def test_everything_that_is_wrong_is_said_at_once():
    kinds = [(one.subject, one.kind) for one in refusals_of(b"", b"fine", locked_pdf(b"x"))]
    assert kinds == [("file 1", RefusalKind.FILE_EMPTY), ("file 3", RefusalKind.FILE_ENCRYPTED)]


def test_no_file_is_refused():
    with pytest.raises(Refusals) as refused:
        convert([], Limits())
    assert refused.value.all[0].kind is RefusalKind.FILE_MISSING


def test_a_file_that_vanished_is_refused(tmp_path):
    with pytest.raises(Refusals) as refused:
        convert([SourceFile("gone.pdf", tmp_path / "gone")], Limits())
    assert refused.value.all[0].kind is RefusalKind.FILE_MISSING


def test_a_file_over_the_size_is_refused_unread(tmp_path):
    with (tmp_path / "large").open("wb") as file:
        file.truncate(30_000_000)
    with pytest.raises(Refusals) as refused:
        convert([SourceFile("large.pdf", tmp_path / "large")], Limits())
    assert refused.value.all[0].kind is RefusalKind.FILE_TOO_LARGE
    assert "has 30 MB; a file may have 25 MB" in refused.value.all[0].sentence
    assert (
        "has more than 25 MB; a file may have 25 MB" in reasons.too_large("large.pdf", 25_000_001, 25_000_000).sentence
    )


def test_pages_are_counted_over_all_files():
    three = pdf(BLACK_SQUARE, BLACK_SQUARE, BLACK_SQUARE)
    assert len(fax_of(three, three, limits=Limits(max_pages=6)).pages) == 6
    (refusal,) = refusals_of(three, three, limits=Limits(max_pages=5))
    assert (refusal.subject, refusal.kind) == ("file 2", RefusalKind.FILE_TOO_MANY_PAGES)
    assert "has 3 pages; a fax may have 5" in refusal.sentence
    frames = [with_black_square((99, 99))] * 3
    tiff = image_file(frames[0], "TIFF", save_all=True, append_images=frames[1:])
    (refusal,) = refusals_of(tiff, limits=Limits(max_pages=2))
    assert refusal.kind is RefusalKind.FILE_TOO_MANY_PAGES


def test_a_pdf_that_is_never_done_ends_at_its_time():
    (refusal,) = refusals_of(endless_pdf(), limits=Limits(seconds=1.0))
    assert refusal.kind is RefusalKind.FILE_TOO_COMPLEX
    assert "too long or too much memory" in refusal.sentence


def test_a_pdf_that_swells_ends_at_its_memory():
    (refusal,) = refusals_of(swelling_pdf(100), limits=Limits(memory_bytes=80 << 20))
    # PDFium falls over when it gets no memory: nobody can tell that from a file that breaks it.
    assert refusal.kind is RefusalKind.FILE_DAMAGED
    assert "needs more memory" in refusal.sentence


def test_an_image_that_swells_ends_at_its_memory():
    black = image_file(photo((64, 64)).resize((6000, 6000)).convert("RGB"), "PNG", compress_level=1)
    (refusal,) = refusals_of(black, limits=Limits(memory_bytes=100 << 20))
    assert refusal.kind is RefusalKind.FILE_TOO_COMPLEX


def test_after_all_of_that_the_next_document_is_fine():
    assert fax_of(pdf(BLACK_SQUARE)).pages


@pytest.mark.parametrize("objection", Objection)
def test_every_objection_has_words(objection):
    refusal = reasons.objected("a.pdf", Objected(objection, "7"), 200)
    assert refusal.sentence.startswith("“a.pdf” ")
    assert refusal.sentence.endswith(".")
    assert refusal.remedy.endswith(".")
