"""A file is kept while the form around it is filled in: uploaded and converted once, handed in later or not at all."""

import errno
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from caselli.documents.cage import ConverterLost
from caselli.documents.convert import Limits, SourceFile, convert
from caselli.documents.pages import FaxDocument
from caselli.documents.rules import seconds_on_line
from caselli.fax.refusals import Refusal, RefusalKind, Refusals
from caselli.fax.submission import HandedFile
from caselli.intake import check
from caselli.intake.rules import IntakeLimits, refuse_lost
from caselli.store import blobs
from caselli.store.models import Extension, StagedFile, User
from caselli.store.references import erase_unreferred, hold

KEPT = timedelta(days=1)
MOST = 50
"""Of one person at one extension; when more come, the oldest go."""

log = structlog.get_logger()

_CONVERTER_LOST = Refusal(
    RefusalKind.CONVERTER_LOST,
    "files",
    "The documents could not be turned into pages just now; the fault is ours.",
    "Try again in a moment. If it lasts, tell your administrator.",
)
_STORAGE_FULL = Refusal(
    RefusalKind.STORAGE_FULL,
    "files",
    "There is no room left to keep the documents.",
    "Tell your administrator: the disk is full.",
)


def stage(extension: Extension, person: User, file: HandedFile) -> StagedFile:
    """Convert the file and keep it with its pages for a day, for this person at this extension. Raises Refusals."""
    if refusal := check.refuse_sender(extension, person):
        raise Refusals((refusal,))
    made = made_of([SourceFile(file.name, file.content)], check.limits())
    blob, pages = kept([file.content, made.tiff])
    with transaction.atomic():
        held({blob: file.content, pages: made.tiff})
        staged = StagedFile.objects.create(
            extension=extension,
            person=person,
            name=Path(file.name).name[:255] or "document",
            blob=blob,
            size=blobs.path(blob).stat().st_size,
            pages=len(made.pages),
            pages_blob=pages,
            seconds=seconds_on_line([page.coded_bytes for page in made.pages]),
            staged_at=timezone.now(),
        )
    _forget(StagedFile.objects.filter(extension=extension, person=person).order_by("-staged_at", "-pk")[MOST:])
    return staged


def made_of(sources: Sequence[SourceFile], limits: IntakeLimits) -> FaxDocument:
    """The pages of all of them. Raises Refusals, also when the trouble is ours."""
    try:
        return convert(sources, Limits(max_pages=limits.pages, max_file_bytes=limits.file_bytes))
    except ConverterLost:
        log.exception("the converter does not work")
        raise Refusals((_CONVERTER_LOST,)) from None


def kept(contents: Iterable[bytes | Path]) -> list[str]:
    """The names under which all of it lies on the shelf now. Raises Refusals when the disk is full."""
    with _room():
        return blobs.keep_all(contents)


def held(contents: Mapping[str, bytes | Path]) -> None:
    """It lies there until the caller's transaction ends, and then as long as its rows do. Raises Refusals when the
    disk is full, or what was staged is gone.
    """
    try:
        with _room():
            hold(contents)
    except FileNotFoundError as error:
        raise Refusals(tuple(refuse_lost(1))) from error


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise Refusals((_STORAGE_FULL,)) from error


def staged(extension_id: int, person_id: int | None, uids: Sequence[UUID]) -> list[StagedFile]:
    """Those of them that this person has staged here and that are still kept, in the order of ``uids``."""
    if not uids:
        return []
    found = StagedFile.objects.filter(extension_id=extension_id, person_id=person_id, uid__in=uids)
    by_uid = {one.uid: one for one in found}
    return [by_uid[uid] for uid in dict.fromkeys(uids) if uid in by_uid]


def remove(extension_id: int, person_id: int, uids: Sequence[UUID]) -> None:
    _forget(staged(extension_id, person_id, uids))


def expire(now: datetime | None = None) -> int:
    """Erase what nobody handed in within its day; returns how many there were."""
    return _forget(StagedFile.objects.filter(staged_at__lt=(now or timezone.now()) - KEPT))


def _forget(some: Iterable[StagedFile]) -> int:
    gone = list(some)
    if gone:
        StagedFile.objects.filter(pk__in=[one.pk for one in gone]).delete()
        transaction.on_commit(lambda: erase_unneeded(gone))
    return len(gone)


def erase_unneeded(gone: Iterable[StagedFile]) -> None:
    """Erase the files of rows that are gone, unless something else refers to them."""
    for one in gone:
        for digest in {one.blob, one.pages_blob} - {""}:
            erase_unreferred(digest)
