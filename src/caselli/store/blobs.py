"""Files on the shelf, named by what is in them (SHA-256), so that a repeated one is stored once and never half."""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from django.conf import settings


def folder() -> Path:
    return Path(settings.CONFIGURATION.blobs)


def path(digest: str) -> Path:
    """Where the blob lies, whether it exists or not."""
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise ValueError(f"not the name of a blob: {digest!r}")
    return folder() / digest[:2] / digest


def keep(content: bytes | Path) -> str:
    """Store the bytes, or a copy of the file; return their name. Safe on the disk when this returns."""
    folder().mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=folder(), prefix=".coming-")
    try:
        with os.fdopen(descriptor, "w+b") as file:
            if isinstance(content, Path):
                with content.open("rb") as source:
                    shutil.copyfileobj(source, file, 1 << 20)
            else:
                file.write(content)
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        target = path(digest)
        target.parent.mkdir(exist_ok=True)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)
    return digest


def _sync_folder(where: Path) -> None:
    descriptor = os.open(where, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def erase(digest: str) -> None:
    path(digest).unlink(missing_ok=True)
