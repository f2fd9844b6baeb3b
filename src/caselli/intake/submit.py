"""The one use-case behind all doors: documents and recipients become a fax, whole or not at all."""

import errno
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from caselli.documents.cage import ConverterLost
from caselli.documents.convert import Limits, SourceFile, convert
from caselli.documents.pages import FaxDocument
from caselli.documents.rules import seconds_on_line
from caselli.fax.refusals import Refusal, RefusalKind, Refusals
from caselli.fax.status import FaxStatus, Mover
from caselli.fax.submission import HandedFile, Submission
from caselli.intake import rules
from caselli.queue.release import release
from caselli.store import blobs, journey
from caselli.store.models import (
    ApprovedHow,
    Channel,
    Delivery,
    Document,
    Extension,
    Fax,
    Preferences,
    Trunk,
    searchable,
)

log = structlog.get_logger()

_APPROVED_HOW = {Channel.WEB.value: ApprovedHow.WEB, Channel.CONSOLE.value: ApprovedHow.CONSOLE}


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


@dataclass(frozen=True, slots=True)
class _Checked:
    extension: Extension
    destinations: list[rules.Destination]
    document: FaxDocument


def submit(submission: Submission) -> Fax:
    """Take in a fax: convert its documents, keep everything, approve it by its upload, and put it into the queue.

    Raises Refusals with all that is wrong, each beside its field; then nothing is kept. A submission whose key the
    extension has used before gives the fax of that time.
    """
    if earlier := _earlier(submission):
        return earlier
    checked = _check(submission)
    try:
        originals = [blobs.keep(file.content) for file in submission.files]
        pages = blobs.keep(checked.document.tiff)
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise Refusals((_STORAGE_FULL,)) from error
    try:
        with transaction.atomic():
            return _store(submission, checked, originals, pages)
    except IntegrityError:
        if earlier := _earlier(submission):
            return earlier
        raise


def _earlier(submission: Submission) -> Fax | None:
    if submission.key is None:
        return None
    return Fax.objects.filter(extension_id=submission.extension_id, key=submission.key).first()


def _check(submission: Submission) -> _Checked:
    extension = Extension.objects.select_related("organization").get(pk=submission.extension_id)
    if not extension.fax_enabled:
        raise Refusals((_fax_is_off(extension),))
    preferences = Preferences.current()
    limits = rules.IntakeLimits(preferences.recipients_limit, preferences.files_limit)
    sender = rules.Sender(extension.organization.country, extension.organization.number)
    destinations, refusals = rules.read_recipients(submission.recipients, sender, limits, _lookup)
    refusals += rules.refuse_unreachable(destinations, _prefixes(extension))
    refusals += rules.check_files(len(submission.files), limits)
    document: FaxDocument | None = None
    if 0 < len(submission.files) <= limits.files:
        sources = [SourceFile(file.name, file.content) for file in submission.files]
        try:
            document = convert(sources, Limits(max_pages=limits.pages, max_file_bytes=limits.file_bytes))
        except Refusals as refused:
            refusals += refused.all
        except ConverterLost:
            log.exception("the converter does not work")
            refusals.append(_CONVERTER_LOST)
    if refusals or document is None:
        raise Refusals(tuple(refusals))
    return _Checked(extension, destinations, document)


def _fax_is_off(extension: Extension) -> Refusal:
    return Refusal(
        RefusalKind.EXTENSION_FAX_OFF,
        "extension",
        f"Faxing is switched off for extension {extension.number}.",
        "Ask your administrator to switch it on.",
    )


def _prefixes(extension: Extension) -> list[str]:
    trunks = Trunk.objects.filter(enabled=True)
    ours = trunks.filter(organization=None) | trunks.filter(organization=extension.organization)
    return sorted(set(ours.values_list("prefix", flat=True)))


def _lookup(organization: str, number: str) -> rules.Known | None:
    found = Extension.objects.filter(organization__number=organization, number=number, fax_enabled=True).first()
    return rules.Known(found.pk, f"{organization}*{number}") if found else None


def _store(submission: Submission, checked: _Checked, originals: list[str], pages: str) -> Fax:
    now = timezone.now()
    fax = Fax.objects.create(
        organization=checked.extension.organization,
        extension=checked.extension,
        channel=submission.channel,
        key=submission.key,
        pages=len(checked.document.pages),
        pages_blob=pages,
        seconds_on_line=seconds_on_line([page.coded_bytes for page in checked.document.pages]),
        added_at=now,
        added_by_id=submission.person_id,
        added_ip=submission.ip,
        sent_to=searchable(destination.number for destination in checked.destinations),
        names=searchable(Path(info.name).name for info in checked.document.files),
    )
    _store_documents(fax, submission.files, checked.document, originals)
    Delivery.objects.bulk_create(
        Delivery(
            fax=fax,
            organization_id=fax.organization_id,
            extension_id=fax.extension_id,
            position=position,
            given=destination.given[:60],
            destination=destination.number,
            to_extension_id=destination.extension_id,
        )
        for position, destination in enumerate(checked.destinations, 1)
    )
    journey.advance_fax(fax, FaxStatus.RENDERED, journey.By(now))
    _approve_by_upload(fax, submission, now)
    return fax


def _store_documents(fax: Fax, files: tuple[HandedFile, ...], document: FaxDocument, originals: list[str]) -> None:
    Document.objects.bulk_create(
        Document(
            fax=fax,
            position=position,
            name=Path(info.name).name[:255] or "document",
            kind=info.kind,
            blob=blob,
            size=blobs.path(blob).stat().st_size,
            pages=info.pages,
        )
        for position, (_, info, blob) in enumerate(zip(files, document.files, originals, strict=True), 1)
    )


def _approve_by_upload(fax: Fax, submission: Submission, now: datetime) -> None:
    """Someone who may send approves by handing in; held faxes wait for a click, the others go out at once."""
    by = journey.By(now, Mover.PERSON, submission.person_id)
    approval = {
        "approved_at": now,
        "approved_by_id": submission.person_id,
        "approved_ip": submission.ip,
        "approved_how": _APPROVED_HOW[submission.channel].value,
    }
    if submission.hold:
        journey.advance_fax(fax, FaxStatus.APPROVED, by, **approval)
    else:
        release(fax, by, **approval)
