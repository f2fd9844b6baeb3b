"""Every number of the answering machine, called by the driver over real sockets, all at once (half a minute)."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from line.media.papers import page, read_document, same_pages, write_document
from line.sip.loopback import both, comes_true

from caselli.fax.causes import judge
from caselli.fax.outcome import CallReport, Transport
from caselli.line.scenarios import SCENARIOS, scenario_of

PAGES = [page(1, lines=3, length=500), page(2, lines=3, length=400)]
NUMBERS = ("0100", "0103", "0104", "0105", "0106", "0108", "0110", "0111", "0120", "0199")
NOT_ANSWERED = ("0101", "0102", "0107", "0109")


@dataclass
class Called:
    reports: dict[str, CallReport]
    phases: dict[str, list[str]]
    kept: dict[str, dict[str, Any]]
    folder: Path

    def received(self, number: str) -> list[Any]:
        return read_document(self.folder / self.kept[f"+1202555{number}"]["tiff"])


async def call_all(folder: Path) -> Called:
    document = write_document(folder / "sent.tif", PAGES)
    async with both(folder, document, pages=2, workers=2) as here:
        for number in (*NUMBERS, *NOT_ANSWERED):
            here.place(number, ring_limit=5.0, negotiation_limit=12.0)
        reports = await here.ended(*NUMBERS, *NOT_ANSWERED, patience=100)
        await comes_true(lambda: len(here.kept()) == len(NUMBERS))  # the machine's end may come a moment later
        by_number = dict(zip((*NUMBERS, *NOT_ANSWERED), reports, strict=True))
        return Called(by_number, {key: here.phases(key) for key in here.events}, here.kept(), here.folder)


@pytest.fixture(scope="module")
def called(tmp_path_factory: pytest.TempPathFactory) -> Called:
    return asyncio.run(call_all(tmp_path_factory.mktemp("machine")))


@pytest.mark.parametrize(
    ("number", "slug", "transport"),
    [
        ("0100", "delivered", Transport.T38),
        ("0101", "busy", None),
        ("0102", "no_answer", None),
        ("0103", "no_fax", None),
        ("0104", "line_dropped", Transport.T38),
        ("0105", "delivered", Transport.G711),
        ("0106", "delivered", Transport.T38),
        ("0107", "no_such_number", None),
        ("0108", "unknown", Transport.T38),
        ("0109", "trunk_down", None),
        ("0110", "delivered", Transport.T38),
        ("0111", "delivered", Transport.T38),
        ("0120", "delivered", Transport.T38),
        ("0199", "delivered", Transport.T38),
    ],
)
def test_each_number_comes_to_its_end(called: Called, number: str, slug: str, transport: Transport | None):
    report = called.reports[number]
    assert judge(report, 2).slug == slug
    assert report.transport is transport
    if slug == "delivered":
        assert same_pages(PAGES, called.received(number))


def test_what_was_received_is_told(called: Called):
    kept = called.kept["+12025550106"]
    assert (kept["calling"], kept["remote_id"]) == ("+12025550200", "+1 202 555 0200")
    assert (kept["pages"], kept["transport"], kept["rate"], kept["ecm"], kept["t30_code"]) == (2, "t38", 9600, False, 0)
    assert kept["result"] == "Received 2 pages."
    assert kept["started_at"].endswith("+00:00")
    assert kept["tiff"].endswith(".tiff")
    assert 5 < kept["seconds"] < 90


def test_what_was_not_received_is_told(called: Called):
    assert called.kept["+12025550103"]["result"] == "No page came: the caller hung up."
    dropped = called.kept["+12025550104"]
    assert (dropped["pages"], dropped["tiff"]) == (0, None)
    assert dropped["result"] == "No page came: the machine hung up, as it does for this number."
    unconfirmed = called.kept["+12025550108"]
    assert unconfirmed["pages"] == 1
    assert unconfirmed["result"] == "Received 1 page, then the machine hung up, as it does for this number."


def test_only_answered_calls_leave_files(called: Called):
    assert set(called.kept) == {f"+1202555{number}" for number in NUMBERS}
    tiffs = {path.name for path in called.folder.glob("*.tiff")}
    assert tiffs == {call["tiff"] for call in called.kept.values()} - {None}
    assert list((called.folder / ".partial").iterdir()) == []


def test_a_person_sees_the_call_go_on(called: Called):
    expected = ["dialling", "ringing", "answered", "negotiating", "sending", "sending", "confirming", "hanging up"]
    assert called.phases["0100"] == expected


def test_a_machine_whose_lines_are_taken_is_busy(tmp_path: Path):
    async def two_calls() -> CallReport:
        document = write_document(tmp_path / "sent.tif", PAGES[:1])
        async with both(tmp_path, document, lines=1) as here:
            here.place("0102", "first")
            await here.until(lambda: "ringing" in here.phases("first"))
            here.place("0100", "second")
            (report,) = await here.ended("second")
            return report

    assert asyncio.run(two_calls()).sip_code == 486


def test_what_an_earlier_life_left_half_done_goes_away(tmp_path: Path):
    half = tmp_path / "kept" / ".partial" / "half.tiff"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    whole = tmp_path / "kept" / "whole.json"
    whole.write_text(json.dumps({"called": "x"}))

    async def start_and_stop() -> None:
        async with both(tmp_path, tmp_path / "none.tif"):
            pass

    asyncio.run(start_and_stop())
    assert not half.exists()
    assert whole.exists()


@pytest.mark.parametrize(
    "written", ["+12025550105", "12025550105", "2025550105", "0012025550105", "+1 (202) 555-0105", "+1.202.555.0105"]
)
def test_a_number_may_be_written_in_many_ways(written: str):
    assert scenario_of(written) is SCENARIOS["0105"]


@pytest.mark.parametrize(
    "written", ["", "+", "+12025550112", "+12025550200", "+442025550100", "0100", "fax", "+1202555010"]
)
def test_other_numbers_are_nobodys(written: str):
    assert scenario_of(written) is None
