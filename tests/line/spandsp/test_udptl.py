"""UDPTL by itself: what is written is read, whatever the network did to it in between."""

from typing import Any

import pytest
from caselli.line.spandsp._spandsp import ffi, lib
from hypothesis import given, settings
from hypothesis import strategies as st

PACKETS = st.lists(st.binary(min_size=1, max_size=lib.UDPTL_IFP_ROOM), min_size=1, max_size=40)


def started(redundancy: int = 3, max_datagram: int = 0) -> Any:
    state = ffi.new("udptl_state *")
    lib.udptl_start(state, redundancy, max_datagram)
    return state


def write(state: Any, packet: bytes) -> bytes:
    datagram = ffi.new("uint8_t[]", lib.UDPTL_DATAGRAM_ROOM)
    return bytes(ffi.buffer(datagram, lib.udptl_write(state, packet, len(packet), datagram)))


def read(state: Any, datagram: bytes) -> tuple[list[bytes], bool] | None:
    """The new packets and whether some are lost before them; None for what is no UDPTL."""
    octets = ffi.from_buffer(datagram)
    arrival = ffi.new("udptl_arrival *")
    if lib.udptl_read(state, octets, len(datagram), arrival) < 0:
        return None
    slices = [arrival.ifp[number] for number in range(arrival.count)]
    return [bytes(ffi.buffer(one.octets, one.length)) for one in slices], bool(arrival.lost)


@given(PACKETS)
def test_without_loss_every_packet_arrives_once(packets: list[bytes]):
    ours, theirs = started(), started()
    arrived = [read(theirs, write(ours, packet)) for packet in packets]
    assert arrived == [([packet], False) for packet in packets]


@given(PACKETS, st.randoms(use_true_random=False))
def test_three_datagrams_lost_in_a_row_are_made_up_for(packets: list[bytes], dice: Any):
    small = [packet[:60] for packet in packets]
    ours, theirs = started(3), started(3)
    arrived: list[bytes] = []
    lost_in_a_row = 0
    for number, packet in enumerate(small):
        datagram = write(ours, packet)
        if 0 < number < len(small) - 1 and lost_in_a_row < 3 and dice.random() < 0.5:
            lost_in_a_row += 1
            continue
        lost_in_a_row = 0
        new, lost = read(theirs, datagram) or ([], True)
        assert not lost
        arrived += new
    assert arrived == small


def test_more_loss_than_redundancy_is_told():
    ours, theirs = started(1), started(1)
    datagrams = [write(ours, bytes([number])) for number in range(5)]
    assert read(theirs, datagrams[0]) == ([b"\x00"], False)
    assert read(theirs, datagrams[4]) == ([b"\x03", b"\x04"], True)


def test_repeats_and_late_comers_bring_nothing_new():
    ours, theirs = started(0), started(0)
    first, second = write(ours, b"1"), write(ours, b"2")
    read(theirs, second)
    assert read(theirs, second) == ([], False)
    assert read(theirs, first) == ([], False)


@pytest.mark.parametrize("start", [0, 1, 17, 40_000, 65_535])
def test_any_first_number_is_accepted_and_65535_is_followed_by_0(start: int):
    theirs = started()
    for number in range(4):
        sequence = (start + number) & 0xFFFF
        datagram = sequence.to_bytes(2, "big") + b"\x01" + bytes([number]) + b"\x00\x00"
        assert read(theirs, datagram) == ([bytes([number])], False)


def test_a_peer_that_begins_anew_is_followed_after_a_while():
    theirs = started()
    for sequence in range(300, 320):
        read(theirs, sequence.to_bytes(2, "big") + b"\x01x\x00\x00")
    answers = [read(theirs, sequence.to_bytes(2, "big") + b"\x01y\x00\x00") for sequence in range(12)]
    assert answers[0] == ([], False)
    assert answers[-1] == ([b"y"], False)


@given(st.binary(min_size=1, max_size=lib.UDPTL_IFP_ROOM), st.integers(1, 200))
def test_the_peers_limit_never_cuts_the_packet_itself(packet: bytes, limit: int):
    ours, theirs = started(7, limit), started()
    for _ in range(9):
        datagram = write(ours, packet)
    assert len(datagram) <= max(limit, len(packet) + 6)
    assert read(theirs, datagram)[0][-1] == packet


def test_parity_of_a_peer_with_forward_correction_is_passed_over():
    assert read(started(), b"\x00\x05\x01x\x80\x03\x01\x01\x02ab") == ([b"x"], False)


@settings(max_examples=400)
@given(st.binary(max_size=200))
def test_any_octets_are_read_within_their_bounds(octets: bytes):
    answer = read(started(), octets)
    if answer is not None:
        assert sum(len(packet) for packet in answer[0]) <= len(octets)
