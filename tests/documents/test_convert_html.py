"""HTML becomes fax pages: what its reader sees, black on white, within the page, and nothing from elsewhere."""

import base64

import numpy as np
import pytest
from documents.reading import bounds, fax_of, page_of, refusals_of
from documents.samples import image_file, photo, png_header_claiming

from caselli.documents.convert import Limits
from caselli.documents.pages import FileKind
from caselli.fax.refusals import RefusalKind

MARGIN = 1728 * 0.05


def html(body: str, head: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode()


def picture(size: tuple[int, int], form: str = "PNG") -> str:
    content = base64.b64encode(image_file(photo(size), form)).decode()
    return f"data:image/{form.lower()};base64,{content}"


def test_html_is_a_document_on_a4():
    document = fax_of(html("<h1>Order</h1><p>Two boxes, please.</p>"))
    assert document.files[0].kind is FileKind.HTML
    assert [(page.width, page.length) for page in document.pages] == [(1728, 2292)]


def test_whatever_colours_it_sets_it_is_black_on_white():
    plain = page_of(html("<p>Some words</p>"))
    style = "<style>* { color: white !important; background: black !important; opacity: .2 !important }</style>"
    assert (page_of(html("<p style='color:#eee;background:#003'>Some words</p>", style)) == plain).all()


def test_a_page_of_its_own_size_is_a4_all_the_same():
    style = "<style>@page { size: 50mm 50mm !important; margin: 0 } @page x { size: a3 } p { page: x }</style>"
    assert [page.length for page in fax_of(html("<p>Words</p>" * 3, style)).pages] == [2292]


@pytest.mark.parametrize(
    "body",
    [
        "<p>" + "word" * 200,
        "<p style='white-space:nowrap'>" + "word " * 60,
        "<div style='width:3000px;text-align:right'>far away</div>",
        "<div style='position:absolute;left:4000px'>far away</div>",
        "<table width=1500 border=1><tr>" + "<td width=100>cell</td>" * 15 + "</tr></table>",
        "<table border=1><tr>" + "<td>Unbreakable-name</td>" * 30 + "</tr></table>",
        f"<img src='{picture((3000, 500))}'>",
        f"<img style='max-width:none!important;width:4000px;height:20px' src='{picture((300, 100))}'>",
    ],
)
def test_nothing_is_wider_than_the_page(body):
    left, _, right, _ = bounds(page_of(html(body)))
    assert left > MARGIN
    assert right < 1728 - MARGIN


def test_a_picture_that_must_give_way_keeps_its_proportions():
    left, top, right, bottom = bounds(page_of(html(f"<img width=2000 height=900 src='{picture((400, 400))}'>")))
    assert abs((right - left) / 204 - (bottom - top) / 196) < 0.1


def test_lines_from_right_to_left_stand_at_the_right():
    for body in ("<p>שלום</p>", "<div dir=auto>שלום</div>", "<p dir=rtl>123</p>"):
        assert bounds(page_of(html(body)))[0] > 1728 / 2
    for body in ("<p>peace שלום</p>", "<div dir=auto>peace</div>", "<p dir=ltr>שלום</p>"):
        assert bounds(page_of(html(body)))[2] < 1728 / 2
    assert bounds(page_of(b"<html dir=rtl><body><p>peace</p></body></html>"))[0] > 1728 / 2


@pytest.mark.parametrize(
    ("encoding", "head"),
    [
        ("utf-8", ""),
        ("utf-8-sig", "<meta charset=koi8-r>"),
        ("utf-16", ""),
        ("koi8-r", "<meta charset=koi8-r>"),
        ("cp1251", "<meta http-equiv=Content-Type content='text/html; charset=windows-1251'>"),
    ],
)
def test_the_same_words_look_the_same_in_any_encoding(encoding, head):
    assert (page_of(html("Привет", head).decode().encode(encoding)) == page_of(html("Привет"))).all()


@pytest.mark.parametrize(
    "active",
    [
        "<script>document.write('x'.repeat(999))</script>",
        "<form><input value=secret><select><option>one</select><textarea>words</textarea></form>",
        "<iframe srcdoc='words'>words</iframe>",
        "<svg width=100 height=100><rect width=100 height=100 /><text>words</text></svg>",
        "<title>words</title>",
        "<div style='display:none'>words</div>",
        "<div hidden>words</div>",
        "<div style=\"background:url('data:image/svg+xml,<svg/>');list-style-image:url(file:///etc/passwd)\"></div>",
        "<style>@import 'http://127.0.0.1:9/'; @font-face { font-family: x; src: url(http://127.0.0.1:9/) }</style>",
    ],
)
def test_what_acts_or_is_not_seen_is_not_on_the_page(active):
    assert (page_of(html(f"<p>before</p>{active}")) == page_of(html("<p>before</p>"))).all()


@pytest.mark.parametrize(
    "source",
    [
        "http://127.0.0.1:9/x.png",
        "file:///etc/hostname",
        "cid:none",
        "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='99' height='99'><rect width='99'/></svg>",
        "data:image/png;base64,AAAA",
        "data:text/plain;base64,AAAA",
    ],
)
def test_a_picture_that_cannot_be_shown_is_said_in_its_words(source):
    assert (page_of(html(f'<p><img alt="a chart" src="{source}"></p>')) == page_of(html("<p>a chart</p>"))).all()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_picture_in_it_is_drawn(form):
    assert page_of(html(f"<img src='{picture((300, 300), form)}'>")).sum() > 50_000


def test_a_picture_is_told_by_its_content():
    as_png = picture((300, 300), "JPEG").replace("image/jpeg", "image/png")
    assert (page_of(html(f"<img src='{as_png}'>")) == page_of(html(f"<img src='{picture((300, 300), 'JPEG')}'>"))).all()


@pytest.mark.parametrize("body", ["", "&nbsp;<br>", "<img src='http://127.0.0.1:9/x.png'>", "<p hidden>words"])
def test_a_page_that_shows_nothing_is_refused(body):
    (refusal,) = refusals_of(html(body))
    assert refusal.kind is RefusalKind.FILE_EMPTY


def test_blank_pages_at_its_end_are_not_sent():
    assert len(fax_of(html("<p>words</p><div style='height:2000mm'></div><br>")).pages) == 1


def test_too_many_pages_are_refused():
    (refusal,) = refusals_of(html("<p style='break-after:page'>x</p>" * 4), limits=Limits(max_pages=3))
    assert "has 4 pages; a fax may have 3" in refusal.sentence
    (refusal,) = refusals_of(html("<p>some words" * 20_000), limits=Limits(max_pages=3))
    assert refusal.kind is RefusalKind.FILE_TOO_MANY_PAGES


@pytest.mark.parametrize(
    "hostile",
    [
        "<div>" * 60_000,
        "<table>" + "<tr><td>x</td></tr>" * 40_000,
        "".join(f"<b class=c{number}>" for number in range(3000)) + "<p>x" * 3000,
        "x" * 200_000,
        f"<img src='data:image/png;base64,{base64.b64encode(png_header_claiming(50_000, 50_000)).decode()}'>",
    ],
)
def test_what_would_never_be_done_is_refused_at_once(hostile):
    (refusal,) = refusals_of(html(hostile), limits=Limits(seconds=50))
    assert refusal.kind is RefusalKind.FILE_TOO_COMPLEX


VARIABLES = "".join(f"--a{number}: var(--a{number - 1}) var(--a{number - 1});" for number in range(1, 40))


@pytest.mark.parametrize(
    "hostile",
    [
        f"<style>:root {{ --a0: xxxx; {VARIABLES} }} p::before {{ content: var(--a39) }}</style><p>x",
        "<table>" + "<tr><td rowspan=9999 colspan=9999>x" * 500,
    ],
)
def test_what_swells_ends_at_its_limits(hostile):
    (refusal,) = refusals_of(html(hostile), limits=Limits(seconds=2))
    assert refusal.kind is RefusalKind.FILE_TOO_COMPLEX


def test_deep_quotations_are_drawn():
    assert np.count_nonzero(page_of(html("<div><blockquote style='margin:0'>" * 150 + "deep")))
