"""One port, two ways: server-sent events by a raw ASGI route, everything else by Django in threads.

Django under ASGI serves 40 % of the requests a second, and streams under WSGI would each hold a thread.
"""

import os
from collections.abc import MutableMapping
from typing import Any, cast

from a2wsgi import WSGIMiddleware

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caselli.project.settings")

from django.core.wsgi import get_wsgi_application

_django = get_wsgi_application()

from caselli.doors.api import bodies as rest_bodies  # noqa: E402 - models need the applications loaded
from caselli.doors.api import unified_bodies  # noqa: E402
from caselli.doors.api.events import EventStreams, wants_stream  # noqa: E402
from caselli.doors.web.live import Live, Receive, Scope, Send  # noqa: E402
from caselli.project.body import WholeBodies  # noqa: E402
from caselli.project.headers import as_wsgi_tells_them  # noqa: E402
from caselli.project.standing import settle  # noqa: E402

THREADS = 10

_DOORS = (rest_bodies, unified_bodies)

_pages = WholeBodies(cast("Any", WSGIMiddleware(cast("Any", _django), workers=THREADS)), doors=_DOORS)
_live = Live()
_events = EventStreams()
settle()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _live.lifespan(receive, _ending(send))
    elif scope["type"] == "http" and scope["path"] == "/live":
        await _live(scope, receive, send)
    elif scope["type"] == "http" and wants_stream(scope):
        await _events(scope, receive, send)
    else:
        await _pages(as_wsgi_tells_them(scope), receive, send)


def _ending(send: Send) -> Send:
    """The streams of the API end before all is said to have ended."""

    async def said(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "lifespan.shutdown.complete":
            await _events.close()
        await send(message)

    return said
