"""``kill -9`` of a process of the mail server at any byte of a dialogue leaves nothing, or one whole mail."""

import os
import signal
import socket
import time
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import pytest
from mail_server import Speaker

pytestmark = pytest.mark.crash

PATIENCE = 240.0
SENDER, RECIPIENT = "alice@acme.example", "fax@caselli.example"
BODY = b"Dear all,\r\n" + b"this is a fax by mail.\r\n" * 400


def content(number: str) -> bytes:
    head = f"Message-ID: <{number}@crash.example>\r\nFrom: {SENDER}\r\nTo: {RECIPIENT}\r\nSubject: {number}\r\n\r\n"
    return head.encode() + BODY + b".\r\n"


@contextmanager
def in_the_middle(caselli):
    """A dialogue that is about to send content."""
    speaker = begun(caselli)
    with speaker.connection, speaker.file:
        yield speaker


def begun(caselli) -> Speaker:
    """The server may be dying still, or starting again."""
    host, _, port = caselli.environment["CASELLI_SMTP"].partition(":")
    deadline = time.monotonic() + PATIENCE
    while True:
        with ExitStack() as ours:
            try:
                connection = ours.enter_context(socket.create_connection((host, int(port)), timeout=60))
                speaker = Speaker(connection)
                ours.enter_context(speaker.file)
                speaker.up_to_data(SENDER, RECIPIENT)
            except (ConnectionError, EOFError):
                assert time.monotonic() < deadline, "".join(caselli.said[-30:])
            else:
                ours.pop_all()
                return speaker


def kill_mail(caselli):
    os.kill(caselli.process_of("mail"), signal.SIGKILL)


def ends_without_answer(speaker) -> bool:
    try:
        return speaker.hear() == ""
    except ConnectionError:
        return True


def answer_to(caselli, mail) -> str:
    """As mail servers do: once more, where the connection ends. A second process may accept while it dies already."""
    deadline = time.monotonic() + PATIENCE
    while True:
        with in_the_middle(caselli) as speaker, suppress(ConnectionError):
            speaker.say(mail)
            if said := speaker.hear():
                return said
        assert time.monotonic() < deadline, "".join(caselli.said[-30:])


def faxes_to(caselli, number) -> int:
    told = caselli.told("faxes", "--limit", "100")
    return sum(number in {one["to"] for one in fax["deliveries"]} for fax in told)


def wait_for_fax_to(caselli, number):
    deadline = time.monotonic() + PATIENCE
    while not faxes_to(caselli, number):
        assert time.monotonic() < deadline, "".join(caselli.said[-30:])


def test_a_killed_mail_server_leaves_nothing_or_one_whole_mail(caselli):
    half, nearly, unheard, safe = (f"+120255501{last}" for last in (60, 61, 62, 63))
    for number, part in ((half, len(content(half)) // 2), (nearly, -1)):
        with in_the_middle(caselli) as speaker:
            speaker.say(content(number)[:part])
            kill_mail(caselli)
            assert ends_without_answer(speaker)
    assert not list((caselli.home / "documents").glob(".coming-*"))

    # The dot is out, and nobody hears the answer: so the mail comes again, as mail servers do.
    with in_the_middle(caselli) as speaker:
        speaker.say(content(unheard))
        kill_mail(caselli)
    assert answer_to(caselli, content(unheard)).startswith("250 2.0.0 Taken as ")

    assert answer_to(caselli, content(safe)).startswith("250 2.0.0 Taken as ")
    kill_mail(caselli)
    assert answer_to(caselli, content(safe)).endswith(" (it was here already)")

    wait_for_fax_to(caselli, unheard)
    wait_for_fax_to(caselli, safe)
    assert [faxes_to(caselli, number) for number in (half, nearly, unheard, safe)] == [0, 0, 1, 1]


def second_process(caselli) -> int:
    """Of the mail server; it may be starting again."""
    deadline = time.monotonic() + PATIENCE
    while True:
        with suppress(AssertionError):
            return caselli.process_of("mail", "mail")
        assert time.monotonic() < deadline, "".join(caselli.said[-30:])


def is_at(connection, pid) -> bool:
    """Whether the other end of it is open in this process (proc(5): ``/proc/net/tcp`` and the inodes of sockets)."""
    ours = f":{connection.getsockname()[1]:04X}"
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    inodes = {f"socket:[{row[9]}]" for row in rows if row[2].endswith(ours)}
    with suppress(FileNotFoundError):
        return any(str(one.readlink()) in inodes for one in Path(f"/proc/{pid}/fd").iterdir())
    return False


def begun_at_the_second(caselli, stack) -> tuple[int, Speaker]:
    """The process, and a dialogue that is about to send content to it; the first one serves others meanwhile."""
    deadline = time.monotonic() + PATIENCE
    while True:
        speaker = begun(caselli)
        stack.enter_context(closing(speaker.file))
        stack.enter_context(speaker.connection)
        second = second_process(caselli)
        if is_at(speaker.connection, second):
            return second, speaker
        assert time.monotonic() < deadline, "".join(caselli.said[-30:])


def test_a_killed_second_process_is_replaced_and_no_mail_is_lost(caselli):
    safe, half, later = (f"+120255501{last}" for last in (64, 65, 66))
    with ExitStack() as stack:
        _, speaker = begun_at_the_second(caselli, stack)
        speaker.say(content(safe))
        assert speaker.hear().startswith("250 2.0.0 Taken as ")
        first = caselli.process_of("mail")
        second, broken = begun_at_the_second(caselli, stack)
        broken.say(content(half)[:4_000])
        os.kill(second, signal.SIGKILL)
        assert ends_without_answer(broken)
    with ExitStack() as stack:
        replaced, speaker = begun_at_the_second(caselli, stack)
        speaker.say(content(later))
        assert speaker.hear().startswith("250 2.0.0 Taken as ")
        assert replaced != second
        assert caselli.process_of("mail") == first
    wait_for_fax_to(caselli, safe)
    wait_for_fax_to(caselli, later)
    assert [faxes_to(caselli, number) for number in (safe, half, later)] == [1, 0, 1]
