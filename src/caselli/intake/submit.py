"""The one use-case behind all doors: documents and recipients become a fax, whole or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from caselli.approval import request as approval
from caselli.approval.rules import content_hash
from caselli.documents.convert import SourceFile
from caselli.documents.pages import FaxDocument
from caselli.documents.rules import seconds_on_line
from caselli.fax.refusals import Refusal, Refusals
from caselli.fax.status import FaxStatus, Mover
from caselli.fax.submission import HandedFile, Submission
from caselli.intake import check, mail, rules, stage, terms
from caselli.intake.addressed import deliveries
from caselli.queue.release import release, release_in_time
from caselli.store import blobs, journey
from caselli.store.models import (
    ApprovedHow,
    Channel,
    Delivery,
    Document,
    Extension,
    Fax,
    StagedFile,
    searchable,
)

_APPROVED_HOW = {
    Channel.WEB.value: ApprovedHow.WEB,
    Channel.CONSOLE.value: ApprovedHow.CONSOLE,
    Channel.EMAIL.value: ApprovedHow.TRUSTED,
    Channel.API.value: ApprovedHow.API,
}


@dataclass(frozen=True, slots=True)
class Examined:
    """What a submission comes to. ``staged``: the rows that are used up with it; ``document``: None where there is none
    to be had. Where there are ``refusals``, nothing can become of it.
    """

    extension: Extension
    reads: list[rules.Read]
    staged: list[StagedFile]
    document: FaxDocument | None
    refusals: tuple[Refusal, ...]
    is_late: bool = False
    """It names a time, which is over."""

    @property
    def destinations(self) -> list[rules.Destination]:
        return [one.destination for one in self.reads if one.destination]

    @property
    def seconds(self) -> float:
        """On the line, for each recipient that is called."""
        return seconds_on_line([page.coded_bytes for page in self.document.pages]) if self.document else 0.0


@dataclass(frozen=True, slots=True)
class _Checked:
    """``second``: another person has to say yes."""

    extension: Extension
    destinations: list[rules.Destination]
    document: FaxDocument
    staged: list[StagedFile]
    second: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """A fax that was taken in, with its parts as they were written."""

    fax: Fax
    deliveries: Sequence[Delivery]
    documents: Sequence[Document]


def submit(submission: Submission, known: check.AtHand | None = None) -> Fax:
    """The fax of :func:`take_in`."""
    return take_in(submission, known).fax


def take_in(submission: Submission, known: check.AtHand | None = None) -> Taken:
    """Take in a fax: convert its documents, keep everything, approve it by its upload, and put it into the queue.

    Raises Refusals with all that is wrong, each beside its field; then nothing is kept but what was staged before. A
    submission whose key the extension has used before gives the fax of that time.
    """
    if earlier := _earlier(submission):
        return earlier
    try:
        checked = _check(submission, known)
        *fresh, pages = stage.kept([*(file.content for file in submission.files), checked.document.tiff])
    except Refusals:
        # The same form, sent twice at once: the other one has used up what was staged.
        if earlier := _earlier(submission):
            return earlier
        raise
    originals = [one.blob for one in checked.staged] + fresh
    contents: dict[str, bytes | Path] = {one.blob: blobs.path(one.blob) for one in checked.staged}
    contents |= dict(zip(fresh, (file.content for file in submission.files), strict=True))
    try:
        with transaction.atomic():
            stage.held(contents | {pages: checked.document.tiff})
            taken = _store(submission, checked, originals, pages)
    except (IntegrityError, Refusals):
        if earlier := _earlier(submission):
            return earlier
        raise
    transaction.on_commit(lambda: stage.erase_unneeded(checked.staged))
    return taken


def _earlier(submission: Submission) -> Taken | None:
    if submission.key is None:
        return None
    fax = Fax.objects.filter(extension_id=submission.extension_id, key=submission.key).first()
    return Taken(fax, list(fax.deliveries.all()), list(fax.documents.all())) if fax else None


def _check(submission: Submission, known: check.AtHand | None) -> _Checked:
    """Raises Refusals."""
    found = examine(submission, known)
    if found.refusals or found.document is None:
        raise Refusals(found.refusals)
    second = bool(awaits(submission, found))
    return _Checked(found.extension, found.destinations, found.document, found.staged, second)


def examine(submission: Submission, known: check.AtHand | None = None) -> Examined:
    """Look at all of it and make its pages, but keep nothing. Raises Refusals where nobody may send from there."""
    known = known or check.at_hand(submission)
    extension, limits = known.extension, known.limits
    check.sender(extension, known.person)
    reads = check.recipients(extension, submission.recipients, limits, sandbox=submission.sandbox)
    refusals = [one.refusal for one in reads if one.refusal] + rules.check_recipients(reads, limits)
    now = timezone.now()
    refusals += terms.refuse(submission, now) + check.callback(submission.callback_url)
    count = len(submission.staged) + len(submission.files)
    counted = len(submission.staged) + sum(file.counts for file in submission.files)
    # The text of a mail and its cover page are no files that anybody chose.
    refusals += rules.check_files(counted or min(count, 1), limits)
    staged = stage.staged(extension.pk, submission.person_id, submission.staged)
    refusals += rules.refuse_lost(len(submission.staged) - len(staged))
    document: FaxDocument | None = None
    if count and counted <= limits.files:
        try:
            document = stage.made_of(_sources(staged, submission.files), limits)
        except Refusals as refused:
            refusals += refused.all
    if document and (allowance := check.room(extension)):
        refusals += allowance.refuse(extension.number, _coming(staged, submission.files) + len(document.tiff))
    late = submission.send_at is not None and terms.send_later(submission.send_at, now) is None
    found = Examined(extension, reads, staged, document, tuple(refusals), late)
    wished = submission.require_approval
    if awaits(submission, found) and (
        refusal := approval.refuse_without_approver(extension, submission.person_id, wished=wished)
    ):
        return replace(found, refusals=(*found.refusals, refusal))
    return found


def _sources(staged: list[StagedFile], files: tuple[HandedFile, ...]) -> list[SourceFile]:
    before = [SourceFile(one.name, blobs.path(one.blob), blobs.path(one.pages_blob)) for one in staged]
    return before + [SourceFile(file.name, file.content) for file in files]


def _coming(staged: list[StagedFile], files: tuple[HandedFile, ...]) -> int:
    """Bytes of all documents."""
    sizes = [len(one.content) if isinstance(one.content, bytes) else one.content.stat().st_size for one in files]
    return sum(one.size for one in staged) + sum(sizes)


def _store(submission: Submission, checked: _Checked, originals: list[str], pages: str) -> Taken:
    now = timezone.now()
    fax = _row(
        submission,
        now,
        organization=checked.extension.organization,
        extension=checked.extension,
        channel=submission.channel,
        key=submission.key,
        priority=submission.priority,
        pages=len(checked.document.pages),
        pages_blob=pages,
        pages_size=len(checked.document.tiff),
        seconds_on_line=seconds_on_line([page.coded_bytes for page in checked.document.pages]),
        held=submission.hold,
        sent_to=searchable(destination.number for destination in checked.destinations),
        names=searchable(Path(info.name).name for info in checked.document.files),
        send_at=terms.send_later(submission.send_at, now),
        header_line=submission.header_line,
        metadata=dict(submission.metadata),
        callback_url=submission.callback_url,
        sandbox=submission.sandbox,
    )
    documents = _store_documents(fax, checked.document, originals)
    if checked.staged:
        StagedFile.objects.filter(pk__in=[one.pk for one in checked.staged]).delete()
    if submission.mail_id is not None:
        mail.becomes(submission.mail_id, fax, now, confirmed=submission.trusted)
    sent_to = Delivery.objects.bulk_create(deliveries(fax, checked.destinations, submission.names))
    content = content_hash(originals, pages, [one.number for one in checked.destinations])
    taken = Taken(fax, sent_to, documents)
    _approve_by_upload(taken, submission, now, content, second=checked.second)
    return taken


def _row(submission: Submission, now: datetime, **columns: Any) -> Fax:
    """A new one, or the received one, locked, whose recipients are written anew. Raises StaleStep where that one is
    not received any more.
    """
    if submission.received_id is None:
        return Fax.objects.create(added_at=now, added_by_id=submission.person_id, added_ip=submission.ip, **columns)
    fax = journey.lock_fax(submission.received_id)
    if fax.status != FaxStatus.RECEIVED:
        raise journey.StaleStep(f"fax {fax.pk} is not received any more")
    for name, value in columns.items():
        setattr(fax, name, value)
    fax.save(update_fields=columns)
    fax.deliveries.all().delete()
    return fax


def _store_documents(fax: Fax, document: FaxDocument, originals: list[str]) -> list[Document]:
    return Document.objects.bulk_create(
        Document(
            fax=fax,
            position=position,
            name=Path(info.name).name[:255] or "document",
            kind=info.kind,
            blob=blob,
            size=blobs.path(blob).stat().st_size,
            pages=info.pages,
        )
        for position, (info, blob) in enumerate(zip(document.files, originals, strict=True), 1)
    )


def awaits(submission: Submission, found: Examined) -> tuple[str, ...]:
    """Why the fax has to wait for a second person's yes, in words; empty where it does not."""
    if submission.pre_approved or found.document is None:
        return ()
    pages, numbers = len(found.document.pages), [one.number for one in found.destinations]
    return approval.why_in_words(found.extension, pages, numbers, wished=submission.require_approval)


