"""Styles, scripts and pictures: read once, when the pages start, and named by what is in them.

The stamp in an address is a hash of all of them, so browsers keep a file for good, a script's ``import "./other.js"``
leads to the other one of the same time, and a file that is replaced on the disk meanwhile is not served half.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers

A_YEAR = 365 * 86_400
_PACKABLE = ("text/", "image/svg+xml", "application/json")
GetResponse = Callable[[HttpRequest], HttpResponseBase]


@dataclass(frozen=True)
class StaticFile:
    content: bytes
    kind: str

    @cached_property
    def packed(self) -> bytes | None:
        """By gzip; None where that saves nothing."""
        packed = gzip.compress(self.content, mtime=0) if self.kind.startswith(_PACKABLE) else self.content
        return packed if len(packed) < len(self.content) else None

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:16]


@dataclass(frozen=True)
class StaticFiles:
    """By name, as templates say it: ``web/base.css``."""

    files: Mapping[str, StaticFile]

    @cached_property
    def stamp(self) -> str:
        names = "".join(f"{name} {file.digest}\n" for name, file in sorted(self.files.items()))
        return hashlib.sha256(names.encode()).hexdigest()[:12]


def read() -> StaticFiles:
    """As they are on the disk now."""
    files: dict[str, StaticFile] = {}
    for finder in get_finders():
        for name, storage in finder.list([]):
            if name not in files:
                with storage.open(name) as file:
                    files[name] = StaticFile(file.read(), mimetypes.guess_type(name)[0] or "application/octet-stream")
    return StaticFiles(files)


as_at_start = cache(read)


class Storage(StaticFilesStorage):
    """What ``{% static %}`` asks. Raises ValueError for a name that is not there."""

    def url(self, name: str | None) -> str:
        if name not in (found := as_at_start()).files:
            raise ValueError(f"there is no static file {name!r}")
        return super().url(f"{found.stamp}/{name}")


class ServeStaticFiles:
    """Answers for them before anything asks who is there.

    Without the stamp of now, from a page that was drawn before an upgrade, it is the file of now, not to be kept.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        self._found = as_at_start()
        self._prefix = Storage().base_url

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(self._prefix) or request.method not in {"GET", "HEAD"}:
            return self._get_response(request)
        return self._serve(request, request.path_info.removeprefix(self._prefix))

    def _serve(self, request: HttpRequest, name: str) -> HttpResponseBase:
        stamp, _, rest = name.partition("/")
        current = stamp == self._found.stamp
        file = self._found.files.get(name) or self._found.files.get(rest)
        if file is None:
            return HttpResponseNotFound("There is no such file.\n", content_type="text/plain")
        packed = file.packed if "gzip" in request.headers.get("Accept-Encoding", "") else None
        response = HttpResponse(packed or file.content, content_type=file.kind)
        if packed:
            response["Content-Encoding"] = "gzip"
        response["Content-Length"] = str(len(response.content))
        response["ETag"] = f'W/"{file.digest}"'
        response["Cache-Control"] = f"public, max-age={A_YEAR}, immutable" if current else "no-cache"
        patch_vary_headers(response, ["Accept-Encoding"])
        answer = get_conditional_response(request, response["ETag"], response=response)
        return answer or response
