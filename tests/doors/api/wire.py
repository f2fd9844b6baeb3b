"""A connection to a whole Caselli, on which a client writes what it likes, byte for byte."""

import http.client
import json
import socket
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

LIMIT = 60.0


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def told(self):
        assert "application/json" in self.headers["Content-Type"]
        return json.loads(self.body)


class Line:
    def __init__(self, base, home):
        place = urlsplit(base)
        self.host = place.netloc
        self.socket = socket.create_connection((place.hostname, place.port), timeout=LIMIT)
        if place.scheme == "https":
            trust = ssl.create_default_context(cafile=str(home / "tls/certificate.pem"))
            self.socket = trust.wrap_socket(self.socket, server_hostname=place.hostname)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def write(self, *lines, body=b""):
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode() + body)

    def interim(self):
        """``HTTP/1.1 100 Continue``."""
        got = b""
        while not got.endswith(b"\r\n\r\n"):
            piece = self.socket.recv(1)
            assert piece, got
            got += piece
        return got.split(b"\r\n")[0]

    def answer(self):
        response = http.client.HTTPResponse(self.socket)
        response.begin()
        return Answer(response.status, response.headers, response.read())
