"""What is no document, or cannot be read: seals, encryption, calendars, cards."""

from doors.mail.corpus.making import (
    Case,
    Taken,
    attached,
    mail,
    part,
    pdf,
    refused,
    several,
    text,
)

from caselli.fax.refusals import RefusalKind as Why

LETTER = attached("letter.pdf", pdf())
DOCUMENT = (("letter.pdf", "pdf"),)
CALENDAR = "BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR\n"

SEALS = (
    Case(
        "S/MIME: a clear signature",
        mail(
            several(
                'signed; protocol="application/pkcs7-signature"; micalg=sha-256',
                several("mixed", text("Signed.\n"), LETTER, boundary="in"),
                part(
                    'application/pkcs7-signature; name="smime.p7s"',
                    b"\x30\x82" + bytes(90),
                    "base64",
                    disposition="attachment; filename=smime.p7s",
                ),
            )
        ),
        Taken(DOCUMENT, "Signed.", left_out=("digital signature",)),
    ),
    Case(
        "S/MIME: a signature alone behind the text",
        mail(
            several(
                "mixed", text("Signed.\n"), attached("smime.p7s", b"\x30\x82" + bytes(90), "application/octet-stream")
            )
        ),
        Taken((), "Signed.", left_out=("smime.p7s",)),
    ),
    Case(
        "S/MIME: signed and hidden",
        mail(
            part('application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"', b"\x30\x82" + bytes(90), "base64")
        ),
        refused(Why.MAIL_ENCRYPTED, says=("signed", "clear text signed")),
    ),
    Case(
        "S/MIME: encrypted",
        mail(
            part(
                'application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"', b"\x30\x82" + bytes(90), "base64"
            )
        ),
        refused(Why.MAIL_ENCRYPTED, says=("encrypted", "without encryption")),
    ),
    Case(
        "S/MIME: encrypted, by the older name",
        mail(part('application/x-pkcs7-mime; name="smime.p7m"', b"\x30\x82" + bytes(90), "base64")),
        refused(Why.MAIL_ENCRYPTED),
    ),
    Case(
        "OpenPGP: a signature beside the text",
        mail(
            several(
                'signed; protocol="application/pgp-signature"',
                text("Signed.\n"),
                part('application/pgp-signature; name="signature.asc"', "-----BEGIN PGP SIGNATURE-----\n"),
            )
        ),
        Taken((), "Signed.", left_out=("digital signature",)),
    ),
    Case(
        "OpenPGP: encrypted",
        mail(
            several(
                'encrypted; protocol="application/pgp-encrypted"',
                part("application/pgp-encrypted", "Version: 1\n"),
                part('application/octet-stream; name="encrypted.asc"', "-----BEGIN PGP MESSAGE-----\n"),
            )
        ),
        refused(Why.MAIL_ENCRYPTED, says=("without encryption",)),
    ),
    Case(
        "OpenPGP: an encrypted document",
        mail(
            several(
                "mixed", text(), attached("a.pdf.asc", b"-----BEGIN PGP MESSAGE-----\n", "application/octet-stream")
            )
        ),
        refused(Why.FILE_ENCRYPTED, says=("a.pdf.asc", "without encryption")),
    ),
    Case(
        "S/MIME: encrypted, called an octet stream",
        mail(attached("smime.p7m", b"\x30\x82" + bytes(90), "application/octet-stream")),
        refused(Why.MAIL_ENCRYPTED),
    ),
    Case(
        "OpenPGP: encrypted in the text",
        mail(text("-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n")),
        refused(Why.MAIL_ENCRYPTED),
    ),
    Case(
        "OpenPGP: signed in the text",
        mail(
            text(
                "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHello\n- -- \nAlice\n"
                "-----BEGIN PGP SIGNATURE-----\n\niQ\n-----END PGP SIGNATURE-----\n"
            )
        ),
        Taken((), "Hello\n-- \nAlice", left_out=("digital signature",)),
    ),
    Case(
        "OpenPGP: a key attached",
        mail(
            several(
                "mixed", text(), part('application/pgp-keys; name="key.asc"', "-----BEGIN PGP PUBLIC KEY BLOCK-----\n")
            )
        ),
        Taken((), "Please", left_out=("key.asc",)),
    ),
    Case(
        "winmail.dat as an octet stream",
        mail(
            several(
                "mixed", text(), attached("winmail.dat", b"\x78\x9f\x3e\x22" + bytes(90), "application/octet-stream")
            )
        ),
        refused(Why.MAIL_ENCRYPTED, says=("winmail.dat",)),
    ),
    Case(
        "TNEF by another name",
        mail(
            several("mixed", text(), attached("att.dat", b"\x78\x9f\x3e\x22" + bytes(90), "application/octet-stream"))
        ),
        refused(Why.MAIL_ENCRYPTED, says=("winmail.dat",)),
    ),
)

OTHERS = (
    Case(
        "a calendar entry beside a document",
        mail(several("mixed", text("Hello\n"), part('text/calendar; name="invite.ics"', CALENDAR), LETTER)),
        Taken(DOCUMENT, "Hello", left_out=("“invite.ics”",)),
    ),
    Case(
        "a calendar entry as a file",
        mail(several("mixed", LETTER, attached("invite.ics", CALENDAR.encode(), "application/octet-stream"))),
        Taken(DOCUMENT, left_out=("calendar entry",)),
    ),
    Case(
        "nothing but a calendar entry",
        mail(part("text/calendar; method=REPLY", CALENDAR)),
        refused(Why.MAIL_EMPTY, says=("nothing to send", "calendar entry")),
    ),
    Case(
        "a contact card",
        mail(several("mixed", LETTER, attached("alice.vcf", b"BEGIN:VCARD\nEND:VCARD\n", "text/vcard"))),
        Taken(DOCUMENT, left_out=("alice.vcf",)),
    ),
    Case(
        "nothing but a contact card",
        mail(attached("alice.vcf", b"BEGIN:VCARD\nEND:VCARD\n", "text/x-vcard")),
        refused(Why.MAIL_EMPTY, says=("contact card",)),
    ),
    Case(
        "a document that is kept elsewhere",
        mail(
            several(
                "mixed",
                text("See the link.\n"),
                part(
                    'message/external-body; access-type=URL; URL="https://elsewhere.example/x"',
                    "Content-Type: application/pdf\n\n",
                ),
            )
        ),
        Taken((), "See the link.", left_out=("kept elsewhere",)),
    ),
    Case(
        "one piece of a mail in several",
        mail(part('message/partial; number=1; total=3; id="x"', "Content-Type: text/plain\n\nHalf")),
        refused(Why.MAIL_DAMAGED, says=("one piece",)),
    ),
)
