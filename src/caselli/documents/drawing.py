"""The converter that draws: PDF and images to coded fax pages."""

from collections.abc import Mapping
from typing import Final

import pypdfium2.raw as pdfium

from caselli.documents.jobs import Work, Worker, work_once
from caselli.documents.pdf import convert_pdf
from caselli.documents.pictures import convert_picture, warm_up_images

_FIRST_PDF: Final = b"""%PDF-1.4
1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj
2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj
3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R
/Resources <</Font <</F1 5 0 R /F2 6 0 R>> >>
>> endobj
4 0 obj <</Length 75>> stream
0.5 g 0 0 50 50 re f BT /F1 12 Tf 9 99 Td (warm) Tj /F2 12 Tf (warm) Tj ET
endstream endobj
5 0 obj <</Type /Font /Subtype /TrueType /BaseFont /NotEmbedded>> endobj
6 0 obj <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>> endobj
trailer <</Root 1 0 R>>
%%EOF"""


def workers() -> Mapping[str, Worker]:
    """What this converter can do; everything it may need is loaded when this returns.

    A child can open no library and no module: each decoder has worked once before the first of them is forked.
    """
    pdfium.FPDF_InitLibrary()
    work_once(convert_pdf, _FIRST_PDF)
    for image in warm_up_images():
        work_once(convert_picture, image)
    return {Work.PDF: convert_pdf, Work.PICTURE: convert_picture}
