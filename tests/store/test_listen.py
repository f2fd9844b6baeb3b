"""Who waits for NOTIFY hears it at once, and rests until then."""

import asyncio
from contextlib import aclosing

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from caselli.store.listen import LONG, connect

pytestmark = pytest.mark.django_db(transaction=True)


@sync_to_async
def say(word):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('a_test', %s)", [word])
    connection.close()


async def test_what_is_said_is_heard_at_once_and_the_wait_is_one_rest(monkeypatch):
    loop, rests = asyncio.get_running_loop(), []
    later = loop.call_later

    def noted(delay, *more, **how):
        rests.append(delay)
        return later(delay, *more, **how)

    async with await connect() as database:
        await database.execute("LISTEN a_test")
        monkeypatch.setattr(loop, "call_later", noted)
        async with aclosing(database.notifies()) as notices:
            hearing = asyncio.ensure_future(anext(notices))
            await asyncio.sleep(0)
            await say("hello")
            assert (await hearing).payload == "hello"
        monkeypatch.undo()
    assert LONG in rests
    assert min(rests) == LONG


async def test_a_wait_can_be_given_up():
    async with await connect() as database:
        await database.execute("LISTEN a_test")
        hearing = asyncio.ensure_future(anext(database.notifies()))
        await asyncio.sleep(0)
        hearing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hearing
