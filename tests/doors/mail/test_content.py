"""What of a mail becomes the fax, by the settings of its extension."""

import base64

import pytest
from documents.reading import fax_of, page_of
from documents.samples import image_file, photo

from caselli.doors.mail.content import COVER, HTML_TEXT, PLAIN_TEXT, files_of
from caselli.doors.mail.message import Head, Mail, Part, PartKind
from caselli.fax.refusals import Refusal, RefusalKind
from caselli.store.models import Extension, Organization

HEAD = Head(("anna@clinic.example",), "Anna Bauer", "+4930123456", "<1@x>", "Wed, 25 Nov 2026 23:30:00 -0000")
LETTER = Part(PartKind.ATTACHMENT, "letter.pdf", "application/pdf", b"%PDF-1.7")
SECOND = Part(PartKind.ATTACHMENT, "second.txt", "text/plain", b"Second")
PICTURE = image_file(photo((300, 300)), "PNG")
PNG = base64.b64encode(PICTURE)
SHOWN = Part(PartKind.INLINE, "logo.png", "image/png", PICTURE, "logo@x")
TABLE = "<p>Hello</p><table><tr><td>Boxes<td>2</tr></table>"


def mail(plain: str = "", html: str = "", *parts: Part, date: str = HEAD.date) -> Mail:
    attachments = tuple(part for part in parts if part.kind is PartKind.ATTACHMENT)
    inline = tuple(part for part in parts if part.kind is PartKind.INLINE)
    head = Head(HEAD.senders, HEAD.shown_sender, HEAD.subject, HEAD.message_id, date)
    return Mail(head, plain, html, attachments, inline)


def extension(**settings: object) -> Extension:
    organization = Organization(number="0003", name="Clinic & Sons", time_zone="Europe/Berlin")
    return Extension(organization=organization, number="210", name="Reception", **settings)


def names(one: Mail, **settings: object) -> list[str]:
    return [file.name for file in files_of(one, extension(**settings), ["+4930123456"])]


def words(one: Mail, **settings: object) -> str:
    return b"\n".join(file.content for file in files_of(one, extension(**settings), ["+4930123456"])).decode(
        "utf-8-sig"
    )


@pytest.mark.parametrize(
    ("setting", "plain", "parts", "expected"),
    [
        ("attachments", "Hello", (LETTER, SECOND), ["letter.pdf", "second.txt"]),
        ("attachments", "Hello", (), [PLAIN_TEXT]),
        ("attachments", " \n", (), []),
        ("text", "Hello", (LETTER,), [PLAIN_TEXT]),
        ("text", "\n", (LETTER,), []),
        ("both", "Hello", (LETTER, SECOND), [PLAIN_TEXT, "letter.pdf", "second.txt"]),
        ("both", " \n\t", (LETTER,), ["letter.pdf"]),
        ("both", "Hello", (), [PLAIN_TEXT]),
    ],
)
def test_text_and_attachments_go_as_the_extension_wants(setting, plain, parts, expected):
    assert names(mail(plain, "", *parts), mail_content=setting) == expected


@pytest.mark.parametrize(
    ("setting", "parts", "expected"),
    [
        ("attachments", (LETTER,), [COVER, "letter.pdf"]),
        ("text", (LETTER,), [COVER]),
        ("both", (LETTER,), [COVER, "letter.pdf"]),
        ("attachments", (), [COVER]),
    ],
)
def test_a_cover_page_comes_first_and_carries_the_text(setting, parts, expected):
    one = mail("Please & thank you", "", *parts)
    assert names(one, mail_content=setting, mail_cover=True) == expected
    assert "Please &amp; thank you" in words(one, mail_content=setting, mail_cover=True)


def test_a_cover_page_alone_is_no_fax():
    assert names(mail(), mail_cover=True) == []
    assert names(mail("-- \nAnna", "", LETTER), mail_cover=True, mail_cut=True) == [COVER, "letter.pdf"]


def test_what_we_make_does_not_count_as_a_file():
    files = files_of(mail("Hello", "", LETTER, SECOND), extension(mail_content="both"), [])
    assert [file.counts for file in files] == [False, True, True]
    files = files_of(mail("Hello", TABLE, LETTER), extension(mail_cover=True), [])
    assert [file.counts for file in files] == [False, True]


def test_the_cover_page_says_who_sends_to_whom_and_when():
    page = words(mail("Hello"), mail_cover=True)
    for said in ("Clinic &amp; Sons", "+4930123456", "Anna Bauer", "anna@clinic.example, extension 210 Reception"):
        assert said in page
    assert "26 November 2026" not in page  # -0000 is a time without a zone: as it was written
    assert "25 November 2026, 23:30" in page
    assert "26 November 2026, 00:30" in words(mail("Hello", date="Wed, 25 Nov 2026 23:30:00 +0000"), mail_cover=True)


