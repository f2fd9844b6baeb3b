"""Charsets, transfer encodings and names: right, careless, and broken."""

from doors.mail.corpus.making import Case, Taken, mail, part, pdf, refused, several, text

from caselli.fax.refusals import RefusalKind as Why


def says(name: str, content: bytes, plain: str) -> Case:
    return Case(name, mail(content), Taken((), plain))


def called(name: str, disposition: str | bytes | None, shown: str, kind: str | bytes = "application/pdf") -> Case:
    content = several("mixed", part(kind, pdf(), "base64", disposition=disposition))
    return Case(name, mail(content), Taken(((shown, "pdf"),)))


def whole(header: str, body: bytes) -> bytes:
    return header.encode() + b"\r\n\r\n" + body


CHARSETS = (
    says("UTF-8, 8bit", text("Grüße aus Köln\n"), "Grüße aus Köln"),
    says("Latin 1", text("Grüße".encode("latin-1"), "iso-8859-1"), "Grüße"),
    says("Latin 1 that is Windows' in truth", text(b"\x93Hello\x94 \x80 5", "iso-8859-1"), "“Hello” € 5"),
    says("ASCII with eight bits", text("Grüße", "us-ascii"), "Grüße"),
    says("ASCII with western letters", text(b"Gr\xfc\xdfe", "us-ascii"), "Grüße"),
    says("UTF-8 that is none", text(b"Gr\xfc\xdfe", "utf-8"), "Grüße"),
    says("no charset named, UTF-8", part("text/plain", "Grüße", "8bit"), "Grüße"),
    says("an unknown charset", text("Grüße", "x-martian"), "Grüße"),
    says("an unknown charset with 8 bits", text(b"Gr\xfc\xdfe", "unknown-8bit"), "Grüße"),
    says("a charset that is a codec for something else", text("Hello", "zlib"), "Hello"),
    says("a charset that turns letters", text("Hello", "rot13"), "Hello"),
    says("a charset that takes for ever", text("Hello", "punycode"), "Hello"),
    says("a charset in quotes of the wrong kind", text("Grüße", "'utf-8'"), "Grüße"),
    says("a charset with a NUL", text("Hello", "utf\x008"), "Hello"),
    says("Japanese, ISO-2022-JP", text("日本語".encode("iso-2022-jp"), "iso-2022-jp"), "日本語"),
    says("Japanese, Shift JIS", text("日本語".encode("cp932"), "Shift_JIS"), "日本語"),
    says("Chinese, GB2312", text("中文传真".encode("gb18030"), "gb2312"), "中文传真"),
    says("Chinese, Big5", text("傳真".encode("big5"), "big5"), "傳真"),
    says("Korean", text("팩스".encode("cp949"), "ks_c_5601-1987"), "팩스"),
    says("Russian, KOI8", text("Привет".encode("koi8-r"), "koi8-r"), "Привет"),
    says("Turkish", text("İşğ".encode("cp1254"), "iso-8859-9"), "İşğ"),
    says("Hebrew", text("שלום".encode("iso-8859-8"), "iso-8859-8-i"), "שלום"),
    says("Arabic", text("مرحبا".encode("cp1256"), "windows-1256"), "مرحبا"),
    says("Thai", text("สวัสดี".encode("cp874"), "tis-620"), "สวัสดี"),
    says("UTF-16 in base64", part("text/plain; charset=utf-16", "Grüße".encode("utf-16"), "base64"), "Grüße"),
    says("UTF-7", text("Gr+APwA3w-e", "utf-7"), "Grüße"),
    says("a mark of UTF-8 before the text", text(b"\xef\xbb\xbfHello"), "Hello"),
    says("letters that do not print", text("He\x07l\x1b[31mlo\x00"), "Hel[31mlo"),
)

