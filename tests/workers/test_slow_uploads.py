"""Slow senders hold no thread; what is too much, or too slow, is turned away in words."""

import http.client
import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from web import DEADLINE, Web

THREADS = 2


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    one = Web(tmp_path_factory.mktemp("web"))
    one.start(module="slow_application")
    yield one
    one.end()


def begun(web: Web, head: str, body: bytes = b"") -> socket.socket:
    """A request whose body has only begun."""
    connection = socket.create_connection(("127.0.0.1", web.port), timeout=DEADLINE)
    connection.sendall(f"POST / HTTP/1.1\r\nHost: caselli\r\n{head}\r\n\r\n".encode() + body)
    return connection


def answer(connection: socket.socket) -> tuple[int, str]:
    response = http.client.HTTPResponse(connection)
    response.begin()
    with connection, response:
        return response.status, response.read().decode()


def posted(web: Web, body: object, **options: bool) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=DEADLINE)
    connection.request("POST", "/", body=body, **options)
    response = connection.getresponse()
    said = response.status, response.read().decode()
    connection.close()
    return said


def test_more_slow_uploads_than_threads_hold_up_nobody(web: Web):
    with ExitStack() as stack:
        slow = [stack.enter_context(begun(web, "Content-Length: 10", b"12345")) for _ in range(4 * THREADS)]
        assert posted(web, b"quick") == (200, "5")
        for one in slow:
            one.sendall(b"67890")
        assert [answer(one) for one in slow] == [(200, "10")] * len(slow)


@pytest.mark.parametrize("size", [0, 1, 249_999, 250_001, 1_500_000, 2_999_999])
def test_a_body_arrives_whole_whatever_its_size(web: Web, size: int):
    assert posted(web, b"x" * size) == (200, str(size))


def test_a_body_in_chunks_has_a_length_at_last(web: Web):
    assert posted(web, iter([b"x" * 1000] * 400), encode_chunked=True) == (200, "400000")


def test_what_says_that_it_is_too_large_is_turned_away_at_once(web: Web):
    status, words = answer(begun(web, "Content-Length: 3000001"))
    assert status == 413
    assert words.startswith("The files are far larger than a fax may be")


def test_what_becomes_too_large_is_turned_away_while_it_streams(web: Web):
    connection = begun(web, "Transfer-Encoding: chunked")
    piece = b"%x\r\n" % 100_000 + b"x" * 100_000 + b"\r\n"
    for _ in range(31):
        connection.sendall(piece)
    assert answer(connection)[0] == 413


def test_a_sender_that_falls_silent_is_given_up(web: Web):
    assert answer(begun(web, "Content-Length: 10", b"12345")) == (
        408,
        "Nothing came for too long: nothing was stored. Send it again.",
    )


def test_what_comes_in_together_is_bounded(web: Web):
    with ExitStack() as stack:
        slow = [stack.enter_context(begun(web, "Content-Length: 2400001", b"x" * 2_400_000)) for _ in range(3)]
        refused = select.select(slow, [], [], DEADLINE)[0]
        assert answer(refused[0]) == (
            503,
            "Too much is being uploaded at this moment: nothing was stored. Try again in a minute.",
        )


def test_who_goes_away_in_mid_body_leaves_nothing_behind(web: Web):
    for _ in range(3):
        begun(web, "Content-Length: 2400001", b"x" * 2_400_000).close()
    for _ in range(100):
        if posted(web, b"x" * 2_900_000) == (200, "2900000"):
            return
    raise AssertionError("the place of those who went is not free again")


def test_no_file_is_left(web: Web):
    posted(web, b"x" * 2_900_000)
    assert web.process
    for _ in range(1000):
        posted(web, b"")
        held = [str(one.readlink()) for one in Path(f"/proc/{web.process.pid}/fd").iterdir() if one.is_symlink()]
        left = [one for one in held if "(deleted)" in one]
        if not left:
            return
    raise AssertionError(left)
