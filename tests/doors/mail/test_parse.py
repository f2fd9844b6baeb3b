"""Mails are read: what stands in them comes out, whatever the way it went in; and nothing but a refusal else."""

import base64
import tracemalloc
from email.header import Header
from email.message import EmailMessage

import pytest
from doors.mail import corpus
from doors.mail.corpus.making import attached, html, mail, part, pdf, png, several, text, top
from hypothesis import given
from hypothesis import strategies as st

from caselli.doors.mail import fields, names, parse, structure, texts
from caselli.fax.refusals import Refusal

SMALL = [case.content for case in corpus.MAILS if len(case.content) < 5_000]


@given(
    st.binary(max_size=400)
    | st.text(' \r\n:;="-<>@?xyContent-Type: multipart/mixed; boundary=', max_size=300).map(str.encode)
)
def test_whatever_comes_is_read_or_refused(content):
    for read in (parse.read_head, parse.read):
        try:
            read(content)
        except Refusal as refusal:
            assert refusal.sentence
            assert refusal.remedy


@given(st.data())
def test_a_mail_that_was_damaged_on_its_way_is_read_or_refused(data):
    content = bytearray(data.draw(st.sampled_from(SMALL)))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        kept = data.draw(st.integers(0, 30))
        content[at : at + kept] = data.draw(
            st.binary(max_size=20) | st.sampled_from([b"--=_frontier\r\n", b"\r\n\r\n", b'"'])
        )
    try:
        read = parse.read(bytes(content))
    except Refusal:
        return
    for one in (*read.attachments, *read.inline):
        assert one.name
        assert not set(one.name) & set("/\\\r\n\0")


def test_the_head_is_read_from_a_file_and_no_further(tmp_path):
    file = tmp_path / "mail"
    file.write_bytes(mail(several("mixed", text(), ends=False), sender="Älice <alice@clinic.example>"))
    head = parse.read_head(file)
    assert head == parse.read(file).head
    assert (head.senders, head.shown_sender) == (("alice@clinic.example",), "Älice")
    assert (head.subject, head.date) == ("+1 202 555 0100", "Wed, 25 Nov 2026 09:30:00 -0500")
    assert head.message_id.startswith("<corpus-")


@given(st.lists(st.binary(max_size=60).filter(lambda one: b"--edge" not in one), min_size=1, max_size=5))
def test_parts_come_out_byte_for_byte(contents):
    content = top() + several("mixed", *(b"X: y\r\n\r\n" + one for one in contents), boundary="edge")
    entity = structure.take_apart(content, structure.Count())
    assert [bytes(one.coded) for one in entity.parts] == contents


@given(st.text("AQ=\n!", max_size=24).map(str.encode))
def test_base64_of_any_kind_gives_what_there_is(coded):
    content, whole = fields.from_base64(coded)
    assert len(content) <= len(coded)
    assert whole <= (b"!" not in coded)


@given(st.binary(max_size=300), st.integers(1, 80), st.sampled_from([b"\r\n", b"\n", b" ", b"\t\r\n"]))
def test_base64_is_read_in_lines_of_any_length_with_and_without_its_padding(content, length, blank):
    coded = base64.b64encode(content)
    lines = blank.join(coded[at : at + length] for at in range(0, len(coded), length))
    assert fields.from_base64(lines) == (content, True)
    assert fields.from_base64(lines.rstrip(b"=\r\n\t ")) == (content, True)


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80),
    st.sampled_from(["utf-8", "gb18030", "utf-7"]),
)
def test_what_the_library_encodes_as_a_subject_is_read(words, charset):
    written = Header(words, charset, maxlinelen=60, header_name="Subject").encode(linesep="\r\n")
    expected = " ".join(words.split())
    assert "".join(fields.words(written).split()) == "".join(expected.split())


@given(
    st.binary(max_size=100),
    st.text(max_size=30) | st.sampled_from(["utf-8", "utf-16", "hz", "iso-2022-jp", "punycode", "hex"]),
)
def test_a_text_of_any_charset_becomes_letters(content, charset):
    assert isinstance(fields.clean(fields.decode(content, charset)), str)


@given(st.text(max_size=200))
def test_a_name_is_one_line_without_folders(name):
    shown = names.usual(name)
    assert len(shown) <= 121
    assert not set(shown) & set("/\\\r\n\t\0\u202e")


