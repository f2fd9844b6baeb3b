"""What the answering machine keeps of a call: files that are there whole or not at all."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from caselli.line.answering import Taken

PARTIAL = ".partial"
"""The folder within the folder where pages come in. A reader looks for ``*.json`` only."""


def partial_document(folder: Path, key: str) -> Path:
    """Where the media worker writes a call's TIFF."""
    return folder / PARTIAL / f"{key}.tiff"


def prepare(folder: Path) -> None:
    """Make the folders; what calls of an earlier life left half done goes away."""
    (folder / PARTIAL).mkdir(parents=True, exist_ok=True)
    for left in (folder / PARTIAL).iterdir():
        left.unlink()


def keep(folder: Path, key: str, taken: Taken, ended_at: datetime) -> Path:
    """Put TIFF and JSON into ``folder``; returns the latter's path. It comes last: who sees it finds the TIFF."""
    report = taken.report
    started_at = ended_at - timedelta(seconds=report.seconds)
    name = f"{started_at:%Y%m%dT%H%M%S}Z-{''.join(filter(str.isdigit, taken.called))}-{key[:12]}"
    tiff = None
    if report.pages_confirmed and taken.document.exists():
        tiff = f"{name}.tiff"
        taken.document.replace(folder / tiff)
    else:
        taken.document.unlink(missing_ok=True)
    facts: dict[str, Any] = {
        "called": taken.called,
        "calling": taken.calling,
        "remote_id": report.remote_id,
        "started_at": started_at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "seconds": report.seconds,
        "pages": report.pages_confirmed,
        "transport": report.transport,
        "rate": report.rate,
        "ecm": report.ecm,
        "t30_code": report.t30_code,
        "result": taken.result,
        "tiff": tiff,
    }
    path = folder / f"{name}.json"
    half = folder / PARTIAL / f"{name}.json"
    with half.open("w", encoding="utf-8") as file:
        json.dump(facts, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    return path
