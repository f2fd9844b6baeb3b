"""The documents that are measured: made here, the same each time, so that nothing has to be fetched or trusted."""

import io
import random
from typing import Final

import numpy as np
import pypdfium2
import weasyprint
from PIL import Image, ImageFilter

_LIST: Final = """
about above account across after again against agreement already although always amount another answer appear
appointment around attached available balance because become before begin behind believe below between beyond
business careful certain change charge clear close common company complete condition consider contact contract
control copy country course cover customer decide delivery department describe detail different direct discuss
document during early effect either enclosed enough entire equal estimate evening event every example except expect
explain express fact family favour figure final first follow foreign forward freight further future general gentle
government great ground group happen health history house however hundred important include increase industry inform
instead interest invoice issue kind knowledge language large later learn letter likely limit little local machine
manage market material matter measure medical meeting member mention method middle minute moment money morning
mother movement national natural nature nearly necessary never notice number object offer office often order other
page paper partner patient payment people perhaps period person picture place plan please point position possible
power present pressure price private problem produce program provide public purpose quality question quick quiet
rather reason receive record reference regular remember reply report request result return right river schedule school
second section sender service several shipment short signature simple since small society sometimes special standard
statement street strong subject sudden suggest supply support system table telephone therefore thing thousand through
together toward trade transport travel trouble under understand until usual value various village visit voice water
weather week weight whether while whole window without wonder word world write yellow yesterday young
"""
WORDS: Final = _LIST.split()

_STYLE: Final = "@page { size: letter; margin: 25mm } body { font: 11pt 'DejaVu Serif' } section { break-after: page }"


def letter(pages: int) -> tuple[bytes, str]:
    """A PDF of dense letters, and the words in it."""
    chance = random.Random(pages)
    sections, words = [], []
    for number in range(pages):
        paragraphs = [[chance.choice(WORDS) for _ in range(75)] for _ in range(5)]
        words += [word for paragraph in paragraphs for word in paragraph]
        body = "".join(f"<p>{' '.join(paragraph)}.</p>" for paragraph in paragraphs)
        sections.append(f"<section><h2>Letter {number + 1}</h2>{body}</section>")
    pdf = weasyprint.HTML(string=f"<style>{_STYLE}</style>{''.join(sections)}").write_pdf()
    return bytes(pdf), " ".join(words)


def noisy_scan() -> tuple[bytes, str]:
    """A letter as a poor scanner sees it, and its words: 300 dpi, 1.3 degrees askew, shaded, noisy, JPEG in PDF."""
    pdf, words = letter(1)
    document = pypdfium2.PdfDocument(pdf)
    page = document[0].render(scale=300 / 72, grayscale=True).to_pil()
    document.close()
    skewed = page.rotate(1.3, Image.Resampling.BICUBIC, fillcolor=255).filter(ImageFilter.GaussianBlur(1.0))
    ink = np.asarray(skewed, dtype=np.float32) / 255
    rows, columns = ink.shape
    paper = np.linspace(225, 150, columns)[None, :] + np.linspace(0, 20, rows)[:, None]
    noise = np.random.default_rng(7).normal(0, 16, ink.shape)
    seen = (ink * (paper - 45) + 45 + noise).clip(0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(seen).save(file, "PDF", resolution=300, quality=75)
    return file.getvalue(), words
