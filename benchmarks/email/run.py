"""Mails in: how many a second, how long a dialogue takes, how much memory many large ones need, and whether all arrive.

    .venv/bin/python benchmarks/email/run.py [--mails 1500] [--rounds 3] [--connections 8] [--large 100] [--json]

Starts a private PostgreSQL, with real commits, in a temporary home, and ``caselli mail`` as a process. The reference is
a bare aiosmtpd, in a process too, whose handler stores nothing; the same client speaks to both, in turns.

1. Mails a second with a PDF of 100 kB, and p50 and p99 of their dialogues, from MAIL to the answer to the final dot.
2. The largest size in memory of the mail processes (VmHWM, added up), once 100 connections have each sent 10 MB at the
   same time.
3. Lost: mails that were answered 250 and have no row, or no whole file on the shelf.
"""

import argparse
import json
import os
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sender

GOAL_RATIO = 0.5
GOAL_RATE = 100.0
"""Mails a second."""
GOAL_MEMORY = 400.0
"""Megabytes."""
DOCUMENT = 100_000
LARGE = 10_000_000
"""Bytes of a whole mail, which is the limit of a new server."""


def settle(home: Path) -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    os.environ.update(
        CASELLI_HOME=str(home),
        CASELLI_DATABASE_URL="",
        CASELLI_SMTP=f"127.0.0.1:{port}",
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


def furnish() -> None:
    from caselli.store.models import AuthorizedAddress, Extension, Organization, Preferences, Trunk, User

    Preferences.objects.update_or_create(
        id=1, defaults={"email_accepted": True, "fax_address": sender.RECIPIENT, "mail_megabytes": 10}
    )
    made = Organization.objects.create(number="1", name="Bench")
    owner = User.objects.create(username="bench", organization=made)
    extension = Extension.objects.create(organization=made, number="210", name="Front desk", owner=owner)
    AuthorizedAddress.objects.create(extension=extension, address=sender.SENDER)
    Trunk.objects.create(name="Trunk", host="127.0.0.1", port=5080)


@contextmanager
def ours(home: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """``caselli mail``, listening."""
    reading, writing = os.pipe()
    command = [str(Path(sys.executable).parent / "caselli"), "mail"]
    environment = {**os.environ, "CASELLI_READY_FD": str(writing)}
    with (home / "mail.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, pass_fds=[writing], stderr=log)
    os.close(writing)
    try:
        with selectors.DefaultSelector() as waiting:
            waiting.register(reading, selectors.EVENT_READ)
            if not waiting.select(60) or not os.read(reading, 16):
                raise SystemExit((home / "mail.log").read_text())
        yield process
    finally:
        process.terminate()
        process.wait(30)
        os.close(reading)


@contextmanager
def bare() -> Iterator[tuple[int, int]]:
    """Its port and its process."""
    command = [sys.executable, str(Path(__file__).with_name("bare.py"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline()), process.pid
        finally:
            process.terminate()


def family(pid: int) -> list[int]:
    """The process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(int(one) for one in children)]


def processor_time(pids: list[int]) -> float:
    """Seconds that the processes have had."""
    stats = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids)
    return sum(int(fields[11]) + int(fields[12]) for fields in stats) / os.sysconf("SC_CLK_TCK")


def figures(rounds: list[sender.Sent], processor: float) -> dict[str, Any]:
    seconds = sorted(second for one in rounds for second in one.seconds)
    cuts = statistics.quantiles(seconds, n=100)
    rates = [len(one.seconds) / one.taken for one in rounds]
    return {
        "mails": len(seconds),
        "mails_a_second": round(statistics.median(rates), 1),
        "of_each_round": [round(one, 1) for one in rates],
        "processor_ms_a_mail": round(processor / len(seconds) * 1000, 2),
        "dialogue_ms": {"p50": round(cuts[49] * 1000, 1), "p99": round(cuts[98] * 1000, 1)},
    }


def memory(pids: list[int], what: str) -> float:
    """Megabytes; ``what``: VmHWM is the most there ever was, VmRSS what is now."""
    lines = [line for pid in pids for line in Path(f"/proc/{pid}/status").read_text().splitlines()]
    return round(sum(int(line.split()[1]) for line in lines if line.startswith(what)) / 1000, 1)


def wait_for_processes(port: int, pid: int) -> list[int]:
    """Until each process of the server takes connections."""
    from django.conf import settings

    wanted = settings.CONFIGURATION.mail_processes
    until = time.monotonic() + 60
    greeted: set[int] = set()
    while len(found := family(pid)) < wanted or not greeted.issuperset(found):
        greeted |= {one for one in found if served(port, one)}
        if time.monotonic() > until:
            raise SystemExit("a process of the mail server does not take mails")
    return found


def served(port: int, pid: int) -> bool:
    """Whether it is this process that greets a new connection: by chance, so ask again."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as one:
        one.recv(1_000)
        return is_at(one, pid)


def is_at(one: socket.socket, pid: int) -> bool:
    """Whether the other end of the connection is open in this process."""
    ours = f":{one.getsockname()[1]:04X}"
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    inodes = {f"socket:[{row[9]}]" for row in rows if row[2].endswith(ours)}
    with suppress(FileNotFoundError):  # one was closed meanwhile
        return any(str(link.readlink()) in inodes for link in Path(f"/proc/{pid}/fd").iterdir())
    return False


def lost(answers: Iterable[str]) -> int:
    from caselli.store import blobs
    from caselli.store.models import IncomingMail

    told = [answer.split()[4] for answer in answers if answer.startswith("250 2.0.0 Taken as ")]
    rows = dict(IncomingMail.objects.filter(uid__in=told).values_list("uid", "blob"))
    sizes = dict(IncomingMail.objects.filter(uid__in=told).values_list("blob", "size"))
    whole = sum(blobs.path(blob).is_file() and blobs.path(blob).stat().st_size == sizes[blob] for blob in rows.values())
    return len(told) - whole


def measure(arguments: argparse.Namespace, home: Path) -> dict[str, Any]:
    furnish()
    port = int(os.environ["CASELLI_SMTP"].rpartition(":")[2])
    small = sender.letter(DOCUMENT)
    each = -(-arguments.mails // arguments.rounds // arguments.connections)
    with ours(home) as process, bare() as (bare_port, bare_pid):
        pids = wait_for_processes(port, process.pid)
        at_rest = memory(pids, "VmRSS")
        for one in (port, bare_port):
            sender.send(one, 4, 10, small)
        mine, theirs = [], []
        had, bare_had = processor_time(pids), processor_time([bare_pid])
        for _ in range(arguments.rounds):
            theirs.append(sender.send(bare_port, arguments.connections, each, small))
            mine.append(sender.send(port, arguments.connections, each, small))
        had, bare_had = processor_time(pids) - had, processor_time([bare_pid]) - bare_had
        before = memory(pids, "VmHWM")
        large = sender.letter(int(LARGE * 0.73 - 2_000))
        began = time.perf_counter()
        many = sender.send_together(port, arguments.large, large)
        taken = time.perf_counter() - began
        most = memory(pids, "VmHWM")
    answers = [answer for one in [*mine, many] for answer in one.answers]
    refused = [answer for answer in answers if not answer.startswith("250 ")]
    found: dict[str, Any] = {
        "processes": len(pids),
        "memory_mb_at_rest": at_rest,
        "caselli": figures(mine, had),
        "bare_aiosmtpd": figures(theirs, bare_had),
        "large": {
            "connections": arguments.large,
            "bytes": len(large),
            "seconds": round(taken, 1),
            "memory_mb": most,
            "memory_mb_of_small_ones": before,
        },
        "refused": refused[:3],
        "lost": lost(answers),
    }
    rate = found["caselli"]["mails_a_second"]
    found["ratio"] = round(rate / found["bare_aiosmtpd"]["mails_a_second"], 2)
    found["goals"] = {
        f"at least {GOAL_RATIO} of the bare one": found["ratio"] >= GOAL_RATIO,
        f"at least {GOAL_RATE:.0f} a second": rate >= GOAL_RATE,
        f"at most {GOAL_MEMORY:.0f} MB": most <= GOAL_MEMORY,
        "nothing lost, nothing refused": not found["lost"] and not refused,
    }
    return found


def tell(found: dict[str, Any]) -> None:
    for who in ("caselli", "bare_aiosmtpd"):
        one = found[who]
        dialogue = one["dialogue_ms"]
        print(
            f"{who:14} {one['mails_a_second']:7.1f} mails a second {one['of_each_round']}"
            f"   dialogue p50 {dialogue['p50']:6.1f} ms   p99 {dialogue['p99']:6.1f} ms"
            f"   {one['processor_ms_a_mail']} ms of a processor each"
        )
    print(f"ratio {found['ratio']}, with {found['processes']} processes, {found['memory_mb_at_rest']} MB at rest")
    large = found["large"]
    print(
        f"{large['connections']} connections of {large['bytes'] / 1_000_000:.1f} MB at once, {large['seconds']} s: "
        f"{large['memory_mb']} MB of memory ({large['memory_mb_of_small_ones']} MB before)"
    )
    print(f"lost {found['lost']}, refused {found['refused']}")
    for goal, reached in found["goals"].items():
        print(f"goal {goal}: {'reached' if reached else 'MISSED'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mails", type=int, default=1_500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--large", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="caselli-benchmark-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        settle(home)
        with database(home):
            found = measure(arguments, home)
    if arguments.json:
        print(json.dumps(found, indent=2))
    else:
        tell(found)
    sys.exit(not all(found["goals"].values()))


if __name__ == "__main__":
    main()
