"""From files to fax pages: the one verb every door uses, and the only place that starts a converter."""

import logging
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from caselli.documents import reasons
from caselli.documents.cage import PAGES, TEXT, Answer, Cage
from caselli.documents.jobs import End, Job, Objected, Objection, Outcome, Work
from caselli.documents.pages import FaxDocument, FileInfo, FileKind, PageInfo
from caselli.documents.rules import LONGEST_FAX, PAGE_WIDTH
from caselli.documents.signatures import decode_html, decode_text, recognise
from caselli.documents.tiff import CodedPage, read_class_f, write_class_f
from caselli.documents.typesetting import least_pages
from caselli.fax.refusals import Refusal, Refusals

MEGABYTE: Final = 1_000_000
_LARGEST_RESULT: Final = 128 * MEGABYTE
"""A page of pure noise takes 0.7 MB."""

_PICTURES: Final = {FileKind.JPEG, FileKind.PNG, FileKind.TIFF}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A document as it was handed in. ``name`` is for people only; ``content`` says what it is.

    ``made``: a TIFF of ours that holds its pages already, if it was converted before.
    """

    name: str
    content: bytes | Path = field(repr=False)
    made: Path | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """``max_pages`` of the whole fax; ``max_file_bytes``, ``seconds`` and ``memory_bytes`` of each file."""

    max_pages: int = 200
    max_file_bytes: int = 25 * MEGABYTE
    seconds: float = 60.0
    memory_bytes: int = 1 << 30


def convert(files: Sequence[SourceFile], limits: Limits) -> FaxDocument:
    """All files as one fax, in their order.

    Raises Refusals with one refusal for each file that cannot be sent, and ConverterLost when the trouble is ours.
    """
    if not files:
        raise Refusals((reasons.no_file(),))
    pages: list[CodedPage] = []
    infos: list[FileInfo] = []
    refusals: list[Refusal] = []
    for item, file in enumerate(files):
        try:
            kind, made = _convert_one(file, limits, limits.max_pages - len(pages))
        except Refusal as refusal:
            refusal.item = item
            refusals.append(refusal)
        else:
            pages += made
            infos.append(FileInfo(file.name, kind, len(made)))
    if refusals:
        raise Refusals(tuple(refusals))
    told = tuple(PageInfo(page.width, page.length, len(page.coded)) for page in pages)
    return FaxDocument(write_class_f(pages), told, tuple(infos))


def _convert_one(file: SourceFile, limits: Limits, pages_left: int) -> tuple[FileKind, list[CodedPage]]:
    content = _read(file, limits.max_file_bytes)
    kind = recognise(content)
    if not isinstance(kind, FileKind):
        raise reasons.stranger(file.name, kind)
    try:
        return kind, _made_before(file, pages_left) or _pages(kind, content, limits, pages_left)
    except Objected as objection:
        log.info("document refused: %s %s: %s", kind, objection.objection, objection.detail)
        raise reasons.objected(file.name, objection, limits.max_pages) from None


def _made_before(file: SourceFile, pages_left: int) -> list[CodedPage] | None:
    """Its pages as they were made then; None if they must be made (again). Raises Objected."""
    try:
        pages = read_class_f(file.made.read_bytes()) if file.made else None
    except FileNotFoundError:
        return None
    if pages and len(pages) > pages_left:
        raise Objected(Objection.TOO_MANY_PAGES, str(len(pages)))
    return list(pages) if pages else None


def _read(file: SourceFile, most: int) -> bytes:
    """The content, if it is neither empty nor too large."""
    try:
        size = len(file.content) if isinstance(file.content, bytes) else file.content.stat().st_size
        if size > most:
            raise reasons.too_large(file.name, size, most)
        content = file.content if isinstance(file.content, bytes) else file.content.read_bytes()
    except FileNotFoundError:
        raise reasons.unreadable(file.name) from None
    if not content:
        raise reasons.empty(file.name)
    return content


def _pages(kind: FileKind, content: bytes, limits: Limits, pages_left: int) -> list[CodedPage]:
    if pages_left < 1:
        raise Objected(Objection.TOO_MANY_PAGES)
    work = Work.PICTURE if kind in _PICTURES else Work.PDF
    if kind is FileKind.TEXT:
        content = _typeset(content, limits, pages_left)
    elif kind is FileKind.HTML:
        content = ask(TEXT, Work.WEB_PAGE, decode_html(content).encode(), limits, pages_left)[0]
    result, outcome = ask(PAGES, work, content, limits, pages_left)
    return _cut(result, outcome, pages_left)


def _typeset(content: bytes, limits: Limits, pages_left: int) -> bytes:
    """A PDF of the text."""
    text = decode_text(content) or ""
    if not text.strip():
        raise Objected(Objection.EMPTY)
    least = least_pages(text)
    if least > pages_left:
        raise Objected(Objection.TOO_MANY_PAGES, f"at least {least:,}")
    return ask(TEXT, Work.TEXT, text.encode(), limits, pages_left)[0]


def ask(cage: Cage, work: Work, content: bytes, limits: Limits, pages_left: int) -> tuple[bytes, Outcome]:
    """Have a confined process work on the content. Raises Objected."""
    job = Job(work, pages_left, limits.seconds, limits.memory_bytes, _LARGEST_RESULT)
    with _as_descriptor(content) as source:
        answer = cage.run(job, source)
    outcome = _outcome(answer)
    if outcome.objection is not None:
        raise Objected(outcome.objection, outcome.detail)
    return answer.result, outcome


@contextmanager
def _as_descriptor(content: bytes) -> Iterator[int]:
    descriptor = os.memfd_create("document")
    try:
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.write(content)
        yield descriptor
    finally:
        os.close(descriptor)


_OUR_LIMITS: Final = {signal.SIGKILL, signal.SIGXCPU, signal.SIGXFSZ}
"""SIGKILL: by the kernel when the machine has no memory left."""


def _outcome(answer: Answer) -> Outcome:
    """What became of the file, whatever became of the process that read it. Raises Objected."""
    ending = answer.ending
    if ending.end is End.TIME or (ending.end is End.SIGNAL and ending.number in _OUR_LIMITS):
        raise Objected(Objection.TOO_COMPLEX, f"{ending.end} {ending.number}")
    if ending.end is End.SIGNAL or ending.number != 0:
        raise Objected(Objection.READER_CRASHED, f"{ending.end} {ending.number}")
    try:
        return Outcome.from_json(answer.outcome)
    except ValueError as wrong:
        raise Objected(Objection.DAMAGED, str(wrong)) from wrong


def _cut(result: bytes, outcome: Outcome, pages_left: int) -> list[CodedPage]:
    """The strips, if what the reader says of them can be true. Raises Objected."""
    strips = outcome.strips
    plausible = all(
        one.width == PAGE_WIDTH and 0 < one.length <= LONGEST_FAX and 0 < one.size <= len(result) for one in strips
    )
    if not 0 < len(strips) <= pages_left or not plausible or sum(one.size for one in strips) != len(result):
        raise Objected(Objection.DAMAGED, "the reader's answer contradicts itself")
    pages: list[CodedPage] = []
    start = 0
    for strip in strips:
        pages.append(CodedPage(strip.width, strip.length, result[start : start + strip.size]))
        start += strip.size
    return pages
