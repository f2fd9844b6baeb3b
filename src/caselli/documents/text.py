"""The converter that sets texts: WeasyPrint makes a PDF of them, which the other converter draws."""

import base64
import io
import os
import tempfile
from collections.abc import Mapping
from typing import Final

from PIL import Image

from caselli.documents.jobs import Job, Objected, Objection, Outcome, Work, Worker, work_once
from caselli.documents.typesetting import typeset

# Colour emoji become black blobs on a fax. Rescanning would look for this file, which is gone once it was read.
_FONTS: Final = b"""<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<selectfont><rejectfont><pattern><patelt name="color"><bool>true</bool></patelt></pattern></rejectfont></selectfont>
<rescan><int>0</int></rescan>
</fontconfig>"""

_FIRST_TEXT: Final = "Aä€ 1234 مرحبا שלום 你好 สวัสดีครับ नमस्ते ☎ \N{GRINNING FACE}\n\fB\n"


def workers() -> Mapping[str, Worker]:
    """What this converter can do; fonts and libraries have been asked for when this returns."""
    with tempfile.NamedTemporaryFile(prefix="caselli-", suffix=".conf") as fonts:
        fonts.write(_FONTS)
        fonts.flush()
        os.environ["FONTCONFIG_FILE"] = fonts.name
        text, html = _workers()
        work_once(text, _FIRST_TEXT.encode())
        work_once(html, _first_html().encode())
        from caselli.documents.web_page import convert_web_page

        work_once(convert_web_page, _first_html().encode())
    return {Work.TEXT: text, Work.HTML: html, Work.WEB_PAGE: convert_web_page}


def _first_html() -> str:
    """With a picture and with bold and slanted letters, so that what reads them is loaded."""
    file = io.BytesIO()
    Image.new("L", (4, 4), 200).save(file, "PNG")
    picture = base64.b64encode(file.getvalue()).decode()
    return (
        f"<p><b>{_FIRST_TEXT}</b><i>{_FIRST_TEXT}</i></p><table><tr><td>1<td>2</table><img alt='' src="
        f"'data:image/png;base64,{picture}'>"
    )


def _workers() -> tuple[Worker, Worker]:
    # Loaded when the fonts' configuration is known, which is read once.
    import weasyprint
    from weasyprint.urls import URLFetcher

    class _Nothing(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
        """A page may show what it carries in itself and nothing else."""

        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> object:
            if not url.startswith("data:"):
                raise ValueError(f"not fetched: {url}")
            return super().fetch(url, headers)

    def convert_text(job: Job, source: int, result: int) -> Outcome:
        """UTF-8 to PDF."""
        return write(job, typeset(_read(source)), result)

    def convert_html(job: Job, source: int, result: int) -> Outcome:
        """UTF-8 to PDF."""
        return write(job, _read(source), result)

    def write(job: Job, html: str, result: int) -> Outcome:
        document = weasyprint.HTML(string=html, url_fetcher=_Nothing()).render()
        if len(document.pages) > job.max_pages:
            raise Objected(Objection.TOO_MANY_PAGES, str(len(document.pages)))
        with os.fdopen(os.dup(result), "wb") as file:
            document.write_pdf(file)
        return Outcome()

    return convert_text, convert_html


def _read(source: int) -> str:
    return os.pread(source, os.fstat(source).st_size, 0).decode()
