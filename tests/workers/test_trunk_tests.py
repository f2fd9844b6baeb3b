"""A dialer carries out the tests of trunks: a real one, with a real database and a real answering machine."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from socket import SOCK_DGRAM
from typing import Any

import pytest
from django.db import connection
from ports import free_port

from caselli.directory.trunk_test import Kind, ask, result
from caselli.fax import trunk_words
from caselli.fax.refusals import Refusal
from caselli.line.machine import PASSWORD, USERNAME, Machine
from caselli.store.models import Fax, Trunk, TrunkTest
from caselli.workers.dialer import Dialer
from caselli.workers.verbs import VerbThreads

HOST = "127.0.0.1"
ARRIVED = "The test page arrived: the far machine confirmed it."
pytestmark = pytest.mark.django_db(transaction=True)


class Here:
    """``trunk`` leads to the machine; each test that is ``tested`` is asked for as a person does."""

    def __init__(self, dialer: Dialer, trunk: Trunk) -> None:
        self.dialer = dialer
        self.trunk = trunk
        self._verbs = VerbThreads(1)

    async def do(self, verb: Callable[..., Any], *given: Any, **named: Any) -> Any:
        return await self._verbs.call(verb, *given, **named)

    async def change(self, **columns: Any) -> None:
        await self.do(Trunk.objects.filter(pk=self.trunk.pk).update, **columns)
        self.trunk = await self.do(Trunk.objects.get, pk=self.trunk.pk)

    async def until(self, test: TrunkTest, holds: Callable[[TrunkTest], bool]) -> TrunkTest:
        async with asyncio.timeout(120):
            while not holds(test):
                await asyncio.sleep(0.02)
                test = await self.do(TrunkTest.objects.get, pk=test.pk)
        return test

    async def ended(self, kind: Kind, number: str = "") -> TrunkTest:
        return await self.until(await self.do(ask, self.trunk, kind, number), lambda one: one.ended_at is not None)

    def close(self) -> None:
        self._verbs.close()


@asynccontextmanager
async def dialer_and_machine(folder: Path, trunk: Trunk) -> AsyncIterator[Here]:
    machine = Machine()
    await machine.start(HOST, 0, folder / "kept", HOST)
    stop = asyncio.Event()
    dialer = Dialer("test")
    await dialer.start(HOST, 0, media_workers=1)
    working = asyncio.create_task(dialer.run(stop))
    here = Here(dialer, trunk)
    await here.change(host=HOST, port=machine.address[1], username=USERNAME, password=PASSWORD)
    try:
        yield here
    finally:
        stop.set()
        await working
        await dialer.stop()
        await machine.stop()
        here.close()


async def test_questions_and_a_call_are_told_in_words(cast, tmp_path):
    async with dialer_and_machine(tmp_path, cast.trunk) as here:
        alive = await here.ended(Kind.OPTIONS)
        assert alive.passed, alive.words
        assert "Offers: audio by G.711, T.38" in result(alive).facts
        assert [entry["name"] for entry in alive.entries][:1] == ["OPTIONS"]
        known = await here.ended(Kind.REGISTRATION)
        assert (known.passed, result(known).sentence) == (True, "The host knows this login, and the password is right.")
        busy = await here.ended(Kind.CALL, "+12025550101")
        assert (busy.passed, result(busy).sentence) == (False, "The line was busy (486).")
        arrived = await here.ended(Kind.CALL, "+12025550110")
        assert (arrived.passed, result(arrived).sentence) == (True, ARRIVED), arrived.words
        assert "Way: T.38" in result(arrived).facts
        assert {entry["protocol"] for entry in arrived.entries} >= {"SIP", "T.38", "T.30"}
        assert not await here.do(Fax.objects.exists)
        await here.change(password="other")
        wrong = await here.ended(Kind.REGISTRATION)
        assert not wrong.passed
        assert "did not accept this login" in wrong.words
        await here.change(port=free_port(SOCK_DGRAM))
        closed = await here.ended(Kind.OPTIONS)
        assert "the port is closed" in closed.words
        uncalled = await here.ended(Kind.CALL, "+12025550110")
        assert result(uncalled).sentence == f"Nothing listens at {HOST} port {here.trunk.port}."
        assert not uncalled.passed


async def test_who_watches_sees_how_far_it_is(cast, tmp_path):
    async with dialer_and_machine(tmp_path, cast.trunk) as here:
        test = await here.do(ask, here.trunk, Kind.CALL, "+12025550102")
        test = await here.until(test, lambda one: one.words == "It rings.")
        assert test.ended_at is None
        with pytest.raises(Refusal, match="A test of this trunk is going on"):
            await here.do(ask, here.trunk, Kind.OPTIONS)
    test = await asyncio.to_thread(read_alone, test.pk)
    assert test.ended_at is not None  # the dialer that stopped has told what became of it
    assert result(test).sentence != trunk_words.LOST.sentence


def read_alone(test_id: int) -> TrunkTest:
    try:
        return TrunkTest.objects.get(pk=test_id)
    finally:
        connection.close()
