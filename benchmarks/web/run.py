"""Sent Faxes, each search, and Fax info with a million faxes, over the same page with fifty: server milliseconds.

    .venv/bin/python benchmarks/web/run.py [--faxes 1000000] [--all 10000000] [--requests 200] [--keep HOME] [--json]

Starts a private PostgreSQL in a temporary home (``--keep``: in this folder, filled once and used again). Each request
goes through all of Django, from the middleware to the rendered page, without the network. The requests of the big and
of the small organization take turns, so that both see the same machine. The reference of every list is the page that
shows all fifty.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg

sys.path.insert(0, str(Path(__file__).parent))
from fill import BIG, CLINIC, FEW, fill

GOAL_RATIO = 2.0
GOAL_P99 = 100.0
"""Milliseconds."""

Fields = Callable[[random.Random], dict[str, str]]


def settle(home: Path) -> None:
    os.environ.update(
        CASELLI_HOME=str(home), CASELLI_DATABASE_URL="", DJANGO_SETTINGS_MODULE="caselli.project.settings"
    )
    import django

    django.setup()


@contextmanager
def database(home: Path) -> Iterator[Any]:
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


def a_month(chance: random.Random) -> dict[str, str]:
    from django.utils import timezone

    end = timezone.now() - timedelta(days=chance.randrange(1, 690))
    return {"since": str((end - timedelta(days=30)).date()), "until": str(end.date())}


FILTERS: dict[str, Fields] = {
    "a whole number": lambda chance: {"to": f"1202{chance.randrange(10_000_000):07}"},
    "a clinic's number": lambda _: {"to": CLINIC},
    "5 digits": lambda chance: {"to": f"{chance.randrange(100_000):05}"},
    "a month": a_month,
    "failed": lambda _: {"status": "Send Failed"},
    "by API": lambda _: {"channel": "api"},
    "a rare name": lambda _: {"text": "affidavit"},
    "a common name": lambda _: {"text": "invoice"},
    "no such name": lambda _: {"text": "zebra"},
}
TOGETHER = (
    ("a clinic's number", "a month"),
    ("a clinic's number", "failed"),
    ("5 digits", "a month", "failed"),
    ("a month", "failed"),
    ("a month", "by API", "a common name"),
    ("failed", "by API"),
    ("failed", "a rare name"),
    ("by API", "a rare name"),
    ("a clinic's number", "a month", "failed", "by API", "a common name"),
)


def searches() -> dict[str, Fields]:
    def joined(names: tuple[str, ...]) -> Fields:
        return lambda chance: {key: text for name in names for key, text in FILTERS[name](chance).items()}

    return {"the newest": lambda _: {}} | FILTERS | {" + ".join(names): joined(names) for names in TOGETHER}


class Reader:
    """The owner of one extension at the browser."""

    def __init__(self, extended: str) -> None:
        from django.test import Client
        from django.urls import reverse

        from caselli.store.models import Extension, Fax

        self.extension = Extension.objects.get(organization__number=extended[:4], number=extended[5:])
        self.client = Client()
        self.client.force_login(self.extension.owner)
        self.page = reverse("sent", args=[extended])
        newest = Fax.objects.filter(extension=self.extension).order_by("-added_at").values_list("uid", flat=True)
        oldest = Fax.objects.filter(extension=self.extension).order_by("added_at").values_list("uid", flat=True)
        self.some = list(newest[:2000]) + list(oldest[:2000])

    def open(self, address: str, fields: dict[str, str]) -> float:
        began = time.perf_counter()
        answer = self.client.get(address, fields)
        spent = (time.perf_counter() - began) * 1000
        if answer.status_code != 200:
            raise SystemExit(f"{address} {fields}: {answer.status_code}")
        return spent

    def search(self, fields: dict[str, str]) -> float:
        return self.open(self.page, fields)

    def newest_page(self, chance: random.Random) -> float:
        del chance
        return self.search({})

    def leaf(self, chance: random.Random) -> float:
        return self.open(self.page, {"older": str(chance.choice(self.some))})

    def info(self, chance: random.Random) -> float:
        from django.urls import reverse

        return self.open(reverse("fax", args=[chance.choice(self.some)]), {})


def measure(big: Reader, small: Reader, requests: int) -> dict[str, dict[str, float]]:
    whole: dict[str, Callable[[Reader, random.Random], float]] = {
        name: (lambda reader, chance, fields=fields: reader.search(fields(chance)))
        for name, fields in searches().items()
    }
    whole |= {"an older page": Reader.leaf, "Fax info": Reader.info}
    figures = {}
    for name, visit in whole.items():
        chance = random.Random(name)
        for _ in range(5):
            visit(big, chance)
        reference = Reader.info if visit is Reader.info else Reader.newest_page
        spent = [(visit(big, chance), reference(small, chance)) for _ in range(requests)]
        one, other = [pair[0] for pair in spent], [pair[1] for pair in spent]
        figures[name] = {
            "p50": statistics.median(one),
            "p99": percentile(one, 0.99),
            "p50 of 50": statistics.median(other),
            "p99 of 50": percentile(other, 0.99),
        }
        figures[name]["ratio"] = figures[name]["p50"] / figures[name]["p50 of 50"]
        print(row(name, figures[name]), file=sys.stderr, flush=True)
    return figures


def percentile(figures: list[float], part: float) -> float:
    return sorted(figures)[min(len(figures) - 1, round(part * len(figures)))]


def row(name: str, one: dict[str, float]) -> str:
    return (
        f"{name:62} p50 {one['p50']:7.1f}  p99 {one['p99']:7.1f}   of 50: p50 {one['p50 of 50']:6.1f}"
        f"  p99 {one['p99 of 50']:6.1f}   ratio {one['ratio']:5.2f}"
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--faxes", type=int, default=1_000_000)
    arguments.add_argument("--all", type=int, default=10_000_000)
    arguments.add_argument("--requests", type=int, default=200)
    arguments.add_argument("--keep", type=Path)
    arguments.add_argument("--json", action="store_true")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="caselli-benchmark-") as made:
        home = given.keep or Path(made)
        home.mkdir(exist_ok=True)
        home.chmod(0o711)
        settle(home)
        with database(home) as superuser:
            from caselli.store.models import Fax

            if not Fax.objects.exists():
                with superuser() as connection:
                    fill(connection, given.faxes, given.all)
            from caselli.project import standing

            standing.settle()  # as the web process does
            figures = measure(Reader(BIG), Reader(FEW), given.requests)
    worst = max(figures.values(), key=lambda one: one["ratio"])
    slowest = max(one["p99"] for one in figures.values())
    if given.json:
        print(json.dumps(figures, indent=2))
    print(f"worst ratio {worst['ratio']:.2f} (goal {GOAL_RATIO}), slowest p99 {slowest:.0f} ms (goal {GOAL_P99:.0f})")
    raise SystemExit(worst["ratio"] > GOAL_RATIO or slowest > GOAL_P99)


if __name__ == "__main__":
    main()
