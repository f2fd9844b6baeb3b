"""Many event streams at once: how long from an event to each of its readers, and how large the web process becomes."""

import json
import selectors
import socket
import sys
import time
from pathlib import Path
from typing import Any

import stage

GOAL_SECONDS = 0.5
GOAL_MEMORY = 300.0
"""Megabytes."""
PAUSE = 0.5
"""Seconds between two faxes that are canceled."""
PATIENCE = 60.0
OPENING = 50
"""Streams that are opened at once."""


class Streams:
    """The readers. What came is kept with its time, and read after the measurement."""

    def __init__(self, port: int, secrets: list[str], each: int) -> None:
        self._waiting = selectors.DefaultSelector()
        self.came: list[list[tuple[float, bytes]]] = []
        wanted = [secret for secret in secrets for _ in range(each)]
        for first in range(0, len(wanted), OPENING):
            for secret in wanted[first : first + OPENING]:
                self._open(port, secret)
            self.until(lambda: all(b"retry:" in b"".join(one for _, one in heard[:3]) for heard in self.came))

    def _open(self, port: int, secret: str) -> None:
        line = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        line.sendall(
            f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {secret}\r\n\r\n".encode()
        )
        line.setblocking(False)
        self.came.append([])
        self._waiting.register(line, selectors.EVENT_READ, self.came[-1])

    def hear(self, seconds: float) -> None:
        """For so long."""
        until = time.time() + seconds
        while (left := until - time.time()) > 0:
            for ready, _ in self._waiting.select(left):
                piece = ready.fileobj.recv(65_536)  # type: ignore[union-attr]
                if not piece:
                    raise SystemExit("a stream ended")
                ready.data.append((time.time(), piece))

    def until(self, done: Any) -> None:
        limit = time.time() + PATIENCE
        while not done():
            if time.time() > limit:
                raise SystemExit("the streams do not say what they should")
            self.hear(0.05)

    def close(self) -> None:
        for key in list(self._waiting.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._waiting.close()


def measure(home: Path, streams: int, keys: int, events: int) -> dict[str, Any]:
    stage.settle(home)
    with stage.database(home):
        owner = stage.furnish()
        secrets = [stage.key_of(owner, f"key {number}") for number in range(keys)]
        faxes = _held(owner, events + 1)
        with stage.web(home) as (port, pid):
            at_rest = stage.memory(pid, "VmRSS")
            readers = Streams(port, secrets, streams // keys)
            opened = stage.memory(pid, "VmRSS")
            print(f"{len(readers.came)} streams are open, {opened} MB", file=sys.stderr, flush=True)
            readers.hear(1)
            had = stage.processor_time(pid)
            canceled = [_cancel(readers, fax) for fax in faxes][1:]  # the first one warms up
            readers.hear(1)
            readers.until(lambda: all(_told(heard, faxes[-1]) for heard in readers.came))
            had = stage.processor_time(pid) - had
            most = stage.memory(pid, "VmHWM")
            readers.close()
    seconds = [one for heard in readers.came for one in _delays(heard, dict(canceled))]
    found: dict[str, Any] = {
        "streams": len(readers.came),
        "keys": keys,
        "events": len(seconds),
        "missing": len(readers.came) * events - len(seconds),
        "p50_ms": round(stage.percentile(seconds, 0.5) * 1000, 1),
        "p99_ms": round(stage.percentile(seconds, 0.99) * 1000, 1),
        "most_ms": round(max(seconds) * 1000, 1),
        "processor_ms_an_event": round(had / len(faxes) * 1000, 1),
        "memory_mb": {"at_rest": at_rest, "open": opened, "most": most},
    }
    found["goals"] = {
        f"p99 at most {GOAL_SECONDS} s": found["p99_ms"] <= GOAL_SECONDS * 1000,
        f"at most {GOAL_MEMORY:.0f} MB": most <= GOAL_MEMORY,
        "no event missing": found["missing"] == 0,
    }
    return found


def _held(owner: Any, count: int) -> list[Any]:
    """Faxes that wait for a person."""
    from django.utils import timezone

    from caselli.store.models import Delivery, Extension, Fax

    extension = Extension.objects.get(owner=owner)
    faxes = [
        Fax.objects.create(
            organization_id=extension.organization_id,
            extension=extension,
            channel="api",
            status="awaiting_approval",
            pages=1,
            added_at=timezone.now(),
            added_by=owner,
        )
        for _ in range(count)
    ]
    for fax in faxes:
        Delivery.objects.create(
            fax=fax,
            organization_id=extension.organization_id,
            extension=extension,
            position=1,
            given="+12025550100",
            destination="+12025550100",
        )
    return faxes


def _cancel(readers: Streams, fax: Any) -> tuple[str, float]:
    """The fax, and when its cancelling began; then listens for a while."""
    from django.db import transaction
    from django.utils import timezone

    from caselli.fax.status import Mover
    from caselli.store import journey

    began = time.time()
    with transaction.atomic():
        by = journey.By(timezone.now(), Mover.PERSON, fax.added_by_id)
        journey.cancel_unreleased(journey.lock_fax(fax.pk), by)
    readers.hear(PAUSE)
    return str(fax.uid), began


def _told(heard: list[tuple[float, bytes]], fax: Any) -> bool:
    return str(fax.uid).encode() in b"".join(piece for _, piece in heard[-3:])


def _delays(heard: list[tuple[float, bytes]], began: dict[str, float]) -> list[float]:
    """From each cancelling to the moment when this reader had all of ``fax.canceled``."""
    delays, text = [], b""
    for at, piece in heard:
        text += piece
        while (end := text.find(b"}\n\n")) >= 0:
            event, text = text[: end + 1], text[end + 3 :]
            data = event[event.rfind(b"data: ") + 6 :]
            said = json.loads(data)
            if said["type"] == "fax.canceled" and said["data"]["fax"]["id"] in began:
                delays.append(at - began[said["data"]["fax"]["id"]])
    return delays


def tell(found: dict[str, Any]) -> None:
    print(
        f"{found['streams']} streams of {found['keys']} keys, {found['events']} events told, {found['missing']} missing"
    )
    print(
        f"event to program p50 {found['p50_ms']} ms, p99 {found['p99_ms']} ms, slowest {found['most_ms']} ms; "
        f"{found['processor_ms_an_event']} ms of a processor for each event; memory {found['memory_mb']} MB"
    )
