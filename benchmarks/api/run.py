"""The API: faxes handed in a second, the list of very many faxes, and events to a thousand programs at once.

    .venv/bin/python benchmarks/api/run.py [submissions] [lists] [streams] [--submissions 600] [--rounds 3]
        [--connections 8] [--faxes 1000000] [--requests 100] [--keep HOME] [--streams 1000] [--events 20] [--json]

Each part has a private PostgreSQL, with real commits, in a temporary home (``--keep``: the lists' is this folder,
filled once and used again), and no dialer.

1. submissions: ``POST /api/v1/faxes`` with a PDF of one page, by ``caselli web``; the reference is the same server with
   one address of Django's that only stores the file. The same client speaks to both, in turns.
2. lists: ``GET /api/v1/faxes`` through all of Django without the network; the reference is the list of fifty, in turns.
3. streams: ``GET /api/v1/events`` by ten keys, from the moment before an event is written to its arrival.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import lists
import streams
import submissions

PARTS: dict[str, Any] = {"submissions": submissions, "lists": lists, "streams": streams}


def measure(part: str, given: argparse.Namespace, home: Path) -> dict[str, Any]:
    if part == "submissions":
        return submissions.measure(home, given.submissions, given.rounds, given.connections)
    if part == "lists":
        return lists.measure(home, given.faxes, given.requests)
    return streams.measure(home, given.streams, given.keys, given.events)


def one_part(part: str, given: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="caselli-benchmark-") as made:
        home = given.keep if part == "lists" and given.keep else Path(made)
        home.mkdir(exist_ok=True)
        home.chmod(0o711)
        return measure(part, given, home)


def apart(part: str) -> dict[str, Any]:
    """In a process of its own: Django is told only once where its database is."""
    options = [word for word in sys.argv[1:] if word not in PARTS and word != "--json"]
    done = subprocess.run([sys.executable, __file__, *options, "--only", part], stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise SystemExit(done.returncode)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all, when none is named")
    parser.add_argument("--submissions", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--faxes", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--streams", type=int, default=1_000)
    parser.add_argument("--keys", type=int, default=10)
    parser.add_argument("--events", type=int, default=20)
    parser.add_argument("--only", choices=PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.only:
        print(json.dumps(one_part(given.only, given)))
        return
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    found = {part: apart(part) for part in PARTS if part in given.parts or not given.parts}
    if given.json:
        print(json.dumps(found, indent=2))
    for part, figures in found.items():
        if not given.json:
            PARTS[part].tell(figures)
            for goal, reached in figures["goals"].items():
                print(f"goal {part}, {goal}: {'reached' if reached else 'MISSED'}")
    sys.exit(not all(all(figures["goals"].values()) for figures in found.values()))


if __name__ == "__main__":
    main()
