"""When a call that began with audio asks for T.38 by itself: the far end usually does, and two re-INVITEs collide."""

from dataclasses import dataclass

PATIENCE = 5.0
"""Seconds after the answer: who has not asked for T.38 by then will not."""

GRACE = 1.0
"""Seconds after the first sign of a fax: a gateway that hears the same asks within it."""


@dataclass(slots=True)
class Switch:
    """``allowed``: trunk and gear take T.38. ``up``: it is T.38 now. ``at``: when to ask for it, if at all."""

    allowed: bool
    up: bool = False
    at: float | None = None

    def answered(self, now: float) -> None:
        if self.allowed and not self.up:
            self.at = now + PATIENCE

    def fax_heard(self, now: float) -> None:
        if self.at is not None:
            self.at = min(self.at, now + GRACE)

    def began_in_audio(self) -> None:
        """Phase B is over by G.711: changing the way now would cost the fax."""
        self.at = None

    def refused(self, wait: float | None, now: float) -> None:
        """``wait``: after a glare, ask again then (unless the far end was quicker); None: stay with audio."""
        self.at = now + wait if wait is not None else None

    def done(self) -> None:
        self.up, self.at = True, None
