"""Mails as the programs of people write them: their shapes, not their texts."""

from doors.mail.corpus.making import (
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


def outlook_html(body: str) -> str:
    return (
        '<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office">'
        '<head><meta http-equiv="Content-Type" content="text/html; charset=us-ascii">'
        "<style><!-- p.MsoNormal {margin:0cm; font-size:11.0pt} --></style></head>"
        f'<body lang="EN-US"><div class="WordSection1">{body}</div></body></html>'
    )


EXCHANGE = (
    "Thread-Topic: +1 202 555 0100",
    "Thread-Index: AdxfSx9w0Qv1kq0DQ5u6rXkq3oQ1YA==",
    "Accept-Language: en-US, de-DE",
    "Content-Language: en-US",
    "X-MS-Has-Attach: yes",
    "X-MS-TNEF-Correlator:",
    "X-MS-Exchange-Organization-SCL: -1",
)

PEOPLE = (
    Case(
        "Outlook: a PDF and a signature with a logo",
        mail(
            several(
                "mixed",
                several(
                    'related; type="multipart/alternative"',
                    several(
                        "alternative",
                        part('text/plain; charset="us-ascii"', "Dear all,\n\nplease see the letter.\n", "7bit"),
                        part(
                            'text/html; charset="us-ascii"',
                            outlook_html(
                                '<p class="MsoNormal">Dear all</p><img src="cid:image001.png@01DC5F4B.1F70D10B">'
                            ),
                            "quoted-printable",
                        ),
                        boundary="_000_AM0PR01",
                    ),
                    part(
                        'image/png; name="image001.png"',
                        png(),
                        "base64",
                        disposition='inline; filename="image001.png"; creation-date="Wed, 25 Nov 2026 14:30:00 GMT"',
                        cid="image001.png@01DC5F4B.1F70D10B",
                        more=("Content-Description: image001.png",),
                    ),
                    boundary="_005_AM0PR01",
                ),
                LETTER,
                boundary="_006_AM0PR01",
            ),
            more=EXCHANGE,
        ),
        Taken(DOCUMENT, "Dear all,", "MsoNormal", ("image001.png",)),
    ),
    Case(
        "Outlook: rich text, everything in winmail.dat",
        mail(
            several(
                "mixed",
                part("text/plain; charset=us-ascii", "Please see the letter.\n"),
                part('application/ms-tnef; name="winmail.dat"', b"\x78\x9f\x3e\x22" + bytes(200), "base64"),
            ),
            more=EXCHANGE,
        ),
        refused(Why.MAIL_ENCRYPTED, says=("winmail.dat", "HTML or plain text")),
    ),
    Case(
        "Exchange: a text behind the attachment",
        mail(
            several(
                "mixed",
                text("See the letter.\n"),
                LETTER,
                part(
                    'text/plain; name="ATT00001.txt"',
                    "Sent from a phone\n",
                    disposition='attachment; filename="ATT00001.txt"',
                ),
            ),
            more=EXCHANGE,
        ),
        Taken(DOCUMENT, "See the letter.\n\nSent from a phone"),
    ),
    Case(
        "Exchange: an empty text behind the attachment",
        mail(
            several(
                "mixed",
                LETTER,
                part(
                    'text/html; name="ATT00002.htm"',
                    "<html><body><br></body></html>",
                    disposition='attachment; filename="ATT00002.htm"',
                ),
            ),
            more=EXCHANGE,
        ),
        Taken(DOCUMENT),
    ),
    Case(
        "Exchange: an invitation with an agenda",
        mail(
            several(
                "mixed",
                several(
                    "alternative",
                    text("Agenda attached.\n"),
                    html("<p>Agenda attached.</p>"),
                    part("text/calendar; charset=utf-8; method=REQUEST", "BEGIN:VCALENDAR\nEND:VCALENDAR\n", "base64"),
                    boundary="inner",
                ),
                LETTER,
            )
        ),
        Taken(DOCUMENT, "Agenda attached.", "Agenda", left_out=("calendar",)),
    ),
    Case(
        "Apple Mail: PDF between two texts",
        mail(
            several(
                "alternative",
                part("text/plain; charset=us-ascii", "Before\n\n\nAfter\n", "7bit"),
                several(
                    "mixed",
                    part("text/html; charset=us-ascii", "<html><body>Before<br></body></html>", "7bit"),
                    part(
                        'application/pdf; x-unix-mode=0644; name="letter.pdf"',
                        pdf(),
                        "base64",
                        disposition="inline; filename=letter.pdf",
                    ),
                    part("text/html; charset=us-ascii", "<html><body>After</body></html>", "7bit"),
                    boundary="Apple-Mail=_2",
                ),
                boundary="Apple-Mail=_1",
            ),
            more=("X-Mailer: Apple Mail (2.3826)", "Content-Language: en-us"),
        ),
        Taken(DOCUMENT, "Before", "After"),
    ),
    Case(
        "Apple Mail: plain text with an inline PDF and a signature behind it",
        mail(
            several(
                "mixed",
                part("text/plain; charset=us-ascii", "Hello,\n", "7bit"),
                part('application/pdf; name="letter.pdf"', pdf(), "base64", disposition="inline; filename=letter.pdf"),
                part("text/plain; charset=us-ascii", "\n-- \nAlice\n", "7bit"),
            )
        ),
        Taken(DOCUMENT, "Hello,\n\n-- \nAlice"),
    ),
    Case(
        "Apple Mail: a text file shown inline",
        mail(
            several(
                "mixed",
                text("Hello,\n"),
                part('text/plain; name="notes.txt"', "Some notes.\n", disposition="inline; filename=notes.txt"),
            )
        ),
        Taken((("notes.txt", "text"),), "Hello,"),
    ),
    Case(
        "Apple Mail: a file with two forks",
        mail(
            several(
                "mixed",
                text("Hello,\n"),
                several(
                    "appledouble",
                    part(
                        'application/applefile; name="letter.pdf"',
                        b"\x00\x05\x16\x07" + bytes(60),
                        "base64",
                        disposition="attachment; filename=letter.pdf",
                    ),
                    LETTER,
                    boundary="forks",
                ),
            )
        ),
        Taken(DOCUMENT, "Hello,", left_out=("only a Mac",)),
    ),
    Case(
        "iPhone: a photograph and a line",
        mail(
            several(
                "mixed",
                part("text/plain; charset=us-ascii", "\n\n", "7bit"),
                part(
                    "image/jpeg; name=IMG_0042.jpeg", picture(), "base64", disposition="inline; filename=IMG_0042.jpeg"
                ),
                part("text/plain; charset=us-ascii", "\n\nSent from my phone", "7bit"),
                boundary="Apple-Mail-5F",
            ),
            more=("X-Mailer: iPhone Mail (23B85)",),
        ),
        Taken((("IMG_0042.jpeg", "jpeg"),), "Sent from my phone"),
    ),
    Case(
        "iPhone: a photograph of the newer kind",
        mail(
            several("mixed", text(), attached("IMG_0043.heic", b"\x00\x00\x00\x18ftypheic" + bytes(40), "image/heic"))
        ),
        refused(Why.FILE_KIND_UNKNOWN, says=("IMG_0043.heic", "Save it as JPEG", "send that")),
    ),
    Case(
        "Gmail: two forms and a PDF",
        mail(
            several(
                "mixed",
                several(
                    "alternative",
                    part('text/plain; charset="UTF-8"', "See the letter.\n", None),
                    part('text/html; charset="UTF-8"', '<div dir="ltr">See the letter.</div>\n', None),
                    boundary="0000000000008a",
                ),
                part(
                    'application/pdf; name="letter.pdf"',
                    pdf(),
                    "base64",
                    disposition='attachment; filename="letter.pdf"',
                    cid="f_mig1",
                    more=("X-Attachment-Id: f_mig1",),
                ),
                boundary="0000000000008b",
            )
        ),
        Taken(DOCUMENT, "See the letter.", 'dir="ltr"'),
    ),
    Case(
        "Gmail: an empty text and a PDF",
        mail(
            several(
                "mixed",
                several(
                    "alternative",
                    part('text/plain; charset="UTF-8"', "\n", None),
                    part('text/html; charset="UTF-8"', '<div dir="ltr"><br></div>\n', None),
                    boundary="0000000000008c",
                ),
                LETTER,
            )
        ),
        Taken(DOCUMENT),
    ),
    Case(
        "Gmail: a picture in the text",
        mail(
            several(
                "related",
                several(
                    "alternative",
                    part('text/plain; charset="UTF-8"', "[image: plan.png]\n", None),
                    part('text/html; charset="UTF-8"', '<div><img src="cid:ii_mig2" alt="plan.png"><br></div>', None),
                    boundary="0000000000008e",
                ),
                part(
                    'image/png; name="plan.png"',
                    png(),
                    "base64",
                    disposition='inline; filename="plan.png"',
                    cid="ii_mig2",
                ),
            )
        ),
        Taken((), "[image: plan.png]", "cid:ii_mig2", ("plan.png",)),
    ),
    Case(
        "Thunderbird: flowed text and a PDF",
        mail(
            several(
                "mixed",
                part(
                    "text/plain; charset=UTF-8; format=flowed",
                    "A long line that \nflows on\nand one that ends.\n",
                    "7bit",
                ),
                part(
                    'application/pdf; name="letter.pdf"',
                    pdf(),
                    "base64",
                    disposition='attachment; filename="letter.pdf"',
                ),
                boundary="------------kq0XdmVn9",
                before=b"This is a multi-part message in MIME format.\r\n",
            ),
            more=("User-Agent: Mozilla Thunderbird",),
        ),
        Taken(DOCUMENT, "A long line that flows on\nand one that ends."),
    ),
    Case(
        "Thunderbird: a name in Japanese",
        mail(
            several(
                "mixed",
                text(),
                part(
                    'application/pdf; name="=?UTF-8?B?5pu46aGeLnBkZg==?="',
                    pdf(),
                    "base64",
                    disposition="attachment; filename*=UTF-8''%E6%9B%B8%E9%A1%9E%2E%70%64%66",
                ),
            )
        ),
        Taken((("書類.pdf", "pdf"),), "Please see"),
    ),
    Case(
        "K-9 on Android: nothing but a PDF",
        mail(
            several(
                "mixed",
                several(
                    "alternative",
                    part("text/plain; charset=utf-8", "-- \nSent from my phone.\n", "quoted-printable"),
                    html("<html><head></head><body>-- <br>Sent from my phone.</body></html>"),
                    boundary="----K9A",
                ),
                LETTER,
                boundary="----K9B",
            )
        ),
        Taken(DOCUMENT, "-- \nSent", "Sent from"),
    ),
)
