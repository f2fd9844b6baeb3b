"""What the mails of the corpus are made of: bytes, so that each can be as odd as it must be."""

import base64
import binascii
import io
import quopri
import zlib
from dataclasses import dataclass
from functools import cache
from itertools import count

from PIL import Image, ImageDraw

from caselli.fax.refusals import RefusalKind

ALICE = "Alice Front <alice@clinic.example>"
NUMBER = "+1 202 555 0100"


@dataclass(frozen=True)
class Refused:
    """In the dialogue, for these reasons in this order; ``says``: words that a person is told."""

    kinds: tuple[RefusalKind, ...]
    says: tuple[str, ...] = ()


@dataclass(frozen=True)
class Taken:
    """``documents``: name and kind (pdf, jpeg, png, tiff, text, html; ``?`` what nobody knows yet) in their order.

    ``plain``: how the text begins, ``html``: words that stand in it; None where that form must be missing.
    ``left_out``: words of each sentence, in order.
    """

    documents: tuple[tuple[str, str], ...] = ()
    plain: str | None = None
    html: str | None = None
    inline: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    sender: str = "alice@clinic.example"
    extension: str = "0003*210"
    recipients: tuple[str, ...] = (NUMBER,)
    automatic: str = ""


Fate = Taken | Refused


@dataclass(frozen=True)
class Case:
    """``wire``: another fate over SMTP, where the dialogue sees what a file does not show (bare line ends)."""

    name: str
    content: bytes
    fate: Fate
    wire: Fate | None = None


def refused(*kinds: RefusalKind, says: tuple[str, ...] = ()) -> Refused:
    return Refused(kinds, says)


_numbers = count(1)


def top(
    subject: str | bytes | None = NUMBER, sender: str | bytes | None = ALICE, more: tuple[str | bytes, ...] = ()
) -> bytes:
    """The header of a mail up to its content's own fields. Each has a Message-ID of its own."""
    lines: list[str | bytes] = []
    if sender is not None:
        lines.append(b"From: " + _bytes(sender))
    lines += ["To: fax@caselli.example"]
    if subject is not None:
        lines.append(b"Subject: " + _bytes(subject))
    lines += ["Date: Wed, 25 Nov 2026 09:30:00 -0500", f"Message-ID: <corpus-{next(_numbers)}@clinic.example>"]
    return b"".join(_bytes(line) + b"\r\n" for line in (*lines, *more, "MIME-Version: 1.0"))


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def mail(content: bytes, **header: object) -> bytes:
    return top(**header) + content  # type: ignore[arg-type]


def part(
    kind: str,
    content: bytes | str = b"",
    encoding: str | None = "7bit",
    *,
    disposition: str | bytes | None = None,
    cid: str | None = None,
    more: tuple[str | bytes, ...] = (),
) -> bytes:
    """A part with its header. ``kind`` and ``disposition`` with their parameters."""
    lines: list[bytes] = [b"Content-Type: " + _bytes(kind)]
    if encoding:
        lines.append(f"Content-Transfer-Encoding: {encoding}".encode())
    if disposition:
        lines.append(b"Content-Disposition: " + _bytes(disposition))
    if cid:
        lines.append(f"Content-ID: <{cid}>".encode())
    lines += [_bytes(one) for one in more]
    return b"".join(line + b"\r\n" for line in lines) + b"\r\n" + _coded(_bytes(content), encoding)


def _coded(content: bytes, encoding: str | None) -> bytes:
    match encoding:
        case "base64":
            return base64.encodebytes(content).replace(b"\n", b"\r\n")
        case "quoted-printable":
            return quopri.encodestring(content).replace(b"\n", b"\r\n")
        case _:
            return content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def several(kind: str, *parts: bytes, boundary: str = "=_frontier", ends: bool = True, before: bytes = b"") -> bytes:
    """A multipart of the kind (``mixed``, or with parameters: ``related; type="text/html"``)."""
    quoted = boundary.replace("\\", "\\\\").replace('"', '\\"')
    head = f'Content-Type: multipart/{kind}; boundary="{quoted}"\r\n\r\n'.encode() + before
    body = b"".join(b"--" + boundary.encode() + b"\r\n" + one + b"\r\n" for one in parts)
    return head + body + (b"--" + boundary.encode() + b"--\r\n" if ends else b"")


def text(content: str | bytes = "Please see the letter.\n", charset: str = "utf-8", encoding: str = "8bit") -> bytes:
    return part(f"text/plain; charset={charset}", content, encoding)


def html(content: str | bytes = "<p>Please see the <b>letter</b>.</p>", charset: str = "utf-8") -> bytes:
    return part(f"text/html; charset={charset}", content, "quoted-printable")


def attached(name: str, content: bytes, kind: str = "application/pdf") -> bytes:
    return part(f'{kind}; name="{name}"', content, "base64", disposition=f'attachment; filename="{name}"')


@cache
def pdf(words: str = "Letter") -> bytes:
    """One page with a few words, small and right in every byte."""
    stream = f"BT /F1 24 Tf 72 720 Td ({words}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, one in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (number, one)
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % one for one in offsets)
    return bytes(out + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start)


@cache
def png(width: int = 200, height: int = 120) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + name + data + binascii.crc32(name + data).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x00\x00\x00\x00"
    rows = b"".join(b"\x00" + bytes((x + y) % 256 for x in range(width)) for y in range(height))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@cache
def picture(kind: str = "JPEG") -> bytes:
    """JPEG, TIFF or GIF."""
    image = Image.new("L", (200, 120), 255)
    ImageDraw.Draw(image).rectangle((20, 20, 180, 100), fill=0)
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
