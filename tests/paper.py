"""Documents as people hand them in, made by the tests."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"


def letter(
    folder: Path, pages: int = 1, words: str = "Dear clinic, here is the signed form.", name: str = "letter"
) -> Path:
    """A PDF with a few lines a page: quick on the line."""
    font = ImageFont.truetype(FONT, 40)
    sheets = []
    for number in range(1, pages + 1):
        sheet = Image.new("1", (1240, 1754), 1)
        drawing = ImageDraw.Draw(sheet)
        for line in range(4):
            drawing.text((120, 160 + 80 * line), f"{words} {number}.{line}", fill=0, font=font)
        sheets.append(sheet)
    file = folder / f"{name}.pdf"
    sheets[0].save(file, "PDF", save_all=True, append_images=sheets[1:], resolution=150)
    return file
