"""A fax whose files follow (UnifiedAPI, v5): announced, given its files one by one, sent when the last one is in.

It is *received* until then. Where a file never comes, or cannot be read, the fax is *refused*, and its step says why.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import structlog
from django.db import transaction
from django.utils import timezone

from caselli.documents.reasons import too_large
from caselli.fax.causes import NEVER_WHOLE
from caselli.fax.refusals import Refusal, RefusalKind, Refusals
from caselli.fax.status import DeliveryStatus, FaxStatus, ShownStatus
from caselli.fax.submission import HandedFile, Submission
from caselli.intake import check, rules, stage
from caselli.intake.addressed import deliveries
from caselli.intake.submit import submit
from caselli.store import blobs, journey
from caselli.store.models import Delivery, Fax, PromisedFile, searchable
from caselli.store.promise import TELL, promise
from caselli.store.references import erase_unreferred

WITHIN = timedelta(minutes=10)
"""So long a file may be put to its address."""
STRANDED_AFTER = timedelta(minutes=2)
"""A fax that has all its files for so long, and is still received, lost the process that made its pages."""
GIVEN_UP_AFTER = timedelta(hours=1)
_KEPT = timedelta(days=1)
"""So long an address still says what became of its file."""
_OF_OURS = frozenset({RefusalKind.CONVERTER_LOST, RefusalKind.STORAGE_FULL})
_LONGEST_NOTE = 200

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Announced:
    """A file that will follow; ``size``: its bytes, where they were said."""

    name: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Announcement:
    """``secrets``: one a file, in their order; whoever knows one may put that file. Kept nowhere."""

    fax: Fax
    secrets: tuple[str, ...]


class WhyNotTaken(StrEnum):
    UNKNOWN = "unknown"
    LATE = "late"
    HERE_ALREADY = "here_already"
    OVER = "over"


class NotTakenError(Exception):
    """The file was not taken, and is not wanted."""

    def __init__(self, why: WhyNotTaken) -> None:
        super().__init__(why.value)
        self.why = why


def announce(submission: Submission, files: Sequence[Announced], known: check.AtHand | None = None) -> Announcement:
    """A fax that waits for its files. ``submission`` has none. Raises Refusals, as ``submit`` would, as far as it can
    be told without the files; then nothing is kept.
    """
    known = known or check.at_hand(submission)
    extension, limits = known.extension, known.limits
    check.sender(extension, known.person)
    reads = check.recipients(extension, submission.recipients, limits, sandbox=submission.sandbox)
    refusals = [one.refusal for one in reads if one.refusal] + rules.check_recipients(reads, limits)
    refusals += rules.check_files(len(files), limits)
    refusals += [refusal for one in files if (refusal := _refuse_size(one, one.size, limits))]
    if allowance := check.room(extension):
        refusals += allowance.refuse(extension.number, sum(one.size or 0 for one in files))
    if refusals:
        raise Refusals(tuple(refusals))
    destinations = [one.destination for one in reads if one.destination]
    made = tuple(secrets.token_urlsafe(32) for _ in files)
    now = timezone.now()
    with transaction.atomic():
        fax = Fax.objects.create(
            organization=extension.organization,
            extension=extension,
            channel=submission.channel,
            added_at=now,
            added_by_id=submission.person_id,
            added_ip=submission.ip,
            sent_to=searchable(one.number for one in destinations),
            names=searchable(one.name for one in files),
            sandbox=submission.sandbox,
        )
        Delivery.objects.bulk_create(deliveries(fax, destinations))
        PromisedFile.objects.bulk_create(
            PromisedFile(
                fax=fax,
                position=position,
                digest=digest_of(secret),
                name=one.name[:255],
                size=one.size,
                ends_at=now + WITHIN,
            )
            for position, (one, secret) in enumerate(zip(files, made, strict=True), 1)
        )
        journey.tell_watchers(fax.pk, fax.organization_id, fax.extension_id)
    return Announcement(fax, made)


def digest_of(secret: str) -> str:
    """Whoever reads the table cannot put files; and how long the look-up takes tells nothing of the secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _refuse_size(file: Announced, size: int | None, limits: rules.IntakeLimits) -> Refusal | None:
    if size is not None and size > limits.file_bytes:
        return too_large(file.name, size, limits.file_bytes)
    if size == 0:
        return Refusal(RefusalKind.FILE_EMPTY, "files", f"“{file.name}” is empty.", "Check the file.", file.name)
    return None