@pytest.mark.parametrize("date", ["", "yesterday", "Wed, 99 Nov 2026 23:30:00 +0000"])
def test_a_date_that_is_none_is_left_out(date):
    assert "<th>Date" not in words(mail("Hello", date=date), mail_cover=True)


def test_a_cover_page_becomes_one_fax_page_and_its_look_is_not_the_senders():
    html = "<style>.fax, .facts { display: none } div { color: red }</style>" + TABLE
    (cover,) = files_of(mail("", html), extension(mail_cover=True), ["211"])
    (plain,) = files_of(mail("", TABLE), extension(mail_cover=True), ["211"])
    assert (page_of(cover.content) == page_of(plain.content)).all()


@pytest.mark.parametrize(
    ("plain", "html", "expected"),
    [
        ("Hello", "<p>Hello</p>", PLAIN_TEXT),
        ("Hello", "<table><tr><td>Hello</td></tr></table>", PLAIN_TEXT),
        ("Hello", "<p>Hello<img src='https://elsewhere.example/x.png'></p>", PLAIN_TEXT),
        ("Hello", TABLE, HTML_TEXT),
        ("Hello", "<p>Hello<img src='cid:logo@x'></p>", HTML_TEXT),
        ("Hello", "<p>Hello<IMG alt=x SRC = CID:LOGO%40x></p>", HTML_TEXT),
        ("Hello", "<img src='data:image/png;base64,AAAA'>", HTML_TEXT),
        ("", "<p>Hello</p>", HTML_TEXT),
        ("", "<img src='cid:logo@x'>", HTML_TEXT),
        ("This is a mail in HTML format.", "<p>Hello</p>", HTML_TEXT),
        ("Hello", "<p> </p>", PLAIN_TEXT),
    ],
)
def test_plain_text_is_sent_unless_html_shows_more(plain, html, expected):
    assert names(mail(plain, html, SHOWN)) == [expected]


def test_a_picture_of_the_text_is_drawn_in_it_and_sent_nowhere_else():
    one = mail("Hello", "<p>Hello</p><img src='cid:logo@x'>", SHOWN, LETTER)
    assert names(one) == ["letter.pdf"]
    text, letter = files_of(one, extension(mail_content="both"), [])
    assert (text.name, letter.name) == (HTML_TEXT, "letter.pdf")
    assert b"data:image/png;base64," + PNG in text.content
    assert page_of(text.content).sum() > 50_000


def test_a_content_id_that_is_no_picture_of_the_text_stays_a_word():
    html = "<p title='x'>Hello, src=cid:logo@x</p><img src='cid:logo@x'><img alt=gone src='cid:other@x'>"
    (text,) = files_of(mail("", html, SHOWN), extension(), [])
    assert text.content.count(PNG) == 1


def test_a_picture_that_no_page_can_show_in_its_place_is_a_document_of_its_own():
    tiff = Part(PartKind.INLINE, "scan.tif", "image/png", image_file(photo((64, 64)), "TIFF"), "scan")
    svg = Part(PartKind.INLINE, "logo.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "svg")
    one = mail("", "<p>See <img src='cid:scan'><img src='cid:scan'> <img src='cid:svg'></p>", tiff, svg)
    assert names(one) == [HTML_TEXT, "scan.tif"]


def test_pictures_that_are_too_large_together_are_refused():
    many = mail("", "<img src='cid:logo@x'>" * 3, SHOWN)
    with pytest.raises(Refusal) as refused:
        files_of(many, extension(), [], most=2 * len(PNG))
    assert refused.value.kind is RefusalKind.FILE_TOO_LARGE


def test_signature_and_quotations_are_cut_if_wished():
    plain = "Hello\n\n-- \nAnna\n\nAm 24.11.2026 schrieb Max:\n> Hi\n"
    assert words(mail(plain), mail_cut=True) == "Hello"
    assert "Max" in words(mail(plain))
    html = "<div>Hello</div><blockquote type=cite><table><tr><td>a<td>b</table></blockquote>"
    assert names(mail("Hello", html), mail_cut=True) == [PLAIN_TEXT]
    assert names(mail("Sent from my iPhone", "", LETTER), mail_content="both", mail_cut=True) == ["letter.pdf"]


def test_the_text_is_read_as_it_was_written_whatever_it_begins_with():
    for text in ("<html> is a tag", "%PDF-1.7 1 0 obj", "BM", "PK\x03\x04"):
        (one,) = files_of(mail(text), extension(), [])
        assert fax_of(one.content).pages
    (one,) = files_of(mail("", "<meta charset=koi8-r><p>Grüße"), extension(), [])
    (same,) = files_of(mail("", "<p>Grüße"), extension(), [])
    assert (page_of(one.content) == page_of(same.content)).all()
