"""A file lies on the shelf as long as a row refers to it; who writes such a row and who erases exclude each other.

A file is stored before its row. So who writes the row takes the file's lock first, shared, and stores the file again if
it has been erased meanwhile; who erases takes the lock for itself, and asks the rows after that.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Q

from caselli.store import blobs
from caselli.store.models import Document, Fax, IncomingMail, PromisedFile, ReceivedFax, StagedFile


def hold(contents: Mapping[str, bytes | Path]) -> None:
    """Let nobody erase these files until the caller's transaction ends, and store again those that are gone.

    Raises FileNotFoundError where the file to store is gone as well.
    """
    _lock("pg_advisory_xact_lock_shared", contents)
    for digest, content in contents.items():
        restore(digest, content)


def restore(digest: str, content: bytes | Path) -> None:
    """Store again what was erased before the caller took the file's lock."""
    if not blobs.path(digest).exists():
        blobs.keep(content)


def key_of(digest: str) -> int:
    """What the file's lock is taken by: the first 63 bits of its name."""
    return int(digest[:16], 16) >> 1


def erase_unreferred(digest: str) -> bool:
    """Erase the file if nothing needs it: a document may belong to another fax too, or to an inbox.

    Never inside the transaction that gives the file up: if that one fails, the file is still needed.
    """
    if is_referred(digest):
        return False
    with transaction.atomic(durable=True):
        _lock("pg_advisory_xact_lock", [digest])
        if is_referred(digest):
            return False
        blobs.erase(digest)
    return True


def is_referred(digest: str) -> bool:
    """Whether any row needs this file."""
    return (
        Document.objects.filter(blob=digest).exists()
        or Fax.objects.filter(pages_blob=digest).exists()
        or ReceivedFax.objects.filter(blob=digest).exists()
        or IncomingMail.objects.filter(blob=digest).exists()
        or PromisedFile.objects.filter(blob=digest).exists()
        or StagedFile.objects.filter(Q(blob=digest) | Q(pages_blob=digest)).exists()
    )


def _lock(how: str, digests: Iterable[str]) -> None:
    """Always in the same order; the lock ends with the transaction."""
    keys = sorted({key_of(digest) for digest in digests})
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {how}(key) FROM unnest(%s::bigint[]) AS key", [keys])  # noqa: S608 - one of two names
