"""An application for the web server's tests: says what it was asked, streams until its lifespan ends."""

import asyncio
import json

over = asyncio.Event()


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        print("lifespan: startup", flush=True)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        print("lifespan: shutdown", flush=True)
        over.set()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    if scope["path"] == "/stream":
        await send({"type": "http.response.body", "body": b"begun\n", "more_body": True})
        await over.wait()
        await send({"type": "http.response.body", "body": b"ended\n"})
        return
    told = {"path": scope["path"], "query": scope["query_string"].decode(), "scheme": scope["scheme"]}
    await send({"type": "http.response.body", "body": json.dumps(told).encode()})


async def broken(scope, receive, send):
    raise RuntimeError("no tables")
