"""Files on the shelf, named by what is in them (SHA-256), so that a repeated one is stored once and never half."""

import hashlib
import os
import tempfile
from collections.abc import Iterable
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
    return keep_all([content])[0]


def keep_all(contents: Iterable[bytes | Path]) -> list[str]:
    """Store each; return their names in their order. All of them are safe on the disk when this returns.

    Each file is synced before it gets its name, and each folder once after all of the names: the journal of the file
    system has them all by the first of these, and the others find nothing left to do.
    """
    folder().mkdir(parents=True, exist_ok=True)
    coming: list[tuple[Path, str]] = []
    try:
        for content in contents:
            coming.append(_written(content))  # noqa: PERF401 - when the next one fails, this one is known
        changed = {one for temporary, digest in coming for one in _put(temporary, path(digest))}
    except BaseException:
        for temporary, _ in coming:
            temporary.unlink(missing_ok=True)
        raise
    for one in changed:
        _sync_folder(one)
    return [digest for _, digest in coming]


def _written(content: bytes | Path) -> tuple[Path, str]:
    """Under a name for the time being, with its digest; what is in it is safe."""
    descriptor, name = tempfile.mkstemp(dir=folder(), prefix=".coming-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            digest = _write(content, file)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name), digest


def _put(temporary: Path, target: Path) -> list[Path]:
    """Under its name; the folders that have changed by it, which are not safe yet."""
    is_first = not target.parent.exists()
    target.parent.mkdir(exist_ok=True)
    temporary.replace(target)
    return [target.parent, folder()] if is_first else [target.parent]


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
