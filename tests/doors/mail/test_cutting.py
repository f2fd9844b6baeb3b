"""Signatures and quoted text are cut where they are plain to see, and nothing that its sender has written is lost."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caselli.doors.mail.cutting import cut_html, cut_plain

OWN = "Dear Ms. Bauer,\n\nplease see the letter."
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="<>&\n\r", exclude_categories=["Cc", "Zs"]), min_size=1)
LINES = st.lists(st.one_of(st.just(""), WORDS.map(lambda words: f"so {words}")), min_size=1, max_size=12)


@pytest.mark.parametrize(
    "quoted",
    [
        "> Hello,\n>\n> can you send it?",
        "On Tue, 24 Nov 2026 at 10:12, Max Muster <max@example.org> wrote:\n\n> Hello,\n> can you send it?",
        "On Tue, 24 Nov 2026 at 10:12, Max Muster the Third of That Name\n<max@example.org> wrote:\n> Hello",
        "Am 24.11.2026 um 10:12 schrieb Max Muster:\n> Hallo",
        "Le 24 novembre 2026 à 10:12, Max a écrit :\n\n> Bonjour",
        "El mar, 24 nov 2026 a las 10:12, Max (<max@example.org>) escribió:\n> Hola",
        "În mar., 24 nov. 2026 la 10:12, Max a scris:\n> Bună",
        "-----Original Message-----\nFrom: Max\nHello,\ncan you send it?",
        "-----Ursprüngliche Nachricht-----\nVon: Max\nHallo",
        "________________________________\nFrom: Max\nSent: Tuesday\nTo: Anna\nSubject: Re: it\n\nHello",
        "Von: Max\nGesendet: Dienstag\nAn: Anna\nCc: Bob\nBetreff: AW: es\n\nHallo",
        "*From:* Max\n*Sent:* Tuesday\n*To:* Anna\n*Subject:* it\n\nHello",
    ],
)
def test_a_quotation_below_is_cut(quoted):
    assert cut_plain(f"{OWN}\n\n{quoted}\n") == OWN


def test_a_quotation_above_is_cut():
    assert cut_plain(f"On Tue, 24 Nov 2026, Max wrote:\n> Hello\n\n{OWN}\n") == OWN


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nAnna Bauer\nClinic",
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Get Outlook for iOS<https://aka.ms/o0>",
        "-- ",
    ],
)
def test_a_signature_is_cut_also_above_a_quotation(signature):
    assert cut_plain(f"{OWN}\n\n{signature}\n") == OWN
    assert cut_plain(f"{OWN}\n\n{signature}\n\nAm 24.11.2026 schrieb Max:\n> Hallo\n> -- \n> Max\n") == OWN
    assert cut_plain(f"{OWN}\n\n{signature}\n\n-----Original Message-----\nFrom: Max\n") == OWN


def test_a_signature_alone_is_no_text():
    assert cut_plain("-- \nAnna Bauer\n") == ""
    assert cut_plain("\nSent from my iPhone\n") == ""


@pytest.mark.parametrize(
    "text",
    [
        "> When?\nAt ten.\n> Where?\nHere.",
        f"{OWN}\n> When?\nAt ten.",
        "On 24 Nov 2026 Max wrote:\n> Hello",
        "-----Original Message-----\nFrom: Max\nHello",
        "Hello\n--\nThis is no signature but a line",
        "-- \n" + "line\n" * 20 + "end",
        "The letter was sent from my office on Monday, and what I wrote:\nyou know.",
        "From: the beginning\nTo: the end",
        "---------- Forwarded message ---------\nFrom: Max\nDate: Tuesday\nSubject: it\nTo: Anna\n\nHello",
    ],
)
def test_in_doubt_nothing_is_cut(text):
    assert cut_plain(text) == text


@given(LINES)
def test_a_text_without_quotations_stays_as_it_is(lines):
    text = "\n".join(lines)
    assert cut_plain(text) == text.rstrip("\n")


@given(st.lists(st.tuples(st.sampled_from(["> ", ">> ", ">", "so "]), WORDS), min_size=1, max_size=20))
def test_no_line_of_ones_own_is_ever_lost(lines):
    text = "\n".join(start + words for start, words in lines)
    own = [line for line in text.split("\n") if not line.startswith(">")]
    kept = cut_plain(text).split("\n")
    assert [line for line in kept if not line.startswith(">")] == own or (not own and kept == text.split("\n"))


PREFIX = "<div dir=ltr>Please see the letter.</div>"
GMAIL = (
    '<div class="gmail_attr">On Tue, Max wrote:<br></div><blockquote class="gmail_quote"><div>Hello</div></blockquote>'
)


@pytest.mark.parametrize(
    "quoted",
    [
        f'<br><div class="gmail_quote gmail_quote_container">{GMAIL}</div>',
        '<blockquote type="cite"><div>On Tue, Max wrote:</div><div>Hello</div></blockquote>',
        '<div class="moz-cite-prefix">On 24.11.26, Max wrote:<br></div><blockquote type="cite">Hello</blockquote>',
        '<div class="yahoo_quoted" id="y"><div>Hello</div></div>',
        '<hr tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><b>From:</b> Max</div><div>Hello</div>',
        '<div><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>From:</b> Max</p></div></div>Hello',
    ],
)
def test_a_quotation_in_html_is_cut(quoted):
    cut = cut_html(f"<html><body>{PREFIX}{quoted}</body></html>")
    assert "Please see the letter." in cut
    assert "Hello" not in cut
    assert "Max" not in cut


@pytest.mark.parametrize(
    "signature",
    [
        '<div class="gmail_signature" data-smartmail="gmail_signature"><div>Anna</div><img src="cid:logo"></div>',
        '<span class="gmail_signature_prefix">-- </span><br><div class="gmail_signature">Anna</div>',
        '<pre class="moz-signature" cols="72">-- \nAnna</pre>',
        '<div id="AppleMailSignature">Anna</div>',
        '<div id="Signature"><div>Anna</div></div>',
        "<div><br></div><div>Sent from my iPhone</div>",
    ],
)
def test_a_signature_in_html_is_cut(signature):
    cut = cut_html(f"<html><body>{PREFIX}{signature}</body></html>")
    assert "Please see the letter." in cut
    assert "Anna" not in cut
    assert "iPhone" not in cut


@pytest.mark.parametrize(
    "html",
    [
        f'<div class="gmail_quote">{GMAIL}</div>',
        f'{PREFIX}<div class="gmail_quote"><div>---------- Forwarded message ---------<br>From: Max</div>Hello</div>',
        "<blockquote type=cite>When?</blockquote>At ten.<blockquote type=cite>Where?</blockquote>Here.",
        f"{PREFIX}<blockquote type=cite>When?</blockquote>At ten.",
        f"{PREFIX}<blockquote type=cite>never closed",
        f"{PREFIX}<blockquote type=cite><!-- <blockquote> -->When?</blockquote>At ten.",
        f"{PREFIX}<blockquote>said by a poet</blockquote>",
        "<div id=divRplyFwdMsg><b>From:</b> Max</div><div>Hello</div>",
    ],
)
def test_in_doubt_nothing_is_cut_from_html(html):
    assert cut_html(html) == html


@given(st.lists(st.sampled_from(["<div>", "</div>", "<p>", "own words ", "<blockquote>", "</blockquote>", "<br>"])))
def test_html_without_marks_stays_as_it_is(pieces):
    assert cut_html("".join(pieces)) == "".join(pieces)


@pytest.mark.parametrize(
    "bomb",
    [
        "<div class='gmail_quote'>",
        "<blockquote type=cite>",
        "<div class='gmail_signature'>",
        "<div id=Signature",
        "class='",
        ">Sent from my ",
        "<div " + "class=" * 50,
        "<!--",
    ],
)
def test_a_bomb_is_read_in_no_time(bomb):
    began = time.process_time()
    cut_html(bomb * (300_000 // len(bomb)))
    cut_plain((bomb + "\n") * (300_000 // len(bomb)))
    cut_plain("> \n\n" * 20_000 + "From: x\n" * 30_000 + "-- \n" * 30_000)
    assert time.process_time() - began < 20
