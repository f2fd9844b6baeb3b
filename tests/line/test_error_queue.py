"""What the network returns to a UDP socket, on loopback: told with its address, taken once, and in nobody's way."""

import socket

import pytest
from ports import free_port

from caselli.line import error_queue
from caselli.line.endpoint import Endpoint
from caselli.line.sip.message import Headers, Request
from caselli.line.sip.transactions import Datagram
from caselli.line.sip.undelivered import Why

HOST = "127.0.0.1"
MESSAGE = Request(method="OPTIONS", uri="sip:a@b", headers=Headers.of(("Call-ID", "1")))


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, HOST), (socket.AF_INET6, "::1")])
def test_a_closed_port_returns_what_was_sent_there(family: socket.AddressFamily, host: str):
    with socket.socket(family, socket.SOCK_DGRAM) as ours, socket.socket(family, socket.SOCK_DGRAM) as closed:
        ours.bind((host, 0))
        error_queue.listen(ours)
        closed.bind((host, 0))
        address = host, closed.getsockname()[1]
        closed.close()
        ours.sendto(b"x" * 2_000, address)
        (one,) = error_queue.take(ours)
        assert (one.address, one.why, one.detail) == (address, Why.PORT_CLOSED, "Connection refused")
        assert len(one.data) > 400  # enough for the head of a request up to its Call-ID
        assert set(one.data) == {ord("x")}
        assert error_queue.take(ours) == []


@pytest.mark.parametrize(
    ("icmp", "why"),
    [
        ((2, 3, 0), Why.NO_WAY),
        ((2, 3, 1), Why.NO_WAY),
        ((2, 3, 2), Why.NO_WAY),
        ((2, 3, 3), Why.PORT_CLOSED),
        ((2, 3, 4), None),
        ((2, 3, 13), Why.NO_WAY),
        ((2, 4, 0), None),
        ((2, 11, 0), None),
        ((2, 12, 0), Why.NO_WAY),
        ((3, 1, 0), Why.NO_WAY),
        ((3, 1, 4), Why.PORT_CLOSED),
        ((3, 2, 0), None),
        ((3, 3, 0), None),
        ((1, 3, 3), None),
    ],
)
def test_which_messages_count(icmp: tuple[int, int, int], why: Why | None):
    assert error_queue.Icmp(*icmp).why is why


async def test_what_comes_back_from_one_holds_up_nothing_to_another():
    endpoint = Endpoint(lambda leg: None, lambda data, source: None)
    await endpoint.start(HOST, 0, HOST, workers=0)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind((HOST, 0))
            other.settimeout(10)
            closed = HOST, free_port(socket.SOCK_DGRAM)
            for number in range(20):
                endpoint.send(Datagram(b"in vain", closed, MESSAGE))
                endpoint.send(Datagram(b"%d" % number, other.getsockname(), MESSAGE))
            assert [other.recv(100) for _ in range(20)] == [b"%d" % number for number in range(20)]
    finally:
        await endpoint.stop()
