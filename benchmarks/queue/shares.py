"""Who gets the channels of a trunk while three organizations wait, one of them with ten thousand."""

import random
from collections import Counter, deque

import filling

CHANNELS = 30
ENDS = 900


def measure(crowd: int) -> dict[str, float]:
    """The share of the channels, over all calls, of each organization over a third; the first has waited for longest.

    Calls last by chance: whichever open one is drawn ends. Goal: each between 0.9 and 1.1.
    """
    from caselli.fax.outcome import CallEnd, CallReport
    from caselli.queue import report
    from caselli.queue.claim import claim
    from caselli.store.models import Trunk

    Trunk.objects.update(channels=CHANNELS, calls_a_second=1_000, next_call_at=None)
    extensions = [filling.organization(number) for number in (901, 902, 903)]
    for extension, count, first in zip(
        extensions, (crowd, ENDS, ENDS), (31_000_000, 32_000_000, 33_000_000), strict=True
    ):
        filling.fill(extension, count, first)
    draw = random.Random(4)
    held: Counter[int] = Counter()
    line: deque[tuple[int, int]] = deque()
    for _ in range(ENDS):
        while claimed := claim("shares"):
            line.extend((one.attempt_id, one.delivery.extension_id) for one in claimed)
        held.update(extension for _, extension in line)
        line.rotate(draw.randrange(len(line)))
        report.ended(line.popleft()[0], CallReport(CallEnd.REJECTED, sip_code=404))
    whole = sum(held.values())
    return {str(place): round(held[one] / whole * 3, 3) for place, one in enumerate(extensions, 1)}
