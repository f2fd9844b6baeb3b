"""Mails that are made to keep a server busy, or to fill its memory."""

from doors.mail.corpus.making import Case, Taken, attached, mail, part, pdf, refused, several, text

from caselli.fax.refusals import RefusalKind as Why

LETTER = attached("letter.pdf", pdf())
DOCUMENT = (("letter.pdf", "pdf"),)


def levels(depth: int, content: bytes) -> bytes:
    """Multiparts in one another; quick to make, and small."""
    begun = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (one, one) for one in range(depth)
    )
    return begun + content + b"".join(b"\r\n--b%d--" % one for one in reversed(range(depth)))


BOMBS = (
    Case("thirty levels", mail(levels(30, text("Deep.\n"))), Taken((), "Deep.")),
    Case("a thousand levels", mail(levels(1_000, text("Deep.\n"))), refused(Why.MAIL_DAMAGED, says=("30 deep",))),
    Case("twenty thousand levels", mail(levels(20_000, text("Deep.\n"))), refused(Why.MAIL_DAMAGED)),
    Case(
        "levels with many lines in them",
        mail(levels(200, part("text/plain", "x\n" * 300_000))),
        refused(Why.MAIL_DAMAGED),
    ),
    Case(
        "200 documents",
        mail(several("mixed", *[attached(f"{n}.txt", b"x", "text/plain") for n in range(200)])),
        refused(Why.FILES_TOO_MANY, says=("at most 5", "200")),
    ),
    Case(
        "100,000 parts",
        mail(several("mixed").replace(b"--=_frontier--", b"--=_frontier\r\n\r\nx\r\n" * 100_000)),
        refused(Why.FILES_TOO_MANY, says=("1,000 parts",)),
    ),
    Case(
        "a million boundaries in one line",
        mail(several("mixed", LETTER + b"--=_frontier" * 200_000)),
        refused(Why.FILE_DAMAGED),
    ),
    Case(
        "a giant header",
        mail(text(), more=(*(f"X-Long-{n}: {'x' * 900}" for n in range(700)),)),
        refused(Why.MAIL_DAMAGED, says=("header is longer",)),
    ),
    Case(
        "a giant field",
        mail(text(), more=(f"X-Long: {'x' * 600_000}",)),
        refused(Why.MAIL_DAMAGED, says=("header is longer",)),
    ),
    Case("a header of a hundred thousand fields", mail(text(), more=("X: y",) * 100_000), refused(Why.MAIL_DAMAGED)),
    Case(
        "a header of five thousand fields",
        mail(text(), more=("X: y",) * 5_000),
        refused(Why.MAIL_DAMAGED, says=("2,000 fields",)),
    ),
    Case(
        "a giant header of a part",
        mail(several("mixed", part("text/plain", "Hello", more=("X: " + "x" * 100_000,)))),
        refused(Why.MAIL_DAMAGED, says=("header is longer",)),
    ),
    Case("a header of blanks", mail(text(), more=("X:" + " " * 100_000 + "x",)), Taken((), "Please")),
    Case("a huge line", mail(part("text/plain", "x" * 3_000_000, "8bit")), Taken((), "xxxx")),
    Case(
        "a huge line of base64 that packs well",
        mail(part('text/plain; name="zeros.txt"', b"0" * 2_000_000, "base64", disposition="attachment")),
        Taken((("zeros.txt", "text"),)),
    ),
    Case(
        "comments in comments in From",
        mail(LETTER, sender="(" * 3_000 + ")" * 3_000 + "alice@clinic.example"),
        Taken(DOCUMENT),
    ),
    Case("a From without end", mail(LETTER, sender="a@b.example, " * 10_000), refused(Why.SENDER_UNKNOWN)),
    Case("encoded words without end", mail(LETTER, subject="=?x?q?" * 10_000), refused(Why.SUBJECT_INVALID)),
    Case(
        "tags that never close",
        mail(part("text/html", "<style" * 200_000 + "<title>" * 200_000)),
        refused(Why.MAIL_EMPTY),
    ),
    Case("a hundred thousand comments", mail(part("text/html", "<!--" * 100_000)), refused(Why.MAIL_EMPTY)),
    Case("many beginnings of uuencode", mail(text("begin 644 x\n" * 100_000)), Taken((), "begin 644 x")),
    Case(
        "padding in base64 without end",
        mail(part("text/plain", b"QQ==" * 200_000, None, more=("Content-Transfer-Encoding: base64",))),
        Taken((), "AAAA"),
    ),
    Case(
        "a million quotes in flowed text",
        mail(part("text/plain; format=flowed", ">" * 1_000_000 + " x \n" + "> y \n" * 100_000)),
        Taken((), ">>>>"),
    ),
)
