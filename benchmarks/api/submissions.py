"""Faxes handed in by connections that each send one after the other, to Caselli and to the bare address in turns."""

import http.client
import statistics
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import stage

GOAL_RATIO = 0.5
_CUT = "cut-4711"
_LINES, _LINE = 48, 84


@dataclass
class Round:
    """``seconds``: of each request that was accepted; ``refused``: the answers of the others."""

    seconds: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    taken: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.taken


def letter(mark: str) -> bytes:
    """A PDF of one page, full of text. The mark stands in its first line: no two pages have the same dots."""
    chance = Random(5)
    rows = ["".join(chance.choice("etaoin shrdlu cmfwyp ") for _ in range(_LINE)) for _ in range(_LINES)]
    shown = "\n".join(f"({row}) Tj T*" for row in [mark, *rows])
    stream = f"BT /F1 10 Tf 72 740 Td 14 TL\n{shown}\nET".encode()
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources<< /Font<</F1 5 0 R>>>> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    written, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(parts) + 1
    written += b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, table)
    return written + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, written.rfind(b"xref\n"))


def form(document: bytes, number: str) -> bytes:
    """As multipart/form-data: extension, recipient and file."""
    texts = "".join(
        f'--{_CUT}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in (("extension", "210"), ("recipients", number))
    )
    head = 'Content-Disposition: form-data; name="files"; filename="letter.pdf"\r\nContent-Type: application/pdf'
    return f"{texts}--{_CUT}\r\n{head}\r\n\r\n".encode() + document + f"\r\n--{_CUT}--\r\n".encode()


def hand_in(port: int, secret: str, connections: int, each: int) -> Round:
    """The forms are made before the clock runs."""
    handed = Round()
    ready = threading.Barrier(connections + 1)
    forms = [
        [form(letter(uuid4().hex), f"+1202555{place:02}{one % 100:02}") for one in range(each)]
        for place in range(connections)
    ]
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": f"multipart/form-data; boundary={_CUT}"}

    def work(mine: list[bytes]) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        line.connect()
        ready.wait()
        for body in mine:
            began = time.perf_counter()
            line.request("POST", "/api/v1/faxes", body, headers)
            answer = line.getresponse()
            said = answer.read()
            spent = time.perf_counter() - began
            if answer.status == 202:
                handed.seconds.append(spent)
            else:
                handed.refused.append(f"{answer.status} {said[:300].decode(errors='replace')}")
        line.close()

    threads = [threading.Thread(target=work, args=(mine,)) for mine in forms]
    for one in threads:
        one.start()
    ready.wait()
    began = time.perf_counter()
    for one in threads:
        one.join()
    handed.taken = time.perf_counter() - began
    if handed.refused:
        raise SystemExit(f"{len(handed.refused)} were refused: {handed.refused[0]}")
    return handed


def figures(rounds: list[Round], processor: float) -> dict[str, Any]:
    seconds = [second for one in rounds for second in one.seconds]
    return {
        "submissions": len(seconds),
        "a_second": round(statistics.median(one.rate for one in rounds), 1),
        "of_each_round": [round(one.rate, 1) for one in rounds],
        "p50_ms": round(statistics.median(seconds) * 1000, 1),
        "p99_ms": round(stage.percentile(seconds, 0.99) * 1000, 1),
        "processor_ms": round(processor / len(seconds) * 1000, 2),
    }


def measure(home: Path, faxes: int, rounds: int, connections: int) -> dict[str, Any]:
    stage.settle(home)
    with stage.database(home):
        secret = stage.key_of(stage.furnish())
        each = -(-faxes // rounds // connections)
        with stage.web(home) as (port, pid), stage.bare(home / "bare") as (bare_port, bare_pid):
            for one in (bare_port, port):
                hand_in(one, secret, connections, 3)
            had, bare_had = stage.processor_time(pid), stage.processor_time(bare_pid)
            mine, theirs = [], []
            for number in range(rounds):
                theirs.append(hand_in(bare_port, secret, connections, each))
                mine.append(hand_in(port, secret, connections, each))
                print(f"round {number + 1}: {mine[-1].rate:.1f} of {theirs[-1].rate:.1f}", file=sys.stderr, flush=True)
            had, bare_had = stage.processor_time(pid) - had, stage.processor_time(bare_pid) - bare_had
        lost = _lost(connections * (each * rounds + 3))
    found: dict[str, Any] = {"caselli": figures(mine, had), "bare": figures(theirs, bare_had), "lost": lost}
    found["ratio"] = round(found["caselli"]["a_second"] / found["bare"]["a_second"], 2)
    found["goals"] = {
        f"at least {GOAL_RATIO} of the bare address": found["ratio"] >= GOAL_RATIO,
        "nothing lost": lost == 0,
    }
    return found


def _lost(accepted: int) -> int:
    from caselli.store import blobs
    from caselli.store.models import Fax

    kept = Fax.objects.filter(shown_status="Scheduled For Sending").values_list("pages_blob", "documents__blob")
    return accepted - sum(all(blobs.path(blob).is_file() for blob in pair) for pair in kept)


def tell(found: dict[str, Any]) -> None:
    for who in ("caselli", "bare"):
        one = found[who]
        print(
            f"{who:8} {one['a_second']:7.1f} submissions a second {one['of_each_round']}"
            f"   p50 {one['p50_ms']:6.1f} ms   p99 {one['p99_ms']:6.1f} ms"
            f"   {one['processor_ms']} ms of a processor each"
        )
    print(f"ratio {found['ratio']}, lost {found['lost']}")
