"""Mails as scanners, servers and programs write them: their shapes, not their texts."""

from doors.mail.corpus.making import (
    Case,
    Taken,
    attached,
    html,
    mail,
    part,
    pdf,
    picture,
    refused,
    several,
    text,
    top,
)

from caselli.fax.refusals import RefusalKind as Why

LETTER = attached("letter.pdf", pdf())
DOCUMENT = (("letter.pdf", "pdf"),)

MACHINES = (
    Case(
        "a multifunction scanner: one PDF, no text, bare header",
        mail(
            several(
                "mixed",
                part("text/plain", "\n", None),
                part(
                    "application/pdf; name=SCAN0001.PDF",
                    pdf(),
                    "base64",
                    disposition="attachment; filename=SCAN0001.PDF",
                ),
                boundary="scan",
            ),
            sender="alice@clinic.example",
            more=("X-Mailer: MFP", "X-Priority: 3"),
        ),
        Taken((("SCAN0001.PDF", "pdf"),)),
    ),
    Case(
        "a scanner: three TIFF files and a device text",
        mail(
            several(
                "mixed",
                part("text/plain; charset=ISO-8859-1", "Device: MFP\nResolution: 200x200\n", "7bit"),
                *(attached(f"00{n}.tif", picture("TIFF"), "image/tiff") for n in (1, 2, 3)),
            )
        ),
        Taken(tuple((f"00{n}.tif", "tiff") for n in (1, 2, 3)), "Device: MFP"),
    ),
    Case(
        "a scanner that calls its PDF an octet stream",
        mail(several("mixed", attached("SCAN.PDF", pdf(), "application/octet-stream"))),
        Taken((("SCAN.PDF", "pdf"),)),
    ),
    Case(
        "a scanner that sends the PDF as the whole mail",
        mail(attached("SCAN.PDF", pdf())),
        Taken((("SCAN.PDF", "pdf"),)),
    ),
    Case(
        "a scanner that calls everything its program's",
        mail(several("mixed", part("text/plain", "", None), attached("doc.pdf", pdf(), "application/x-mfp-scan"))),
        Taken((("doc.pdf", "pdf"),)),
    ),
    Case(
        "mail(1) of UNIX: nothing but a text",
        top().replace(b"MIME-Version: 1.0\r\n", b"") + b"\r\nDear all,\r\n\r\nthis is the fax.\r\n",
        Taken((), "Dear all,\n\nthis is the fax."),
    ),
    Case(
        "swaks: a text without any type",
        top(more=("X-Mailer: swaks",)).replace(b"MIME-Version: 1.0\r\n", b"")
        + b"\r\nThis is a test mailing\r\n\r\n\r\n",
        Taken((), "This is a test mailing"),
    ),
    Case(
        "Notes: the picture stands in the text by a name with a percent sign",
        mail(
            several(
                "related",
                html('<p>Plan</p><img src="cid:_1_0A%20B8">'),
                part("image/jpeg", picture(), "base64", cid="_1_0A B8"),
            )
        ),
        Taken((), None, "Plan", ("document 1.jpg",)),
    ),
    Case(
        "a mail program that writes HTML only",
        mail(html("<html><body><h1>Order</h1><p>Ten boxes.</p></body></html>")),
        Taken((), None, "Ten boxes."),
    ),
    Case(
        "an ERP system: HTML, a PDF and a tracking pixel from elsewhere",
        mail(
            several(
                "mixed",
                html('<p>Your order</p><img width="1" height="1" src="https://track.example/p.gif">'),
                LETTER,
            ),
            more=("Auto-Submitted: auto-generated",),
        ),
        Taken(DOCUMENT, None, "Your order", automatic="a mail that a program has written"),
    ),
    Case(
        "an out-of-office reply",
        mail(text("I am away.\n"), more=("Auto-Submitted: auto-replied (vacation)", "X-Auto-Response-Suppress: All")),
        Taken((), "I am away.", automatic="an automatic reply"),
    ),
    Case(
        "Exchange: suppressing automatic replies makes no mail automatic",
        mail(LETTER, more=("X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply", "Auto-Submitted: no")),
        Taken(DOCUMENT),
    ),
    Case(
        "a mailing list",
        mail(
            several("mixed", text("Hello\n"), text("_____\nlist footer\n")),
            more=("List-Id: <list.clinic.example>", "Precedence: list"),
        ),
        Taken((), "Hello\n\n_____\nlist footer", automatic="a mail of a mailing list"),
    ),
    Case("bulk mail", mail(text(), more=("Precedence: bulk",)), Taken((), "Please", automatic="a mail to many")),
    Case(
        "a bounce",
        mail(
            several(
                "report; report-type=delivery-status",
                text("Your mail could not be delivered.\n"),
                part("message/delivery-status", "Reporting-MTA: dns; mx.example\n\nAction: failed\n"),
                part("text/rfc822-headers", "Subject: something\n"),
            )
        ),
        Taken(
            (), "Your mail could not", left_out=("delivery report", "header of a mail"), automatic="a delivery report"
        ),
    ),
    Case(
        "a read receipt",
        mail(
            several(
                "report; report-type=disposition-notification",
                text("It was read.\n"),
                part("message/disposition-notification", "Disposition: manual-action\n"),
            )
        ),
        Taken((), "It was read.", left_out=("read receipt",), automatic="a delivery report"),
    ),
    Case(
        "base64 text as phones write it",
        mail(part("text/plain; charset=utf-8", "Grüße\n", "base64")),
        Taken((), "Grüße"),
    ),
    Case(
        "a mailbox line before the header",
        b"From alice@clinic.example Wed Nov 25 09:30:00 2026\r\n" + mail(LETTER),
        Taken(DOCUMENT),
    ),
    Case(
        "an office document",
        mail(
            several(
                "mixed", text(), attached("letter.docx", b"PK\x03\x04" + bytes(26) + b"word/document.xml" + bytes(60))
            )
        ),
        refused(Why.FILE_KIND_UNKNOWN, says=("letter.docx", "a Word document", "send that")),
    ),
)
