"""How the next try goes, in words: in which gear, what changes by that, and where it begins."""

from caselli.store.models import Delivery

WAYS = (
    "T.38, up to 14,400 bit/s, with error correction",
    "T.38, up to 9,600 bit/s, with error correction",
    "sound (G.711), up to 14,400 bit/s, with error correction",
    "sound (G.711), up to 9,600 bit/s, without error correction",
)
"""A gear of ``line.orders`` each; where a trunk has no T.38, the first two travel as sound too."""

_CHANGES = (
    "",
    "slower (9,600 bit/s)",
    "as sound instead of T.38",
    "as sound, slower (9,600 bit/s) and without error correction",
)


def change(delivery: Delivery) -> str:
    """What is otherwise than usual in the next try: ``, slower (9,600 bit/s)``; empty for the usual way."""
    said = _CHANGES[_known(delivery.gear)]
    return f", {said}" if said else ""


def way(delivery: Delivery, last_gear: int | None) -> str:
    """The whole of it; ``last_gear``: that of the last call, None where there was none.

    ``It goes slower (9,600 bit/s), because the line did not carry the last call: T.38, ...``
    """
    gear = _known(delivery.gear)
    parts = [f"It goes the same way: {WAYS[gear]}."]
    if last_gear is not None and gear != _known(last_gear):
        parts = [f"It goes {_CHANGES[gear]}, because the line did not carry the last call: {WAYS[gear]}."]
    if delivery.pages_confirmed:
        parts.append(f"It begins with page {delivery.pages_confirmed + 1}: what was confirmed is not sent again.")
    return " ".join(parts)


def _known(gear: int) -> int:
    return min(gear, len(WAYS) - 1)
