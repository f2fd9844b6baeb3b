"""The REST door over a socket: what is too large is cut off while it comes, and a HEAD has no body."""

import contextlib
import json

import pytest
from doors.api.wire import Line

PIECE = b"10000\r\n" + b" " * 0x10000 + b"\r\n"


@pytest.fixture(scope="module")
def demo(running_caselli):
    return running_caselli.told("demo")


@pytest.fixture
def line(running_caselli, demo):
    with Line(demo["web"], running_caselli.home) as one:
        yield one


def asked(line, demo, method, address, *headers):
    key = f"Authorization: Bearer {demo['api_key']}"
    line.write(f"{method} {address} HTTP/1.1", f"Host: {line.host}", key, *headers)


def test_the_demos_key_opens(line, demo):
    asked(line, demo, "GET", "/api/v1/me")
    answer = line.answer()
    assert (answer.status, json.loads(answer.body)["login"]) == (200, "admin")
    assert answer.headers["RateLimit"]


def test_a_head_has_a_length_and_no_body(line, demo):
    line.write("HEAD /api/v1/openapi.json HTTP/1.1", f"Host: {line.host}", "Connection: close")
    answer = b""
    while piece := line.socket.recv(65536):
        answer += piece
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"\r\n\r\n")


def test_json_that_says_it_is_too_large_is_not_waited_for(line, demo):
    asked(line, demo, "POST", "/api/v1/uploads", "Content-Type: application/json", "Content-Length: 500000000")
    answer = line.answer()
    told = json.loads(answer.body)
    assert (answer.status, told["slug"], told["status"]) == (413, "request_too_large", 413)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_json_without_a_length_is_cut_off_at_the_bound(line, demo):
    """Whether the answer comes through while bytes still flow is the network's: that no more is taken is ours."""
    asked(line, demo, "POST", "/api/v1/uploads", "Content-Type: application/json", "Transfer-Encoding: chunked")
    sent = 0
    with contextlib.suppress(OSError):
        while sent < 200_000_000:
            line.socket.sendall(PIECE)
            sent += 0x10000
    assert sent < 200_000_000
