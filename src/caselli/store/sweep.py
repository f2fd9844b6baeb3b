"""Files that no row refers to are erased, once they are old enough not to belong to a submission under way."""

import time
from pathlib import Path

from django.db.models import Q

from caselli.store import blobs
from caselli.store.models import Document, Fax, ReceivedFax, StagedFile

OLD_ENOUGH = 24 * 3600
"""Seconds. A file is stored before its row: so young ones may still get theirs."""


def orphans(older_than: float = OLD_ENOUGH) -> int:
    """Erase them; returns how many there were."""
    count = 0
    for file in blobs.folder().glob("*/*"):
        if time.time() - file.stat().st_mtime > older_than and not is_referred(file.name):
            file.unlink(missing_ok=True)
            count += 1
    for half in blobs.folder().glob(".coming-*"):
        if _age(half) > older_than:
            half.unlink(missing_ok=True)
    return count


def _age(file: Path) -> float:
    return time.time() - file.stat().st_mtime


def erase_unreferred(digest: str) -> None:
    """Erase the file if nothing needs it any more: a document may belong to another fax too, or to an inbox."""
    if not is_referred(digest):
        blobs.erase(digest)


def is_referred(digest: str) -> bool:
    """Whether any row needs this file."""
    return (
        Document.objects.filter(blob=digest).exists()
        or Fax.objects.filter(pages_blob=digest).exists()
        or ReceivedFax.objects.filter(blob=digest).exists()
        or StagedFile.objects.filter(Q(blob=digest) | Q(pages_blob=digest)).exists()
    )
