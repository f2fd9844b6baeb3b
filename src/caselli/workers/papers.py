"""The documents of calls under way: each attempt's pages with their header line, gone when the call is over."""

import shutil
from datetime import datetime
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings

from caselli.documents.header_line import HeaderLine, with_header
from caselli.fax.number import spoken
from caselli.queue.claim import Claimed
from caselli.store import blobs
from caselli.store.models import Extension

log = structlog.get_logger()


class Papers:
    """``instance``: the dialer's name; what an earlier process of it left behind is erased."""

    def __init__(self, instance: str) -> None:
        self._folder = Path(settings.CONFIGURATION.home) / "dialling" / quote(instance, safe="")

    def clear(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, mode=0o700)

    def ready(self, claimed: Claimed) -> Path:
        """The pages as this call sends them. Where the line cannot be written, they go without: better than not."""
        kept = blobs.path(claimed.pages_blob)
        paper = self._of(claimed.attempt_id)
        now = datetime.now(ZoneInfo(claimed.extension.zone))
        try:
            header = header_of(claimed.extension, now, claimed.delivery.fax.header_line)
            with_header(kept, header, paper, claimed.first_page)
        except (OSError, ValueError):
            log.exception("no header line on this fax", attempt=claimed.attempt_id)
            return kept
        return paper

    def done(self, attempt_id: int) -> None:
        self._of(attempt_id).unlink(missing_ok=True)

    def _of(self, attempt_id: int) -> Path:
        return self._folder / f"{attempt_id}.tif"


def header_of(extension: Extension, now: datetime, own: str = "") -> HeaderLine:
    """``now``: in the extension's time zone; ``own``: the fax's own line, in place of the extension's."""
    who = own or extension.header_line or extension.name
    number = extension.station_id or spoken(extension.caller_number)
    return HeaderLine("   ".join(one for one in (f"{now:%Y-%m-%d %H:%M}", who.strip(), number.strip()) if one))