def _approve_by_upload(taken: Taken, submission: Submission, now: datetime, content: str, *, second: bool) -> None:
    """Its pages are there; and who may send approves by handing in, unless the policy asks for a second person. Held
    faxes wait for a click.

    A mail is no such word: anybody can write an address into one. Only a proven sender's is, where it is trusted.
    ``content``: what is approved by it; ``second``: another person is asked.
    """
    fax, by_itself = taken.fax, journey.By(now)
    rendered = journey.Step(FaxStatus.RENDERED, by_itself)
    by_mail = submission.channel == Channel.EMAIL
    note = f"extension {fax.extension.number} trusts its sender, whom DMARC proves" if submission.trusted else ""
    if second or (by_mail and not submission.trusted):
        note = approval.PROGRAM_ASKS if submission.require_approval else note
        approval.ask(fax, now, note, before=[rendered], deliveries=taken.deliveries)
        return
    approved = {
        "approved_at": now,
        "approved_by_id": submission.person_id,
        "approved_ip": None if by_mail else submission.ip,  # there it is a mail server's
        "approved_how": _APPROVED_HOW[submission.channel].value,
        "approved_content": content,
    }
    if submission.channel != Channel.API or fax.held:
        by = journey.By(now, Mover.PERSON, submission.person_id, note)
        release_in_time(fax, by, before=[rendered], deliveries=taken.deliveries, **approved)
        return
    steps = [rendered, journey.Step(FaxStatus.PRE_APPROVED, by_itself)]
    if fax.send_at is None:
        release(fax, by_itself, before=steps, deliveries=taken.deliveries, **approved)
    else:
        journey.walk_fax(fax, steps, taken.deliveries, **approved)
        journey.wake_dialers()  # which look at the clock then
