"""The pages as sent and the documents as handed in: pictures to look at, files to keep, nothing that runs."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from caselli.store import blobs
from caselli.store.models import Fax


@pytest.fixture
def fax(hand_in):
    return hand_in("+12025550107")


def test_a_page_can_be_looked_at(fax, alice):
    answer = alice.get(reverse("fax-page-picture", args=[fax.uid, 1]), {"width": "432"})
    assert answer["Content-Type"] == "image/png"
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert picture.width == 432
        assert picture.convert("L").getextrema()[0] < 255


def test_a_picture_that_the_browser_has_is_not_sent_again(fax, alice):
    address = reverse("fax-page-picture", args=[fax.uid, 1])
    first = alice.get(address)
    assert first["Cache-Control"] == "private, max-age=3600"
    again = alice.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("width", ["1", "100000", "-96", "abc", "²", "٤٣٢"])
def test_only_a_few_widths_can_be_had(fax, alice, width):
    assert alice.get(reverse("fax-page-picture", args=[fax.uid, 1]), {"width": width}).status_code == 404


def test_pages_that_are_not_there_are_not_found(fax, alice):
    for page in (0, 2, 10**12):
        assert alice.get(reverse("fax-page-picture", args=[fax.uid, page])).status_code == 404
        assert alice.get(reverse("fax-page", args=[fax.uid, page])).status_code == 404


def test_the_viewer_shows_a_page_and_what_the_line_said_of_it(hand_in, run_calls, alice, sent_page, letter):
    fax = hand_in("+12025550100", files=[letter("One"), letter("Two")])
    run_calls()
    page = alice.get(reverse("fax-page", args=[fax.uid, 1])).content.decode()
    assert "Page 1 of 2" in page
    assert "Confirmed by +1 202-555-0100 (LAB FAX), 14,400 bit/s" in page
    assert f'href="{reverse("fax-page", args=[fax.uid, 2])}" data-turn="ArrowRight"' in page
    assert "ArrowLeft" not in page


def test_the_pages_as_sent_can_be_kept_as_pdf(fax, alice):
    answer = alice.get(reverse("fax-pages", args=[fax.uid]))
    assert answer.content.startswith(b"%PDF-")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment;")


def test_a_document_comes_back_as_it_was_handed_in_and_never_runs(alice, sent_page):
    script = b"Dear clinic, <script>alert(1)</script>"
    file = SimpleUploadedFile('résumé "x".txt', script)
    alice.post(sent_page, {"recipients": "+12025550100", "files": [file]})
    fax = Fax.objects.get()
    answer = alice.get(reverse("fax-document", args=[fax.uid, 1]))
    assert answer.getvalue() == script
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_a_document_that_is_not_there_is_not_found(fax, alice):
    assert alice.get(reverse("fax-document", args=[fax.uid, 2])).status_code == 404
    fax.documents.update(blob="")
    assert alice.get(reverse("fax-document", args=[fax.uid, 1])).status_code == 404


def test_a_file_that_the_disk_lost_is_not_found(fax, alice):
    Fax.objects.filter(pk=fax.pk).update(pages_blob="0" * 64)
    for name, more in (("fax-page-picture", [1]), ("fax-pages", [])):
        assert alice.get(reverse(name, args=[fax.uid, *more])).status_code == 404


def test_a_file_that_is_no_fax_is_not_found(make_fax, alice):
    fax = make_fax("+12025550100")
    assert blobs.path(fax.pages_blob).read_bytes() == b"pages of a fax"
    for name, more in (("fax-page-picture", [1]), ("fax-pages", [])):
        assert alice.get(reverse(name, args=[fax.uid, *more])).status_code == 404


def test_a_purged_fax_has_no_pages(fax, alice):
    Fax.objects.filter(pk=fax.pk).update(pages_blob="")
    page = alice.get(reverse("fax", args=[fax.uid])).content.decode()
    assert "Pages as sent" not in page
    assert alice.get(reverse("fax-page", args=[fax.uid, 1])).status_code == 404
