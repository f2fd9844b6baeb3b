"""Fax pages to send, and what arrived of them."""

import random
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageSequence

WIDTH = 1728


def page(number: int, *, lines: int = 12, length: int = 1100) -> Image.Image:
    """A page of ``lines`` lines of letters: few of them go down the line quickly."""
    letters = random.Random(number)
    paper = Image.new("1", (WIDTH, length), 1)
    pen = ImageDraw.Draw(paper)
    for line in range(lines):
        words = " ".join("".join(letters.choices("abcdefghijklmnopqrstuvwxyz", k=6)) for _ in range(40))
        pen.text((60, 40 + line * (length - 80) // lines), words, fill=0)
    return paper


def write_document(path: Path, pages: Sequence[Image.Image]) -> Path:
    """A TIFF class F as the converter writes it: 204 x 196, MMR, one strip a page."""
    pages[0].save(
        path,
        compression="group4",
        dpi=(204, 196),
        save_all=True,
        append_images=list(pages[1:]),
        tiffinfo={278: pages[0].height},
    )
    return path


def read_document(path: Path) -> list[Image.Image]:
    with Image.open(path) as document:
        return [frame.convert("1") for frame in ImageSequence.Iterator(document)]


def same_pages(sent: Sequence[Image.Image], received: Sequence[Image.Image]) -> bool:
    return [one.tobytes() for one in sent] == [one.tobytes() for one in received]
