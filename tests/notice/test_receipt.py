"""The transmission report: what it tells, and the sheet that is drawn of it."""

import io

import pypdfium2
import pytest
from django.utils import timezone

from caselli.documents.report import paper_of, report_pdf
from caselli.fax.outcome import CallEnd, CallReport, PageReport, Transport
from caselli.history.receipt import receipt
from caselli.store import blobs
from caselli.store.models import Document, Fax

GOOD = CallReport(
    CallEnd.COMPLETED,
    seconds=64.4,
    answered=True,
    sip_code=200,
    t30_code=0,
    transport=Transport.T38,
    remote_id="+1 202 555 0100",
    pages=(PageReport(1, confirmed=True, rate=14_400, ecm=True, width=1728, length=2292, size=25_600, seconds=18.8),),
)


@pytest.fixture
def ended(make_fax, end_calls, a_page):
    """A fax that reached one of two, with a document and a page to look at."""

    def make(*numbers, name="letter & more.pdf"):
        fax = make_fax(*numbers or ("+12025550100", "+12025550107"))
        Document.objects.create(fax=fax, position=1, name=name, kind="pdf", blob="0" * 64, size=1, pages=1)
        end_calls({"+12025550100": GOOD})
        Fax.objects.filter(pk=fax.pk).update(pages_blob=blobs.keep(a_page))
        return Fax.objects.get(pk=fax.pk)

    return make


def read(pdf):
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    texts = [page.get_textpage().get_text_bounded() for page in document]
    sizes = [tuple(round(one) for one in page.get_size()) for page in document]
    return texts, sizes


def test_it_tells_how_it_went_to_each_recipient(ended, home):
    told = receipt(ended(), timezone.now())
    first, second = told.lines
    assert (first.word, first.pages, first.lasted, first.answered_by) == (
        "Delivered",
        "1 of 1",
        "1 min 04 s",
        "+1 202 555 0100",
    )
    assert second.word == "Failed"
    assert second.reason
    assert told.handed_in == "Web, by Alice"
    assert told.approved.endswith(" by Alice, web")


def test_the_sheet_says_it_all_on_one_page_of_the_countrys_paper(ended, home):
    fax = ended()
    told = receipt(fax, timezone.now())
    (text,), (size,) = read(report_pdf(told, blobs.path(fax.pages_blob)))
    assert size == (612, 792)
    for words in ("Transmission report", "Partially Sent", "1 of 2 recipients", "letter & more.pdf", str(fax.uid)):
        assert words in text
    assert " ".join(told.lines[1].reason.split()) in " ".join(text.split())
    assert (paper_of("DE"), paper_of("CA")) == ("A4", "letter")


def test_a_sheet_is_drawn_also_when_the_pages_are_gone_and_whatever_names_hold(ended, home):
    told = receipt(ended("+12025550100", name="<b>名前</b> “x”.pdf"), timezone.now())
    (text,), _ = read(report_pdf(told, None))
    assert "<b>名前</b> “x”.pdf" in text
    assert "The pages have been erased." in text
