"""The queue: how soon a call begins, how many go through, and who gets the lines.

    .venv/bin/python benchmarks/queue/run.py [--faxes 300] [--later 100000] [--deliveries 2000] [--crowd 10000] [--json]

Starts a private PostgreSQL, with real commits, in a temporary home.

1. From a person's yes to the INVITE on the wire, a channel free, by one real dialer process: with an empty queue, and
   with 100,000 deliveries that wait for later. The far end is a socket of this program, which notes when the INVITE of
   each fax comes in, and answers 404, so that the call is over. References in the same run: the empty queue; and a bare
   listener that sends one datagram for each NOTIFY, which is what PostgreSQL and UDP cost without any queue.
2. Deliveries a second (``throughput.py``), by one and by two processes; the reference are the commits alone.
3. The channels that each of three organizations gets while one of them has 10,000 waiting (``shares.py``).
"""

import argparse
import json
import os
import re
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import filling
import shares
import throughput

GOAL_P99 = 200.0
"""Milliseconds."""
GOAL_SHARE = 0.1
"""Of a fair share."""
WARM_UP = 10
PATIENCE = 10.0


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def settle(home: Path) -> None:
    os.environ.update(
        CASELLI_HOME=str(home),
        CASELLI_DATABASE_URL="",
        CASELLI_SIP=f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}",
        DJANGO_SETTINGS_MODULE="caselli.project.settings",
    )
    import django

    django.setup()


@contextmanager
def database(home: Path) -> Iterator[None]:
    from django.conf import settings
    from django.core.management import call_command

    from caselli.workers.postgresql import Cluster

    cluster = Cluster(home / "postgresql", settings.CONFIGURATION.socket_folder)
    cluster.start(home / "postgresql.log")
    try:
        call_command("migrate", interactive=False, verbosity=0)
        yield
    finally:
        cluster.stop()