def take(secret: str, content: Path) -> Fax:
    """The file that was promised under this secret; with the last one the fax goes out.

    Raises NotTakenError; Refusals where this file is not what was announced (then the right one may still be put), or
    where with it the fax cannot be sent (then that is refused; unless the fault is ours: then it may be put again).
    """
    found = PromisedFile.objects.select_related("fax").filter(digest=digest_of(secret)).first()
    if found is None:
        raise NotTakenError(WhyNotTaken.UNKNOWN)
    _check_wanted(found, found.fax)
    _check_size(found, content.stat().st_size)
    blob = stage.kept([content])[0]
    with transaction.atomic():
        stage.held({blob: content})
        fax = journey.lock_fax(found.fax_id)
        found.refresh_from_db(fields=["came_at"])
        _check_wanted(found, fax)
        found.came_at, found.blob = timezone.now(), blob
        found.save(update_fields=["came_at", "blob"])
        journey.tell_watchers(fax.pk, fax.organization_id, fax.extension_id)
        is_last = not fax.promised.filter(came_at=None).exists()
    return _complete_with(found) if is_last else fax


def _check_wanted(file: PromisedFile, fax: Fax) -> None:
    if file.came_at is not None:
        raise NotTakenError(WhyNotTaken.HERE_ALREADY)
    if file.ends_at <= timezone.now():
        raise NotTakenError(WhyNotTaken.LATE)
    if fax.status != FaxStatus.RECEIVED:
        raise NotTakenError(WhyNotTaken.OVER)


def _check_size(file: PromisedFile, size: int) -> None:
    announced = Announced(file.name, file.size)
    refusal = _refuse_size(announced, size, check.limits())
    if refusal is None and file.size is not None and file.size != size:
        refusal = Refusal(
            RefusalKind.FILE_DAMAGED,
            "files",
            f"“{file.name}” was announced with {file.size:,} bytes; {size:,} came.",
            "Put the whole file, as it was announced.",
            file.name,
        )
    if refusal is not None:
        raise Refusals((refusal,))


def _complete_with(last: PromisedFile) -> Fax:
    try:
        return complete(last.fax_id)
    except Refusals as refused:
        if _is_ours(refused):
            _give_back(last)
        raise


def _is_ours(refused: Refusals) -> bool:
    return any(one.kind in _OF_OURS for one in refused.all)


def _give_back(file: PromisedFile) -> None:
    """Its sender hears of our trouble and may put it again; kept, it would be sent beside what is handed in anew."""
    with transaction.atomic():
        fax = journey.lock_fax(file.fax_id)
        if fax.status == FaxStatus.RECEIVED:
            file.came_at, file.blob = None, ""
            file.save(update_fields=["came_at", "blob"])


def complete(fax_id: int) -> Fax:
    """Make its pages and send it. Raises Refusals; then the fax is refused, unless the fault is ours."""
    fax = Fax.objects.get(pk=fax_id)
    if fax.status != FaxStatus.RECEIVED:
        return fax
    submission = Submission(
        extension_id=fax.extension_id,
        channel=fax.channel,
        recipients=tuple(fax.deliveries.order_by("position").values_list("given", flat=True)),
        files=tuple(HandedFile(one.name, blobs.path(one.blob)) for one in fax.promised.order_by("position")),
        person_id=fax.added_by_id,
        ip=fax.added_ip,
        pre_approved=True,
        sandbox=fax.sandbox,
        received_id=fax.pk,
    )
    try:
        sent = submit(submission)
    except journey.StaleStep:  # canceled meanwhile, or completed by another process
        return Fax.objects.get(pk=fax_id)
    except Refusals as refused:
        if not _is_ours(refused):
            refuse(fax_id, str(refused))
        raise
    fax.promised.update(blob="")  # they are its documents now
    return sent


