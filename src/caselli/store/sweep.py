"""Files that no row refers to are erased, once they are old enough not to belong to a submission under way."""

import time
from pathlib import Path

from caselli.store import blobs
from caselli.store.references import erase_unreferred

OLD_ENOUGH = 24 * 3600
"""Seconds. A file is stored before its row: so young ones may still get theirs."""


def orphans(older_than: float = OLD_ENOUGH) -> int:
    """Erase them; returns how many there were."""
    count = 0
    for file in blobs.folder().glob("*/*"):
        if _age(file) > older_than and erase_unreferred(file.name):
            count += 1
    for half in blobs.folder().glob(".coming-*"):
        if _age(half) > older_than:
            half.unlink(missing_ok=True)
    return count


def _age(file: Path) -> float:
    """Zero for one that is gone meanwhile."""
    try:
        return time.time() - file.stat().st_mtime
    except FileNotFoundError:
        return 0.0
