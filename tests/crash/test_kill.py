"""``kill -9`` of any one process in mid-call leaves no fax stuck and none sent twice."""

import os
import signal
from collections import Counter

import pytest
from paper import letter

pytestmark = pytest.mark.crash

VICTIMS = {
    "the dialer": ("dialer",),
    "its media worker": ("caselli.line.worker",),
    "the answering machine": ("machine",),
    "the web": ("web",),
    "the chores": ("chores",),
    "the mail": ("mail",),
    "the database": ("postgres", "-D"),
}


def on_the_line(told):
    return any(one["status"] == "On the line" for one in told["deliveries"])


def page_is_out(told):
    return on_the_line(told) and any(a["pages_confirmed"] for d in told["deliveries"] for a in d["attempts"])


def at_rest(told):
    return told["status"] not in {"Scheduled For Sending", "Approved"}


def whole_faxes(caselli, number, pages):
    """How often the machine got the whole fax at this number."""
    return sum(one["called"].endswith(number[-4:]) and one["pages"] == pages for one in caselli.received)


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_killed_process_costs_at_most_a_retry(caselli, tmp_path, victim):
    number = f"+120255501{20 + list(VICTIMS).index(victim)}"
    fax = caselli.send(number, letter(tmp_path, pages=2, words=victim))
    caselli.wait_for(fax, page_is_out, 60)
    os.kill(caselli.process_of(*VICTIMS[victim]), signal.SIGKILL)
    told = caselli.wait_for(fax, at_rest, 120)
    assert told["status"] == "Sent", told
    assert told["deliveries"][0]["attempts"][-1]["reason"]
    confirmed = Counter()
    for attempt in told["deliveries"][0]["attempts"]:
        confirmed["pages"] += attempt["pages_confirmed"]
    assert confirmed["pages"] == 2, told


def test_a_killed_supervisor_takes_all_along_and_the_next_start_finishes_the_fax(caselli, tmp_path):
    fax = caselli.send("+12025550130", letter(tmp_path, pages=2, words="supervisor"))
    caselli.wait_for(fax, page_is_out, 60)
    caselli.kill()
    caselli.start()
    told = caselli.wait_for(fax, at_rest, 120)
    assert told["status"] == "Sent", told
    assert sum(one["pages_confirmed"] for one in told["deliveries"][0]["attempts"]) == 2
