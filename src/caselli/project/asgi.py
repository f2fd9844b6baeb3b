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

from caselli.doors.web.live import Live, Receive, Scope, Send  # noqa: E402 - models need the applications loaded

THREADS = 10

_pages = WSGIMiddleware(cast("Any", _django), workers=THREADS)
_live = Live()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _live.lifespan(receive, send)
    elif scope["type"] == "http" and scope["path"] == "/live":
        await _live(scope, receive, send)
    else:
        await _pages(cast("Any", scope), cast("Any", _as_coroutine(receive)), cast("Any", send))


def _as_coroutine(receive: Receive) -> Receive:
    """The server's own is awaitable but no coroutine, which a2wsgi needs to call it from a thread."""

    async def received() -> MutableMapping[str, Any]:
        return await receive()

    return received
