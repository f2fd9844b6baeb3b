"""The process that sends messages: at once, to each address by itself."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_network

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.utils import timezone
from far_ends import far_end

from caselli.history import events
from caselli.notice import webhooks
from caselli.store.listen import tell
from caselli.store.models import Webhook, WebhookMessage
from caselli.workers.webhooks import Webhooks

LIMIT = 60.0


@pytest.fixture(autouse=True)
def loopback_is_ours(settings):
    settings.CONFIGURATION = replace(settings.CONFIGURATION, webhooks_private=(ip_network("127.0.0.0/8"),))


@asynccontextmanager
async def sending():
    stop = asyncio.Event()
    task = asyncio.create_task(Webhooks().run(stop))
    try:
        yield
        assert not task.done()
    finally:
        stop.set()
        await asyncio.wait_for(task, LIMIT)


def add(cast, url, name):
    return Webhook.objects.create(
        organization=cast.clinic,
        name=name,
        url=url,
        secret=webhooks.new_secret(),
        created_at=timezone.now(),
        after=events.newest(),
    )


async def until(condition):
    async with asyncio.timeout(LIMIT):
        while not await sync_to_async(condition)():  # noqa: ASYNC110 - rows tell nobody
            await asyncio.sleep(0.02)


async def test_a_slow_address_holds_up_no_other_and_messages_come_in_order(transactional_db, cast, make_fax):
    held = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wait(handler):
        asyncio.run_coroutine_threadsafe(held.wait(), loop).result(LIMIT)
        handler.send_response(200)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with far_end() as slow, far_end() as quick:
        slow.answers = [wait]
        await sync_to_async(add)(cast, slow.url, "slow")
        await sync_to_async(add)(cast, quick.url, "quick")
        async with sending():
            await sync_to_async(make_fax)("+12025550100")
            came = await asyncio.to_thread(quick.wait_for, 3)
            assert len(slow.came) <= 1
            held.set()
            await asyncio.to_thread(slow.wait_for, 3)
            await until(lambda: WebhookMessage.objects.filter(state="delivered").count() == 6)
        assert [b'"fax.created"' in came[0].body, b'"fax.scheduled"' in came[2].body] == [True, True]
    await sync_to_async(lambda: connection.close())()  # noqa: PLW0108 - of that thread


async def test_what_waited_goes_out_when_it_is_asked_for(transactional_db, cast, make_fax):
    with far_end() as end:
        hook = await sync_to_async(add)(cast, end.url, "here")
        await sync_to_async(make_fax)("+12025550100")
        async with sending():
            await asyncio.to_thread(end.wait_for, 3)
            await until(lambda: WebhookMessage.objects.filter(state="delivered").count() == 3)
            message = await sync_to_async(WebhookMessage.objects.filter(webhook=hook).first)()
            await sync_to_async(webhooks.redeliver)(message)
            again = await asyncio.to_thread(end.wait_for, 4)
            assert again[3].headers["webhook-id"] == f"msg_{message.uid.hex}"
            await sync_to_async(tell)("caselli_webhooks")
    await sync_to_async(lambda: connection.close())()  # noqa: PLW0108 - of that thread
