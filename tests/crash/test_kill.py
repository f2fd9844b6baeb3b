"""``kill -9`` of any one process in mid-call leaves no fax stuck and none sent twice."""

import json
import os
import signal
import time

import pytest
from paper import letter

pytestmark = pytest.mark.crash

PATIENCE = 240.0
BYSTANDERS = ("web", "chores", "mail")


def at_rest(told):
    return told["status"] not in {"Scheduled For Sending", "Approved"}


def whole_faxes(caselli, number):
    """Calls in which the machine confirmed the last page; it writes them down a moment after we know."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = [one for one in caselli.received if one["called"] == number and one["t30_code"] == 0]
        if found or time.monotonic() > deadline:
            return found


def ends_as_sent(caselli, fax):
    told = caselli.wait_for(fax, at_rest, PATIENCE)
    assert told["status"] == "Sent", json.dumps(told) + "".join(caselli.said[-30:])
    return told["deliveries"][0]["attempts"]


@pytest.mark.parametrize(("victim", "last"), [(("dialer",), 20), (("dialer", "caselli.line.worker"), 21)])
def test_a_process_of_the_call_killed_in_mid_page_costs_one_more_call(caselli, tmp_path, victim, last):
    number, pid = f"+120255501{last}", caselli.process_of(*victim)  # found before: the page does not wait for it
    with caselli.sending(number, letter(tmp_path)) as fax:
        fax.until("page 1 of 1")
        os.kill(pid, signal.SIGKILL)
    attempts = ends_as_sent(caselli, fax.id)
    assert [one["pages_confirmed"] for one in attempts] == [0, 1]
    assert attempts[0]["reason"]
    assert len(whole_faxes(caselli, number)) == 1


def test_a_killed_database_comes_back_while_the_call_goes_on(caselli, tmp_path):
    number = "+12025550122"
    # Two more pages give a busy machine the time to bring the database back before the end, which has to be recorded.
    postgres = caselli.process_of("postgres")
    with caselli.sending(number, letter(tmp_path, pages=3)) as fax:
        fax.until("page 1 of 3")
        os.kill(postgres, signal.SIGKILL)
    assert len(ends_as_sent(caselli, fax.id)) <= 2
    assert len(whole_faxes(caselli, number)) == 1


def test_when_the_far_end_is_killed_in_mid_page_nobody_can_know_and_nobody_dials_again(caselli, tmp_path):
    machine = caselli.process_of("machine")
    with caselli.sending("+12025550123", letter(tmp_path)) as fax:
        fax.until("page 1 of 1")
        os.kill(machine, signal.SIGKILL)
    told = caselli.wait_for(fax.id, at_rest, PATIENCE)
    (delivery,) = told["deliveries"]
    assert (told["status"], delivery["status"]) == ("Send Failed", "Unknown")
    assert len(delivery["attempts"]) == 1


def test_processes_that_carry_no_call_may_die_and_the_call_goes_on(caselli, tmp_path):
    bystanders = [caselli.process_of(role) for role in BYSTANDERS]
    with caselli.sending("+12025550140", letter(tmp_path)) as fax:
        fax.until("page 1 of 1")
        for pid in bystanders:
            os.kill(pid, signal.SIGKILL)
    assert len(ends_as_sent(caselli, fax.id)) == 1


def test_what_was_confirmed_before_the_crash_is_not_sent_again(caselli, tmp_path):
    number, dialer = "+12025550141", caselli.process_of("dialer")
    with caselli.sending(number, letter(tmp_path, pages=2)) as fax:
        fax.until("page 2 of 2")
        os.kill(dialer, signal.SIGKILL)
    attempts = ends_as_sent(caselli, fax.id)
    assert [one["pages_confirmed"] for one in attempts] == [1, 1]


def test_a_killed_supervisor_takes_all_along_and_the_next_start_finishes_the_fax(caselli, tmp_path):
    number = "+12025550142"
    with caselli.sending(number, letter(tmp_path)) as fax:
        fax.until("page 1 of 1")
        caselli.kill()
    caselli.start()
    attempts = ends_as_sent(caselli, fax.id)
    assert [one["pages_confirmed"] for one in attempts] == [0, 1]
    assert len(whole_faxes(caselli, number)) == 1
