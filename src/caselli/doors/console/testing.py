"""``caselli trunk test``: ask for it, wait, and print what was found."""

import argparse
import json
import sys
import time
from typing import Any

from caselli.directory import trunk_test
from caselli.directory.trunk_test import Kind
from caselli.doors.console import naming
from caselli.fax.number import spoken
from caselli.fax.refusals import Refusal
from caselli.fax.trunk_words import Told
from caselli.store.models import TrunkTest

LOOK_EVERY = 0.2
"""Seconds. The test's row tells nobody when it changes; it lives a minute."""


def run(arguments: argparse.Namespace) -> int:
    """0: passed; 1: not passed; 2: not asked for, and why."""
    kind = Kind(arguments.kind or (Kind.CALL if arguments.number else Kind.OPTIONS))
    if arguments.number and kind is not Kind.CALL:
        print(f"number: only a call has one. Leave out --kind {kind.value}, or the number.", file=sys.stderr)
        return 2
    try:
        trunk = naming.trunk(arguments.which)
        test = trunk_test.ask(trunk, kind, arguments.number or "")
    except naming.Unclear as wrong:
        print(wrong, file=sys.stderr)
        return 2
    except Refusal as refusal:
        print(f"{refusal.field}: {refusal}", file=sys.stderr)
        return 2
    try:
        test = _ended(test, quiet=arguments.json)
    except KeyboardInterrupt:
        print("\nIt goes on by itself. Its result stands on the trunk's page.", file=sys.stderr)
        return 130
    told = trunk_test.result(test)
    if arguments.json:
        print(json.dumps(_as_json(test, told), indent=2))
    else:
        print("\n".join(_lines(told)))
    return 0 if test.passed else 1


def _ended(test: TrunkTest, *, quiet: bool) -> TrunkTest:
    said = ""
    while test.ended_at is None:
        if not quiet and test.words != said:
            said = test.words
            print(said, flush=True)
        time.sleep(LOOK_EVERY)
        trunk_test.end_overdue()
        test.refresh_from_db()
    return test


def _lines(told: Told) -> list[str]:
    words = f"{told.sentence} {told.remedy}".rstrip()
    return [f"{'Passed' if told.passed else 'Not passed'}: {words}", *(f"  {fact}" for fact in told.facts)]


def _as_json(test: TrunkTest, told: Told) -> dict[str, Any]:
    assert test.ended_at is not None
    return {
        "trunk": test.trunk.name,
        "kind": test.kind,
        "number": spoken(test.number),
        "passed": test.passed,
        "sentence": told.sentence,
        "remedy": told.remedy,
        "facts": list(told.facts),
        "asked_at": test.asked_at.isoformat(),
        "ended_at": test.ended_at.isoformat(),
        "messages": test.entries,
    }
