"""The documents and pictures that mails carry, and which of them are the fax."""

from doors.mail.corpus.making import (
    PIXEL,
    Case,
    Taken,
    attached,
    html,
    mail,
    part,
    pdf,
    picture,
    png,
    refused,
    several,
    text,
)

from caselli.fax.refusals import RefusalKind as Why

LETTER = attached("letter.pdf", pdf())
DOCUMENT = (("letter.pdf", "pdf"),)

KINDS = (
    Case("one PDF", mail(LETTER), Taken(DOCUMENT)),
    Case(
        "five documents of every kind, in their order",
        mail(
            several(
                "mixed",
                attached("e.txt", b"Text.\n", "text/plain"),
                attached("d.tif", picture("TIFF"), "image/tiff"),
                attached("c.png", png(), "image/png"),
                attached("b.jpg", picture(), "image/jpeg"),
                attached("a.pdf", pdf()),
            )
        ),
        Taken((("e.txt", "text"), ("d.tif", "tiff"), ("c.png", "png"), ("b.jpg", "jpeg"), ("a.pdf", "pdf"))),
    ),
    Case(
        "six documents",
        mail(several("mixed", *(attached(f"{n}.pdf", pdf()) for n in range(6)))),
        refused(Why.FILES_TOO_MANY, says=("at most 5", "these are 6")),
    ),
    Case(
        "two documents of the same name",
        mail(several("mixed", LETTER, attached("letter.pdf", pdf("Two")))),
        Taken(DOCUMENT * 2),
    ),
    Case("a document called by a false ending", mail(attached("letter.docx", pdf())), Taken((("letter.docx", "pdf"),))),
    Case(
        "a text attached by its disposition",
        mail(several("mixed", text("Hello\n"), part("text/plain", "Attached.\n", disposition="attachment"))),
        Taken((("document 1.txt", "text"),), "Hello"),
    ),
    Case(
        "a web page attached",
        mail(several("mixed", text("Hello\n"), attached("page.html", b"<!doctype html><p>Page</p>", "text/html"))),
        Taken((("page.html", "html"),), "Hello"),
    ),
    Case(
        "documents without a name",
        mail(several("mixed", part("application/pdf", pdf(), "base64"), part("image/jpeg", picture(), "base64"))),
        Taken((("document 1.pdf", "pdf"), ("document 2.jpg", "jpeg"))),
    ),
    Case(
        "an empty document",
        mail(several("mixed", text(), attached("empty.pdf", b""))),
        refused(Why.FILE_EMPTY, says=("empty.pdf", "is empty")),
    ),
    Case(
        "an archive",
        mail(attached("all.zip", b"PK\x03\x04" + bytes(60), "application/zip")),
        refused(Why.FILE_KIND_UNKNOWN, says=("all.zip", "archive", "send the documents")),
    ),
    Case(
        "a program",
        mail(attached("run.exe", b"MZ\x90\x00" + bytes(60), "application/octet-stream")),
        refused(Why.FILE_KIND_UNKNOWN, says=("run.exe",)),
    ),
    Case(
        "two that cannot be read, both told",
        mail(several("mixed", attached("a.zip", b"PK\x03\x04" + bytes(60)), attached("b.gif", picture("GIF")))),
        refused(Why.FILE_KIND_UNKNOWN, Why.FILE_KIND_UNKNOWN, says=("a.zip", "b.gif")),
    ),
    Case(
        "nothing at all",
        mail(part("text/plain", "", None)),
        refused(Why.MAIL_EMPTY, says=("nothing to send", "Attach a PDF")),
    ),
    Case("blanks and blank lines", mail(text(" \n\t\n\u00a0\n")), refused(Why.MAIL_EMPTY)),
    Case(
        "HTML that shows nothing",
        mail(
            html("<html><head><title>x</title><style>p {}</style></head><body><p>&nbsp;</p><!-- no --></body></html>")
        ),
        refused(Why.MAIL_EMPTY),
    ),
    Case(
        "HTML that shows only a picture from elsewhere",
        mail(html('<img src="https://elsewhere.example/x.png">')),
        refused(Why.MAIL_EMPTY),
    ),
    Case("a multipart without parts", mail(several("mixed")), refused(Why.MAIL_EMPTY)),
    Case("a multipart with one empty part", mail(several("mixed", b"\r\n")), refused(Why.MAIL_EMPTY)),
    Case(
        "a PDF as another form of the text",
        mail(several("alternative", text("Hello\n"), html("<p>Hello</p>"), part("application/pdf", pdf(), "base64"))),
        Taken((("document 1.pdf", "pdf"),), "Hello", "Hello"),
    ),
    Case(
        "the same document in both forms of the text",
        mail(
            several(
                "alternative",
                several("mixed", text("Hello\n"), LETTER, boundary="p"),
                several("mixed", html("<p>Hello</p>"), LETTER, boundary="h"),
            )
        ),
        Taken(DOCUMENT, "Hello", "Hello"),
    ),
    Case(
        "forms of the text that nobody draws",
        mail(
            several(
                "alternative",
                text("Hello\n"),
                part("text/x-amp-html", "<html amp4email></html>"),
                html("<p>Hello</p>"),
                part("text/watch-html", "<b>Hi</b>"),
            )
        ),
        Taken((), "Hello", "Hello"),
    ),
    Case(
        "a form of the text that nobody knows, alone",
        mail(several("alternative", part("text/enriched", "<bold>Hello</bold>\n"))),
        Taken((("document 1", "text"),)),
    ),
    Case(
        "a plain text and another one as HTML",
        mail(several("mixed", text("One <1>\n"), html("<p>Two</p>"))),
        Taken((), None, "One &lt;1&gt;"),
    ),
    Case(
        "a table as comma-separated values",
        mail(several("mixed", text("Hello\n"), attached("table.csv", b"a,b\n1,2\n", "text/csv"))),
        Taken((("table.csv", "text"),), "Hello"),
    ),
)

