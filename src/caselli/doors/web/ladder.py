"""The ladder of a call, as it is drawn: time downwards, we at the left, the far end at the right."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from caselli.fax.outcome import Direction, LadderProtocol

LONG_PAUSE = 1.0
"""Seconds of silence from which on the drawing shows a gap; below, rungs follow each other closely."""

_PROTOCOL_CLASSES = {
    LadderProtocol.SIP: "sip",
    LadderProtocol.T38: "t38",
    LadderProtocol.T30: "t30",
    LadderProtocol.CALL: "plain",
}
_WAYS = {
    Direction.SENT: ("outward", "Caselli sent"),
    Direction.RECEIVED: ("inward", "the far end sent"),
    Direction.NOTE: ("remark", "note"),
}


@dataclass(frozen=True, slots=True)
class Rung:
    """One message. ``at``: seconds since the call began, as text; ``pause``: the silence before it, if it was long."""

    at: str
    protocol: str
    kind: str
    way: str
    spoken: str
    name: str
    detail: str
    pause: str


def rungs(entries: Iterable[Mapping[str, Any]]) -> list[Rung]:
    """From ``Ladder.entries``: what ``LadderEntry`` holds, in order."""
    drawn: list[Rung] = []
    before: float | None = None
    for entry in entries:
        at = float(entry["at"])
        protocol = LadderProtocol(entry["protocol"])
        way, spoken = _WAYS[Direction(entry["direction"])]
        silence = 0.0 if before is None else at - before
        drawn.append(
            Rung(
                at=f"{at:.2f}",
                protocol="" if protocol is LadderProtocol.CALL else protocol.value,
                kind=_PROTOCOL_CLASSES[protocol],
                way=way,
                spoken=spoken,
                name=entry["name"],
                detail=entry.get("detail", ""),
                pause=f"{silence:.1f} s" if silence >= LONG_PAUSE else "",
            )
        )
        before = at
    return drawn
