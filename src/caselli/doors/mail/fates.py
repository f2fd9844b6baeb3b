"""What becomes of parts that are no document: left out, and said; or the mail refused, and how to send it instead."""

import struct
from email.message import Message
from typing import Final

from caselli.doors.mail import fields
from caselli.doors.mail.message import Part
from caselli.fax.refusals import Refusal, RefusalKind

_FORK: Final = "What only a Mac reads of a document is left out: the document itself is complete."
SEAL: Final = "The digital signature of the mail is left out: it is no document."

_LEFT_OUT: Final = {
    "text/calendar": "a calendar entry",
    "application/ics": "a calendar entry",
    "text/vcard": "a contact card",
    "text/x-vcard": "a contact card",
    "text/directory": "a contact card",
    "application/vcard": "a contact card",
    "application/pkcs7-signature": "a digital signature",
    "application/x-pkcs7-signature": "a digital signature",
    "application/pgp-signature": "a digital signature",
    "application/pgp-keys": "a key",
    "application/pkix-cert": "a certificate",
    "application/x-x509-ca-cert": "a certificate",
    "text/rfc822-headers": "the header of a mail",
    "message/delivery-status": "a delivery report",
    "message/global-delivery-status": "a delivery report",
    "message/global-disposition-notification": "a read receipt",
    "message/global-headers": "the header of a mail",
    "message/disposition-notification": "a read receipt",
    "message/feedback-report": "a report about a mail",
    "message/external-body": "a link to a file that is kept elsewhere",
}
_BY_ENDING: Final = {
    "ics": "a calendar entry",
    "vcf": "a contact card",
    "p7s": "a digital signature",
}
_BY_BEGINNING: Final = (
    (b"-----BEGIN PGP SIGNATURE-----", "a digital signature"),
    (b"-----BEGIN PGP PUBLIC KEY BLOCK-----", "a key"),
    (b"BEGIN:VCALENDAR", "a calendar entry"),
    (b"BEGIN:VCARD", "a contact card"),
)
_PGP_MESSAGE: Final = b"-----BEGIN PGP MESSAGE-----"
_ENCRYPTED: Final = frozenset({"application/pgp-encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"})
_TNEF: Final = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_TNEF_SIGN: Final = b"\x78\x9f\x3e\x22"
_PICTURES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"II*\x00", b"MM\x00*", b"BM")


def of(kind: str, name: str, content: bytes, header: Message | None = None) -> str | None:
    """Why a part is left out, in a sentence; None for a document.

    Raises Refusal where the mail cannot be read without it.
    """
    if kind in _TNEF or name.lower() == "winmail.dat" or content.startswith(_TNEF_SIGN):
        raise packed_by_outlook()
    if kind == "message/partial":
        sentence = "This is one piece of a mail that was cut into several."
        raise _refusal(sentence, "Send it in one piece.", RefusalKind.MAIL_DAMAGED)
    if name.lower() == "smime.p7m" and header is not None and kind not in _ENCRYPTED:
        raise encrypted()
    if kind == "application/applefile":
        return _FORK
    if content.startswith(_PGP_MESSAGE):
        raise _file_encrypted(name)
    ending = name.lower().rpartition(".")[2]
    if what := _LEFT_OUT.get(kind) or _BY_ENDING.get(ending) or _by_beginning(content):
        return _sentence(name, what)
    if kind in _ENCRYPTED and header is not None:
        raise _sealed(header)
    return None


def _by_beginning(content: bytes) -> str | None:
    return next((what for sign, what in _BY_BEGINNING if content.startswith(sign)), None)


def _sentence(name: str, what: str) -> str:
    return f"“{name}” is left out: {what} is no document." if name else f"Left out: {what}, which is no document."


def of_attachment(part: Part) -> str | None:
    """Of what looks like a document by its kind and is none by its content."""
    if part.content_type.startswith("image/") and _is_pixel(part.content):
        return f"“{part.name}” is left out: a picture of one dot, made to see who reads a mail."
    return None


def is_picture(part: Part) -> bool:
    return part.content_type.startswith("image/") or part.content.startswith(_PICTURES)


def _is_pixel(content: bytes) -> bool:
    if content.startswith(b"GIF8") and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
    elif content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
    else:
        return False
    return bool(max(width, height) <= 2)


def _refusal(sentence: str, remedy: str, kind: RefusalKind = RefusalKind.MAIL_ENCRYPTED) -> Refusal:
    return Refusal(kind, "mail", sentence, remedy)


def encrypted() -> Refusal:
    return _refusal("The mail is encrypted, and cannot be read here.", "Send it without encryption.")


def _file_encrypted(name: str) -> Refusal:
    shown = f"“{name}”" if name else "A document of the mail"
    sentence = f"{shown} is encrypted, and cannot be read here."
    return Refusal(RefusalKind.FILE_ENCRYPTED, "files", sentence, "Send it without encryption.", subject=name)


def _sealed(header: Message) -> Refusal:
    if fields.parameter(header, "content-type", "smime-type").lower() == "signed-data":
        return _refusal(
            "The mail is signed in a way that hides its text and its documents.",
            "Send it without a signature, or as a clear text signed message.",
        )
    return encrypted()


def packed_by_outlook() -> Refusal:
    return _refusal(
        "Outlook has packed the mail and its documents into winmail.dat, which cannot be read here.",
        "Send it as HTML or plain text: in Outlook, Format Text, then HTML or Plain Text in place of Rich Text.",
    )


def too_deep(most: int) -> Refusal:
    return _refusal(
        f"More than {most} mails lie in one another.",
        "Attach the mail that matters, or print it to PDF and attach that.",
        RefusalKind.MAIL_DAMAGED,
    )


def broken(name: str) -> Refusal:
    return Refusal(
        RefusalKind.FILE_DAMAGED,
        "files",
        f"“{name}” came damaged: its coding in the mail is broken.",
        "Send it again.",
        subject=name,
    )