TRANSFER = (
    says("quoted-printable", part("text/plain; charset=utf-8", "Grüße = ok\n", "quoted-printable"), "Grüße = ok"),
    says(
        "quoted-printable, broken",
        whole("Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable", b"a=ZZ=3Db=\r\nc = \r\nd="),
        "a=ZZ=bc",
    ),
    says(
        "quoted-printable in small letters",
        whole("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: Quoted-Printable", b"=c3=bc"),
        "ü",
    ),
    says(
        "base64 without padding",
        whole("Content-Type: text/plain\r\nContent-Transfer-Encoding: base64", b"SGVsbG8gd29ybGQ"),
        "Hello world",
    ),
    says(
        "base64 padded in its middle",
        whole("Content-Type: text/plain\r\nContent-Transfer-Encoding: BASE64", b"SGVsbG8=\r\nIHdvcmxk\r\n"),
        "Hello world",
    ),
    says(
        "base64 in one line",
        whole("Content-Type: text/plain\r\nContent-Transfer-Encoding: base64 ", b"SGVsbG8g" * 200),
        "Hello Hello",
    ),
    says(
        "an encoding nobody knows",
        whole("Content-Type: text/plain\r\nContent-Transfer-Encoding: x-mine", b"Hello"),
        "Hello",
    ),
    says(
        "binary",
        whole("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: binary", "Grüße".encode()),
        "Grüße",
    ),
    Case(
        "a document whose base64 is cut",
        mail(
            several(
                "mixed",
                text(),
                part(
                    'application/pdf; name="cut.pdf"',
                    b"JVBERi0xLjQKM",
                    None,
                    more=("Content-Transfer-Encoding: base64",),
                ),
            )
        ),
        refused(Why.FILE_DAMAGED, says=("cut.pdf", "Send it again")),
    ),
    Case(
        "a document with strange letters in its base64",
        mail(
            several(
                "mixed",
                part(
                    'application/pdf; name="odd.pdf"',
                    b"JVBE\xff\xfe~~~Ri0xLjQK",
                    None,
                    more=("Content-Transfer-Encoding: base64",),
                ),
            )
        ),
        refused(Why.FILE_DAMAGED, says=("odd.pdf",)),
    ),
    Case(
        "a text whose base64 is broken",
        mail(part("text/plain", b"SGVsb\x00G8", None, more=("Content-Transfer-Encoding: base64",))),
        refused(Why.MAIL_DAMAGED, says=("coding of its text",)),
    ),
    Case(
        "a document in uuencode",
        mail(
            several(
                "mixed",
                part(
                    'text/plain; name="old.txt"',
                    "begin 644 old.txt\n%2&5L;&\\ \n`\nend\n",
                    "x-uuencode",
                    disposition="attachment",
                ),
            )
        ),
        Taken((("old.txt", "text"),)),
    ),
    Case(
        "a document uuencoded in the text",
        mail(text("See below.\n\nbegin 644 old.txt\n%2&5L;&\\ \n`\nend\n\nBye\n")),
        Taken((("old.txt", "text"),), "See below."),
    ),
    says(
        "a text that begins like uuencode", text("begin 644 things\nand never end\n"), "begin 644 things\nand never end"
    ),
    Case(
        "flowed text with quotes",
        mail(part("text/plain; format=flowed", "> a quote \n> goes on\nand my \nanswer\n-- \nAlice\n")),
        Taken((), "> a quote goes on\nand my answer\n-- \nAlice"),
    ),
    Case(
        "flowed text that deletes its blanks",
        mail(part("text/plain; charset=utf-8; format=flowed; delsp=yes", "日本 \n語\n", "8bit")),
        Taken((), "日本語"),
    ),
    Case(
        "a text attached, in a charset that the mail names",
        mail(
            several(
                "mixed",
                part(
                    "text/plain; charset=iso-2022-jp; name=a.txt",
                    "日本語\n".encode("iso-2022-jp"),
                    "base64",
                    disposition="attachment",
                ),
                part("text/plain; charset=koi8-r; name=b.txt", "Привет\n".encode("koi8-r"), "base64"),
                part("text/plain; charset=koi8-r; name=c.pdf", pdf(), "base64"),
            )
        ),
        Taken((("a.txt", "text"), ("b.txt", "text"), ("c.pdf", "pdf"))),
    ),
    Case(
        "line ends of every kind",
        mail(part("text/plain; charset=utf-8", b"one\ntwo\nthree\rfour", "base64")),
        Taken((), "one\ntwo\nthree\nfour"),
    ),
)

NAMES = (
    called("a name in UTF-8 (RFC 2231)", "attachment; filename*=utf-8''%C3%9Cbung.pdf", "Übung.pdf"),
    called(
        "a name in pieces (RFC 2231)",
        "attachment; filename*0*=utf-8'de'%C3%9Cb; filename*1=ung; filename*2=.pdf",
        "Übung.pdf",
    ),
    called("a name in Latin 1 (RFC 2231)", "attachment; filename*=iso-8859-1''%DCbung.pdf", "Übung.pdf"),
    called(
        "both writings of a name", "attachment; filename=\"Ubung.pdf\"; filename*=utf-8''%C3%9Cbung.pdf", "Übung.pdf"
    ),
    called("a document called in encoded words", 'attachment; filename="=?utf-8?B?w5xidW5nLnBkZg==?="', "Übung.pdf"),
    called("a name in eight bits", "attachment; filename=Übung.pdf", "Übung.pdf"),
    called("a name in western eight bits", b"attachment; filename=\xdcbung.pdf", "Übung.pdf"),
    called("pieces of a name that do not fit", "attachment; filename*0=a; filename*2=b; filename*x=c", "ab"),
    called("a name only in the type", None, "letter.pdf", 'application/pdf; name="letter.pdf"'),
    called("a name with folders", 'attachment; filename="../../etc/letter.pdf"', "letter.pdf"),
    called("a name with folders of Windows", 'attachment; filename="C:\\\\Users\\\\alice\\\\letter.pdf"', "letter.pdf"),
    called("a name that is a folder", 'attachment; filename="../.."', "document 1.pdf"),
    called("a name with control letters", b'attachment; filename="let\x07ter\x00.pdf"', "letter.pdf"),
    called("a name that turns the direction", "attachment; filename*=utf-8''fdp%E2%80%AEexe.pdf", "fdpexe.pdf"),
    called("a name of a thousand letters", f'attachment; filename="{"a" * 1000}.pdf"', f"{'a' * 115}….pdf"),
    called("a name with a quotation mark", 'attachment; filename="say \\"hi\\".pdf"', 'say "hi".pdf'),
    called("a name that never ends", 'attachment; filename="letter.pdf', "letter.pdf"),
    called("a name on two lines", 'attachment;\r\n\tfilename="the\r\n letter.pdf"', "the letter.pdf"),
    called("an empty name", 'attachment; filename=""', "document 1.pdf"),
)
