"""The driver's own business: keys, names, strangers, media workers that die, and closing time. Real sockets."""

import asyncio
import os
import signal
import socket
import time
from pathlib import Path

import pytest
from line.media.papers import page, write_document
from line.sip.loopback import HOST, ask, both, comes_true
from ports import free_port

from caselli.fax.outcome import NOT_SENT, CallEnd
from caselli.line.driver import AlreadyPlacedError
from caselli.line.orders import Peer


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return write_document(tmp_path / "sent.tif", [page(1, lines=4, length=600)])


async def test_a_call_is_on_the_line_at_once(tmp_path: Path, document: Path):
    async with both(tmp_path, document) as here:
        began = time.monotonic()
        here.place("0102")
        await here.until(lambda: "dialling" in here.phases("0102"))
        assert time.monotonic() - began < 1.0  # a free machine needs some milliseconds
        here.line.hang_up("0102")
        (report,) = await here.ended("0102")
        assert (report.end, report.sip_code) == (CallEnd.CANCELED, 487)


async def test_a_key_is_dialled_once(tmp_path: Path, document: Path):
    async with both(tmp_path, document) as here:
        here.place("0101", "same")
        with pytest.raises(AlreadyPlacedError):
            here.place("0100", "same")
        await here.ended("same")
        with pytest.raises(AlreadyPlacedError):
            here.place("0100", "same")


async def test_a_trunk_by_name_is_looked_up(tmp_path: Path, document: Path):
    async with both(tmp_path, document) as here:
        named = Peer("machine", "localhost", here.machine.address[1])
        nowhere = Peer("nowhere", "nowhere.invalid", 5060)
        here.line.place(here.order("0101", "named", peer=named))
        here.line.place(here.order("0100", "nowhere", peer=nowhere))
        here.line.place(here.order("0100", "taken back", peer=nowhere))
        here.line.hang_up("taken back")
        reports = await here.ended("named", "nowhere", "taken back")
        assert [report.end for report in reports] == [CallEnd.REJECTED, CallEnd.UNREACHABLE, CallEnd.CANCELED]
        assert "nowhere.invalid" in reports[1].sip_phrase


async def test_where_nobody_listens_calls_end_at_once_and_others_feel_nothing(tmp_path: Path, document: Path):
    closed = Peer("closed", HOST, free_port(socket.SOCK_DGRAM))
    in_vain = [f"in vain {number}" for number in range(20)]
    async with both(tmp_path, document) as here:
        here.place("0102", "rings")
        await here.until(lambda: "ringing" in here.phases("rings"))
        for key in in_vain:
            here.line.place(here.order("0100", key, peer=closed))
        here.place("0101", "busy")
        began = time.monotonic()
        reports = await here.ended(*in_vain, "busy")
        assert time.monotonic() - began < 20.0  # about 1 on a free machine; 32 without what the network says
        assert {(report.end, report.sip_code) for report in reports[:-1]} == {(CallEnd.UNREACHABLE, NOT_SENT)}
        assert {report.sip_phrase for report in reports[:-1]} == {f"Nothing listens at {HOST} port {closed.port}"}
        assert reports[-1].sip_code == 486
        assert here.reports("rings") == []


async def test_a_socket_of_loopback_calls_nobody_outside(tmp_path: Path, document: Path):
    async with both(tmp_path, document) as here:
        here.line.place(here.order("0100", "outside", peer=Peer("provider", "192.0.2.1")))
        (report,) = await here.ended("outside")
        assert (report.end, report.sip_code) == (CallEnd.UNREACHABLE, NOT_SENT)
        assert "only this machine knows: set CASELLI_SIP" in report.sip_phrase


async def test_strangers_are_answered_and_nothing_of_them_is_kept(tmp_path: Path, document: Path):
    async with both(tmp_path, document) as here:

        def stranger(method: str, to: str = "<sip:a@b>") -> str:
            head = (f"{method} sip:a@b SIP/2.0", "From: <sip:x@y>;tag=1", f"To: {to}", "Call-ID: strange")
            return ask(here.line.address, *head, f"CSeq: 1 {method}")

        answers = {
            "OPTIONS": "SIP/2.0 200 OK",
            "INVITE": "SIP/2.0 404 Not Found",
            "BYE": "SIP/2.0 481 Call/Transaction Does Not Exist",
            "CANCEL": "SIP/2.0 481 Call/Transaction Does Not Exist",
            "REGISTER": "SIP/2.0 405 Method Not Allowed",
        }
        for method, answer in answers.items():
            assert await asyncio.to_thread(stranger, method) == answer
        within = await asyncio.to_thread(stranger, "INVITE", "<sip:a@b>;tag=2")
        assert within == "SIP/2.0 481 Call/Transaction Does Not Exist"
        assert await asyncio.to_thread(ask, here.line.address, "nonsense") == ""


async def test_closing_hangs_up_every_call_and_reports_it(tmp_path: Path, document: Path):
    async with both(tmp_path, document) as here:
        here.place("0102")
        here.place("0103")
        await here.until(lambda: "ringing" in here.phases("0102") and "answered" in here.phases("0103"))
        began = time.monotonic()
        await here.line.stop(within=8.0)
        assert time.monotonic() - began < 9.0
        assert [here.reports(key)[0].end for key in ("0102", "0103")] == [CallEnd.CANCELED] * 2
        here.place("0100", "too late")
        (report,) = await here.ended("too late")
        assert report.end is CallEnd.CANCELED


async def test_closing_does_not_wait_for_a_far_end_that_is_gone(tmp_path: Path, document: Path):
    async with both(tmp_path, document) as here:
        here.line.place(here.order("0100", "silence", peer=Peer("silence", HOST, 9)))
        await here.until(lambda: "dialling" in here.phases("silence"))
        await here.line.stop(within=0.5)
        assert len(here.reports("silence")) == 1


@pytest.mark.crash
async def test_a_dead_media_worker_costs_its_own_calls_only(tmp_path: Path, document: Path):
    async with both(tmp_path, document, workers=2) as here:
        first, second = here.line.media_process_ids
        for key in ("one", "two", "three", "four"):
            here.place("0103", key)
        await here.until(lambda: all("answered" in here.phases(key) for key in here.events) and len(here.events) == 4)
        os.kill(first, signal.SIGKILL)
        await here.until(lambda: sum(bool(here.reports(key)) for key in here.events) == 2)
        lost = [key for key in here.events if here.reports(key)]
        assert [here.reports(key)[0].end for key in lost] == [CallEnd.MEDIA_LOST] * 2
        here.place("0103", "five")
        await here.until(lambda: "answered" in here.phases("five"))
        await comes_true(lambda: len(here.line.media_process_ids) == 2)
        assert first not in here.line.media_process_ids
        assert second in here.line.media_process_ids
        # The new worker has no call yet, so the next one is its first.
        here.place("0102", "six")
        await here.until(lambda: "ringing" in here.phases("six"))


@pytest.mark.crash
async def test_without_any_media_worker_calls_end_at_once_until_one_is_back(tmp_path: Path, document: Path):
    async with both(tmp_path, document) as here:
        (only,) = here.line.media_process_ids
        os.kill(only, signal.SIGKILL)
        await comes_true(lambda: not here.line.media_process_ids)
        here.place("0101", "too early")
        (report,) = await here.ended("too early")
        assert report.end is CallEnd.MEDIA_LOST
        await comes_true(lambda: bool(here.line.media_process_ids))
        here.place("0101", "again")
        (report,) = await here.ended("again")
        assert report.sip_code == 486
