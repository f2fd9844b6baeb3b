"""``GET /api/v1/faxes`` by the owner of very many faxes, and by one of fifty, in turns: server milliseconds."""

import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import stage

sys.path.append(str(Path(__file__).parents[1] / "web"))
from fill import BIG, CLINIC, FEW, OTHERS, fill

GOAL_RATIO = 2.0
PATH = "/api/v1/faxes"
DEEP = 20
"""Pages, from each of which an older one is asked."""

Fields = Callable[[random.Random], dict[str, str]]


def _month(chance: random.Random) -> dict[str, str]:
    from django.utils import timezone

    end = timezone.now() - timedelta(days=chance.randrange(1, 690))
    return {"since": str((end - timedelta(days=30)).date()), "until": str(end.date())}


class Program:
    """The key of the owner of one extension."""

    def __init__(self, extended: str) -> None:
        from django.test import Client

        from caselli.store.models import Extension

        extension = Extension.objects.get(organization__number=extended[:4], number=extended[5:])
        self.client = Client(headers={"Authorization": f"Bearer {stage.key_of(extension.owner)}"})

    def ask(self, fields: dict[str, str]) -> tuple[float, dict[str, Any]]:
        """Milliseconds, and the page."""
        began = time.perf_counter()
        answer = self.client.get(PATH, fields)
        spent = (time.perf_counter() - began) * 1000
        if answer.status_code != 200:
            raise SystemExit(f"{PATH} {fields}: {answer.status_code} {answer.content[:300]!r}")
        return spent, answer.json()

    def older(self) -> list[str]:
        """Cursors of the pages after the first one."""
        cursors: list[str] = []
        while len(cursors) < DEEP and (after := self.ask({"cursor": cursors[-1]} if cursors else {})[1]["next"]):
            cursors.append(after)
        return cursors


def questions(cursors: list[str]) -> dict[str, Fields]:
    here = {"extension": "210"}
    return {
        "the newest": lambda _: {},
        "of the extension": lambda _: here,
        "an older page": lambda chance: {"cursor": chance.choice(cursors)},
        "failed": lambda _: {"status": "send_failed"},
        "a month": _month,
        "by API": lambda _: {"channel": "api"},
        "a clinic's number": lambda _: here | {"to": CLINIC},
        "a whole number": lambda chance: here | {"to": f"1202{chance.randrange(10_000_000):07}"},
    }


def measure(home: Path, faxes: int, requests: int) -> dict[str, Any]:
    stage.settle(home)
    with stage.database(home) as superuser:
        from caselli.store.models import Fax

        if not Fax.objects.exists():
            with superuser() as connection:
                fill(connection, faxes, faxes + max(OTHERS, faxes // 10))
        big, few = Program(BIG), Program(FEW)
        found: dict[str, Any] = {"pages": {}}
        for name, fields in questions(big.older()).items():
            found["pages"][name] = _in_turns(big, few, name, fields, requests)
            print(row(name, found["pages"][name]), file=sys.stderr, flush=True)
        found["faxes"] = Fax.objects.filter(extension__organization__number=BIG[:4]).count()
    worst = max(found["pages"], key=lambda one: found["pages"][one]["ratio"])
    found["worst"] = {"page": worst, "ratio": found["pages"][worst]["ratio"]}
    found["goals"] = {f"at most {GOAL_RATIO} times the list of fifty": found["worst"]["ratio"] <= GOAL_RATIO}
    return found


def _in_turns(big: Program, few: Program, name: str, fields: Fields, requests: int) -> dict[str, float]:
    chance = random.Random(name)
    for _ in range(3):
        big.ask(fields(chance))
        few.ask({})
    pairs = [(big.ask(fields(chance))[0], few.ask({})[0]) for _ in range(requests)]
    one, other = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    figures = {
        "p50": statistics.median(one),
        "p99": stage.percentile(one, 0.99),
        "p50 of 50": statistics.median(other),
        "p99 of 50": stage.percentile(other, 0.99),
    }
    return {what: round(figure, 1) for what, figure in figures.items()} | {
        "ratio": round(figures["p50"] / figures["p50 of 50"], 2)
    }


def row(name: str, one: dict[str, float]) -> str:
    return (
        f"{name:20} p50 {one['p50']:7.1f}  p99 {one['p99']:7.1f}   of 50: p50 {one['p50 of 50']:6.1f}"
        f"  p99 {one['p99 of 50']:6.1f}   ratio {one['ratio']:5.2f}"
    )


def tell(found: dict[str, Any]) -> None:
    print(f"list of {found['faxes']:,} faxes over the list of fifty: worst {found['worst']}")
