"""Events: how they are read out of a stream, and what happens when it breaks off."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from caselli.client import Problem
from caselli.client.effects import Answer, Close, Give, LineLost, Open, Read, Sleep
from caselli.client.retry import Patience
from caselli.client.sse import MOST, Message, Parser
from caselli.client.streams import listen

GOOD = Answer(200, {})
BUSY = Answer(503, {"retry-after": "2"}, b'{"slug": "unavailable", "detail": "Not now.", "remedy": ""}')
PATIENCE = Patience(retries=2)
FAX = {
    "id": "0b6f3c1e-4f0f-4b0a-9a51-2f1f7f0f9d11",
    "extension": "0003*210",
    "channel": "api",
    "status": "sent",
    "status_name": "Sent",
    "pages": 1,
    "recipients": 1,
    "added_at": "2026-11-26T02:40:27Z",
    "send_at": None,
    "metadata": {},
    "sandbox": False,
}


def event(number):
    told = {"id": number, "type": "fax.sent", "timestamp": "2026-11-26T02:40:27Z", "data": {"fax": FAX}}
    return f"id: {number}\nevent: fax.sent\ndata: {json.dumps(told)}\n\n".encode()


class Walk:
    """A plan that is answered by hand."""

    def __init__(self, after=None):
        self.plan = listen((("extension", "210"),), after, PATIENCE)
        self.effect = next(self.plan)

    def answer(self, value=None):
        lost = isinstance(value, Exception)
        self.effect = self.plan.throw(value) if lost else self.plan.send(value)
        return self.effect

    def until(self, kind):
        """Reads nothing; passes over pauses."""
        while not isinstance(self.effect, kind):
            assert isinstance(self.effect, Close | Sleep), self.effect
            self.answer()
        return self.effect


def test_events_are_given_as_they_come_and_the_last_is_told_when_the_line_breaks():
    walk = Walk(after=8)
    assert walk.effect.request.headers["Last-Event-ID"] == "8"
    assert walk.effect.request.query == (("extension", "210"),)
    assert isinstance(walk.answer(GOOD), Read)
    given_one = walk.answer(event(12) + event(13)[:30])
    assert isinstance(given_one, Give)
    assert (given_one.item.id, given_one.item.fax.status) == (12, "sent")
    assert isinstance(walk.answer(), Read)
    walk.answer(LineLost("reset", sent=True))
    assert walk.until(Open).request.headers["Last-Event-ID"] == "12"


def test_a_stream_that_ends_is_opened_again_at_once():
    walk = Walk()
    assert "Last-Event-ID" not in walk.effect.request.headers
    walk.answer(GOOD)
    walk.answer(event(4))
    walk.answer()
    assert isinstance(walk.answer(b""), Close)
    assert walk.answer().seconds < 1
    assert walk.answer().request.headers["Last-Event-ID"] == "4"


def test_a_server_that_is_away_for_all_tries_in_a_row_is_told():
    walk = Walk()
    for _ in range(2):
        walk.answer(LineLost("refused", sent=False))
        walk.until(Open)
    with pytest.raises(Problem, match="does not answer: refused"):
        walk.answer(LineLost("refused", sent=False))


def test_whatever_is_heard_begins_the_counting_of_tries_anew():
    walk = Walk()
    for _ in range(5):
        walk.answer(GOOD)
        walk.answer(b": still here\n\n")
        walk.answer(LineLost("reset", sent=True))
        walk.until(Open)


def test_a_server_that_cannot_answer_now_is_asked_again_when_it_says():
    walk = Walk()
    walk.answer(BUSY)
    assert walk.until(Sleep).seconds == 2.0


def test_a_no_ends_it():
    walk = Walk()
    with pytest.raises(Problem) as told:
        walk.answer(Answer(401, {}, b'{"slug": "key_ended", "detail": "It was taken back.", "remedy": ""}'))
    assert told.value.slug == "key_ended"


def test_what_is_no_event_is_told():
    walk = Walk()
    walk.answer(GOOD)
    with pytest.raises(Problem, match="cannot be read"):
        walk.answer(b"id: 4\ndata: nonsense\n\n")


def test_comments_empty_messages_and_line_ends_of_both_kinds_are_read_as_the_standard_says():
    stream = b": hello\r\n\r\nid: 1\r\nevent: a\r\ndata: x\r\ndata:y\r\n\r\nid: 2\n\ndata: z\n\n"
    assert list(Parser().feed(stream)) == [Message("a", "x\ny", "1"), Message("message", "z", "2")]


@given(some.lists(some.integers(1, 9), max_size=30))
def test_it_does_not_matter_where_the_line_cuts(cuts):
    stream, parser, found = event(1) + b": pause\r\n\r\n" + event(2) + "data: \u2028ä\n\n".encode(), Parser(), []
    for size in cuts:
        found += parser.feed(stream[:size])
        stream = stream[size:]
    found += parser.feed(stream)
    assert [(one.kind, one.id) for one in found] == [("fax.sent", "1"), ("fax.sent", "2"), ("message", "2")]


def test_a_message_without_an_end_is_not_kept_for_ever():
    parser = Parser()
    list(parser.feed(b"data: " + b"x" * (MOST - 10)))
    with pytest.raises(ValueError, match="too long"):
        list(parser.feed(b"x" * 10))
