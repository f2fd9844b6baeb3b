"""Real media processes over loopback: many calls in one, and what signalling hears when one dies."""

import asyncio
import os
import signal
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from line.media.papers import page, read_document, same_pages, write_document

from caselli.line.media.messages import (
    CloseSession,
    LastPageOut,
    MediaEvent,
    OpenSession,
    Role,
    SessionEnded,
    SessionOpened,
    StartAudio,
    StartT38,
)
from caselli.line.media_client import MediaWorker

HOST = "127.0.0.1"
SOON = 60.0
"""Seconds in which a process must have done what takes no time."""


class Listener:
    """What a worker said, and whether it is lost."""

    def __init__(self) -> None:
        self.events: list[MediaEvent] = []
        self.lost = asyncio.Event()
        self._heard = asyncio.Event()

    def take(self, event: MediaEvent) -> None:
        self.events.append(event)
        self._heard.set()

    async def wait_for(self, kind: type, key: str) -> MediaEvent:
        async with asyncio.timeout(SOON):
            while True:
                for event in self.events:
                    if isinstance(event, kind) and event.key == key:
                        return event
                self._heard.clear()
                await self._heard.wait()


StartWorker = Callable[..., Awaitable[tuple[MediaWorker, Listener]]]


@pytest.fixture
async def start_worker() -> AsyncIterator[StartWorker]:
    started: list[MediaWorker] = []

    async def start(**options: object) -> tuple[MediaWorker, Listener]:
        listener = Listener()
        worker = await MediaWorker.start(HOST, on_event=listener.take, on_lost=listener.lost.set, **options)
        started.append(worker)
        return worker, listener

    yield start
    for worker in started:
        await worker.stop()


def send_order(key: str, document: Path) -> OpenSession:
    return OpenSession(key, Role.SEND, True, str(document), "+12025550100")


def receive_order(key: str, kept: Path) -> OpenSession:
    return OpenSession(key, Role.RECEIVE, False, str(kept), "+12025550199")


async def test_calls_over_t38_and_audio_go_at_once_and_arrive_pixel_for_pixel(
    start_worker: StartWorker, tmp_path: Path
):
    sent = [page(1, lines=2, length=400)]
    document = write_document(tmp_path / "sent.tif", sent)
    (ours, heard), (theirs, answered) = await start_worker(), await start_worker()
    ports = {}
    for key in ("t38", "audio"):
        ours.send(send_order(key, document))
        theirs.send(receive_order(key, tmp_path / f"{key}.tif"))
        ports[key] = (
            (await answered.wait_for(SessionOpened, key)).port,
            (await heard.wait_for(SessionOpened, key)).port,
        )
    for worker, number in ((ours, 0), (theirs, 1)):
        worker.send(StartT38("t38", HOST, ports["t38"][number], 400))
        worker.send(StartAudio("audio", HOST, ports["audio"][number], 8))
    for key in ("t38", "audio"):
        ended = await heard.wait_for(SessionEnded, key)
        assert (ended.t30_code, ended.pages, ended.rate, ended.ecm) == (0, 1, 14_400, True)
        await answered.wait_for(SessionEnded, key)
        assert same_pages(sent, read_document(tmp_path / f"{key}.tif"))
    out, verdict = await heard.wait_for(LastPageOut, "t38"), await heard.wait_for(SessionEnded, "t38")
    assert heard.events.index(out) < heard.events.index(verdict)
    assert out.at < asyncio.get_running_loop().time(), "worker and signalling read one clock"
    for key in ("t38", "audio"):
        ours.send(CloseSession(key))
    await ours.stop()
    assert [event.key for event in heard.events if isinstance(event, SessionEnded)].count("t38") == 1
    assert not heard.lost.is_set()


