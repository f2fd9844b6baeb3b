"""A private database with real commits, an organization, its keys, and web processes that listen."""

import os
import selectors
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

LIMIT = "10000000"
"""Requests a minute of one key: the limit is not what is measured."""


def settle(home: Path) -> None:
    os.environ.update(
        CASELLI_HOME=str(home),
        CASELLI_DATABASE_URL="",
        CASELLI_API_LIMIT=LIMIT,
        DJANGO_SETTINGS_MODULE="caselli.project.settings",
    )
    import django

    django.setup()


@contextmanager
def database(home: Path) -> Iterator[Any]:
    """What connects its superuser."""
    from django.conf import settings
    from django.core.management import call_command

    from caselli.project.database import DATABASE_NAME
    from caselli.workers.postgresql import PORT, SUPERUSER, Cluster

    cluster = Cluster(home / "postgresql", settings.CONFIGURATION.socket_folder)
    cluster.start(home / "postgresql.log")
    try:
        call_command("migrate", interactive=False, verbosity=0)
        yield lambda: psycopg.connect(
            host=str(cluster.sockets), port=PORT, user=SUPERUSER, dbname=DATABASE_NAME, autocommit=True
        )
    finally:
        cluster.stop()


def furnish() -> Any:
    """One person, who owns extension 210. A trunk, which nobody dials by: no dialer runs."""
    from caselli.store.models import Extension, Organization, Trunk, User

    made = Organization.objects.create(number="1", name="Bench")
    owner = User.objects.create(username="bench", organization=made)
    Extension.objects.create(organization=made, number="210", name="Front desk", owner=owner)
    Trunk.objects.create(name="Trunk", host="127.0.0.1", port=5080)
    return owner


def key_of(person: Any, name: str = "bench") -> str:
    from caselli.directory import api_keys
    from caselli.directory.audit import Actor

    return api_keys.make(person, Actor(person), name=name, scopes=api_keys.scopes_for(person))[1]


@contextmanager
def listening(command: list[str], home: Path) -> Iterator[tuple[int, int]]:
    """Its port and its process, once it says that it listens."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    port, port_tls = (one.getsockname()[1] for one in held)
    for one in held:
        one.close()
    reading, writing = os.pipe()
    environment = {
        **os.environ,
        "CASELLI_HOME": str(home),
        "CASELLI_WEB": f"127.0.0.1:{port}",
        "CASELLI_WEB_TLS": f"127.0.0.1:{port_tls}",
        "CASELLI_READY_FD": str(writing),
    }
    log = home / f"{port}.log"
    with log.open("wb") as file:
        process = subprocess.Popen(command, env=environment, pass_fds=[writing], stdout=file, stderr=file)
    os.close(writing)
    try:
        with selectors.DefaultSelector() as waiting:
            waiting.register(reading, selectors.EVENT_READ)
            if not waiting.select(120) or not os.read(reading, 16):
                raise SystemExit(log.read_text())
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)
        os.close(reading)


def web(home: Path) -> Any:
    return listening([str(Path(sys.executable).parent / "caselli"), "web"], home)


def bare(home: Path) -> Any:
    home.mkdir()
    return listening([sys.executable, str(Path(__file__).with_name("bare.py"))], home)


def processor_time(pid: int) -> float:
    """Seconds that the process and all below it have had, with those that have ended: the documents' converters."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = sum(int(one) for one in fields[11:15]) / os.sysconf("SC_CLK_TCK")
    below = [one for task in Path(f"/proc/{pid}/task").iterdir() for one in (task / "children").read_text().split()]
    return own + sum(processor_time(int(one)) for one in below)


def memory(pid: int, what: str) -> float:
    """Megabytes; ``what``: VmHWM is the most there ever was, VmRSS what is now."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return round(sum(int(line.split()[1]) for line in lines if line.startswith(what)) / 1000, 1)


def percentile(figures: list[float], part: float) -> float:
    return sorted(figures)[min(len(figures) - 1, round(part * len(figures)))]
