"""The converter that sets texts: WeasyPrint makes a PDF of them, which the other converter draws."""

import os
import tempfile
from collections.abc import Mapping
from typing import Final

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
        worker = _worker()
        work_once(worker, _FIRST_TEXT.encode())
    return {Work.TEXT: worker}


def _worker() -> Worker:
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
        text = os.pread(source, os.fstat(source).st_size, 0).decode()
        document = weasyprint.HTML(string=typeset(text), url_fetcher=_Nothing()).render()
        if len(document.pages) > job.max_pages:
            raise Objected(Objection.TOO_MANY_PAGES, str(len(document.pages)))
        with os.fdopen(os.dup(result), "wb") as file:
            document.write_pdf(file)
        return Outcome()

    return convert_text
