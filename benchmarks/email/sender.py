"""One client for both servers: connections that each send mail after mail, and what became of every one."""

import socket
import threading
import time
from base64 import encodebytes
from dataclasses import dataclass, field
from random import Random
from uuid import uuid4

SENDER = "bench@acme.example"
RECIPIENT = "fax@caselli.example"
NUMBER = "+12025550100"


@dataclass
class Sent:
    """``seconds``: of each dialogue, from MAIL to the answer to its content. ``answers``: all of them."""

    seconds: list[float] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    taken: float = 0.0


def letter(size: int) -> bytes:
    """The part of a mail behind its Message-ID, with a PDF so large (bytes); no byte of it needs a dot."""
    document = b"%PDF-1.4\n" + Random(5).randbytes(size - 15) + b"%%EOF\n"
    head = (
        f"From: {SENDER}\nTo: {RECIPIENT}\nSubject: {NUMBER}\nDate: Thu, 26 Nov 2026 09:00:00 +0000\n"
        'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="cut"\n\n'
        "--cut\nContent-Type: text/plain\n\n\n--cut\nContent-Type: application/pdf\n"
        'Content-Disposition: attachment; filename="letter.pdf"\nContent-Transfer-Encoding: base64\n\n'
    )
    return (head.encode() + encodebytes(document) + b"--cut--\n").replace(b"\n", b"\r\n")


class Connection:
    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=300)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")
        self.hear()
        self.ask("EHLO bench.example")

    def say(self, data: bytes) -> None:
        self._socket.sendall(data)

    def hear(self) -> str:
        while line := self._file.readline():
            if line[3:4] != b"-":
                return line.decode().strip()
        raise SystemExit("the server ended the connection")

    def ask(self, line: str) -> str:
        self.say(line.encode() + b"\r\n")
        answer = self.hear()
        if answer[0] not in "23":
            raise SystemExit(f"{line}: {answer}")
        return answer

    def begin(self) -> None:
        self.ask(f"MAIL FROM:<{SENDER}>")
        self.ask(f"RCPT TO:<{RECIPIENT}>")
        self.ask("DATA")

    def close(self) -> None:
        self.ask("QUIT")
        self._file.close()
        self._socket.close()


def send(port: int, connections: int, mails: int, rest: bytes) -> Sent:
    """So many mails by each connection, one after the other."""
    sent = Sent()
    ready = threading.Barrier(connections + 1)

    def work() -> None:
        one = Connection(port)
        ready.wait()
        for _ in range(mails):
            began = time.perf_counter()
            one.begin()
            one.say(b"Message-ID: <%b@bench.example>\r\n" % uuid4().hex.encode() + rest + b".\r\n")
            sent.answers.append(one.hear())
            sent.seconds.append(time.perf_counter() - began)
        one.close()

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for one in threads:
        one.start()
    ready.wait()
    began = time.perf_counter()
    for one in threads:
        one.join()
    sent.taken = time.perf_counter() - began
    return sent


def send_together(port: int, connections: int, rest: bytes) -> Sent:
    """One mail by each connection: all are within their last line before the first one ends."""
    sent = Sent()
    together = threading.Barrier(connections)

    def work() -> None:
        one = Connection(port)
        one.begin()
        one.say(b"Message-ID: <%b@bench.example>\r\n" % uuid4().hex.encode() + rest[:-10])
        together.wait()
        began = time.perf_counter()
        one.say(rest[-10:] + b".\r\n")
        sent.answers.append(one.hear())
        sent.seconds.append(time.perf_counter() - began)
        one.close()

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sent
