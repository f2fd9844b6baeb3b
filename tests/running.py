"""A whole Caselli, started as a person starts it, with a home and ports of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import migrated
import psycopg
from ports import free_port

from caselli.project.database import DATABASE_NAME, DATABASE_USER
from caselli.store.journey import FAX_CHANNEL

COMMAND = Path(sys.executable).parent / "caselli"
PORTS = {
    "CASELLI_WEB": socket.SOCK_STREAM,
    "CASELLI_WEB_TLS": socket.SOCK_STREAM,
    "CASELLI_SMTP": socket.SOCK_STREAM,
    "CASELLI_SIP": socket.SOCK_DGRAM,
    "CASELLI_MACHINE_SIP": socket.SOCK_DGRAM,
}
READY = "Ctrl-C stops everything"
NET = 2.0
"""Seconds between looks at a fax when no notification comes."""
PAUSE = 1.0
"""Seconds between two questions: each starts a program, and the calls beside need the processor."""


def free_addresses() -> dict[str, str]:
    return {name: f"127.0.0.1:{free_port(kind)}" for name, kind in PORTS.items()}


@dataclass(frozen=True)
class Process:
    pid: int
    words: list[str]


def children_of(pid: int) -> list[Process]:
    """All descendants, the nearest first, from one reading of /proc: a busy machine takes long for each."""
    kin: dict[int, list[Process]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                words = (entry / "cmdline").read_bytes().decode().split("\0")
            except (OSError, ValueError, IndexError):
                continue
            kin.setdefault(parent, []).append(Process(int(entry.name), words))
    found = kin.get(pid, [])[:]
    for one in found:
        found += kin.get(one.pid, [])
    return found


@dataclass(frozen=True)
class Sending:
    id: str
    lines: TextIO

    def until(self, words: str) -> None:
        said = []
        for line in self.lines:
            said.append(line)
            if words in line:
                return
        raise AssertionError(f"“{words}” was never said: {said}")


class Running:
    """It begins with tables that are made already; without the demo, which is how a newcomer begins, with nothing."""

    def __init__(self, *options: str, mail_processes: int = 1) -> None:
        self.options = options
        home = Path(tempfile.mkdtemp(prefix="caselli-running-"))
        home.chmod(0o711)  # started as root, the database runs as another user, who must be able to enter
        self.home = home
        self.environment = {**os.environ, **free_addresses(), "CASELLI_HOME": str(home), "CASELLI_DATABASE_URL": ""}
        self.environment["CASELLI_MAIL_PROCESSES"] = str(mail_processes)
        if "--no-demo" not in options:
            migrated.lay(home / "postgresql")
        self.said: list[str] = []
        self._news = threading.Condition()
        self.process: subprocess.Popen[str] | None = None

    def start(self, limit: float = 240.0) -> None:
        self.said = []
        self.process = subprocess.Popen(
            [COMMAND, "serve", *self.options],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._listen, args=(self.process,), daemon=True).start()
        with self._news:
            ready = self._news.wait_for(self._is_ready, limit)
        assert ready, "".join(self.said)
        assert self.process.poll() is None, "".join(self.said)

    def _is_ready(self) -> bool:
        assert self.process is not None
        return any(READY in line for line in self.said) or self.process.poll() is not None

    def _listen(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout as output:
            for line in output:
                with self._news:
                    self.said.append(line)
                    self._news.notify_all()
        process.wait()
        with self._news:
            self._news.notify_all()

    def stop(self, wish: signal.Signals = signal.SIGINT, limit: float = 120.0) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(wish)
        return self.process.wait(limit)

    def kill(self) -> None:
        """End the supervisor as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(60)

    def ask(self, *words: str, limit: float = 180.0) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [COMMAND, *words], env=self.environment, capture_output=True, text=True, timeout=limit, check=False
        )

    def told(self, *words: str) -> Any:
        answer = self.ask(*words, "--json")
        assert answer.stdout, answer.stderr
        return json.loads(answer.stdout)

    def send(self, to: str, file: Path, sender: str = "210") -> str:
        """Hand in a fax; its id."""
        answer = self.ask("send", "--from", sender, "--to", to, str(file), "--json")
        assert answer.returncode == 0, answer.stderr
        return str(json.loads(answer.stdout)["id"])

    @contextmanager
    def sending(self, to: str, file: Path, sender: str = "210") -> "Iterator[Sending]":
        """``caselli send --wait`` beside us, whose lines tell at once what happens."""
        command = [COMMAND, "send", "--from", sender, "--to", to, str(file), "--wait"]
        with subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            assert process.stdout is not None
            first = process.stdout.readline()
            try:
                yield Sending(first.split()[1].rstrip(","), process.stdout)
            finally:
                process.terminate()

    def wait_for(self, fax: str, wanted: Callable[[dict[str, Any]], bool], limit: float) -> dict[str, Any]:
        """The fax as ``caselli show`` tells it, as soon as it is as wanted."""
        deadline = time.monotonic() + limit
        told: dict[str, Any] = {}
        with self._heard_changes() as changes:
            for _ in changes:
                answer = self.ask("show", fax, "--json")
                if answer.returncode == 0:
                    told = json.loads(answer.stdout)
                    if wanted(told):
                        return told
                if time.monotonic() > deadline:
                    break
                threading.Event().wait(PAUSE)
        raise AssertionError(f"not in {limit} s: {told}\n{''.join(self.said[-40:])}")

    @contextmanager
    def _heard_changes(self) -> Iterator[Iterator[None]]:
        """The first comes at once; while the database is away nothing is heard, and one looks without."""
        connection: psycopg.Connection[Any] | None = None

        def changes() -> Iterator[None]:
            nonlocal connection
            while True:
                try:
                    if connection is None:
                        place = {"host": str(self.home / "run"), "user": DATABASE_USER, "dbname": DATABASE_NAME}
                        connection = psycopg.connect(**place, autocommit=True)
                        connection.execute(f"LISTEN {FAX_CHANNEL}")
                        yield None
                    list(connection.notifies(timeout=NET, stop_after=1))
                except psycopg.OperationalError:
                    connection = None
                yield None

        try:
            yield changes()
        finally:
            if connection is not None:
                connection.close()

    def process_of(self, *words: str) -> int:
        """The process with the first word in its command line; with more words, that child of it, and so on."""
        assert self.process is not None
        pid = self.process.pid
        for word in words:
            found = [one.pid for one in children_of(pid) if any(word in given for given in one.words)]
            assert found, f"no process with {word}: {children_of(pid)}"
            pid = found[0]
        return pid

    @property
    def received(self) -> list[dict[str, Any]]:
        return [json.loads(file.read_text()) for file in sorted((self.home / "machine").glob("*.json"))]


def running(*options: str, mail_processes: int = 1) -> Iterator[Running]:
    """``options``: of ``caselli serve``."""
    one = Running(*options, mail_processes=mail_processes)
    try:
        one.start()
        yield one
    finally:
        one.stop()
        shutil.rmtree(one.home)
