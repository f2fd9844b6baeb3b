"""What is tried again, and when: told without sockets and clocks, by running plans by hand."""

import pytest

from caselli.client import Problem
from caselli.client.effects import Answer, LineLost, Send, Sleep
from caselli.client.operations import CANCEL_FAX, GET_ME, SEND_FAX
from caselli.client.plans import KEY_HEADER, Operation, ask
from caselli.client.retry import Patience

BARE_POST = Operation("bare", "POST", "/bare", type(None))
PATIENCE = Patience(retries=2, first=1.0, longest=8.0, most=60.0)


def said_no(slug, status, **headers):
    return Answer(status, headers, f'{{"slug": "{slug}", "detail": "No.", "remedy": "Wait."}}'.encode())


BUSY = said_no("too_many_requests", 429)
AWAY = Answer(503, {})
LOST = LineLost("reset by peer", sent=True)
NEVER_THERE = LineLost("refused", sent=False)
DONE = Answer(204, {})


def course(operation, *answers, **named):
    """The effects of a plan that is answered so; then what it came to."""
    plan = ask(operation, PATIENCE, named)
    effects, given = [], list(answers)
    try:
        effect = next(plan)
        while True:
            effects.append(effect)
            if isinstance(effect, Sleep):
                effect = plan.send(None)
                continue
            answer = given.pop(0)
            effect = plan.throw(answer) if isinstance(answer, Exception) else plan.send(answer)
    except StopIteration as end:
        return effects, end.value
    except Problem as problem:
        return effects, problem


def pauses(effects):
    return [one.seconds for one in effects if isinstance(one, Sleep)]


def test_a_busy_server_is_asked_again_after_the_seconds_it_names():
    effects, value = course(BARE_POST, said_no("too_many_requests", 429, **{"retry-after": "7"}), DONE)
    assert (pauses(effects), value) == ([7.0], None)


def test_who_is_told_to_wait_for_too_long_is_told_why():
    effects, problem = course(GET_ME, said_no("too_many_requests", 429, **{"retry-after": "600"}))
    assert pauses(effects) == []
    assert (problem.slug, problem.retry_after) == ("too_many_requests", 600.0)


@pytest.mark.parametrize("trouble", [AWAY, Answer(502, {}), Answer(504, {}), LOST, NEVER_THERE])
def test_reading_is_tried_again_at_growing_pauses_and_then_given_up(trouble):
    effects, problem = course(GET_ME, trouble, trouble, trouble)
    first, second = pauses(effects)
    assert 0.5 <= first <= 1.0 <= second <= 2.0
    assert isinstance(problem, Problem)
    assert len([one for one in effects if isinstance(one, Send)]) == 3


def test_a_lost_answer_names_the_trouble_and_the_remedy():
    _, problem = course(BARE_POST, LOST)
    assert (problem.slug, problem.status) == ("unreachable", 0)
    assert str(problem) == (
        "Caselli does not answer: reset by peer. Check the address, and that caselli serve is running there."
    )


@pytest.mark.parametrize("trouble", [AWAY, LOST])
def test_what_acts_and_has_no_key_is_not_repeated_after_it_may_have_acted(trouble):
    effects, problem = course(BARE_POST, trouble)
    assert len(effects) == 1
    assert isinstance(problem, Problem)


def test_what_never_reached_the_server_may_be_repeated_in_any_case():
    effects, value = course(BARE_POST, NEVER_THERE, DONE)
    assert (len(pauses(effects)), value) == (1, None)


def test_a_repeated_fax_has_the_key_of_the_first_try():
    effects, _ = course(SEND_FAX, LOST, said_no("request_running", 409, **{"retry-after": "2"}), BUSY, recipients=["1"])
    keys = {one.request.headers[KEY_HEADER] for one in effects if isinstance(one, Send)}
    assert len(keys) == 1
    assert pauses(effects)[1] == 2.0


def test_two_faxes_have_two_keys():
    first, second = (course(CANCEL_FAX, BUSY, BUSY, BUSY, id="1")[0][0].request.headers[KEY_HEADER] for _ in range(2))
    assert first != second


def test_a_no_is_not_tried_again():
    effects, problem = course(GET_ME, said_no("scope_missing", 403))
    assert len(effects) == 1
    assert (problem.slug, problem.status, problem.remedy) == ("scope_missing", 403, "Wait.")


def test_an_answer_of_something_else_is_told_apart():
    _, problem = course(GET_ME, Answer(404, {}, b"<html>nothing here"))
    assert (problem.slug, problem.status) == ("not_caselli", 404)
    _, problem = course(GET_ME, Answer(200, {}, b"<html>a login page"))
    assert problem.slug == "not_caselli"
