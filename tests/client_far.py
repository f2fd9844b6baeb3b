"""A server that is not Caselli: it answers what a test tells it to, over a real socket, and keeps what it was asked."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Reply:
    """``hang_up``: close the line after ``cut`` bytes of the body, or before any answer where it is None."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False


HANG_UP = Reply(hang_up=True)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append(Asked(self.command, self.path, headers, body))
        reply = self.server.replies.pop(0)
        if reply.hang_up:
            self.close_connection = True
            return
        content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        self.send_response(reply.status)
        stream = reply.headers.get("Content-Type") == "text/event-stream"
        for name, value in {"Content-Type": "application/json"}.items() | reply.headers.items():
            self.send_header(name, value)
        self.send_header(*(("Connection", "close") if stream else ("Content-Length", str(len(content)))))
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = stream

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer  # noqa: N815 - the library asks for these names

    def log_message(self, *args: Any) -> None:
        pass


class FarServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies: list[Reply] = []
        self.asked: list[Asked] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def will(self, *replies: Reply) -> None:
        self.replies = list(replies)


@pytest.fixture
def far() -> Iterator[FarServer]:
    with FarServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def problem(slug: str, status: int, **headers: str) -> Reply:
    told = {
        "type": f"https://fax.example.com/docs/problems#{slug}",
        "title": "A title",
        "status": status,
        "detail": "It is so.",
        "instance": "/api/v1/me",
        "slug": slug,
        "field": None,
        "remedy": "Do that.",
        "errors": [{"slug": slug, "detail": "It is so.", "remedy": "Do that.", "field": None, "subject": None}],
    }
    return Reply(status, told, {"Content-Type": "application/problem+json", **headers})


ME = {
    "login": "alice",
    "name": "Alice Front",
    "role": "user",
    "organization": {"number": "0003", "name": "Acme Clinic", "time_zone": "America/New_York"},
    "by": "key",
    "id": "00000000-0000-0000-0000-000000000007",
    "scopes": ["fax:read"],
    "sandbox": False,
}
