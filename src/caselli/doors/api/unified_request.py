"""What a client asks for, in either form: to whom, and which files (v3: they come along; v5: they follow)."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from django.http import HttpRequest

from caselli.doors.api import bodies, multipart
from caselli.doors.api.problems import Problem
from caselli.doors.api.unified_errors import FILE, RECIPIENTS, REQUEST, UnifiedError
from caselli.fax.submission import HandedFile
from caselli.intake.promised import Announced
from caselli.intake.rules import IntakeLimits

LARGEST_TEXT = 1_000_000
"""Bytes of the part ``request``, and of a JSON body."""
REQUEST_PART = "request"
_NUMBER = 2**53


@dataclass(frozen=True, slots=True)
class Wanted:
    """``announced``: files that follow; ``files``: those that came along. Never both."""

    recipients: tuple[str, ...]
    files: tuple[HandedFile, ...] = ()
    announced: tuple[Announced, ...] = ()


@contextmanager
def read(request: HttpRequest, limits: IntakeLimits) -> Iterator[Wanted]:
    """The files that came along lie on the disk as long as this lasts. Raises UnifiedError and Problem."""
    if request.content_type != "multipart/form-data":
        yield _of_json(_body(request))
        return
    with tempfile.TemporaryDirectory(prefix="caselli-") as folder:
        try:
            form = _Form(Path(folder), limits)
            form.take(request)
        except multipart.MultipartError as error:
            raise UnifiedError(REQUEST, f"The multipart form cannot be read: {error}.") from None
        yield form.wanted()


def _body(request: HttpRequest) -> Any:
    """An empty one asks for nothing. A form that is no multipart one can hold no file, only the field ``request``."""
    body = request.read(LARGEST_TEXT + 1)
    if len(body) > LARGEST_TEXT:
        raise UnifiedError(REQUEST, f"The JSON may have {LARGEST_TEXT:,} bytes. Files follow by PUT, one by one.")
    return _parsed(body) if body.strip() else {}


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        parsed = bodies.parse(text)
    except Problem as problem:
        raise UnifiedError(REQUEST, f"The request is no JSON. {problem}") from None
    if not isinstance(parsed, dict):
        raise UnifiedError(REQUEST, 'The request must be a JSON object, like {"recipients": ["12025550100"]}.')
    return parsed


def _of_json(given: dict[str, Any]) -> Wanted:
    files = given.get("files")
    if files is not None and not isinstance(files, list):
        raise UnifiedError(FILE, 'files must be a list, like [{"name": "letter.pdf"}].')
    announced = [_announced(one, position) for position, one in enumerate(files or [], 1)]
    return Wanted(_recipients(given), announced=tuple(announced))


def _announced(one: Any, position: int) -> Announced:
    given = {"name": one} if isinstance(one, str) else one
    if not isinstance(given, dict):
        raise UnifiedError(FILE, f'File {position} must be an object, like {{"name": "letter.pdf", "size": 24831}}.')
    name, size = given.get("name"), given.get("size")
    if name is not None and not isinstance(name, str):
        raise UnifiedError(FILE, f"The name of file {position} must be text.")
    if size is not None and (isinstance(size, bool) or not isinstance(size, int) or not 0 <= size < _NUMBER):
        raise UnifiedError(FILE, f"The size of file {position} must be a number of bytes.")
    return Announced(PurePosixPath((name or "").replace("\\", "/")).name or f"file {position}", size)


def _recipients(given: dict[str, Any]) -> tuple[str, ...]:
    """Some write a number without quotes."""
    listed = given.get("recipients")
    if listed is None:
        return ()
    if not isinstance(listed, list):
        raise UnifiedError(RECIPIENTS, 'recipients must be a list, like ["12025550100", "0003*211"].')
    for one in listed:
        if isinstance(one, bool) or not isinstance(one, str | int):
            raise UnifiedError(RECIPIENTS, "Each of the recipients must be text: a phone number or an extension.")
    return tuple(str(one).strip() for one in listed)


@dataclass(frozen=True, slots=True)
class _Came:
    field: str
    name: str
    path: Path


class _Form:
    """Every part with a filename is a file, whatever its name; but where no part ``request`` is without one, the first
    with one is the request.
    """

    def __init__(self, folder: Path, limits: IntakeLimits) -> None:
        self._folder = folder
        self._limits = limits
        self._request: bytes | None = None
        self._files: list[_Came] = []

    def take(self, request: HttpRequest) -> None:
        boundary = multipart.boundary_of(request.headers.get("Content-Type", ""))
        for head, content in multipart.parts(request, boundary):
            if head.filename is not None:
                self._files.append(self._keep(head, content))
            elif head.name == REQUEST_PART and self._request is None:
                self._request = _bounded(content)

    def _keep(self, head: multipart.Head, content: Iterator[bytes]) -> _Came:
        """Of a file that is too large a little more than is allowed: enough to refuse it. Of too many, nothing."""
        path = self._folder / str(len(self._files))
        most = self._limits.file_bytes if len(self._files) <= self._limits.files else -1
        size = 0
        with path.open("wb") as file:
            for piece in content:
                if size <= most:
                    file.write(piece)
                size += len(piece)
            file.truncate(size)  # what was not written takes no room, and the refusal tells the true size
        return _Came(head.name, _called(head), path)

    def wanted(self) -> Wanted:
        files = list(self._files)
        if self._request is None and (named := [one for one in files if one.field == REQUEST_PART]):
            files.remove(named[0])
            with named[0].path.open("rb") as file:
                self._request = _bounded(iter([file.read(LARGEST_TEXT + 1)]))
        said = self._request or b""
        recipients = _recipients(_parsed(said)) if said.strip() else ()
        return Wanted(recipients, tuple(HandedFile(one.name, one.path) for one in files))


def _bounded(content: Iterator[bytes]) -> bytes:
    found = bytearray()
    for piece in content:
        found += piece
        if len(found) > LARGEST_TEXT:
            raise UnifiedError(REQUEST, f"The part request may have {LARGEST_TEXT:,} bytes.")
    return bytes(found)


def _called(head: multipart.Head) -> str:
    """Clients that name a part after its file send a temporary name as its filename, which says nothing."""
    assert head.filename is not None
    plain = _kept(head.filename)
    if "." not in plain and "." in head.name:
        return _kept(head.name.replace("\\", "/").rpartition("/")[2])
    return plain


def _kept(name: str) -> str:
    """Without what no database keeps."""
    return name.replace("\0", "").encode("utf-8", "replace").decode()
