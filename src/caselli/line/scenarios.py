"""What the answering machine does for which number: the range that the numbering plan keeps for fiction."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

PREFIX = "1202555"
"""Country and area code and exchange; four digits more choose the scenario."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """``title``: what happens, for people. ``refuse``: a SIP status instead of an answer; ``retry_after`` in seconds.

    ``asks``: moves to T.38 by a re-INVITE of its own; ``t38``: takes ours. ``drop_in_page``: hangs up in that page.
    """

    title: str
    refuse: int = 0
    retry_after: int = 0
    rings_for_ever: bool = False
    challenges: bool = False
    silent: bool = False
    t38: bool = True
    asks: bool = True
    max_rate: int = 14_400
    ecm: bool = True
    drop_in_page: int = 0
    withholds_confirmation: bool = False


RECEIVES = Scenario("receives")

SCENARIOS: Mapping[str, Scenario] = MappingProxyType(
    {
        "0100": RECEIVES,
        "0101": Scenario("is busy", refuse=486),
        "0102": Scenario("rings and is never answered", rings_for_ever=True),
        "0103": Scenario("answers and says nothing", silent=True, asks=False),
        "0104": Scenario("hangs up in the middle of the first page", drop_in_page=1),
        "0105": Scenario("refuses T.38 and receives by G.711", t38=False, asks=False),
        "0106": Scenario("receives at 9,600 bit/s without error correction", max_rate=9_600, ecm=False),
        "0107": Scenario("is no number at all", refuse=404),
        "0108": Scenario("hangs up after the last page without confirming it", withholds_confirmation=True),
        "0109": Scenario("is down", refuse=503, retry_after=5),
        "0110": Scenario("asks for user name and password, then receives", challenges=True),
        "0111": Scenario("moves to T.38 only when the caller offers it", asks=False),
        **{f"{number:04}": RECEIVES for number in range(120, 200)},
    }
)


def scenario_of(called: str) -> Scenario | None:
    """By the number dialled, however its digits are written: with or without plus, country code or separators."""
    if not re.fullmatch(r"\+?[0-9 ()./\-]+", called):
        return None
    digits = re.sub(r"[^0-9]", "", called)
    digits = digits.removeprefix("00").removeprefix("011")
    if len(digits) == len(PREFIX) + 3:
        digits = PREFIX[0] + digits
    return SCENARIOS.get(digits[len(PREFIX) :]) if digits.startswith(PREFIX) else None
