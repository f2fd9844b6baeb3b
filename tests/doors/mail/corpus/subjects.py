"""Subjects as people write them, and programs encode them."""

from doors.mail.corpus.making import NUMBER, Case, Fate, Taken, attached, mail, pdf, refused

from caselli.fax.refusals import RefusalKind as Why

LETTER = attached("letter.pdf", pdf())
DOCUMENT = (("letter.pdf", "pdf"),)


def about(name: str, subject: str | bytes | None, fate: Fate) -> Case:
    return Case(name, mail(LETTER, subject=subject), fate)


def to(*recipients: str) -> Taken:
    return Taken(DOCUMENT, recipients=recipients)


SUBJECTS = (
    about("one number", NUMBER, to(NUMBER)),
    about("several recipients", "+1 202 555 0100, 211, (202) 555-0101", to("+1 202 555 0100", "211", "(202) 555-0101")),
    about("a national number", "202-555-0100", to("202-555-0100")),
    about("a number as a link", "tel:+1-202-555-0100", to("tel:+1-202-555-0100")),
    about("a number with dots", "+1.202.555.0100", to("+1.202.555.0100")),
    about("an extension by its long number", "0003*211", to("0003*211")),
    about("semicolons and a comma at the end", "211; +1 202 555 0100,", to("211", NUMBER)),
    about("the own extension before it", f"210:{NUMBER}", to(NUMBER)),
    about("the own extension, blanks around it", f" 0003*210 :  {NUMBER}", to(NUMBER)),
    about("an encoded subject", "=?utf-8?B?KzEgMjAyIDU1NSAwMTAw?=", to(NUMBER)),
    about("a quoted-printable subject", "=?iso-8859-1?Q?+1_202_555_0100=2C_211?=", to(NUMBER, "211")),
    about("a folded subject", "+1 202 555 0100,\r\n 211,\r\n\t+1 202 555 0101", to(NUMBER, "211", "+1 202 555 0101")),
    about("encoded words over two lines", "=?us-ascii?Q?+1_202_555_0?=\r\n =?us-ascii?Q?100?=", to(NUMBER)),
    about("encoded words that touch other words", "=?utf-8?Q?+1?= 202 555 0100", to(NUMBER)),
    about("a subject in a language (RFC 2231)", "=?us-ascii*en?Q?211?=", to("211")),
    about("full-width digits", "２１１", to("211")),
    about("marks of direction around the number", "\u202a+1 202 555 0100\u202c", to(NUMBER)),
    about("a non-breaking blank", "+1\u00a0202\u00a0555\u00a00100", to(NUMBER)),
    about("an en dash in the number", "202–555–0100", to("202–555–0100")),
    about("a forwarded mail", f"Fwd: {NUMBER}", refused(Why.SUBJECT_INVALID, says=("“Fwd:”", f"Subject: {NUMBER}"))),
    about("a reply", "Re: 211", refused(Why.SUBJECT_INVALID, says=("“Re:”", "Subject: 211"))),
    about(
        "a counted reply",
        "Re[4]: hello",
        refused(Why.SUBJECT_INVALID, says=("“Re[4]:”", "Subject: +1 202 555 0100, 211")),
    ),
    about("a German reply", "AW: 211", refused(Why.SUBJECT_INVALID, says=("“AW:”",))),
    about(
        "a Chinese reply",
        "=?utf-8?B?5Zue5aSN77yaMjEx?=",
        refused(Why.SUBJECT_INVALID, says=("“回复:”", "Subject: 211")),
    ),
    about(
        "words",
        "Invoice for November",
        refused(Why.SUBJECT_INVALID, says=("“Invoice for November”", "Subject: +1 202 555 0100, 211")),
    ),
    about(
        "words with a number in them",
        "Order 202-555-0100",
        refused(Why.SUBJECT_INVALID, says=("“Order 202-555-0100”",)),
    ),
    about("words behind a number", "+1 202 555 0100 Dr. Miller", refused(Why.SUBJECT_INVALID, says=("Dr. Miller",))),
    about(
        "several wrong ones",
        "211, Dr. A, Dr. B, C, D",
        refused(Why.SUBJECT_INVALID, says=("“Dr. A”", "1 more", "Subject: 211")),
    ),
    about(
        "an address in the subject", "bob@clinic.example", refused(Why.SUBJECT_INVALID, says=("bob@clinic.example",))
    ),
    about(
        "an empty subject", "", refused(Why.RECIPIENT_MISSING, says=("names nobody", "Subject: +1 202 555 0100, 211"))
    ),
    about("no subject", None, refused(Why.RECIPIENT_MISSING, says=("names nobody",))),
    about("commas alone", ", ,;", refused(Why.RECIPIENT_MISSING)),
    about("an extension and nobody", "210:", refused(Why.RECIPIENT_MISSING, says=("Behind “210:”", "Subject: 210: "))),
    about("two subjects", b"211\r\nSubject: 212", refused(Why.MAIL_DAMAGED, says=("more than one Subject",))),
    about("a number that is none", "+1 000 555 0100", refused(Why.RECIPIENT_INVALID, says=("+1 000 555 0100",))),
    about("too few digits", "+1 202 555", refused(Why.RECIPIENT_INVALID, says=("too few digits",))),
    about("an extension that takes no faxes", "219", refused(Why.RECIPIENT_UNKNOWN_EXTENSION, says=("219",))),
    about("the same recipient twice", "+1 202 555 0100, 202-555-0100", refused(Why.RECIPIENT_REPEATED)),
    about(
        "two mistakes, both told", "+1 202 555, 999", refused(Why.RECIPIENT_INVALID, Why.RECIPIENT_UNKNOWN_EXTENSION)
    ),
    about(
        "too many recipients",
        ", ".join(f"+1 202 555 01{n:02}" for n in range(6)),
        refused(Why.RECIPIENTS_TOO_MANY, says=("at most 5", "6")),
    ),
    about(
        "thousands of recipients",
        ", ".join(f"+1 202 555 {n:04}" for n in range(1_500)),
        refused(Why.RECIPIENTS_TOO_MANY),
    ),
    about("a subject longer than any", "1" * 40_000, refused(Why.SUBJECT_INVALID, says=("too long",))),
    about("an encoded subject that is broken", "=?utf-8?B?!!!!?=", refused(Why.RECIPIENT_MISSING)),
    about("an encoded subject in no charset", "=?x-unknown?Q?211?=", to("211")),
    about("eight bits in the subject", b"Gr\xfc\xdfe", refused(Why.SUBJECT_INVALID, says=("“Grüße”",))),
    about("UTF-8 in the subject", "Grüße aus München", refused(Why.SUBJECT_INVALID, says=("“Grüße aus München”",))),
    about(
        "a character cut in two",
        "=?utf-8?B?R3LD?= =?utf-8?B?vMOfZQ==?=",
        refused(Why.SUBJECT_INVALID, says=("“Grüße”",)),
    ),
    about("Japanese", "=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", refused(Why.SUBJECT_INVALID, says=("“日本”",))),
    about("Russian in KOI8", "=?koi8-r?B?8NLJ18XU?=", refused(Why.SUBJECT_INVALID, says=("“Привет”",))),
    about(
        "two charsets in one subject",
        "=?iso-8859-1?Q?=FC?= =?utf-8?Q?=C3=BC?=",
        refused(Why.SUBJECT_INVALID, says=("“üü”",)),
    ),
    about("a command in the subject", "211; rm -rf /", refused(Why.SUBJECT_INVALID, says=("rm -rf",))),
    about(
        "a header smuggled by encoded words", "=?utf-8?Q?211=0D=0ABcc:_x@evil.example?=", refused(Why.SUBJECT_INVALID)
    ),
)
