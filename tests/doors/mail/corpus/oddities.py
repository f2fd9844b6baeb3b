"""Mails that are odd or broken, and tricks with line ends."""

from doors.mail.corpus.making import NUMBER, Case, Taken, attached, mail, part, pdf, refused, several, text, top

from caselli.fax.refusals import RefusalKind as Why

LETTER = attached("letter.pdf", pdf())
DOCUMENT = (("letter.pdf", "pdf"),)
BARE = refused(Why.MAIL_DAMAGED)


def raw(*lines: str | bytes, content: bytes = b"") -> bytes:
    return b"".join((one if isinstance(one, bytes) else one.encode()) + b"\r\n" for one in lines) + content


STRUCTURE = (
    Case("no MIME-Version", mail(LETTER).replace(b"MIME-Version: 1.0\r\n", b""), Taken(DOCUMENT)),
    Case(
        "no Date and no Message-ID",
        raw("From: alice@clinic.example", f"Subject: {NUMBER}", content=LETTER),
        Taken(DOCUMENT),
    ),
    Case(
        "no empty line behind the header",
        raw("From: alice@clinic.example", f"Subject: {NUMBER}", "Hello, this is the text."),
        Taken((), "Hello, this is the text."),
    ),
    Case("no content", top(), refused(Why.MAIL_EMPTY)),
    Case("nothing", b"", refused(Why.MAIL_DAMAGED, says=("no header",))),
    Case("line ends alone", b"\r\n\r\n\r\n", refused(Why.MAIL_DAMAGED)),
    Case("a text that is no mail", b"Hello, is this a fax?\r\nNo.\r\n", refused(Why.MAIL_DAMAGED, says=("no header",))),
    Case(
        "a picture in place of a mail",
        bytes(range(256)).replace(b"\n", b"").replace(b"\r", b"") * 20,
        refused(Why.MAIL_DAMAGED),
    ),
    Case(
        "the end boundary is missing",
        mail(several("mixed", text("Hello\n"), LETTER, ends=False)),
        Taken(DOCUMENT, "Hello"),
    ),
    Case(
        "cut within a boundary",
        mail(several("mixed", text("Hello\n"), LETTER))[:-6],
        refused(Why.FILE_DAMAGED, says=("letter.pdf",)),
    ),
    Case(
        "no boundary named",
        mail(b"Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\nHello\r\n--x--\r\n"),
        refused(Why.MAIL_DAMAGED, says=("where they begin",)),
    ),
    Case(
        "a boundary that never comes",
        mail(b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--y\r\n\r\nHello\r\n--y--\r\n"),
        refused(Why.MAIL_DAMAGED, says=("none of them can be found",)),
    ),
    Case(
        "a boundary with blanks and signs",
        mail(several("mixed", LETTER, boundary="a b (c)/d:e=f?'+_,-.g")),
        Taken(DOCUMENT),
    ),
    Case(
        "a boundary that begins another one",
        mail(several("mixed", several("alternative", text("Hello\n"), boundary="b1"), LETTER, boundary="b")),
        Taken(DOCUMENT, "Hello"),
    ),
    Case(
        "the same boundary at two levels",
        mail(several("mixed", several("alternative", text("Hello\n"), boundary="b"), LETTER, boundary="b")),
        refused(Why.MAIL_DAMAGED),
    ),
    Case(
        "blanks behind a boundary",
        mail(several("mixed", LETTER).replace(b"--=_frontier\r\n", b"--=_frontier \t\r\n")),
        Taken(DOCUMENT),
    ),
    Case(
        "a text before and behind the parts",
        mail(several("mixed", LETTER, before=b"For old programs.\r\n") + b"Epilogue\r\n"),
        Taken(DOCUMENT),
    ),
    Case("a part without a header", mail(several("mixed", b"\r\nHello\r\n", LETTER)), Taken(DOCUMENT, "Hello")),
    Case(
        "a part with nothing but a header",
        mail(several("mixed", b"Content-Type: text/plain\r\n", LETTER)),
        Taken(DOCUMENT),
    ),
    Case("a type that is none", mail(b"Content-Type: pdf\r\n\r\nHello\r\n"), Taken((), "Hello")),
    Case("an empty type", mail(b"Content-Type:\r\n\r\nHello\r\n"), Taken((), "Hello")),
    Case(
        "two types",
        mail(b"Content-Type: text/plain\r\nContent-Type: application/pdf\r\n\r\nHello\r\n"),
        refused(Why.MAIL_DAMAGED, says=("Content-Type",)),
    ),
    Case(
        "a type in capital letters",
        mail(part("APPLICATION/PDF; NAME=A.PDF", pdf(), "base64")),
        Taken((("A.PDF", "pdf"),)),
    ),
    Case("an unknown multipart", mail(several("x-unknown", text("Hello\n"), LETTER)), Taken(DOCUMENT, "Hello")),
    Case(
        "parameters without end",
        mail(b"Content-Type: text/plain" + b"; a=b" * 5_000 + b"\r\n\r\nHello\r\n"),
        Taken((), "Hello"),
    ),
    Case(
        "a header line that is none, in the middle",
        mail(b"this is no field\r\nContent-Type: text/plain\r\n\r\nHello\r\n"),
        Taken((), "this is no field"),
    ),
    Case(
        "a field without a name",
        raw("From: alice@clinic.example", f"Subject: {NUMBER}", ": nothing", "", "Hello"),
        Taken((), ": nothing"),
    ),
    Case(
        "blanks before the colon of a field",
        raw(
            "From : alice@clinic.example", f"Subject\t: {NUMBER}", "X-Odd : x", "Content-Type : text/plain", "", "Hello"
        ),
        Taken((), "Hello"),
    ),
    Case(
        "a second subject with a blank before its colon",
        raw("From: alice@clinic.example", f"Subject: {NUMBER}", "Subject : 211", "", "Hello"),
        refused(Why.MAIL_DAMAGED, says=("more than one Subject",)),
    ),
    Case(
        "two carriage returns before the content",
        top() + b"Content-Type: text/plain\r\r\n\r\nHello\r\n",
        BARE,
        wire=BARE,
    ),
    Case(
        "a field that is folded at once",
        raw("From: alice@clinic.example", "Subject:", f" {NUMBER}", "", "Hello"),
        Taken((), "Hello"),
    ),
    Case(
        "UTF-8 in every field (RFC 6532)",
        mail(text("Grüße\n"), more=("Organization: Klinik Köln", "X-Ünknown: ü", "X-Last: x")),
        Taken((), "Grüße"),
    ),
    Case(
        "line ends of UNIX",
        mail(several("mixed", text("Hello\n"), LETTER)).replace(b"\r\n", b"\n"),
        Taken(DOCUMENT, "Hello"),
        wire=BARE,
    ),
)

SMUGGLING = (
    Case(
        "a bare line feed", mail(text("one\n")).replace(b"one\r\n", b"one\ntwo\r\n"), Taken((), "one\ntwo"), wire=BARE
    ),
    Case(
        "a bare carriage return",
        mail(text("one\n")).replace(b"one\r\n", b"one\rtwo\r\n"),
        Taken((), "one\ntwo"),
        wire=BARE,
    ),
    Case(
        "an end of data by bare line feeds",
        mail(text("one\n")) + b"\n.\nMAIL FROM:<m@evil.example>\r\n",
        Taken((), "one\n\n.\nMAIL FROM"),
        wire=BARE,
    ),
    Case(
        "an end of data by a bare line feed and a line end",
        mail(text("one\n")) + b"\n.\r\nMAIL FROM:<m@evil.example>\r\n",
        Taken((), "one"),
        wire=BARE,
    ),
    Case(
        "an end of data by carriage returns",
        mail(text("one\n")) + b"\r.\rMAIL FROM:<m@evil.example>\r\n",
        Taken((), "one"),
        wire=BARE,
    ),
    Case(
        "a header ended by a bare line feed",
        top(more=("X-Trick: a\n\nSubject: 211",)) + b"\r\nHello\r\n",
        Taken((), "Subject: 211"),
        wire=BARE,
    ),
    Case(
        "a field hidden behind a bare carriage return",
        top(more=("X-Trick: a\rSubject: 211",)) + b"\r\nHello\r\n",
        BARE,
        wire=BARE,
    ),
    Case("a line with a dot alone, stuffed by the client", mail(text("one\n.\ntwo\n")), Taken((), "one\n.\ntwo")),
    Case("a NUL in the header", top(more=("X-Nul: a\x00b",)) + b"\r\nHello\r\n", Taken((), "Hello")),
)
