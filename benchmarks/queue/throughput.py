"""Deliveries a second through the whole queue, with a line that answers at once; and what its commits alone cost.

Each process is a dialer without a line: it claims, and four threads tell of every call what a dialer tells (about to
dial, answered, last page out, ended with its page confirmed), each telling a transaction that is really on the disk.
"""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

THREADS = 4
STEPS = 4
"""Transactions for one call after its claim."""


def measure(processes: int, deliveries: int) -> float:
    """Deliveries a second. They must wait in the queue already."""
    from caselli.store.models import Delivery

    began = time.perf_counter()
    _run("dial", processes)
    taken = time.perf_counter() - began
    left = Delivery.objects.filter(status__in=["queued", "sending"]).count()
    if left:
        raise SystemExit(f"{left} deliveries did not arrive")
    return deliveries / taken


def measure_floor(processes: int, seconds: float = 3.0) -> float:
    """As many commits of one small row as a call needs, as often a second as the disk and the server allow."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS floor (id int PRIMARY KEY, count int NOT NULL)")
        cursor.execute("TRUNCATE floor")
        cursor.execute("INSERT INTO floor SELECT generate_series(0, 63), 0")
    _run(f"commit-{seconds}", processes)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(count) FROM floor")
        return int(cursor.fetchone()[0]) / seconds / STEPS


def _run(work: str, processes: int) -> None:
    """Python's start is not measured: all are ready before the first begins."""
    command = [sys.executable, __file__, work]
    children = [
        subprocess.Popen([*command, str(number)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for number in range(processes)
    ]
    for child in children:
        assert child.stdout is not None
        child.stdout.readline()
    for child in children:
        assert child.stdin is not None
        child.stdin.close()
    if any(child.wait(600) for child in children):
        raise SystemExit("a dialer of the benchmark failed")


def _dial(name: str) -> None:
    from caselli.queue.claim import claim_round

    with ThreadPoolExecutor(THREADS) as threads:
        while True:
            found = claim_round(name)
            list(threads.map(_call, [one.attempt_id for one in found.calls]))
            if not found.calls:
                if found.again_in is None and not _anything_waits():
                    return
                time.sleep(0.001)


def _anything_waits() -> bool:
    from caselli.store.models import Delivery

    return Delivery.objects.filter(status__in=["queued", "sending"]).exists()


def _call(attempt_id: int) -> None:
    from caselli.fax.outcome import CallEnd, CallReport, PageReport
    from caselli.queue import report

    report.dialled(attempt_id)
    report.answered(attempt_id)
    report.final_page_out(attempt_id)
    pages = (PageReport(1, confirmed=True),)
    report.ended(attempt_id, CallReport(CallEnd.COMPLETED, answered=True, final_page_out=True, pages=pages))


def _commit(seconds: float, process: int) -> None:
    from django.db import connection

    until = time.monotonic() + seconds

    def one(thread: int) -> None:
        row = process * THREADS + thread
        while time.monotonic() < until:
            with connection.cursor() as cursor:
                cursor.execute("UPDATE floor SET count = count + 1 WHERE id = %s", [row])

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(one, range(THREADS)))


def _child(work: str, number: str) -> None:
    import django

    django.setup()
    import caselli.queue.claim

    assert caselli.queue.claim
    seconds = float(work.partition("-")[2] or 0)
    deed = partial(_commit, seconds, int(number)) if seconds else partial(_dial, f"dialer-{number}")
    print("ready", flush=True)
    sys.stdin.read()
    deed()


if __name__ == "__main__":
    _child(sys.argv[1], sys.argv[2])
