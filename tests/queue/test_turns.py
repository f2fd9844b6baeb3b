"""Whose turn it is on a trunk."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caselli.queue.turns import Candidate, Standing, share_out

MANY = 1_000


def waiting(organization, extension, count, since=0.0, to="+1"):
    """``count`` deliveries of an extension, the oldest first; ids and numbers are its own."""
    base = (organization * 100 + extension) * 1_000
    return [
        Candidate(base + place, f"{to}{base + place}", organization, organization * 100 + extension, since + place)
        for place in range(count)
    ]


def shares(chosen):
    return Counter(one.organization_id for one in chosen)


def test_a_bulk_holds_up_no_single_fax_of_another_organization():
    chosen = share_out([*waiting(1, 1, 500), *waiting(2, 1, 1, since=900)], 2, MANY, {}, {})
    assert shares(chosen) == {1: 1, 2: 1}


def test_where_there_is_one_channel_the_turns_alternate():
    queues = [*waiting(1, 1, 500), *waiting(2, 1, 1, since=900)]
    (first,) = share_out(queues, 1, MANY, {1: Standing(0, last_turn=50.0)}, {})
    assert first.organization_id == 2


def test_who_has_fewer_calls_under_way_catches_up():
    queues = [*waiting(1, 1, 10), *waiting(2, 1, 10), *waiting(3, 1, 10)]
    assert shares(share_out(queues, 7, MANY, {1: Standing(4), 2: Standing(1)}, {})) == {2: 3, 3: 4}


def test_of_equals_who_never_had_a_line_goes_first_and_then_the_oldest():
    queues = [*waiting(1, 1, 1, since=5), *waiting(2, 1, 1, since=9), *waiting(3, 1, 1, since=7)]
    chosen = share_out(queues, 3, MANY, {1: Standing(0, last_turn=3.0)}, {})
    assert [one.organization_id for one in chosen] == [3, 2, 1]


def test_inside_an_organization_the_extensions_take_turns_too():
    chosen = share_out([*waiting(1, 1, 100), *waiting(1, 2, 1, since=900)], 2, MANY, {}, {})
    assert Counter(one.extension_id for one in chosen) == {101: 1, 102: 1}


def test_an_organization_with_many_extensions_gets_no_more_than_one_with_few():
    queues = [one for extension in range(1, 20) for one in waiting(1, extension, 5)]
    assert shares(share_out([*queues, *waiting(2, 1, 20)], 10, MANY, {}, {})) == {1: 5, 2: 5}


def test_the_order_inside_an_extension_is_kept():
    chosen = share_out(waiting(1, 1, 9), 5, MANY, {}, {})
    assert [one.queued_at for one in chosen] == [0, 1, 2, 3, 4]


def test_one_call_at_a_time_to_a_number_whoever_asks():
    same = [Candidate(1, "+1", 1, 101, 0.0), Candidate(2, "+1", 1, 101, 1.0), Candidate(3, "+2", 1, 101, 2.0)]
    other = [Candidate(4, "+1", 2, 201, 0.5)]
    assert [one.delivery_id for one in share_out([*same, *other], 9, MANY, {}, {})] == [1, 3]


def test_where_more_may_wait_than_was_looked_at_nobody_else_goes_before():
    queues = [*waiting(1, 1, 2), *waiting(2, 1, 1)]
    chosen = share_out(queues, 9, 2, {2: Standing(5)}, {})
    assert shares(chosen) == {1: 2}


organizations = st.dictionaries(st.integers(1, 5), st.builds(Standing, st.integers(0, 6), st.floats(0, 100)))
queued = st.lists(
    st.tuples(st.integers(1, 5), st.integers(1, 3), st.integers(0, 8), st.floats(0, 100)),
    unique_by=lambda one: one[:2],
    max_size=12,
)


@given(queued, st.integers(0, 30), st.integers(1, 10), organizations)
def test_no_organization_ends_more_than_one_call_above_another_that_still_waits(queued, room, window, standings):
    queues = [waiting(*one) for one in queued]
    candidates = [one for queue in queues for one in queue[:window]]
    chosen = share_out(candidates, room, window, standings, {})
    got = shares(chosen)
    left = Counter(one.organization_id for one in candidates) - got
    had = {number: standings.get(number, Standing()).calls for number in range(1, 6)}
    for poor in left:
        for rich in got:
            assert had[rich] + got[rich] <= max(had[poor] + got[poor] + 1, had[rich] + 1)
    assert len({one.destination for one in chosen}) == len(chosen) <= room


@given(queued, st.integers(1, 30), st.integers(1, 10), organizations)
def test_a_round_always_gets_on_and_leaves_no_room_unused_without_reason(queued, room, window, standings):
    queues = [waiting(*one) for one in queued]
    candidates = [one for queue in queues for one in queue[:window]]
    chosen = share_out(candidates, room, window, standings, {})
    assert bool(chosen) == bool(candidates)
    if not any(len(queue) >= window for queue in queues):
        assert len(chosen) == min(room, len(candidates))


@pytest.mark.parametrize("organizations", [3, 7])
def test_over_many_calls_each_gets_its_share_of_a_few_channels(organizations):
    """Calls end in the order in which they began; one organization waits with everything it has."""
    left = {number: waiting(number, 1, 2_000 if number == 1 else 200) for number in range(1, organizations + 1)}
    line, turns, got = [], {}, Counter()
    for now in range(organizations * 60):
        if len(line) == 2:
            line.pop(0)
        standing = {n: Standing(line.count(n), turns.get(n, -1.0)) for n in left}
        for one in share_out([c for q in left.values() for c in q[:4]], 2 - len(line), 4, standing, {}):
            line.append(one.organization_id)
            left[one.organization_id].remove(one)
            turns[one.organization_id] = float(now)
            got[one.organization_id] += 1
    assert max(got.values()) - min(got.values()) <= 1