def refuse(fax_id: int, why: str) -> bool:
    """``why``: what people read. They hear of it as of every fax that failed. False where it is not received any
    more.
    """
    with transaction.atomic():
        fax = journey.lock_fax(fax_id)
        if fax.status != FaxStatus.RECEIVED:
            return False
        by = journey.By(timezone.now(), note=why if len(why) <= _LONGEST_NOTE else f"{why[: _LONGEST_NOTE - 1]}…")
        journey.advance_fax(fax, FaxStatus.REFUSED, by)
        waiting = list(fax.deliveries.filter(status=DeliveryStatus.WAITING))
        by = replace(by, note="")
        journey.advance_deliveries(fax, waiting, DeliveryStatus.CANCELED, by, cause=NEVER_WHOLE.slug)
        promise(TELL, what="ended", fax_id=fax.pk, at=by.at.isoformat(), shown=ShownStatus.SEND_FAILED.value)
        kept = set(fax.promised.exclude(blob="").values_list("blob", flat=True))
        fax.promised.update(blob="")
    for digest in kept:
        erase_unreferred(digest)
    return True


def drop_overdue(now: datetime | None = None) -> int:
    """Refuse the faxes one of whose files never came; how many."""
    now = now or timezone.now()
    due = PromisedFile.objects.filter(came_at=None, ends_at__lte=now, fax__status=FaxStatus.RECEIVED)
    missing: dict[int, list[str]] = {}
    for fax_id, name in due.order_by("fax", "position").values_list("fax_id", "name"):
        missing.setdefault(fax_id, []).append(name)
    return sum(refuse(fax_id, _never_came(names)) for fax_id, names in missing.items())


def _never_came(names: Sequence[str]) -> str:
    minutes = WITHIN // timedelta(minutes=1)
    return f"Not sent: {_listed(names)} never came, for which there were {minutes} minutes."


def _listed(names: Sequence[str]) -> str:
    first = names[0] if len(names[0]) <= 60 else f"{names[0][:59]}…"
    return f"“{first}”" if len(names) == 1 else f"“{first}” and {len(names) - 1} more of its files"


def resume_stranded(now: datetime | None = None) -> int:
    """Complete the faxes that have all their files, and whose process was lost; how many."""
    now = now or timezone.now()
    came = PromisedFile.objects.filter(blob__gt="", fax__status=FaxStatus.RECEIVED)
    lately = came.filter(came_at__gt=now - STRANDED_AFTER).values("fax")
    awaited = PromisedFile.objects.filter(came_at=None).values("fax")
    stranded = came.exclude(fax__in=lately).exclude(fax__in=awaited).values_list("fax", flat=True).distinct()
    return sum(_resume(fax_id, now) for fax_id in list(stranded))


def _resume(fax_id: int, now: datetime) -> bool:
    try:
        return complete(fax_id).status != FaxStatus.RECEIVED
    except Refusals as refused:
        log.info("a fax whose files had followed was not sent", fax=fax_id, why=str(refused))
        overdue = PromisedFile.objects.filter(fax=fax_id, ends_at__lt=now - GIVEN_UP_AFTER).exists()
        return overdue and refuse(fax_id, str(refused))


def forget(now: datetime | None = None) -> int:
    """Addresses a day after their end, and the files of faxes that were canceled; how many."""
    now = now or timezone.now()
    over = PromisedFile.objects.filter(ends_at__lt=now - _KEPT).exclude(fax__status=FaxStatus.RECEIVED)
    gone = list(over)
    PromisedFile.objects.filter(pk__in=[one.pk for one in gone]).delete()
    for digest in {one.blob for one in gone} - {""}:
        erase_unreferred(digest)
    return len(gone)