class FarEnd:
    """Answers every INVITE with 404, and tells when each number's first one came."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = int(self.socket.getsockname()[1])
        self.heard: dict[str, float] = {}
        self.news = threading.Condition()
        threading.Thread(target=self._answer, daemon=True).start()

    def _answer(self) -> None:
        while True:
            data, source = self.socket.recvfrom(65_535)
            now = time.perf_counter()
            if not data.startswith(b"INVITE "):
                continue
            number = re.match(rb"INVITE sips?:([^@;> ]+)", data)
            assert number is not None
            with self.news:
                self.heard.setdefault(number[1].decode(), now)
                self.news.notify_all()
            kept = [
                line
                for line in data.split(b"\r\n\r\n")[0].split(b"\r\n")
                if line.lower().startswith((b"via:", b"from:", b"to:", b"call-id:", b"cseq:"))
            ]
            kept = [line + b";tag=far" if line.lower().startswith(b"to:") else line for line in kept]
            self.socket.sendto(b"\r\n".join([b"SIP/2.0 404 Not Found", *kept, b"Content-Length: 0", b"", b""]), source)

    def wait(self, number: str) -> float:
        deadline = time.perf_counter() + PATIENCE
        with self.news:
            while number not in self.heard:
                if not self.news.wait(deadline - time.perf_counter()):
                    raise SystemExit(f"no INVITE for {number} within {PATIENCE:.0f} s")
            return self.heard[number]


def furnish(port: int) -> int:
    from caselli.store.models import Trunk

    Trunk.objects.create(name="Far end", host="127.0.0.1", port=port, channels=4, calls_a_second=1_000)
    return filling.organization(1)


def approve_one(extension_id: int, number: str, blob: str) -> float:
    """A held fax gets its yes; returns the moment before that transaction begins."""
    from django.utils import timezone

    from caselli.fax.status import FaxStatus, Mover
    from caselli.queue.decide import send_held
    from caselli.store import journey
    from caselli.store.models import Delivery, Extension, Fax

    extension = Extension.objects.get(pk=extension_id)
    now = timezone.now()
    fax = Fax.objects.create(
        organization=extension.organization, extension=extension, channel="web", pages=1, pages_blob=blob, added_at=now
    )
    Delivery.objects.create(
        fax=fax,
        organization=extension.organization,
        extension=extension,
        position=1,
        given=number,
        destination=number,
    )
    journey.advance_fax(fax, FaxStatus.RENDERED, journey.By(now))
    journey.advance_fax(fax, FaxStatus.APPROVED, journey.By(now, Mover.PERSON), approved_at=now)
    began = time.perf_counter()
    send_held(fax, None, None)
    return began


@contextmanager
def dialer() -> Iterator[None]:
    reading, writing = os.pipe()
    command = [str(Path(sys.executable).parent / "caselli"), "dialer"]
    process = subprocess.Popen(command, env={**os.environ, "CASELLI_READY_FD": str(writing)}, pass_fds=[writing])
    os.close(writing)
    try:
        with selectors.DefaultSelector() as waiting:
            waiting.register(reading, selectors.EVENT_READ)
            if not waiting.select(30) or not os.read(reading, 16):
                raise SystemExit("the dialer did not start")
        yield
    finally:
        process.terminate()
        process.wait(30)
        os.close(reading)


def measure_queue(extension_id: int, far: FarEnd, faxes: int) -> dict[str, float]:
    import numpy as np

    from caselli.documents.coding import code_page
    from caselli.documents.tiff import CodedPage, write_class_f
    from caselli.store import blobs

    white = bytes(1728 // 8 * 2292)
    blob = blobs.keep(
        write_class_f([CodedPage(1728, 2292, code_page(np.frombuffer(white, np.uint8).reshape(2292, 216), 1728))])
    )
    far.heard.clear()
    taken = []
    for number in range(faxes + WARM_UP):
        to = f"+1202{number:07}"
        began = approve_one(extension_id, to, blob)
        taken.append((far.wait(to) - began) * 1000)
        time.sleep(0.02)
    return percentiles(taken[WARM_UP:])


def measure_floor(rounds: int) -> list[float]:
    """NOTIFY to a listening connection, and one datagram for it: nothing else."""
    import psycopg
    from django.db import connection

    parameters = connection.get_connection_params()
    wanted = {name: parameters[name] for name in ("dbname", "user", "host") if name in parameters}
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("127.0.0.1", 0))
    receiver.settimeout(PATIENCE)
    ready = threading.Event()

    def listen() -> None:
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with psycopg.connect(**wanted, autocommit=True) as heard:
            heard.execute("LISTEN floor")
            ready.set()
            for _ in heard.notifies(stop_after=rounds):
                sender.sendto(b"x", receiver.getsockname())

    threading.Thread(target=listen, daemon=True).start()
    ready.wait(PATIENCE)
    taken = []
    with psycopg.connect(**wanted, autocommit=True) as speaker:
        for _ in range(rounds):
            began = time.perf_counter()
            speaker.execute("NOTIFY floor")
            receiver.recv(16)
            taken.append((time.perf_counter() - began) * 1000)
    return taken


def percentiles(taken: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(taken, n=100)
    return {"p50": round(cuts[49], 2), "p99": round(cuts[98], 2), "most": round(max(taken), 2)}


def measure_throughput(deliveries: int) -> dict[str, dict[str, float]]:
    from caselli.store.models import Trunk

    Trunk.objects.update(channels=100, calls_a_second=1_000, next_call_at=None)
    crowd = [filling.organization(number) for number in (801, 802, 803)]
    found = {}
    for processes in (1, 2):
        for place, extension_id in enumerate(crowd):
            filling.fill(extension_id, deliveries // 3, (2 * processes + place) * 10_000_000)
        through = throughput.measure(processes, deliveries // 3 * 3)
        floor = throughput.measure_floor(processes)
        found[str(processes)] = {
            "deliveries_a_second": round(through, 1),
            "commits_alone": round(floor, 1),
            "ratio": round(floor / through, 2),
        }
    return found


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    far = FarEnd()
    extension_id = furnish(far.port)
    with dialer():
        empty = measure_queue(extension_id, far, arguments.faxes)
        filling.fill(filling.organization(2), arguments.later, 10_000_000, for_later=True)
        later = measure_queue(extension_id, far, arguments.faxes)
    floor = percentiles(measure_floor(arguments.faxes))
    through = measure_throughput(arguments.deliveries)
    got = shares.measure(arguments.crowd)
    return {
        "faxes": arguments.faxes,
        "approved_to_invite_ms": {"empty": empty, f"{arguments.later}_for_later": later},
        "notify_to_datagram_ms": floor,
        "ratio_p50_later_over_empty": round(later["p50"] / empty["p50"], 2),
        "through": through,
        "shares_over_a_third": got,
        "goals": {
            "p99_ms_at_most": GOAL_P99,
            "p99_reached": max(empty["p99"], later["p99"]) <= GOAL_P99,
            "shares_within": GOAL_SHARE,
            "shares_reached": all(abs(share - 1) <= GOAL_SHARE for share in got.values()),
        },
    }


def tell(found: dict[str, Any]) -> None:
    for what, taken in found["approved_to_invite_ms"].items():
        print(f"approved to INVITE, {what:16}  p50 {taken['p50']:7.2f} ms   p99 {taken['p99']:7.2f} ms")
    floor = found["notify_to_datagram_ms"]
    print(
        f"NOTIFY to datagram                    p50 {floor['p50']:7.2f} ms   p99 {floor['p99']:7.2f} ms   (the floor)"
    )
    for processes, one in found["through"].items():
        print(
            f"{one['deliveries_a_second']:7.1f} deliveries a second by {processes} process(es);"
            f" its commits alone: {one['commits_alone']:.1f} ({one['ratio']} times as many)"
        )
    print("channels over a third, the crowd first:", *found["shares_over_a_third"].values())
    for goal in ("p99", "shares"):
        print(f"goal {goal}: {'reached' if found['goals'][goal + '_reached'] else 'MISSED'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faxes", type=int, default=300)
    parser.add_argument("--later", type=int, default=100_000)
    parser.add_argument("--deliveries", type=int, default=2_000)
    parser.add_argument("--crowd", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="caselli-benchmark-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        settle(home)
        with database(home):
            found = measure(arguments)
    if arguments.json:
        print(json.dumps(found, indent=2))
    else:
        tell(found)
    sys.exit(not (found["goals"]["p99_reached"] and found["goals"]["shares_reached"]))


if __name__ == "__main__":
    main()
