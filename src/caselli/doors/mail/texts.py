"""The texts of a mail as a person wrote them: soft line ends joined, seals taken off, files in the text taken out.

Pure and linear: each letter is looked at a few times, whatever the text is.
"""

import binascii
import html as entities
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from caselli.doors.mail.message import Part
from caselli.doors.mail.structure import from_uuencode

_SIGNED: Final = "-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE: Final = "-----BEGIN PGP SIGNATURE-----"
_SIGNATURE_END: Final = "-----END PGP SIGNATURE-----"
_ENCRYPTED: Final = "-----BEGIN PGP MESSAGE-----"
_BEGIN: Final = re.compile(r"begin [0-7]{3,4} (\S.{0,200})")
_UNSEEN: Final = frozenset(["style", "script", "title", "noscript", "template", "xml"])
_TAG: Final = re.compile(r"/?[a-z][a-z0-9]*")
_CID: Final = re.compile(r"cid:([^\"'\s<>()]{1,500})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Text:
    """One text in the two forms it may have; each empty where it was missing or blank."""

    plain: str = ""
    html: str = ""


def joined(texts: Iterable[Text]) -> Text:
    """Texts that stand one behind the other. A form is given only where it is the whole text."""
    said = [one for one in texts if one.plain or one.html]
    plain = "\n\n".join(one.plain.strip("\n") for one in said) if all(one.plain for one in said) else ""
    if not any(one.html for one in said):
        return Text(plain)
    return Text(plain, "\n".join(one.html or _as_html(one.plain) for one in said))


def _as_html(plain: str) -> str:
    lines = "<br>\n".join(entities.escape(line, quote=False) for line in plain.strip("\n").split("\n"))
    return f"<div>{lines}</div>"


def unflowed(text: str, *, delete_space: bool) -> str:
    """A text of ``format=flowed`` (RFC 3676) with its paragraphs in one line each, quotes at their depth."""
    lines: list[str] = []
    open_depth: int | None = None
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare.removeprefix(" ")
        soft = bare.endswith(" ") and bare != "-- "
        content = bare[:-1] if soft and delete_space else bare
        if open_depth == depth and bare != "-- ":
            lines.append(content)
        else:
            lines.append(("\n" if lines else "") + (">" * depth + " " if depth else "") + content)
        open_depth = depth if soft else None
    return "".join(lines)


def is_encrypted(plain: str) -> bool:
    return plain.lstrip().startswith(_ENCRYPTED)


def without_seal(plain: str) -> tuple[str, bool]:
    """A text without the signature that OpenPGP wraps around it (RFC 9580, 7), and whether there was one."""
    before, begun, rest = plain.partition(_SIGNED + "\n")
    if not begun or before.strip():
        return plain, False
    _headers, _blank, signed = rest.partition("\n\n")
    content, _mark, behind = signed.partition("\n" + _SIGNATURE)
    after = behind.partition(_SIGNATURE_END)[2]
    lines = [line.removeprefix("- ") for line in content.split("\n")]
    return "\n".join(lines) + after, True


def without_files(plain: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text, and the files (name, content) that were uuencoded in it."""
    if "begin " not in plain:
        return plain, []
    kept: list[str] = []
    files: list[tuple[str, bytes]] = []
    held: list[str] = []
    for line in plain.split("\n"):
        if held:
            held.append(line)
            if line.strip() != "end":
                continue
            content, whole = from_uuencode("\n".join(held).encode())
            if whole and content:
                files.append((_BEGIN.fullmatch(held[0])[1], content))  # type: ignore[index]  # it began so
            else:
                kept += held
            held = []
        elif _BEGIN.fullmatch(line):
            held = [line]
        else:
            kept.append(line)
    return "\n".join(kept + held), files


def shows_nothing(html: str) -> bool:
    """Whether no letter and no picture of its own is to be seen."""
    small = html.lower()
    if "cid:" in small or 'src="data:' in small or "src='data:" in small:
        return False
    position = 0
    while position < len(small):
        opened = small.find("<", position)
        end = len(small) if opened < 0 else opened
        if _says(small[position:end]):
            return False
        if opened < 0:
            return True
        position = _behind_tag(small, opened)
    return True


def _says(text: str) -> bool:
    text = entities.unescape(text) if "&" in text else text
    return any(one.isprintable() and not one.isspace() for one in text)


def _behind_tag(small: str, opened: int) -> int:
    """Where the text goes on; behind everything where it does not."""
    if small.startswith("<!--", opened):
        end = small.find("-->", opened)
        return len(small) if end < 0 else end + 3
    name = _TAG.match(small, opened + 1)
    close = small.find(">", opened)
    if close < 0:
        return len(small)
    if name is None or name[0] not in _UNSEEN:
        return close + 1
    end = small.find("</" + name[0], close)
    return len(small) if end < 0 else end


def shown_pictures(html: str) -> frozenset[str]:
    """The Content-IDs that an HTML text refers to, as they are compared."""
    return frozenset(usual_id(found) for found in _CID.findall(html))


def usual_id(content_id: str) -> str:
    return unquote(content_id.strip().strip("<>")).lower()


def charset_of_html(content: bytes) -> str:
    """As the text itself names it near its beginning; empty if it does not."""
    found = re.search(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", content[:2048], re.IGNORECASE)
    return found[1].decode() if found else ""


def with_head(html: str, lines: Iterable[tuple[str, str]], pictures: Iterable[Part], room: int) -> bytes:
    """A mail's HTML as a document that stands alone: header lines above, its pictures in it. UTF-8, marked as such.

    ``room``: bytes that the pictures may take; the others stay out. A text can show one a million times.
    """
    within = {usual_id(one.content_id): _as_address(one) for one in pictures}

    def picture(found: re.Match[str]) -> str:
        nonlocal room
        shown = within.get(usual_id(found[1]), "")
        room -= len(shown)
        return shown if shown and room > 0 else found[0]

    top = "".join(f"<div><b>{name}:</b> {entities.escape(value)}</div>\n" for name, value in lines)
    return f"<!DOCTYPE html>\n{top}<hr>\n{_CID.sub(picture, html)}".encode("utf-8-sig")


def _as_address(picture: Part) -> str:
    coded = binascii.b2a_base64(picture.content, newline=False).decode()
    return f"data:{picture.content_type};base64,{coded}"