PICTURES = (
    Case(
        "a picture that the text shows",
        mail(several("related", html('<img src="cid:a@b">'), part("image/png", png(), "base64", cid="a@b"))),
        Taken((), None, "cid:a@b", ("document 1.png",)),
    ),
    Case(
        "a picture that the text does not show",
        mail(several("related", html("<p>Hello</p>"), part('image/png; name="logo.png"', png(), "base64", cid="a@b"))),
        Taken((("logo.png", "png"),), None, "Hello"),
    ),
    Case(
        "a picture that is shown in capital letters",
        mail(several("related", html('<IMG SRC="CID:A@B">'), part("image/png", png(), "base64", cid="a@b"))),
        Taken((), None, "CID:A@B", ("document 1.png",)),
    ),
    Case(
        "a picture called an octet stream",
        mail(
            several(
                "related", html('<img src="cid:x">'), part("application/octet-stream", picture(), "base64", cid="x")
            )
        ),
        Taken((), None, "cid:x", ("document 1",)),
    ),
    Case(
        "a picture beside the text, shown by it",
        mail(
            several("mixed", html('<img src="cid:x">'), part('image/jpeg; name="p.jpg"', picture(), "base64", cid="x"))
        ),
        Taken((), None, "cid:x", ("p.jpg",)),
    ),
    Case(
        "a PDF with an identifier that the text shows",
        mail(
            several(
                "related",
                html('<p>x</p><img src="cid:x">'),
                part('application/pdf; name="p.pdf"', pdf(), "base64", cid="x"),
            )
        ),
        Taken((("p.pdf", "pdf"),), None, "cid:x"),
    ),
    Case(
        "a picture, and a text without HTML",
        mail(
            several(
                "mixed",
                text("Hello\n"),
                part('image/png; name="p.png"', png(), "base64", disposition="inline", cid="x"),
            )
        ),
        Taken((("p.png", "png"),), "Hello"),
    ),
    Case(
        "a tracking pixel in the mail",
        mail(
            several(
                "mixed",
                html("<p>Hello</p>"),
                part('image/gif; name="p.gif"', PIXEL, "base64", disposition="inline"),
                LETTER,
            )
        ),
        Taken(DOCUMENT, None, "Hello", left_out=("one dot",)),
    ),
    Case(
        "a tracking pixel that the text shows",
        mail(
            several(
                "related",
                html('<p>Hello</p><img src="cid:px">'),
                part('image/gif; name="p.gif"', PIXEL, "base64", cid="px"),
            )
        ),
        Taken((), None, "Hello", ("p.gif",)),
    ),
    Case(
        "two pictures, one of them shown",
        mail(
            several(
                "related",
                html('<img src="cid:1">'),
                part('image/png; name="1.png"', png(), "base64", cid="1"),
                part('image/png; name="2.png"', png(100, 50), "base64", cid="2"),
            )
        ),
        Taken((("2.png", "png"),), None, "cid:1", ("1.png",)),
    ),
)
