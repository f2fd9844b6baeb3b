"""The reference: the same server, the same bridge and Django, with one address that only stores the file.

``CASELLI_WEB`` and ``CASELLI_WEB_TLS`` say where it listens; the files lie in ``CASELLI_HOME``.
"""

import os
import sys
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

from caselli.project.body import WholeBodies

THREADS = 10
"""As many as the pages have."""
HOME = Path(os.environ["CASELLI_HOME"])

settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, MIDDLEWARE=[], DATABASES={}, SECRET_KEY="bare")
_django = get_wsgi_application()


def store(request: HttpRequest) -> HttpResponse:
    """Safe on the disk when it answers: the file's bytes, and its name in the folder."""
    place = HOME / uuid4().hex
    with place.open("wb") as file:
        for one in request.FILES.getlist("files"):
            for piece in one.chunks():
                file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(HOME, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return HttpResponse(status=202)


urlpatterns = [path("api/v1/faxes", store)]
_pages = WholeBodies(cast("Any", WSGIMiddleware(cast("Any", _django), workers=THREADS)))


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "lifespan":
        await _pages(scope, receive, send)
        return
    for _ in range(2):
        message = await receive()
        await send({"type": f"{message['type']}.complete"})


if __name__ == "__main__":
    from caselli.project.configuration import load
    from caselli.workers import webserver

    sys.modules["bare"] = sys.modules["__main__"]
    webserver.serve(load(), "bare:application")
