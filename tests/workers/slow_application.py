"""Pages in two threads, behind what takes bodies in whole: says how long the body was that it read."""

from a2wsgi import WSGIMiddleware
from echo_application import application as echo

from caselli.project.body import Bounds, WholeBodies


def pages(environ, start_response):
    length = len(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
    start_response("200 OK", [("content-type", "text/plain")])
    return [str(length).encode()]


bounded = WholeBodies(WSGIMiddleware(pages, workers=2), Bounds(largest=3_000_000, together=5_000_000, idle=2.0))


async def application(scope, receive, send):
    await (echo if scope["type"] == "lifespan" else bounded)(scope, receive, send)
