"""Files on the shelf, named by what is in them (SHA-256), so that a repeated one is stored once and never half."""

import hashlib
import os
import tempfile
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

_PIECE = 1 << 20


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
        with os.fdopen(descriptor, "wb") as file:
            digest = _write(content, file)
            file.flush()
            os.fsync(file.fileno())
        target = path(digest)
        is_first = not target.parent.exists()
        target.parent.mkdir(exist_ok=True)
        os.replace(temporary, target)  # noqa: PTH105 - two paths for one deed
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)
    if is_first:
        _sync_folder(folder())
    return digest


def _write(content: bytes | Path, to: BinaryIO) -> str:
    """Returns the digest of what was written."""
    hashed = hashlib.sha256()
    with content.open("rb", buffering=0) if isinstance(content, Path) else BytesIO(content) as source:
        while piece := source.read(_PIECE):
            hashed.update(piece)
            to.write(piece)
    return hashed.hexdigest()


def _sync_folder(where: Path) -> None:
    descriptor = os.open(where, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def erase(digest: str) -> None:
    path(digest).unlink(missing_ok=True)
