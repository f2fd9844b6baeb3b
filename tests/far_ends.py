"""Addresses that webhooks go to: HTTP servers in a thread, which remember what came and answer as they are told."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Came:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class FarEnd:
    """``answers``: a status each, or a callable that writes the answer itself; the last one from then on."""

    url: str = ""
    came: list[Came] = field(default_factory=list)
    answers: list[int | Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=lambda: [200])
    news: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, count: int, limit: float = 60.0) -> list[Came]:
        with self.news:
            assert self.news.wait_for(lambda: len(self.came) >= count, limit), f"{len(self.came)} of {count} came"
            return list(self.came)


@contextmanager
def far_end(host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Iterator[FarEnd]:
    end = FarEnd()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with end.news:
                place = len(end.came)
                answer = end.answers[min(place, len(end.answers) - 1)]
                end.came.append(Came(self.path, {name.lower(): one for name, one in self.headers.items()}, body))
                end.news.notify_all()
            if callable(answer):
                answer(self)
                return
            words = b"as you like" if answer < 300 else b"not today"
            self.send_response(answer)
            self.send_header("Content-Length", str(len(words)))
            if 300 <= answer < 400:
                self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(words)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer((host, 0), Handler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    end.url = f"{'https' if tls else 'http'}://{host}:{server.server_port}/hook"
    try:
        yield end
    finally:
        server.shutdown()
        server.server_close()
