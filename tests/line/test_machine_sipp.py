"""The answering machine called by SIPp, over real sockets, all at once."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from socket import SOCK_DGRAM
from typing import Any

import pytest
from line.sip.sipp import Verdict, run
from ports import free_port

from caselli.line.machine import Machine

CALLS = {
    "caller_is_refused_486": "+12025550101",
    "caller_is_refused_404": "+12025550107",
    "caller_is_refused_503": "+12025550109",
    "caller_is_refused_420": "+12025550100",
    "caller_is_refused_422": "+12025550100",
    "caller_takes_t38": "12025550120",
    "caller_refuses_t38": "001-202-555-0121",
    "caller_asks_for_t38": "+12025550111",
    "caller_is_refused_t38": "+12025550105",
    "caller_offers_late": "2025550122",
    "caller_cancels": "+12025550102",
    "caller_is_refused_401": "+12025550110",
    "caller_is_a_stranger": "+12025550100",
}
ANSWERED = {"12025550120", "001-202-555-0121", "+12025550111", "+12025550105", "2025550122"}


@dataclass
class Played:
    verdicts: dict[str, Verdict]
    kept: list[dict[str, Any]]
    left: list[str]


async def play_all(folder: Path) -> Played:
    machine = Machine()
    await machine.start("127.0.0.1", 0, folder / "kept", "127.0.0.1")
    remote = f"127.0.0.1:{machine.address[1]}"
    try:
        tasks = {
            name: asyncio.create_task(run(name, folder, free_port(SOCK_DGRAM), remote, "-s", number))
            for name, number in CALLS.items()
        }
        verdicts = {name: await task for name, task in tasks.items()}
    finally:
        await machine.stop()
    kept = [json.loads(path.read_text()) for path in (folder / "kept").glob("*.json")]
    left = [path.name for path in (folder / "kept" / ".partial").iterdir()]
    return Played(verdicts, kept, left)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return asyncio.run(play_all(tmp_path_factory.mktemp("sipp")))


@pytest.mark.parametrize("scenario", CALLS)
def test_the_caller_is_content(played: Played, scenario: str):
    verdict = played.verdicts[scenario]
    assert verdict.passed, verdict.log


def test_answered_calls_are_kept_and_no_others(played: Played):
    assert {call["called"] for call in played.kept} == ANSWERED
    assert all(call["pages"] == 0 and call["tiff"] is None for call in played.kept)
    assert {call["result"] for call in played.kept} == {"No page came: the caller hung up."}
    assert played.left == []
