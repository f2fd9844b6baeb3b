"""A fax between two sessions, as the tests order it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from line.media.papers import page, read_document, write_document
from line.media.pipe import RECEIVER, SENDER, Network, Pipe
from PIL import Image

from caselli.line.media.messages import OpenSession, Role, StartAudio, StartT38
from caselli.line.media.session import Session

PCMU, PCMA = 0, 8


@dataclass
class Fax:
    """``a`` sends ``sent`` to ``b``."""

    pipe: Pipe
    sender: Session
    receiver: Session
    sent: list[Image.Image]
    kept: Path

    def over_t38(self, *, redundancy: int = 3, max_datagram: int = 400) -> Pipe:
        for session, far in ((self.sender, RECEIVER), (self.receiver, SENDER)):
            session.start(StartT38(session.key, *far, max_datagram, redundancy), self.pipe.now)
        return self.pipe

    def over_audio(self, payload: int = PCMA) -> Pipe:
        for session, far in ((self.sender, RECEIVER), (self.receiver, SENDER)):
            session.start(StartAudio(session.key, *far, payload), self.pipe.now)
        return self.pipe

    def received(self) -> list[Image.Image]:
        return read_document(self.kept)


MakeFax = Callable[..., Fax]


@pytest.fixture
def make_fax_call(tmp_path: Path) -> MakeFax:
    """``pages``: how many, or images; ``sending`` and ``receiving`` add to the orders."""

    def make(
        pages: int | list[Image.Image] = 1,
        *,
        sending: dict[str, object] | None = None,
        receiving: dict[str, object] | None = None,
        network: Network | None = None,
    ) -> Fax:
        sent = [page(number) for number in range(pages)] if isinstance(pages, int) else pages
        document = write_document(tmp_path / "sent.tif", sent)
        kept = tmp_path / "kept.tif"
        sender = OpenSession("a", Role.SEND, True, str(document), "+1 202 555 0100", **(sending or {}))
        receiver = OpenSession("b", Role.RECEIVE, False, str(kept), "+1 202 555 0199", **(receiving or {}))
        pipe = Pipe(Session(sender), Session(receiver), network)
        return Fax(pipe, pipe.ends[SENDER], pipe.ends[RECEIVER], sent, kept)

    return make
