"""Events as they happen, as a plan: a stream that is lost is taken up again where it broke off."""

import json
import random
from dataclasses import dataclass

from caselli.client import retry
from caselli.client.effects import Answer, Close, Give, LineLost, Open, Plan, Read, Request, Sleep
from caselli.client.plans import PREFIX
from caselli.client.problem import NOT_CASELLI, Problem, problem_of, unreachable
from caselli.client.reading import read
from caselli.client.retry import Patience
from caselli.client.shapes_events import Event
from caselli.client.sse import Parser

SILENCE = 45.0
"""Seconds. The server says something every 15."""
RESUMED = 0.2
"""Seconds, after a stream that ended well: the server ends each after some minutes, to look anew who we are."""


@dataclass(slots=True)
class _Place:
    """Where we are: the last event, and the tries since something was heard."""

    last: int | None
    tries: int = 0


def listen(query: tuple[tuple[str, str], ...], after: int | None, patience: Patience) -> Plan[None]:
    """Gives every :class:`Event`, without end. ``after``: the last one that is known; None: those from now on.

    Raises Problem where the server says no, or was not there for all tries in a row.
    """
    place = _Place(after)
    while True:
        place.tries += 1
        chance = random.random()  # noqa: S311 - spreads clients, keeps no secret
        try:
            answer: Answer = yield Open(_request(query, place.last), SILENCE)
            if answer.status < 400:
                yield from _give_events(place)
            pause = RESUMED if answer.status < 400 else _pause_after(answer, place, patience, chance)
        except LineLost as lost:
            waited = retry.pause_after_loss(lost, max(place.tries, 1), patience, chance, repeatable=True)
            if waited is None:
                raise unreachable(str(lost)) from lost
            pause = waited
        yield Close()
        yield Sleep(pause)


def _request(query: tuple[tuple[str, str], ...], last: int | None) -> Request:
    headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
    if last is not None:
        headers["Last-Event-ID"] = str(last)
    return Request("GET", f"{PREFIX}/events", query, headers)


def _pause_after(answer: Answer, place: _Place, patience: Patience, chance: float) -> float:
    problem = problem_of(answer)
    pause = retry.pause_after_answer(answer, problem.slug, place.tries, patience, chance, repeatable=True)
    if pause is None:
        raise problem
    return pause


def _give_events(place: _Place) -> Plan[None]:
    """Until the stream ends."""
    parser = Parser()
    while piece := (yield Read()):
        place.tries = 0
        try:
            messages = list(parser.feed(piece))
            events = [read(Event, json.loads(one.data)) for one in messages if one.id]
        except ValueError as error:
            raise Problem(NOT_CASELLI, f"The events cannot be read: {error}.") from error
        for event in events:
            place.last = event.id
            yield Give(event)
