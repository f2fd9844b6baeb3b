"""Content over the wire: however it is cut into pieces, what is kept is what was sent."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caselli.doors.mail.dialogue_content import Fault, IncomingContent

END = b"\r\n.\r\n"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "documents"


def received(folder: Path, *pieces: bytes, limit: int = 10_000):
    """What was kept, the fault, and what followed the end."""
    with IncomingContent(folder, limit) as content:
        rest = None
        for piece in pieces:
            assert rest is None
            rest = content.feed(piece)
        return content.path.read_bytes(), content.fault, rest


def sent(lines: list[bytes]) -> bytes:
    """As RFC 5321 4.5.2 has a client send lines."""
    return b"".join((b"." + line if line.startswith(b".") else line) + b"\r\n" for line in lines) + b".\r\n"


def test_a_mail_of_two_lines_is_kept_as_it_is(folder):
    assert received(folder, b"Subject: 211\r\n\r\nHello\r\n.\r\n") == (b"Subject: 211\r\n\r\nHello\r\n", None, b"")


def test_a_mail_can_be_empty(folder):
    assert received(folder, b".\r\n") == (b"", None, b"")


def test_what_follows_the_end_is_given_back(folder):
    assert received(folder, b"a\r\n.\r\nQUIT\r\n") == (b"a\r\n", None, b"QUIT\r\n")


def test_nothing_of_a_mail_has_a_name_on_the_disk(folder):
    with IncomingContent(folder, 100) as content:
        content.feed(b"half of a mail\r\nand")
        assert list(folder.iterdir()) == []
        assert content.path.read_bytes() == b"half of a mail\r\nand"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from([b"", b".", b"..", b".a", b"a.", b"text", b". .", b"...."]), max_size=8),
    st.lists(st.integers(1, 5), max_size=60),
)
def test_any_lines_in_any_pieces_are_kept_as_they_were_meant(tmp_path, lines, sizes):
    whole, pieces, at = sent(lines) + b"NOOP\r\n", [], 0
    content = IncomingContent(tmp_path, 10_000)
    rest = None
    for size in [*sizes, len(whole)]:
        piece = whole[at : at + size]
        at += size
        if not piece:
            break
        pieces.append(piece)
        rest = content.feed(piece)
        if rest is not None:
            break
    assert rest is not None
    assert content.path.read_bytes() == b"".join(line + b"\r\n" for line in lines)
    assert rest + whole[at:] == b"NOOP\r\n"
    assert content.fault is None
    content.close()


@pytest.mark.parametrize(
    "smuggled",
    [
        b"\n.\n",
        b"\n.\r\n",
        b"\r.\r",
        b"\r\n.\r",
        b"\r\n.\n",
        b"\r.\r\n",
        b"\n\n.\r\n",
        b"\r\r\n.\r\r\n",
        b"\r\n\x00.\n",
    ],
)
def test_a_bare_line_end_is_a_fault_and_ends_nothing(folder, smuggled):
    mail = b"Subject: 211\r\n\r\nfirst" + smuggled + b"MAIL FROM:<evil@example.com>\r\nDATA\r\n\r\nsecond" + END
    for pieces in ([mail], [mail[at : at + 1] for at in range(len(mail))]):
        assert received(folder, *pieces) == (b"", Fault.BARE_LINE_END, b"")


def test_a_mail_of_exactly_the_size_allowed_is_taken_and_one_byte_more_is_not(folder):
    line = b"x" * 98 + b"\r\n"
    assert received(folder, line, b".\r\n", limit=100) == (line, None, b"")
    assert received(folder, b"y" + line, b".\r\n", limit=100) == (b"", Fault.TOO_LARGE, b"")


def test_dots_that_only_the_wire_needs_do_not_count(folder):
    assert received(folder, b"..\r\n" * 10 + b".\r\n", limit=30)[1] is None


def test_what_is_too_large_is_read_to_its_end_and_takes_no_room_meanwhile(folder):
    with IncomingContent(folder, 100) as content:
        for _ in range(10):
            assert content.feed(b"z" * 1_000) is None
            assert content.path.stat().st_size == 0
        assert content.feed(END + b"QUIT\r\n") == b"QUIT\r\n"


def test_a_full_disk_is_a_fault(folder):
    content = IncomingContent(folder, 100)
    with content, Path("/dev/full").open("wb", buffering=0) as full:
        os.dup2(full.fileno(), content._file.fileno())
        assert content.feed(b"a\r\n") is None
        assert content.feed(b"b\r\n.\r\n") == b""
        assert content.fault is Fault.NO_ROOM
