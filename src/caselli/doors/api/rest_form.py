"""A multipart form of the REST API as it is read: its fields as JSON would say them, and its files."""

import hashlib
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import IO, Any, Concatenate, ParamSpec, TypeVar, cast

from django.http import HttpRequest

from caselli.doors.api import bodies
from caselli.doors.api.multipart import Head, MultipartError, boundary_of, parts
from caselli.doors.api.problem_kinds import ProblemKind
from caselli.doors.api.problems import Problem
from caselli.fax.submission import HandedFile
from caselli.intake.check import limits
from caselli.intake.rules import IntakeLimits

MULTIPART = "multipart/form-data"
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}")
_LONGEST_TEXT = 200_000
"""Bytes of a field."""
_IN_MEMORY = 1_000_000
_P = ParamSpec("_P")
_R = TypeVar("_R")


@dataclass(slots=True)
class Form:
    """``fields``: each with all its values; ``files``: in the order of their parts. Of a file that is too large a
    little more is here than is allowed, and those after too many are empty: enough to refuse them.
    """

    limits: IntakeLimits
    fields: dict[str, list[str]] = field(default_factory=dict)
    files: list[HandedFile] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)


class FormRequest(bodies.ReadRequest):
    form: Form


def form_of(request: HttpRequest) -> Form | None:
    """None: it came in JSON."""
    return getattr(request, "form", None)


def takes_form(
    view: Callable[Concatenate[HttpRequest, _P], _R],
) -> Callable[Concatenate[HttpRequest, _P], _R]:
    """For an operation: the form is read before it, and before an Idempotency-Key is compared. Above ``@repeatable``.

    The files are erased when the operation has ended.
    """

    @wraps(view)
    def with_form(request: HttpRequest, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        if request.content_type != MULTIPART:
            return view(request, *args, **kwargs)
        with ExitStack() as kept:
            form = _read(request, kept)
            taken = cast("FormRequest", request)
            taken.form = form
            named = [one.name for one in form.files]
            taken.parsed = {"fields": form.fields, "files": list(zip(named, form.digests, strict=True))}
            return view(request, *args, **kwargs)

    return cast("Callable[Concatenate[HttpRequest, _P], _R]", with_form)


def _read(request: HttpRequest, kept: ExitStack) -> Form:
    """Raises Problem."""
    form = Form(limits())
    most = form.limits
    try:
        for head, content in parts(request, boundary_of(request.META.get("CONTENT_TYPE", ""))):
            if head.filename is None:
                _add_text(form, head, content)
            else:
                _add_file(form, head.filename, content, kept, most.file_bytes if len(form.files) <= most.files else 0)
    except MultipartError as error:
        raise Problem(ProblemKind.REQUEST_INVALID, f"The form cannot be read: {error}.") from None
    return form


def _add_text(form: Form, head: Head, content: Iterator[bytes]) -> None:
    found = bytearray()
    for piece in content:
        found += piece
        if len(found) > _LONGEST_TEXT:
            raise Problem(
                ProblemKind.REQUEST_TOO_LARGE,
                f"A field may have {_LONGEST_TEXT:,} bytes. A file needs a filename in its part.",
                field=head.name[:100],
            )
    try:
        text = found.decode()
    except UnicodeDecodeError:
        raise Problem(ProblemKind.FIELD_INVALID, "The field is not UTF-8.", field=head.name[:100]) from None
    for one in (head.name, text):
        bodies.check_text(one, head.name)
    form.fields.setdefault(head.name, []).append(text)


def _add_file(form: Form, name: str, content: Iterator[bytes], kept: ExitStack, most: int) -> None:
    bodies.check_text(name, "files")
    digest, size = hashlib.sha256(), 0
    small, large = bytearray(), cast("IO[bytes] | None", None)
    for piece in content:
        digest.update(piece)
        if size > most:
            continue
        size += len(piece)
        if large is not None:
            large.write(piece)
            continue
        small += piece
        if len(small) > _IN_MEMORY:
            large = kept.enter_context(tempfile.NamedTemporaryFile(prefix="caselli-"))  # noqa: SIM115 - in ``kept``
            large.write(small)
    if large is not None:
        large.flush()
    form.files.append(HandedFile(name, Path(large.name) if large is not None else bytes(small)))
    form.digests.append(digest.hexdigest())


@dataclass(frozen=True, slots=True)
class Kinds:
    """Which fields of a form are more than a text: they repeat, are JSON, or a flag, or a number."""

    lists: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()


def as_json(form: Form, kinds: Kinds) -> dict[str, Any]:
    """The fields as JSON would have them; what says nothing of its kind stays a text, for whoever checks it.

    Raises Problem where a field stands twice, or its JSON cannot be read.
    """
    found: dict[str, Any] = {}
    for name, texts in form.fields.items():
        if name in kinds.lists:
            found[name] = [one for text in texts for one in _listed(text, name)]
        elif len(texts) > 1:
            raise Problem(ProblemKind.FIELD_INVALID, f"{name} stands {len(texts)} times.", "Say it once.", name)
        else:
            found[name] = _read_one(texts[0], name, kinds)
    return found


def _read_one(text: str, name: str, kinds: Kinds) -> Any:
    if name in kinds.objects:
        return _parsed(text, name)
    if name in kinds.flags:
        return _FLAGS.get(text.strip().lower(), text)
    if name in kinds.numbers and _NUMBER.fullmatch(text.strip()):
        return int(text)
    return text


def _listed(text: str, name: str) -> list[Any]:
    """A text, or JSON: an object, or a list."""
    if text.lstrip()[:1] not in {"[", "{"}:
        return [text]
    parsed = _parsed(text, name)
    return parsed if isinstance(parsed, list) else [parsed]


def _parsed(text: str, name: str) -> Any:
    try:
        return bodies.parse(text.encode())
    except Problem as problem:
        raise Problem(
            ProblemKind.FIELD_INVALID, f"{name} cannot be read: {problem}", 'Write JSON, like {"order": "4711"}.', name
        ) from None
