"""Whatever people, dialers and the clock do to the queue, in whatever order and at once, its laws hold.

``CASELLI_MODEL_EXAMPLES`` says how many lives of the queue are tried, for a long look; a few by default.
"""

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from queue_laws import LAWS, Tables
from queue_world import DEEDS, World

EXAMPLES = int(os.environ.get("CASELLI_MODEL_EXAMPLES", "6"))
WHICH = st.integers(0, 83)
DEED = st.tuples(st.sampled_from(DEEDS), WHICH)


class Life(RuleBasedStateMachine):
    cast, make_fax = None, None  # the fixtures of the test

    def __init__(self):
        super().__init__()
        self.world = World(self.cast, self.make_fax)

    @initialize(whiches=st.lists(WHICH, min_size=3, max_size=8))
    def faxes_come_in(self, whiches):
        for which in whiches:
            self.world.do(("submit", which))

    @rule(which=WHICH)
    def minutes_pass(self, which):
        self.world.do(("minutes_pass", which))

    @rule(which=WHICH)
    def a_fax_comes_in(self, which):
        self.world.do(("submit", which))

    @rule(deeds=st.lists(DEED, min_size=1, max_size=4))
    def things_happen_at_once(self, deeds):
        self.world.together(deeds)

    @rule(whiches=st.lists(WHICH, min_size=2, max_size=4))
    def dialers_claim_at_once(self, whiches):
        self.world.together([("claim", which) for which in whiches])

    @invariant()
    def its_laws_hold(self):
        tables = Tables()
        for law in LAWS:
            law(tables)

    def teardown(self):
        self.world.close()


@pytest.mark.django_db(transaction=True)
def test_the_laws_of_the_queue_hold_whatever_happens(cast, make_fax):
    assert len(LAWS) == 11
    run_state_machine_as_test(
        type("LifeHere", (Life,), {"cast": cast, "make_fax": staticmethod(make_fax)}),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
