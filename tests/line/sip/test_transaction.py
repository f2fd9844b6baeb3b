"""The four tables: their laws, and the journeys that RFC 3261 and 6026 tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caselli.line.sip.message import Headers, Request
from caselli.line.sip.transaction import GRACE, INITIAL, TABLES, Act, Arrival, Kind, State, Timer, Transaction
from caselli.line.sip.undelivered import Undelivered, Why

REQUEST = Request(method="INVITE", uri="sip:a@b", headers=Headers.of(("Via", "SIP/2.0/UDP a;branch=z9hG4bK1")))
FAR = ("192.0.2.9", 5060)
RETURNED = Undelivered(b"", FAR, Why.PORT_CLOSED, "Connection refused")

WAITS_FOR_THE_USER = {
    (Kind.INVITE_CLIENT, State.PROCEEDING),  # ringing: the caller's limit, then CANCEL
    (Kind.INVITE_SERVER, State.PROCEEDING),
    (Kind.SERVER, State.TRYING),
    (Kind.SERVER, State.PROCEEDING),
}


def new(kind: Kind, now: float = 0.0) -> Transaction:
    transaction = Transaction(kind, REQUEST, FAR)
    transaction.feed(Arrival.START, now)
    return transaction


def acts_over_time(transaction: Transaction, until: float) -> list[tuple[float, Act]]:
    happened: list[tuple[float, Act]] = []
    while (at := transaction.wake_at()) is not None and at <= until:
        while acts := transaction.tick(at):
            happened += [(at, act) for act in acts]
    return happened


@pytest.mark.parametrize("kind", Kind)
def test_every_state_is_reached_and_left(kind: Kind):
    table = TABLES[kind]
    reached = {INITIAL[kind]}
    for _ in State:
        reached |= {step.to for (state, _), step in table.items() if state in reached}
    assert {state for state, _ in table} == reached - {State.TERMINATED}
    assert State.TERMINATED in reached


@pytest.mark.parametrize("kind", Kind)
def test_no_state_hangs_for_ever(kind: Kind):
    """Every state has a timer that leads on, unless it waits for its user."""
    table = TABLES[kind]
    for state in {state for state, _ in table}:
        ends = [step for (one, stimulus), step in table.items() if one is state and isinstance(stimulus, Timer)]
        assert (kind, state) in WAITS_FOR_THE_USER or State.TERMINATED in {step.to for step in ends}


@pytest.mark.parametrize("kind", Kind)
def test_a_timer_runs_only_where_something_waits_for_it(kind: Kind):
    for step in TABLES[kind].values():
        for timer in step.start + step.keep:
            assert (step.to, timer) in TABLES[kind]


def test_an_unheard_invite_is_repeated_and_given_up_after_32_seconds():
    happened = acts_over_time(new(Kind.INVITE_CLIENT), 100)
    assert [at for at, act in happened if act is Act.REPEAT] == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert happened[-1] == (32.0, Act.TELL_TIMEOUT)


def test_an_unheard_request_is_repeated_every_four_seconds_at_most():
    happened = acts_over_time(new(Kind.CLIENT), 100)
    assert [at for at, act in happened if act is Act.REPEAT] == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert happened[-1] == (32.0, Act.TELL_TIMEOUT)


@pytest.mark.parametrize("kind", [Kind.INVITE_CLIENT, Kind.CLIENT])
def test_what_the_network_returns_ends_a_request_that_nobody_answers(kind: Kind):
    transaction = new(kind)
    assert transaction.doubt(RETURNED, 0.1)
    assert not transaction.doubt(RETURNED, 0.6)  # that of the repetition
    assert acts_over_time(transaction, 100) == [(0.5, Act.REPEAT), (0.1 + GRACE, Act.TELL_UNDELIVERED)]


@pytest.mark.parametrize("kind", [Kind.INVITE_CLIENT, Kind.CLIENT])
@pytest.mark.parametrize("arrival", [Arrival.PROVISIONAL, Arrival.SUCCESS, Arrival.FAILURE])
def test_an_answer_is_worth_more_than_what_the_network_returns(kind: Kind, arrival: Arrival):
    before, after = new(kind), new(kind)
    before.feed(arrival, 0.1)
    assert not before.doubt(RETURNED, 0.2)
    after.doubt(RETURNED, 0.1)
    after.feed(arrival, 0.2)
    for transaction in before, after:
        assert Act.TELL_UNDELIVERED not in {act for _, act in acts_over_time(transaction, 100)}


def test_a_provisional_answer_slows_a_request_down():
    transaction = new(Kind.CLIENT)
    assert transaction.feed(Arrival.PROVISIONAL, 0.1) == (Act.TELL,)
    assert [at for at, act in acts_over_time(transaction, 10) if act is Act.REPEAT] == [0.5, 4.5, 8.5]


def test_a_ringing_invite_is_not_repeated():
    transaction = new(Kind.INVITE_CLIENT)
    transaction.feed(Arrival.PROVISIONAL, 0.1)
    assert transaction.wake_at() is None


def test_a_refusal_is_acknowledged_each_time_and_told_once():
    transaction = new(Kind.INVITE_CLIENT)
    assert transaction.feed(Arrival.FAILURE, 1.0) == (Act.ACKNOWLEDGE, Act.TELL)
    assert transaction.feed(Arrival.FAILURE, 1.5) == (Act.ACKNOWLEDGE,)
    acts_over_time(transaction, 100)
    assert transaction.state is State.TERMINATED


def test_every_repeated_success_is_told_until_timer_m():
    transaction = new(Kind.INVITE_CLIENT)
    assert transaction.feed(Arrival.SUCCESS, 1.0) == (Act.TELL,)
    assert transaction.feed(Arrival.SUCCESS, 2.0) == (Act.TELL,)
    assert transaction.wake_at() == 33.0
    acts_over_time(transaction, 33.0)
    assert transaction.feed(Arrival.SUCCESS, 34.0) == ()


def test_a_refusal_of_ours_is_repeated_until_its_ack():
    transaction = new(Kind.INVITE_SERVER)
    assert transaction.feed(Arrival.FAILURE, 0.0) == (Act.SEND,)
    assert [at for at, _ in acts_over_time(transaction, 8)] == [0.5, 1.5, 3.5, 7.5]
    assert transaction.feed(Arrival.REQUEST, 8.0) == (Act.REPEAT,)
    assert transaction.feed(Arrival.ACK, 8.1) == ()
    assert transaction.feed(Arrival.REQUEST, 8.2) == ()
    assert transaction.wake_at() == pytest.approx(13.1)


def test_an_accepted_invite_absorbs_its_repetitions():
    transaction = new(Kind.INVITE_SERVER)
    transaction.feed(Arrival.SUCCESS, 0.0)
    assert transaction.feed(Arrival.REQUEST, 1.0) == ()
    assert transaction.feed(Arrival.SUCCESS, 1.0) == (Act.SEND,)
    assert transaction.feed(Arrival.ACK, 1.0) == (Act.TELL,)


def test_a_repeated_request_gets_the_same_answer():
    transaction = new(Kind.SERVER)
    assert transaction.feed(Arrival.REQUEST, 0.1) == ()
    assert transaction.feed(Arrival.SUCCESS, 0.2) == (Act.SEND,)
    assert transaction.feed(Arrival.REQUEST, 0.3) == (Act.REPEAT,)
    acts_over_time(transaction, 100)
    assert transaction.state is State.TERMINATED


@given(st.sampled_from(Kind), st.lists(st.tuples(st.sampled_from(Arrival), st.floats(0, 20)), max_size=12))
def test_whatever_arrives_it_ends_or_waits_for_its_user(kind: Kind, arrivals: list[tuple[Arrival, float]]):
    transaction = new(kind)
    now = 0.0
    for arrival, pause in arrivals:
        now += pause
        acts_over_time(transaction, now)
        transaction.feed(arrival, now)
    acts_over_time(transaction, now + 200)
    ended = transaction.state is State.TERMINATED
    assert ended or (kind, transaction.state) in WAITS_FOR_THE_USER
    assert not ended or transaction.wake_at() is None
