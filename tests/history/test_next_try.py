"""The next try is told as it will be made."""

import pytest

from caselli.history.next_try import WAYS, change, way
from caselli.line.orders import GEARS
from caselli.store.models import Delivery


@pytest.mark.parametrize(("gear", "said"), list(zip(GEARS, WAYS, strict=True)), ids=lambda one: str(one)[:12])
def test_each_gear_is_told_as_the_line_takes_it(gear, said):
    assert said.startswith("T.38" if gear.t38 else "sound")
    assert f"{gear.max_rate:,} bit/s" in said
    assert ("with error" in said) == gear.ecm


def test_the_usual_way_is_not_worth_a_word_in_the_list():
    assert not change(Delivery(gear=0))
    assert change(Delivery(gear=1)) == ", slower (9,600 bit/s)"
    assert change(Delivery(gear=2)) == ", as sound instead of T.38"


def test_a_lower_gear_says_what_changes_and_why():
    assert way(Delivery(gear=1), 0) == (
        "It goes slower (9,600 bit/s), because the line did not carry the last call: "
        "T.38, up to 9,600 bit/s, with error correction."
    )


def test_an_unchanged_gear_says_so():
    assert way(Delivery(gear=0), 0) == "It goes the same way: T.38, up to 14,400 bit/s, with error correction."


def test_what_was_confirmed_is_not_sent_again_and_the_words_say_so():
    assert way(Delivery(gear=0, pages_confirmed=2), 0).endswith(
        "It begins with page 3: what was confirmed is not sent again."
    )
