"""The driver's calls to far ends played by SIPp, over real sockets, all at once."""

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from socket import SOCK_DGRAM

import pytest
from line.media.papers import page, write_document
from line.sip.sipp import Verdict, run, until_listening
from ports import free_port

from caselli.fax.outcome import CallEnd, CallReport
from caselli.line.driver import Line
from caselli.line.orders import CallEnded, CallEvent, CallOrder, Peer

SCENARIOS = (
    "far_busy",
    "far_is_down",
    "far_rings",
    "far_answers_the_cancel",
    "far_redirects",
    "far_challenges",
    "far_moves_to_t38",
    "far_mirrors",
    "far_refuses_t38",
    "far_accepts_t38",
    "far_glares",
    "far_routes",
    "far_loses",
)


REPEATING = {"far_accepts_t38", "far_loses"}
LIMITS = {
    "far_rings": {"ring_limit": 3.0},
    "far_answers_the_cancel": {"ring_limit": 3.0},
    "far_routes": {"negotiation_limit": 4.0},
}


@dataclass
class Played:
    report: CallReport
    verdict: Verdict

    def names(self) -> list[str]:
        return [entry.name for entry in self.report.ladder]


async def play_all(folder: Path) -> dict[str, Played]:
    document = write_document(folder / "sent.tif", [page(1, lines=4, length=600)])
    reports: dict[str, CallReport] = {}
    ended = asyncio.Event()

    def take(event: CallEvent) -> None:
        if isinstance(event, CallEnded):
            reports[event.key] = event.report
            if len(reports) == len(SCENARIOS):
                ended.set()

    line = Line(on_event=take)
    await line.start("127.0.0.1", 0, media_host="127.0.0.1")
    ports = {name: free_port(SOCK_DGRAM) for name in SCENARIOS}
    played = {
        # "-nr": these play with repetitions by themselves, which SIPp would else swallow.
        name: asyncio.create_task(run(name, folder, port, *(["-nr"] if name in REPEATING else [])))
        for name, port in ports.items()
    }
    await asyncio.gather(*map(until_listening, ports.values()))
    for name, port in ports.items():
        peer = Peer(name, "127.0.0.1", port, username="office", password="secret")
        order = CallOrder(name, peer, "+12025550100", "+12025550200", document, 1, "+1 202 555 0200")
        line.place(replace(order, **LIMITS.get(name, {})))
    try:
        await asyncio.wait_for(ended.wait(), 60)
        verdicts = {name: await task for name, task in played.items()}
    finally:
        await line.stop()
    return {name: Played(reports[name], verdicts[name]) for name in SCENARIOS}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Played]:
    return asyncio.run(play_all(tmp_path_factory.mktemp("sipp")))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_far_end_is_content(played: dict[str, Played], scenario: str):
    verdict = played[scenario].verdict
    assert verdict.passed, verdict.log


@pytest.mark.parametrize(
    ("scenario", "end", "status"),
    [
        ("far_busy", CallEnd.REJECTED, 486),
        ("far_is_down", CallEnd.REJECTED, 503),
        ("far_rings", CallEnd.NO_ANSWER, 487),
        ("far_answers_the_cancel", CallEnd.NO_ANSWER, 200),
        ("far_redirects", CallEnd.REJECTED, 404),
        ("far_challenges", CallEnd.REJECTED, 486),
        ("far_moves_to_t38", CallEnd.FAR_HUNG_UP, 200),
        ("far_mirrors", CallEnd.FAR_HUNG_UP, 200),
        ("far_refuses_t38", CallEnd.FAR_HUNG_UP, 200),
        ("far_accepts_t38", CallEnd.FAR_HUNG_UP, 200),
        ("far_glares", CallEnd.FAR_HUNG_UP, 200),
        ("far_routes", CallEnd.NO_FAX, 200),
        ("far_loses", CallEnd.FAR_HUNG_UP, 200),
    ],
)
def test_the_report_says_how_it_ended(played: dict[str, Played], scenario: str, end: CallEnd, status: int):
    report = played[scenario].report
    assert (report.end, report.sip_code) == (end, status)


def test_reasons_come_with_the_report(played: dict[str, Played]):
    assert played["far_busy"].report.q850 == 17
    assert played["far_is_down"].report.retry_after == 7


@pytest.mark.parametrize("scenario", ["far_moves_to_t38", "far_mirrors", "far_accepts_t38", "far_glares"])
def test_t38_is_reached(played: dict[str, Played], scenario: str):
    assert any(name.startswith("T.38 with 127.0.0.1") for name in played[scenario].names())


def test_audio_stays_where_t38_is_refused(played: dict[str, Played]):
    assert "our offer was refused: 488 Not Acceptable Here" in played["far_refuses_t38"].names()


def test_glare_is_told_from_both_sides(played: dict[str, Played]):
    names = played["far_glares"].names()
    assert names.count("491 Request Pending to INVITE") == 2
