"""The mail door in a thread of this process, with a loop of its own; tests speak to it over sockets."""

import asyncio
import os
import smtplib
import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import make_msgid
from ipaddress import ip_network
from ssl import SSLContext

from django.db import connection

from caselli.doors.mail.dialogue_limits import Limits
from caselli.doors.mail.server import MailServer
from caselli.store.models import IncomingMail, Preferences

HERE = (ip_network("127.0.0.0/8"),)


class MailDoor:
    """``port`` speaks SMTP, ``local_port`` LMTP."""

    def __init__(self, limits: Limits | None, fronts: Sequence[object], tls: SSLContext | None) -> None:
        self._given = (limits, fronts, tls)
        self._listening: Future[tuple[int, int]] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        self.port, self.local_port = self._listening.result(60)

    async def _run(self) -> None:
        limits, fronts, tls = self._given
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self.server = MailServer("mx.caselli.example", limits, fronts, tls)
        try:
            self._listening.set_result(
                (await self.server.listen("127.0.0.1", 0), await self.server.listen_locally("127.0.0.1", 0))
            )
        except BaseException as error:
            self._listening.set_exception(error)
            raise
        await self._stop.wait()
        await self.server.close()

    def ask(self, question: Callable[[], object]) -> object:
        """In the loop's thread."""
        answer: Future[object] = Future()
        self._loop.call_soon_threadsafe(lambda: answer.set_result(question()))
        return answer.result(60)

    def leave_to(self, name: str) -> MailServer:
        """A second server takes what comes to the same sockets; the first one listens no more."""

        async def join() -> MailServer:
            second = MailServer(name, fronts=HERE)
            smtp, lmtp = self.server.descriptors()
            await second.share([os.dup(one) for one in smtp], [os.dup(one) for one in lmtp])
            for listener, _kind in self.server._listeners:
                listener.close()
            return second

        return asyncio.run_coroutine_threadsafe(join(), self._loop).result(60)

    def close(self, server: MailServer) -> None:
        asyncio.run_coroutine_threadsafe(server.close(), self._loop).result(60)

    def begin_to_stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)

    def stop(self) -> None:
        self.begin_to_stop()
        self._thread.join(60)
        assert not self._thread.is_alive()

    @contextmanager
    def speaking(self, *, local: bool = False):
        with socket.create_connection(("127.0.0.1", self.local_port if local else self.port), timeout=60) as one:
            speaker = Speaker(one)
            try:
                yield speaker
            finally:
                speaker.file.close()


class Speaker:
    """Says bytes, hears answers."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.file = connection.makefile("rb")

    def say(self, data: bytes) -> None:
        self.connection.sendall(data)

    def hear(self) -> str:
        """One answer, of all its lines; empty when the connection has ended."""
        lines = []
        while line := self.file.readline():
            lines.append(line.decode().rstrip("\r\n"))
            if line[3:4] != b"-":
                break
        return "\n".join(lines)

    def ask(self, line: str) -> str:
        self.say(line.encode() + b"\r\n")
        return self.hear()

    def up_to_data(self, sender: str = "alice@acme.example", recipient: str = "fax@caselli.example") -> None:
        if not self.hear():
            raise EOFError
        for line in ("EHLO client.example", f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>"):
            assert self.ask(line)[0] == "2", line
        assert self.ask("DATA").startswith("354 ")


@contextmanager
def mail_door(limits: Limits | None = None, *, fronts: Sequence[object] = HERE, tls: SSLContext | None = None):
    door = MailDoor(limits, fronts, tls)
    try:
        yield door
    finally:
        door.stop()


def committed(deed: Callable[[], object]) -> None:
    """Do it in a thread with a connection of its own: what the test itself writes, nobody else sees."""

    def do() -> None:
        try:
            deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(do).result(60)


FAX = "fax@caselli.example"
ALICE = "alice@acme.example"
PDF = b"%PDF-1.4\nnothing that anybody would draw\n%%EOF\n"


def mail(subject="+12025550100", sender=ALICE, document=PDF, **headers):
    one = EmailMessage()
    one["Subject"], one["From"], one["To"], one["Message-ID"] = subject, sender, FAX, make_msgid()
    for name, value in headers.items():
        del one[name]
        one[name] = value
    one.set_content("")
    if document is not None:
        one.add_attachment(document, maintype="application", subtype="pdf", filename="letter.pdf")
    return one


def send(door, one, sender=ALICE, recipients=(FAX,), **options):
    with smtplib.SMTP("127.0.0.1", door.port, timeout=60) as client:
        return client.send_message(one, sender, list(recipients), **options)


def refused(door, one, sender=ALICE, recipients=(FAX,)):
    """Code and words that the dialogue ended with."""
    try:
        send(door, one, sender, recipients)
    except smtplib.SMTPRecipientsRefused as error:
        return error.recipients[recipients[0]]
    except smtplib.SMTPResponseException as error:
        return error.smtp_code, error.smtp_error
    raise AssertionError("it was taken")


def taken(one) -> list[IncomingMail]:
    return list(IncomingMail.objects.filter(message_id=one["Message-ID"]))


@contextmanager
def preferences(door, **values):
    """Set for a moment, and seen by the door at once."""

    def put(wanted):
        committed(lambda: Preferences.objects.filter(id=1).update(**wanted))
        door.ask(lambda: setattr(door.server.door, "_terms", None))

    before = Preferences.objects.filter(id=1).values(*values).get()
    put(values)
    try:
        yield
    finally:
        put(before)


def wait_until(condition):
    pause = threading.Event()
    for _ in range(6_000):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("it never came true")