async def test_a_worker_killed_in_mid_call_is_told_at_once_and_can_be_replaced(
    start_worker: StartWorker, tmp_path: Path
):
    document = write_document(tmp_path / "sent.tif", [page(1)])
    worker, listener = await start_worker()
    worker.send(send_order("a", document))
    await listener.wait_for(SessionOpened, "a")
    os.kill(worker.pid, signal.SIGKILL)
    await asyncio.wait_for(listener.lost.wait(), SOON)
    assert not worker.alive
    worker.send(CloseSession("a"))
    another, heard = await start_worker()
    another.send(send_order("a", document))
    await heard.wait_for(SessionOpened, "a")


async def test_a_worker_whose_signalling_died_says_no_more_and_leaves(start_worker: StartWorker, tmp_path: Path):
    document = write_document(tmp_path / "sent.tif", [page(1)])
    far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    far.bind((HOST, 0))
    far.setblocking(False)
    worker, listener = await start_worker()
    worker.send(send_order("a", document))
    await listener.wait_for(SessionOpened, "a")
    worker.send(StartAudio("a", HOST, far.getsockname()[1], 0))
    loop = asyncio.get_running_loop()
    await asyncio.wait_for(loop.sock_recv(far, 2000), SOON)
    await worker.stop()
    far.close()
    with pytest.raises(ProcessLookupError):
        os.kill(worker.pid, 0)
    assert not listener.lost.is_set()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_with_a_verdict_for_each_call(
    start_worker: StartWorker, tmp_path: Path, number: signal.Signals
):
    worker, listener = await start_worker()
    worker.send(send_order("a", write_document(tmp_path / "sent.tif", [page(1)])))
    await listener.wait_for(SessionOpened, "a")
    os.kill(worker.pid, number)
    assert (await listener.wait_for(SessionEnded, "a")).t30_code == -1
    await asyncio.wait_for(listener.lost.wait(), SOON)


async def test_an_order_that_cannot_be_carried_out_ends_its_own_call_only(start_worker: StartWorker, tmp_path: Path):
    worker, listener = await start_worker()
    worker.send(send_order("missing", tmp_path / "no.tif"))
    assert "not there" in (await listener.wait_for(SessionEnded, "missing")).t30_text
    worker.send(send_order("named", write_document(tmp_path / "sent.tif", [page(1)])))
    worker.send(StartT38("named", "fax.example", 4000, 400))
    assert "not an IP address" in (await listener.wait_for(SessionEnded, "named")).t30_text
    worker.send(StartT38("named", HOST, 4000, 400))
    worker.send(CloseSession("nobody"))
    worker.send(receive_order("fine", tmp_path / "kept.tif"))
    await listener.wait_for(SessionOpened, "fine")


async def test_ports_come_from_the_range_and_are_given_back(start_worker: StartWorker, tmp_path: Path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        low = min(probe.getsockname()[1], 65_000) & ~1
    worker, listener = await start_worker(ports=(low, low + 3))
    worker.send(receive_order("a", tmp_path / "a.tif"))
    worker.send(receive_order("b", tmp_path / "b.tif"))
    ports = {(await listener.wait_for(SessionOpened, key)).port for key in "ab"}
    assert ports == {low, low + 2}
    worker.send(receive_order("c", tmp_path / "c.tif"))
    assert "no free media port" in (await listener.wait_for(SessionEnded, "c")).t30_text
    worker.send(CloseSession("a"))
    worker.send(receive_order("d", tmp_path / "d.tif"))
    assert (await listener.wait_for(SessionOpened, "d")).port in ports


async def test_octets_from_strangers_change_nothing(start_worker: StartWorker, tmp_path: Path):
    worker, listener = await start_worker()
    worker.send(receive_order("a", tmp_path / "a.tif"))
    port = (await listener.wait_for(SessionOpened, "a")).port
    worker.send(StartT38("a", HOST, 9, 400))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.2", 0))
        for number in range(3000):
            stranger.sendto(struct.pack(">HBBBB", number & 0xFFFF, 1, 6, 0, 0), (HOST, port))
            stranger.sendto(b"", (HOST, port))
    worker.send(CloseSession("a"))
    assert (await listener.wait_for(SessionEnded, "a")).t30_code == -1
    assert [type(event).__name__ for event in listener.events] == ["SessionOpened", "SessionEnded"]
