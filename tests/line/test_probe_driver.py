"""Questions over real sockets: to the answering machine, to SIPp, to nobody."""

import asyncio
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from line.sip.loopback import HOST, both
from line.sip.sipp import run, until_listening
from ports import free_port

from caselli.fax.probe import Found, ProbeReport, Question
from caselli.line.driver import Line
from caselli.line.orders import Peer, ProbeOrder

NO_PAGES = Path("/dev/null")


def order(peer: Peer, question: Question = Question.REGISTRATION) -> ProbeOrder:
    return ProbeOrder(f"{peer.name}-{question}", peer, question)


async def ask_alone(peer: Peer, question: Question) -> ProbeReport:
    line = Line(on_event=lambda event: None)
    await line.start(HOST, 0, media_host=HOST)
    try:
        return await asyncio.wait_for(line.probe(order(peer, question)), 30)
    finally:
        await line.stop()


async def test_the_machine_answers_as_a_provider_does(tmp_path: Path):
    async with both(tmp_path, NO_PAGES) as here:
        machine = Peer("machine", HOST, here.machine.address[1], "fax", "caselli")
        alive, known, wrong, none = await asyncio.gather(
            here.line.probe(order(machine, Question.OPTIONS)),
            here.line.probe(order(machine)),
            here.line.probe(order(replace(machine, name="wrong", password="other"))),
            here.line.probe(order(replace(machine, name="none", username="", password=""))),
        )
    assert (alive.found, alive.code, alive.streams) == (Found.ANSWERED, 200, ("audio by G.711", "T.38"))
    assert alive.product == "Caselli answering machine"
    assert {"INVITE", "REGISTER", "OPTIONS"} <= set(alive.allow)
    assert alive.milliseconds is not None
    assert alive.milliseconds < 500  # on loopback
    assert (known.found, known.code, known.logged_in, known.bindings) == (Found.ANSWERED, 200, True, 0)
    assert (wrong.found, none.found) == (Found.LOGIN_WRONG, Found.LOGIN_WANTED)


async def test_a_registration_with_an_address_is_not_taken(tmp_path: Path):
    async with both(tmp_path, NO_PAGES) as here:
        lines = (
            "REGISTER sip:a SIP/2.0",
            "From: <sip:fax@a>;tag=1",
            "To: <sip:fax@a>",
            "Call-ID: r",
            "CSeq: 1 REGISTER",
        )
        sent = "\r\n".join((lines[0], f"Via: SIP/2.0/UDP {HOST}:9;branch=z9hG4bKr", *lines[1:], "", "")).encode()
        first, second = await asyncio.to_thread(_twice, here.machine.address, sent)
    assert first.startswith(b"SIP/2.0 401 Unauthorized")
    assert first == second  # the same request again gets the same answer


def _twice(to: tuple[str, int], data: bytes) -> list[bytes]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind((HOST, 0))
        stranger.settimeout(2.0)
        data = data.replace(b":9;", b":%d;" % stranger.getsockname()[1])
        answers = []
        for _ in range(2):
            stranger.sendto(data, to)
            answers.append(stranger.recv(65_536))
        return answers


async def test_sipp_knows_us_after_a_challenge(tmp_path: Path):
    port = free_port(socket.SOCK_DGRAM)
    playing = asyncio.create_task(run("far_registers", tmp_path, port))
    await until_listening(port)
    report = await ask_alone(Peer("sipp", HOST, port, "office", "secret"), Question.REGISTRATION)
    verdict = await playing
    assert verdict.passed, verdict.log
    assert (report.found, report.code, report.logged_in, report.bindings) == (Found.ANSWERED, 200, True, 1)


async def test_sipp_answers_the_second_sending(tmp_path: Path):
    port = free_port(socket.SOCK_DGRAM)
    playing = asyncio.create_task(run("far_loses_options", tmp_path, port, "-nr"))
    await until_listening(port)
    report = await ask_alone(Peer("sipp", HOST, port), Question.OPTIONS)
    verdict = await playing
    assert verdict.passed, verdict.log
    assert (report.found, report.code, report.product) == (Found.ANSWERED, 404, "SIPp")
    assert report.repeats >= 1


async def test_a_closed_port_is_told_at_once():
    port = free_port(socket.SOCK_DGRAM)
    report = await ask_alone(Peer("closed", HOST, port), Question.OPTIONS)
    assert (report.found, report.detail) == (Found.PORT_CLOSED, "Connection refused")
    assert report.waited < 5


async def test_a_name_without_an_address_is_told():
    report = await ask_alone(Peer("nowhere", "nowhere.invalid"), Question.OPTIONS)
    assert report.found is Found.NO_HOST
    assert "nowhere.invalid has no address" in report.ladder[0].name


async def test_a_socket_of_loopback_reaches_no_provider():
    report = await ask_alone(Peer("provider", "192.0.2.1"), Question.OPTIONS)
    assert (report.found, report.detail) == (Found.LOOPBACK, HOST)


@pytest.mark.parametrize("question", list(Question))
async def test_our_own_address_is_known_as_such(question: Question):
    line = Line(on_event=lambda event: None)
    await line.start(HOST, 0, media_host=HOST)
    try:
        report = await line.probe(order(Peer("ourselves", *line.address), question))
    finally:
        await line.stop()
    assert report.found is Found.OURSELVES


async def test_closing_time_ends_a_question_too():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind((HOST, 0))
        line = Line(on_event=lambda event: None)
        await line.start(HOST, 0, media_host=HOST)
        asking = asyncio.create_task(line.probe(order(Peer("deaf", *deaf.getsockname()))))
        await asyncio.get_running_loop().run_in_executor(None, deaf.recv, 4096)  # the question is out
        await line.stop()
        assert (await asking).found is Found.STOPPED
