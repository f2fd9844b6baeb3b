"""Header fields as people read them: encodings undone, whatever was written there. Pure, linear, never raises."""

import binascii
import codecs
import re
from collections.abc import Iterator
from email.errors import MessageError
from email.message import Message
from typing import Any, Final

_ENCODED_WORD: Final = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?\r\n]{0,4000})\?=")
_FOLDED: Final = re.compile(r"\r?\n[ \t]?|\r")
_BLANKS: Final = re.compile(r"\s+")
_NEWLINES: Final = re.compile(r"\r\n?")
# Nothing that prints: NUL would end a name, others move a terminal's cursor. Tab, line and form feed stay.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufeff]")
_MOST_PARAMETERS: Final = 8_000
"""Letters of a field with parameters that are read: the library's way is quadratic."""
# What mails call them, and what they write in fact (WHATWG, Encoding).
_MEANT: Final = {
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "ansi_x3.4-1968": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-11": "cp874",
    "windows-874": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "big5": "big5hkscs",
    "unicode-1-1-utf-7": "utf-7",
    "utf8": "utf-8",
    "cp-850": "cp850",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
}
# Text codecs of Python that are none of mail's: they escape, or take time that grows with the square.
_NEVER: Final = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})


def decode(content: bytes, charset: str = "") -> str:
    """Text of a charset as the mail names it; where that is unknown or untrue, UTF-8, else Windows' western letters."""
    named = _codec(charset)
    for codec in filter(None, (_marked(content) or named, "utf-8")):
        try:
            return content.decode(codec)
        except (UnicodeError, ValueError):
            continue
    return content.decode(named if named and not named.startswith("utf") else "cp1252", "replace")


def decoded(content: bytes, charset: str) -> str | None:
    """Text of a charset as it is named, None where that is unknown or untrue."""
    try:
        return content.decode(codec) if (codec := _codec(charset)) else None
    except (UnicodeError, ValueError):
        return None


def _codec(charset: str) -> str | None:
    """Python's name of a charset, None if it has none that may be used."""
    asked = charset.strip().strip("\"'").lower()[:60]
    try:
        found = codecs.lookup(_MEANT.get(asked, asked))
    except (LookupError, ValueError):
        return None
    if found.name.replace("-", "_") in _NEVER or not getattr(found, "_is_text_encoding", True):
        return None
    # ASCII with eight bits is anything; a charset that never fails says nothing against UTF-8.
    return None if found.name == "cp1252" and asked in {"us-ascii", "ascii", "ansi_x3.4-1968"} else found.name


def _marked(content: bytes) -> str | None:
    if content.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    return "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else None


def clean(text: str) -> str:
    """A text for pages: one kind of line end, nothing that does not print."""
    return _CONTROL.sub("", _NEWLINES.sub("\n", text))


def one_line(text: str) -> str:
    """A field for people: unfolded, blanks single, nothing that does not print."""
    return _BLANKS.sub(" ", _CONTROL.sub("", _FOLDED.sub(" ", text))).strip()


def raw(header: Message, name: str) -> Iterator[str]:
    """Each field of that name, unfolded, as the library holds it: 8-bit bytes as surrogates."""
    for key, value in header.raw_items():
        if key.lower() == name:
            yield _FOLDED.sub(" ", str(value))


def text_of(header: Message, name: str) -> str:
    """The first field of that name, decoded (RFC 2047, RFC 6532); empty where there is none."""
    return next((words(one) for one in raw(header, name)), "")


def words(value: str) -> str:
    """Encoded words decoded (RFC 2047); 8-bit letters as UTF-8 (RFC 6532), else as western ones."""
    pieces: list[tuple[str, bytes]] = []
    end = 0
    for word in _ENCODED_WORD.finditer(value):
        between = value[end : word.start()]
        # Blanks between two encoded words belong to neither.
        if not (pieces and pieces[-1][0] and not between.strip()):
            pieces.append(("", between.encode("utf-8", "surrogateescape")))
        content = _word(word[2], word[3])
        charset = word[1].partition("*")[0].lower()
        # A letter may be cut in two by careless programs: bytes of one charset are decoded together.
        if pieces and pieces[-1][0] == charset:
            content = pieces.pop()[1] + content
        pieces.append((charset, content))
        end = word.end()
    pieces.append(("", value[end:].encode("utf-8", "surrogateescape")))
    return one_line("".join(decode(content, charset) for charset, content in pieces))


def _word(encoding: str, text: str) -> bytes:
    coded = text.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return binascii.a2b_qp(coded, header=True)
    return from_base64(coded)[0]


_WHITE: Final = b" \t\r\n\x0b\x0c"
_BASE64: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NOT_BASE64: Final = bytes(set(range(256)) - set(_BASE64))


def from_base64(coded: bytes) -> tuple[bytes, bool]:
    """The content, and whether it was whole: nothing foreign in it, nothing missing but padding at its end."""
    pure = coded.translate(None, _WHITE)
    whole = not pure.translate(None, _BASE64)
    if not whole:
        pure = pure.translate(None, _NOT_BASE64)
    if len(pure) % 4 == 0 and re.match(rb"(?:[^=]|==?\Z)*\Z", pure[-4:]) and pure.find(b"=", 0, -4) < 0:
        return binascii.a2b_base64(pure), whole
    contents = []
    # Some programs pad in the middle, where the library would stop.
    for run in re.split(rb"=+", pure):
        if len(run) % 4 == 1:
            whole, run = False, run[:-1]  # noqa: PLW2901 - six bits are no byte
        contents.append(binascii.a2b_base64(run + b"=" * (-len(run) % 4)))
    return b"".join(contents), whole


def content_type(header: Message, default: str = "text/plain") -> str:
    """In lower case, ``default`` where it is missing or nonsense."""
    value = next(raw(header, "content-type"), "").partition(";")[0].strip().lower()
    return value if re.fullmatch(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}", value) else default


def disposition(header: Message) -> str:
    return next(raw(header, "content-disposition"), "").partition(";")[0].strip().lower()


def parameter(header: Message, field: str, name: str) -> str:
    """A parameter (RFC 2045, RFC 2231, and encoded words, which are forbidden there and common); empty if none."""
    found = _parameter(header, field, name)
    if isinstance(found, tuple):
        charset, _language, percent = found
        return one_line(decode(percent.encode("latin-1", "replace"), charset or ""))
    return words(found)


def boundary(header: Message) -> str:
    """Of a multipart, to the letter but for blanks behind it (RFC 2046, 5.1.1)."""
    found = _parameter(header, "content-type", "boundary")
    return (found[2] if isinstance(found, tuple) else found).rstrip()


def _parameter(header: Message, field: str, name: str) -> str | tuple[str | None, str | None, str]:
    value = next(raw(header, field), "")[:_MOST_PARAMETERS]
    only = Message()
    only.add_header(field, decode(value.encode("utf-8", "surrogateescape")))
    try:
        pairs: list[tuple[str, Any]] = only.get_params([], field)
        found = [value for key, value in pairs if key.lower() == name]
    except (MessageError, ValueError, LookupError, TypeError, AttributeError):
        return ""
    # Where both writings are there, the plain one is for old programs (RFC 6266, 4.3).
    return next((one for one in found if isinstance(one, tuple)), found[0] if found else "")
