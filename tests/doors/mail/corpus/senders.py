"""Who sends, and from which extension: From as people, programs and forgers write it."""

from doors.mail.corpus.making import NUMBER, Case, Fate, Taken, attached, mail, pdf, refused

from caselli.fax.refusals import RefusalKind as Why

LETTER = attached("letter.pdf", pdf())
DOCUMENT = (("letter.pdf", "pdf"),)


def sent_by(
    name: str, sender: str | bytes | None, fate: Fate, subject: str | bytes | None = NUMBER, *more: str
) -> Case:
    return Case(name, mail(LETTER, sender=sender, subject=subject, more=more), fate)


def taken(sender: str = "alice@clinic.example", extension: str = "0003*210", recipients: tuple[str, ...] = (NUMBER,)):
    return Taken(DOCUMENT, sender=sender, extension=extension, recipients=recipients)


SENDERS = (
    sent_by("an address alone", "alice@clinic.example", taken()),
    sent_by("an address in capital letters", "Alice@CLINIC.Example", taken()),
    sent_by("a plus-tag of an authorized address", "alice+scanner@clinic.example", taken()),
    sent_by("two plus-tags", "alice+a+b@clinic.example", taken()),
    sent_by(
        "an authorized address with a tag of its own", "nurse+fax@clinic.example", taken("nurse+fax@clinic.example")
    ),
    sent_by(
        "the address without the tag that was authorized",
        "nurse@clinic.example",
        refused(Why.SENDER_UNKNOWN, says=("nurse@clinic.example", "authorize")),
    ),
    sent_by("another tag than the one authorized", "nurse+x@clinic.example", refused(Why.SENDER_UNKNOWN)),
    sent_by("an international address in letters", "Büro <büro@münchen.example>", taken("büro@münchen.example")),
    sent_by(
        "an international domain in its other writing", "büro@xn--mnchen-3ya.example", taken("büro@münchen.example")
    ),
    sent_by("an international address in capital letters", "BÜRO@MÜNCHEN.example", taken("büro@münchen.example")),
    sent_by("an international address decomposed", "bu\u0308ro@mu\u0308nchen.example", taken("büro@münchen.example")),
    sent_by("a sharp s", "straße@straße.example", taken("straße@straße.example")),
    sent_by("a sharp s is no double s", "straße@strasse.example", refused(Why.SENDER_UNKNOWN)),
    sent_by("an apostrophe in the address", "O'Neil <o'neil@clinic.example>", taken("o'neil@clinic.example")),
    sent_by("a name with a comma in quotes", '"Front, Alice" <alice@clinic.example>', taken()),
    sent_by("a name with a comma without quotes", "Front, Alice <alice@clinic.example>", taken()),
    sent_by("a name in encoded words", "=?utf-8?q?=C3=84lice?= <alice@clinic.example>", taken()),
    sent_by("a comment behind the address", "alice@clinic.example (Alice (front desk))", taken()),
    sent_by("a quoted local part", '"alice"@clinic.example', taken()),
    sent_by("a folded From", "Alice Front\r\n\t<alice@clinic.example>", taken()),
    sent_by("a group of one", "Front desk: alice@clinic.example;", taken()),
    sent_by(
        "a group of two",
        "Desk: alice@clinic.example, bob@clinic.example;",
        refused(Why.SENDER_UNKNOWN, says=("2 senders",)),
    ),
    sent_by("an empty group", "undisclosed:;", refused(Why.SENDER_UNKNOWN, says=("does not say who",))),
    sent_by(
        "two senders", "alice@clinic.example, bob@clinic.example", refused(Why.SENDER_UNKNOWN, says=("2 senders",))
    ),
    sent_by(
        "two From fields",
        "alice@clinic.example",
        refused(Why.MAIL_DAMAGED),
        NUMBER,
        "From: bob@clinic.example",
    ),
    sent_by(
        "the same From twice", "alice@clinic.example", refused(Why.MAIL_DAMAGED), NUMBER, "From: alice@clinic.example"
    ),
    sent_by("no From", None, refused(Why.SENDER_UNKNOWN, says=("does not say who",))),
    sent_by("an empty From", "", refused(Why.SENDER_UNKNOWN, says=("does not say who",))),
    sent_by("an empty reverse path as From", "<>", refused(Why.SENDER_UNKNOWN)),
    sent_by("a From that is no address", "the front desk", refused(Why.SENDER_UNKNOWN)),
    sent_by(
        "a stranger", "mallory@elsewhere.example", refused(Why.SENDER_UNKNOWN, says=("mallory@elsewhere.example",))
    ),
    sent_by(
        "an authorized address as name of a stranger",
        "alice@clinic.example <m@evil.example>",
        refused(Why.SENDER_UNKNOWN, says=("m@evil.example",)),
    ),
    sent_by(
        "an authorized address quoted as name", '"alice@clinic.example" <m@evil.example>', refused(Why.SENDER_UNKNOWN)
    ),
    sent_by(
        "an authorized address hidden in an encoded name",
        "=?utf-8?q?x_=3Calice=40clinic=2Eexample=3E?= <m@evil.example>",
        refused(Why.SENDER_UNKNOWN, says=("m@evil.example",)),
    ),
    sent_by("an authorized address in a comment", "m@evil.example (alice@clinic.example)", refused(Why.SENDER_UNKNOWN)),
    sent_by("two angles", "<alice@clinic.example> <m@evil.example>", refused(Why.SENDER_UNKNOWN)),
    sent_by("two at signs", "alice@clinic.example@evil.example", refused(Why.SENDER_UNKNOWN)),
    sent_by("a NUL in From", b"alice@clinic.example\x00@evil.example", refused(Why.SENDER_UNKNOWN)),
    sent_by("a domain that begins like ours", "alice@clinic.example.evil.example", refused(Why.SENDER_UNKNOWN)),
    sent_by("a Cyrillic letter that looks like ours", "аlice@clinic.example", refused(Why.SENDER_UNKNOWN)),
    sent_by(
        "a forged From: the link goes to the true address",
        "alice@clinic.example",
        taken(),
        NUMBER,
        "Reply-To: m@evil.example",
        "Sender: m@evil.example",
    ),
    sent_by("a quotation that does not end", '"Alice <alice@clinic.example>', refused(Why.SENDER_UNKNOWN)),
    sent_by("eight-bit letters that are none", b"Al\xffice <alice@clinic.example>", taken()),
    sent_by(
        "an extension that is off",
        "off@clinic.example",
        refused(Why.EXTENSION_FAX_OFF, says=("219", "administrator")),
    ),
    sent_by(
        "an address on several extensions, the subject names none",
        "both@clinic.example",
        refused(Why.SENDER_AMBIGUOUS, says=("210 and 211", "Subject: 210: +1 202 555 0100")),
    ),
    sent_by(
        "the subject names one of several",
        "both@clinic.example",
        taken("both@clinic.example", "0003*211"),
        f"211: {NUMBER}",
    ),
    sent_by(
        "the subject names one in its long writing",
        "both@clinic.example",
        taken("both@clinic.example"),
        f"0003*210: {NUMBER}",
    ),
    sent_by(
        "the extension of somebody else",
        "alice@clinic.example",
        refused(Why.EXTENSION_UNKNOWN, says=("does not send from extension 211", "Subject: 210: ")),
        f"211: {NUMBER}",
    ),
    sent_by(
        "an extension that nobody has",
        "alice@clinic.example",
        refused(Why.EXTENSION_UNKNOWN, says=("does not send from extension 999",)),
        f"999: {NUMBER}",
    ),
    sent_by(
        "an extension of another organization",
        "alice@clinic.example",
        refused(Why.EXTENSION_UNKNOWN, says=("does not send",)),
        f"0004*210: {NUMBER}",
    ),
    sent_by(
        "the same short number in two organizations is told in full",
        "twice@rival.example",
        taken("twice@rival.example", "0004*310"),
        f"310: {NUMBER}",
    ),
    sent_by("somebody else's own extension", "charlie@rival.example", taken("charlie@rival.example", "0004*310")),
)
