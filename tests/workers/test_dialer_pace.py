"""A running dialer, with its real sockets and processes, keeps the pace of a trunk and wakes itself for it."""

import asyncio
import re
import time

import pytest
from django.db import connection

from caselli.store.models import Trunk
from caselli.workers.dialer import Dialer

PACE = 4


class FarEnd(asyncio.DatagramProtocol):
    """Answers every INVITE with 404, and notes when each number's first one came."""

    def __init__(self, wanted):
        self.heard = {}
        self.wanted = wanted
        self.all_heard = asyncio.Event()

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, source):
        number = re.match(rb"INVITE sips?:([^@;> ]+)", data)
        if number is None:
            return
        self.heard.setdefault(number[1], time.monotonic())
        lines = data.split(b"\r\n\r\n")[0].split(b"\r\n")
        kept = [one for one in lines if one.lower().startswith((b"via:", b"from:", b"to:", b"call-id:", b"cseq:"))]
        kept = [one + b";tag=far" if one.lower().startswith(b"to:") else one for one in kept]
        self.transport.sendto(b"\r\n".join([b"SIP/2.0 404 Not Found", *kept, b"Content-Length: 0", b"", b""]), source)
        if len(self.heard) == self.wanted:
            self.all_heard.set()


def aside(work, *given, **named):
    """In a thread of its own, which leaves no connection behind."""
    try:
        return work(*given, **named)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
async def test_a_dialer_sends_its_calls_at_the_trunk_s_pace_and_the_first_at_once(cast, make_fax):
    loop = asyncio.get_running_loop()
    transport, far = await loop.create_datagram_endpoint(lambda: FarEnd(6), local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    await asyncio.to_thread(aside, Trunk.objects.update, port=port, channels=6, calls_a_second=PACE)
    dialer, stop = Dialer("paced"), asyncio.Event()
    await dialer.start("127.0.0.1", 0, media_workers=1)
    running = asyncio.ensure_future(dialer.run(stop))
    try:
        await asyncio.sleep(0)
        began = time.monotonic()
        await asyncio.to_thread(aside, make_fax, *(f"+1202555010{last}" for last in range(6)))
        await asyncio.wait_for(far.all_heard.wait(), 60)
    finally:
        stop.set()
        await running
        await dialer.stop()
        transport.close()
    moments = sorted(far.heard.values())
    assert moments[0] - began < 3
    assert moments[-1] - moments[0] >= 4 / PACE
    assert moments[-1] - began < 10  # by its own clock: the net below NOTIFY would take 25 s