def test_what_the_library_writes_is_read_as_it_was_meant():
    letter = EmailMessage()
    letter["From"] = "Alice <alice@clinic.example>"
    letter["Subject"] = "+1 202 555 0100"
    letter.set_content("Grüße\n")
    letter.add_alternative('<p>Grüße <img src="cid:logo"></p>', subtype="html")
    letter.get_payload()[1].add_related(png(), "image", "png", cid="<logo>", filename="logo.png")
    letter.add_attachment(pdf(), "application", "pdf", filename="Übung 1.pdf")
    read = parse.read(letter.as_bytes())
    assert (read.plain, "Grüße" in read.html) == ("Grüße", True)
    assert [(one.name, one.content) for one in read.attachments] == [("Übung 1.pdf", pdf())]
    assert [(one.name, one.content_id) for one in read.inline] == [("logo.png", "logo")]


def test_a_mail_within_the_mail_tells_who_wrote_it():
    inner = top("Results", "Dr. Bob <bob@elsewhere.example>") + text("All is well.\n")
    (document,) = parse.read(mail(several("mixed", part("message/rfc822", inner)))).attachments
    assert document.content.decode() == (
        "From: Dr. Bob <bob@elsewhere.example>\nDate: Wed, 25 Nov 2026 09:30:00 -0500\nSubject: Results\n\nAll is well."
    )


def test_a_mail_of_html_within_the_mail_has_its_pictures_in_it():
    page = several(
        "related", html('<p>Well.</p><img src="cid:x">'), part("image/png", png(), "base64", cid="x"), boundary="in"
    )
    inner = top("<Results>", "Bob <bob@elsewhere.example>") + page
    read = parse.read(mail(several("mixed", part("message/rfc822", inner))))
    (document,) = read.attachments
    words = document.content.decode()
    assert "<b>Subject:</b> &lt;Results&gt;" in words
    assert f"data:image/png;base64,{base64.b64encode(png()).decode()}" in words
    assert read.inline == ()


def test_a_text_document_is_in_utf8_whatever_the_mail_says_it_is():
    coded = part("text/plain; charset=koi8-r; name=b.txt", "Привет".encode("koi8-r"), "base64")
    (document,) = parse.read(mail(several("mixed", coded))).attachments
    assert document.content == "Привет".encode()


def test_a_picture_that_is_shown_a_million_times_does_not_fill_the_memory():
    page = several(
        "related",
        html('<img src="cid:x">' * 20_000),
        part("image/png", png() + bytes(20_000), "base64", cid="x"),
        boundary="in",
    )
    inner = top("Many", "Bob <bob@elsewhere.example>") + page
    documents = parse.read(mail(several("mixed", *[part("message/rfc822", inner)] * 4))).attachments
    assert documents[0].content.count(b"data:image/png") > 100
    assert sum(len(one.content) for one in documents) < 30_000_000


def test_a_text_is_whole_in_each_form_it_is_given_in():
    both = texts.Text("plain", "<p>html</p>")
    assert texts.joined([both, texts.Text(), both]) == texts.Text("plain\n\nplain", "<p>html</p>\n<p>html</p>")
    assert texts.joined([texts.Text("a < b"), texts.Text("", "<p>c</p>")]) == texts.Text(
        "", "<div>a &lt; b</div>\n<p>c</p>"
    )
    assert texts.joined([texts.Text("a"), texts.Text("b")]) == texts.Text("a\n\nb")


@pytest.mark.parametrize(
    "blank", ["", "<p>&nbsp;</p>", "<style>p{}</style>", "<!-- x -->", "<title>x</title>", "<br\n>", "&#8203;"]
)
def test_html_that_shows_nothing(blank):
    assert texts.shows_nothing(blank)


@pytest.mark.parametrize(
    "seen", ["x", "<b>x", "&lt;", "a < b", '<img src="cid:x">', "<style>p{}</style>x", "<styled>x</styled>"]
)
def test_html_that_shows_something(seen):
    assert not texts.shows_nothing(seen)


def test_a_mail_is_held_not_much_more_than_twice():
    content = mail(several("mixed", text(), attached("large.pdf", pdf() + bytes(3_000_000))))
    tracemalloc.start()
    try:
        assert len(parse.read(content).attachments) == 1
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 3 * len(content)
