"""What of a web page's tree must be told apart before it is drawn: pictures that are none, lines from right to left."""

import base64
import binascii
import io
import re
from collections.abc import Iterable, Iterator
from typing import Final
from xml.etree.ElementTree import Element

from PIL import Image

from caselli.documents.jobs import Objected, Objection
from caselli.documents.rules import image_is_absurd
from caselli.documents.typesetting import runs_rightward

_MOST_PICTURES: Final = 1_000
_DATA: Final = re.compile(r"\s*data:image/[a-z.+-]{1,20}\s*;\s*base64\s*,", re.IGNORECASE)
_SIGNATURES: Final = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpeg",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
    b"RIFF": "webp",
}
_PARAGRAPHS: Final = frozenset(
    ("blockquote", "caption", "dd", "div", "dt", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6", "li", "p", "pre")
) | {"td", "th"}
_BLOCKS: Final = (
    _PARAGRAPHS | {"article", "center", "dl", "footer", "header", "hr", "main", "ol", "section"} | {"table", "ul"}
)
_FONT_FACE: Final = re.compile("@font-face", re.IGNORECASE)
_HEIGHT: Final = re.compile(r"(?<![\w-])height\s*:[^;]*;?", re.IGNORECASE)
_WIDTH: Final = re.compile(r"(?<![\w-])width\s*:", re.IGNORECASE)


def keep_pictures(root: Element) -> set[str]:
    """The addresses of pictures that may be drawn; the others show the words that stand for them."""
    kept: set[str] = set()
    judged: dict[str, str] = {}
    for picture in root.iter("img"):
        written = picture.attrib.pop("src", "")
        if written not in judged and len(judged) < _MOST_PICTURES:
            judged[written] = _carried(written)
        if address := judged.get(written):
            picture.set("src", address)
            kept.add(address)
        _keep_proportions(picture)
    return kept


def _carried(address: str) -> str:
    """The picture in the address, under the name of what it really is; empty if it is none."""
    found = _DATA.match(address)
    if not found:
        return ""
    try:
        content = base64.b64decode(address[found.end() :])
    except (binascii.Error, ValueError):
        return ""
    kind = next((kind for start, kind in _SIGNATURES.items() if content.startswith(start)), "")
    if not kind:
        return ""
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as image:
            size = image.size
    except Image.DecompressionBombError as bomb:
        raise Objected(Objection.TOO_COMPLEX, str(bomb)) from None
    except Exception:  # noqa: BLE001 - decoders raise whatever a broken file makes them
        return ""
    if image_is_absurd(*size):
        raise Objected(Objection.TOO_COMPLEX, f"a picture of {size[0]} x {size[1]} pixels")
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _keep_proportions(picture: Element) -> None:
    """A picture whose width must give way keeps its own proportions, not the height that was written beside it."""
    if picture.get("src") and picture.get("width"):
        picture.attrib.pop("height", None)
    style = picture.get("style")
    if style and _WIDTH.search(style):
        picture.set("style", _HEIGHT.sub("", style))


def drop_fonts(root: Element) -> None:
    """None of them could be fetched, and WeasyPrint would want a folder for them, which the cage does not have."""
    for style in root.iter("style"):
        style.text = _FONT_FACE.sub("@none", style.text or "")


def drop_styles(root: Element) -> None:
    for element in root.iter():
        element.attrib.pop("style", None)
        if element.tag == "style":
            element.text = ""


def set_directions(root: Element) -> None:
    """``dir`` for each paragraph without one, by its first strong letter; WeasyPrint knows no ``auto``."""
    waiting: list[tuple[Element, bool, bool]] = [(root, True, False)]
    while waiting:
        element, rightward, told = waiting.pop()
        direction = element.get("dir", "").lower()
        if direction in {"ltr", "rtl"}:
            rightward, told = direction == "ltr", True
        elif direction == "auto":
            rightward, told = _first_direction(element.itertext(), rightward), True
            element.set("dir", "ltr" if rightward else "rtl")
        elif not told and element.tag in _PARAGRAPHS:
            here = _first_direction(_own_text(element), rightward)
            if here != rightward:
                element.set("dir", "ltr" if here else "rtl")
            rightward = here
        waiting.extend((child, rightward, told) for child in element)


def _first_direction(texts: Iterable[str], otherwise: bool) -> bool:
    return next((found for found in map(runs_rightward, texts) if found is not None), otherwise)


def _own_text(element: Element) -> Iterator[str]:
    """Up to the first block in it."""
    yield element.text or ""
    for child in element:
        if child.tag in _BLOCKS:
            return
        yield from child.itertext()
        yield child.tail or ""
