"""Mails within mails."""

from doors.mail.corpus.making import (
    Case,
    Taken,
    attached,
    html,
    mail,
    part,
    pdf,
    png,
    refused,
    several,
    text,
    top,
)

from caselli.fax.refusals import RefusalKind as Why

LETTER = attached("letter.pdf", pdf())
DOCUMENT = (("letter.pdf", "pdf"),)


def inner(
    *, subject: str = "Lab results", content: bytes | None = None, sender: str = "Dr. Bob <bob@elsewhere.example>"
) -> bytes:
    """A mail of somebody else, as it lies in another mail."""
    return top(subject, sender) + (content if content is not None else text("All is well.\n"))


def enclosed(*mails: bytes, kind: str = "message/rfc822", encoding: str = "7bit") -> bytes:
    return several("mixed", text("See below.\n"), *(part(kind, one, encoding) for one in mails))


def matryoshka(depth: int) -> bytes:
    """``depth`` mails in one another."""
    content = text("The innermost.\n")
    for level in range(depth):
        content = part("message/rfc822", inner(subject=f"level {depth - level}", content=content), "7bit")
    return content


NESTED = (
    Case("a mail attached", mail(enclosed(inner())), Taken((("Lab results.txt", "text"),), "See below.")),
    Case(
        "a mail attached as a file",
        mail(several("mixed", text("See below.\n"), attached("results.eml", inner(), "application/octet-stream"))),
        Taken((("Lab results.txt", "text"),), "See below."),
    ),
    Case(
        "a mail attached, with a document",
        mail(enclosed(inner(content=several("mixed", text("All is well.\n"), LETTER, boundary="in")))),
        Taken((("Lab results.txt", "text"), *DOCUMENT), "See below."),
    ),
    Case(
        "a mail attached between two documents",
        mail(several("mixed", attached("a.pdf", pdf()), part("message/rfc822", inner()), attached("z.pdf", pdf()))),
        Taken((("a.pdf", "pdf"), ("Lab results.txt", "text"), ("z.pdf", "pdf"))),
    ),
    Case(
        "a mail attached, in base64, which is forbidden",
        mail(enclosed(inner(), encoding="base64")),
        Taken((("Lab results.txt", "text"),), "See below."),
    ),
    Case(
        "a mail attached, of HTML with a picture",
        mail(
            enclosed(
                inner(
                    content=several(
                        "related",
                        html('<p>Well.</p><img src="cid:x">'),
                        part("image/png", png(), "base64", cid="x"),
                        boundary="in",
                    )
                )
            )
        ),
        Taken((("Lab results.html", "html"),), "See below."),
    ),
    Case(
        "a mail attached in two forms, a picture in one of them",
        mail(
            enclosed(
                inner(
                    content=several(
                        "related",
                        several("alternative", text("[plan]\n"), html('<img src="cid:x">'), boundary="forms"),
                        part("image/png", png(), "base64", cid="x"),
                        boundary="in",
                    )
                )
            )
        ),
        Taken((("Lab results.html", "html"),), "See below."),
    ),
    Case(
        "a mail attached whose only part has a name",
        mail(enclosed(inner(content=part("text/plain; name=body.txt", "All is well.\n")))),
        Taken((("Lab results.txt", "text"),), "See below."),
    ),
    Case(
        "a mail attached, a subject with folders in it",
        mail(enclosed(inner(subject="../../etc/passwd"))),
        Taken((("-..-etc-passwd.txt", "text"),), "See below."),
    ),
    Case(
        "a mail attached without a subject",
        mail(enclosed(inner(subject=""))),
        Taken((("mail.txt", "text"),), "See below."),
    ),
    Case(
        "a mail attached with nothing in it",
        mail(several("mixed", LETTER, part("message/rfc822", inner(content=b"\r\n")))),
        Taken(DOCUMENT),
    ),
    Case(
        "a mail attached that is encrypted",
        mail(enclosed(inner(content=part("application/pkcs7-mime", b"\x30\x82", "base64")))),
        refused(Why.MAIL_ENCRYPTED),
    ),
    Case("a mail as the whole mail", mail(part("message/rfc822", inner())), Taken((("Lab results.txt", "text"),))),
    Case(
        "a digest",
        mail(several("digest", b"\r\n" + inner(subject="One"), b"\r\n" + inner(subject="Two"))),
        Taken((("One.txt", "text"), ("Two.txt", "text"))),
    ),
    Case(
        "two mails attached, the second a reply with no text type",
        mail(enclosed(inner(), top("Second", None) + b"\r\nBare.\r\n")),
        Taken((("Lab results.txt", "text"), ("Second.txt", "text")), "See below."),
    ),
    Case("five mails in one another", mail(matryoshka(5)), Taken((("level 5.txt", "text"),))),
    Case("six mails in one another", mail(matryoshka(6)), refused(Why.MAIL_DAMAGED, says=("5 mails",))),
)
