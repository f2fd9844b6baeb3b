"""A dense A4 page, the same every time: what costs a fax machine most among the usual."""

import random
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

WIDTH, LENGTH = 1728, 2286
MARGIN = 100
LINE = 46
"""Rows from line to line: 12 point, set a little apart, at 196 lines an inch."""


def _dense_page(number: int) -> Image.Image:
    letters = random.Random(number)
    font = ImageFont.load_default(size=33)
    paper = Image.new("1", (WIDTH, LENGTH), 1)
    pen = ImageDraw.Draw(paper)
    for top in range(MARGIN, LENGTH - MARGIN, LINE):
        line = ""
        while pen.textlength(line, font=font) < WIDTH - 2 * MARGIN - 120:
            line += "".join(letters.choices("etaoinshrdlucmfwypvbgk", k=letters.randrange(2, 10))) + " "
        pen.text((MARGIN, top), line, font=font, fill=0)
    return paper


def write_dense_document(path: Path, pages: int) -> Path:
    """``pages`` pages as TIFF class F, 204 x 196."""
    first, *rest = [_dense_page(number) for number in range(pages)]
    first.save(path, compression="group4", dpi=(204, 196), save_all=True, append_images=rest, tiffinfo={278: LENGTH})
    return path
