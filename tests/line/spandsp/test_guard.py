"""Far ends that mean harm: the process must live, and an honest fax beside them must arrive.

What these octets do to spandsp 0.0.6 without the guard was seen with a sanitizer: it reads or writes where it may not,
or never ends.
"""

import random
from pathlib import Path

import pytest
from line.media.hostile import EMPTY_RUNS, WORST_IMAGES, HostileFarEnd, ImageForger, v21_datagram
from line.media.papers import page, read_document, same_pages, write_document
from line.media.pipe import RECEIVER, SENDER, Network, Pipe

from caselli.line.media.messages import FrameSeen, OpenSession, PageStarted, Role, StartT38
from caselli.line.media.session import Session

UNEXPECTED = 13
"""spandsp's T30_ERR_UNEXPECTED."""

DCS = bytes.fromhex("ff13830062f844")


def open_t38(document: Path, kept: Path, *, ecm: bool = True, network: Network | None = None) -> Pipe:
    sender = Session(OpenSession("a", Role.SEND, True, str(document), "1"))
    receiver = Session(OpenSession("b", Role.RECEIVE, False, str(kept), "2", ecm=ecm))
    pipe = Pipe(sender, receiver, network)
    sender.start(StartT38("a", *RECEIVER, 400, redundancy=0), pipe.now)
    receiver.start(StartT38("b", *SENDER, 400, redundancy=0), pipe.now)
    return pipe


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("documents")
    shapes = ((3, 400), (12, 1100), (30, 2200), (80, 2200))  # the last one is more than an ECM block
    return [
        write_document(folder / f"{lines}.tif", [page(number, lines=lines, length=length) for number in range(2)])
        for lines, length in shapes
    ]


@pytest.mark.parametrize("seed", range(60))
def test_broken_packets_kill_nobody(documents: list[Path], tmp_path: Path, seed: int):
    dice = random.Random(seed)
    network = Network(loss=dice.choice((0.0, 0.1)), seed=seed)
    pipe = open_t38(dice.choice(documents[:3]), tmp_path / "kept.tif", ecm=dice.random() < 0.6, network=network)
    pipe.spoil = HostileFarEnd(seed, dice.choice((0.002, 0.01, 0.05, 0.2)))
    pipe.run(300, until=lambda: pipe.now > 1200.0 or bool(pipe.ended("a") and pipe.ended("b")))
    for session in pipe.ends.values():
        session.close(pipe.now)
    pipe.step()
    assert pipe.ended("a")
    assert pipe.ended("b")


@pytest.mark.parametrize("ecm", [True, False])
@pytest.mark.parametrize("word", WORST_IMAGES)
def test_images_made_to_overrun_the_decoder_do_not(documents: list[Path], tmp_path: Path, word: str, ecm: bool):
    pipe = open_t38(documents[2], tmp_path / "kept.tif", ecm=ecm)
    pipe.spoil = ImageForger(word)
    pipe.run(300, until=lambda: bool(pipe.ended("b")))


def test_a_decoder_driven_out_of_its_row_ends_the_fax(documents: list[Path], tmp_path: Path):
    pipe = open_t38(documents[3], tmp_path / "kept.tif")
    pipe.spoil = ImageForger(EMPTY_RUNS)
    pipe.run(300, until=lambda: bool(pipe.ended("b")))
    assert pipe.ended("b").t30_code == UNEXPECTED


FRAMES_THAT_NO_SENDER_SENDS = {
    "an image frame without its number": b"\xff\x03\x06",
    "a DCS of more octets than spandsp has room for": b"\xff\x13\x83\x00\x62\xf8" + b"\xff" * 200,
    "a DCS with a width that does not exist": b"\xff\x13\x83\x00\x62\xfb\x44",
    "a DCS with a modem that does not exist": b"\xff\x13\x83\x00\x72\xf8\x44",
    "a CTC with a modem that does not exist": b"\xff\x13\x12\x00\x10",
    "a PPS cut short": b"\xff\x13\xbe\x2e\x00",
    "a poll": b"\xff\x13\x81\x00\x62\xf8\x44",
    "an MCF": b"\xff\x13\x8c",
}


@pytest.mark.parametrize("name", FRAMES_THAT_NO_SENDER_SENDS)
def test_a_receiver_passes_over(name: str, documents: list[Path], tmp_path: Path):
    pipe = open_t38(documents[1], tmp_path / "kept.tif")
    pipe.run(until=lambda: bool(pipe.of_kind("b", PageStarted)) and pipe.now > 1013.0)
    frame = FRAMES_THAT_NO_SENDER_SENDS[name]
    # A run of numbers far off is followed; the sender's own then come as strays, and are followed in their turn.
    for number in range(12):
        pipe.ends[RECEIVER].receive(v21_datagram(20_000 + number, frame), SENDER, pipe.now)
    pipe.run(300)
    assert pipe.ended("b")


FRAMES_THAT_NO_RECEIVER_SENDS = {
    "a DCS": DCS,
    "an EOP": b"\xff\x13\x2e",
    "a PPR cut short": b"\xff\x13\xbc" + bytes(20),
    "a poll": b"\xff\x13\x81\x00\x62\xf8\x44",
}


@pytest.mark.parametrize("name", FRAMES_THAT_NO_RECEIVER_SENDS)
def test_a_sender_is_not_moved_by(name: str, documents: list[Path], tmp_path: Path):
    pipe = open_t38(documents[1], tmp_path / "kept.tif")
    pipe.run(until=lambda: bool(pipe.of_kind("a", PageStarted)))
    pipe.step()
    before = len(pipe.of_kind("a", FrameSeen))
    for number in range(12):
        octets = v21_datagram(20_000 + number, FRAMES_THAT_NO_RECEIVER_SENDS[name])
        pipe.ends[SENDER].receive(octets, RECEIVER, pipe.now)
    pipe.step()
    seen = pipe.of_kind("a", FrameSeen)[before:]
    assert seen, "the ladder shows what was passed over"
    assert not any(event.sent for event in seen)


def test_a_flood_of_frames_leaves_the_fax_its_own_events(documents: list[Path], tmp_path: Path):
    pipe = open_t38(documents[0], tmp_path / "kept.tif")
    pipe.run(until=lambda: bool(pipe.of_kind("a", PageStarted)))
    for number in range(2000):
        pipe.ends[SENDER].receive(v21_datagram(20_000 + number, b"\xff\x13\x2e"), RECEIVER, pipe.now)
    pipe.ends[SENDER].close(pipe.now)
    pipe.step()
    assert pipe.ended("a")
    assert len(pipe.of_kind("a", FrameSeen)) < 100


def test_an_honest_fax_passes_the_guard_unharmed(documents: list[Path], tmp_path: Path):
    pipe = open_t38(documents[1], tmp_path / "kept.tif")
    pipe.run()
    assert same_pages(read_document(documents[1]), read_document(tmp_path / "kept.tif"))
