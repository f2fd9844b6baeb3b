"""Documents made here, so that each test shows what is in them."""

import hashlib
import io
import zlib
from collections.abc import Sequence

from PIL import Image, ImageDraw

A4 = (595.28, 841.89)
LETTER = (612.0, 792.0)
BLACK_SQUARE = b"0 g 72 72 72 72 re f"
"""An inch on each side, an inch from the lower left corner."""


def stream(content: bytes, entries: str = "") -> bytes:
    return f"<<{entries}/Length {len(content)}>>stream\n".encode() + content + b"\nendstream"


def pdf_of(objects: Sequence[bytes], trailer: str = "") -> bytes:
    """A PDF of these objects; the first is the catalogue."""
    out, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(objects) + 1, table)
    return out + f"trailer\n<</Size {len(objects) + 1}/Root 1 0 R{trailer}>>\nstartxref\n{start}\n%%EOF\n".encode()


def pdf(
    *contents: bytes,
    size: tuple[float, float] = A4,
    resources: str = "",
    page: str = "",
    catalogue: str = "",
    more: Sequence[bytes] = (),
    trailer: str = "",
) -> bytes:
    """A page for each content. ``more``: further objects, the first of which has the number 10 + 2 * pages."""
    count = len(contents)
    kids = " ".join(f"{10 + 2 * index} 0 R" for index in range(count))
    fonts = "/Font<</F1 3 0 R>>"
    objects = [
        f"<</Type/Catalog/Pages 2 0 R{catalogue}>>".encode(),
        f"<</Type/Pages/Kids[{kids}]/Count {count}>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        *[b"null"] * 6,
    ]
    for index, content in enumerate(contents):
        objects += [
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {size[0]} {size[1]}]/Contents {11 + 2 * index} 0 R"
            f"/Resources<<{fonts}{resources}>>{page}>>".encode(),
            stream(content),
        ]
    return pdf_of([*objects, *more], trailer)


def text_at(text: str, x: float, y: float, points: float = 12, colour: str = "0 g") -> bytes:
    return f"BT {colour} /F1 {points} Tf {x} {y} Td ({text}) Tj ET".encode()


def filled_form() -> bytes:
    """One field with its look in the file, one whose look the reader must make; and a stamp: three black marks."""
    look = stream(b"0 g 0 0 200 40 re f", "/Type/XObject/Subtype/Form/BBox[0 0 200 40]")
    widget = "/Type/Annot/Subtype/Widget/FT/Tx/F 4"
    return pdf(
        b"",
        page="/Annots[12 0 R 13 0 R 14 0 R]",
        catalogue="/AcroForm<</Fields[12 0 R 13 0 R]/DA(/F1 24 Tf 0 g)/DR<</Font<</F1 3 0 R>>>>>>",
        more=(
            f"<<{widget}/T(a)/V(x)/Rect[100 700 300 740]/AP<</N 15 0 R>>>>".encode(),
            f"<<{widget}/T(b)/V(MMMMMM)/Rect[100 500 300 540]/DA(/F1 24 Tf 0 g)>>".encode(),
            b"<</Type/Annot/Subtype/Stamp/F 4/Rect[100 300 300 340]/AP<</N 15 0 R>>>>",
            look,
        ),
    )


def _rc4(key: bytes, content: bytes) -> bytes:
    state, j, out = list(range(256)), 0, bytearray()
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    for byte in content:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def locked_pdf(user_password: bytes) -> bytes:
    """Encrypted with 40 bits (ISO 32000-1, 7.6.3.3); without a password anybody may read, but not change it."""
    identity = b"0123456789abcdef"
    user, owner = ((password + _PADDING)[:32] for password in (user_password, b"owner"))
    owner_entry = _rc4(hashlib.md5(owner).digest()[:5], user)
    rights = -64
    key = hashlib.md5(user + owner_entry + rights.to_bytes(4, "little", signed=True) + identity).digest()[:5]
    user_entry = _rc4(key, _PADDING)
    content_key = hashlib.md5(key + (11).to_bytes(3, "little") + bytes(2)).digest()[:10]
    return pdf(
        _rc4(content_key, BLACK_SQUARE),
        trailer=f"/ID[<{identity.hex()}><{identity.hex()}>]/Encrypt<</Filter/Standard/V 1/R 2/P {rights}"
        f"/O<{owner_entry.hex()}>/U<{user_entry.hex()}>>>",
    )


def endless_pdf() -> bytes:
    """Twelve forms, each of which draws the next ten times: a short file, and never done."""
    forms = [
        stream(
            b"/X Do " * 10 if level < 11 else b"0 0 1 1 re f",
            f"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X {13 + level} 0 R>>>>",
        )
        for level in range(12)
    ]
    return pdf(b"/X Do", resources="/XObject<</X 12 0 R>>", more=forms)


def swelling_pdf(megabytes: int) -> bytes:
    """A page whose content is that many megabytes of blanks, packed three times over."""
    packed = b" " * (megabytes << 20)
    for _ in range(3):
        packed = zlib.compress(packed, 9)
    page = stream(packed, "/Filter[/FlateDecode/FlateDecode/FlateDecode]")
    return pdf(b"", more=(page,)).replace(b"/Contents 11 0 R", b"/Contents 12 0 R")


def image_file(image: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def with_black_square(size: tuple[int, int], mode: str = "L") -> Image.Image:
    """White, but for the left upper sixteenth."""
    image = Image.new("L", size, 255)
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 4 - 1, size[1] // 4 - 1), fill=0)
    return image.convert(mode)


def photo(size: tuple[int, int]) -> Image.Image:
    """Smooth hills of grey from black to white."""
    across = Image.linear_gradient("L").resize(size)
    round_ = Image.radial_gradient("L").resize(size)
    return Image.blend(across, round_, 0.5)


def png_header_claiming(width: int, length: int) -> bytes:
    """A PNG of a few bytes that says it has so many pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + length.to_bytes(4, "big") + bytes([1, 0, 0, 0, 0])
    pixels = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")
