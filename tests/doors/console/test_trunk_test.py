"""``caselli trunk test`` as a person types it; a thread plays the dialer."""

import json
import threading

import pytest
from django.db import connection

from caselli.directory import trunk_test
from caselli.directory.trunk_test import Kind
from caselli.doors.console import testing
from caselli.fax import trunk_words
from caselli.fax.outcome import Direction, LadderEntry, LadderProtocol
from caselli.fax.trunk_words import Told
from caselli.project import main
from caselli.store.models import TrunkTest

pytestmark = pytest.mark.django_db(transaction=True)

ALIVE = Told(True, "The host answered.", "Try a call next.", ("Answer: 200 OK",))
LADDER = (LadderEntry(0.0, LadderProtocol.SIP, Direction.SENT, "OPTIONS"),)


@pytest.fixture
def caselli(cast, capsys):
    def run(*words):
        arguments = main.parser().parse_args(["trunk", "test", *words])
        arguments.configuration = main.configuration.load()
        status = arguments.run(arguments)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def dialer(monkeypatch):
    """Takes the next test and ends it with ``told``, at the moment the command begins to wait."""
    took = []

    def play(told):
        def work():
            try:
                taken = trunk_test.take()
                took.append(taken)
                trunk_test.end(taken.test_id, told, LADDER)
            finally:
                connection.close()

        def instead_of_waiting(_):
            thread = threading.Thread(target=work)
            thread.start()
            thread.join(120)

        monkeypatch.setattr(testing.time, "sleep", instead_of_waiting)
        return took

    return play


def test_it_waits_and_prints_the_words(caselli, dialer):
    dialer(ALIVE)
    status, said, _ = caselli("Provider")
    assert status == 0
    assert said.splitlines() == [
        "Waits for a dialer.",
        "Passed: The host answered. Try a call next.",
        "  Answer: 200 OK",
    ]


def test_what_is_not_passed_is_told_by_the_exit_status(caselli, dialer):
    took = dialer(trunk_words.LOST)
    status, said, _ = caselli("Provider", "--number", "+1 202 555 0101")
    assert status == 1
    assert "Not passed: The dialer" in said
    assert (took[0].kind, took[0].number) == (Kind.CALL, "+12025550101")


def test_json_has_everything(caselli, dialer):
    dialer(ALIVE)
    status, said, _ = caselli("Provider", "--kind", "registration", "--json")
    told = json.loads(said)
    assert status == 0
    assert (told["trunk"], told["kind"], told["passed"]) == ("Provider", "registration", True)
    assert (told["sentence"], told["facts"]) == ("The host answered.", ["Answer: 200 OK"])
    assert told["messages"][0]["name"] == "OPTIONS"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("Nobody",), "There is no trunk Nobody."),
        (("Provider", "--kind", "call"), "number: A call needs a number."),
        (("Provider", "--number", "pizza"), "number: “pizza” is not a phone number."),
        (("Provider", "--kind", "options", "--number", "+12025550101"), "number: only a call has one."),
    ],
)
def test_what_cannot_be_asked_is_said(caselli, words, complaint):
    status, said, wrong = caselli(*words)
    assert (status, said) == (2, "")
    assert wrong.startswith(complaint)
    assert not TrunkTest.objects.exists()


def test_where_no_dialer_runs_it_ends_all_the_same(caselli, monkeypatch):
    def time_passes(_):
        test = TrunkTest.objects.get()
        TrunkTest.objects.update(asked_at=test.asked_at - trunk_test.TAKEN_WITHIN)

    monkeypatch.setattr(testing.time, "sleep", time_passes)
    status, said, _ = caselli("Provider")
    assert status == 1
    assert trunk_words.UNTAKEN.sentence in said
