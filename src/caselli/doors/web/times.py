"""Times and durations as people say them. The caller gives the zone and the present."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from caselli.history.times import UTC_ZONE, duration, exactly, zone_of

__all__ = ["UTC_ZONE", "Clock", "Said", "duration", "size", "zone_of"]


@dataclass(frozen=True, slots=True)
class Said:
    """A moment: ``text`` as one says it, ``exact`` to the second with its zone, ``iso`` for machines."""

    text: str
    exact: str
    iso: str


@dataclass(frozen=True, slots=True)
class Clock:
    """The zone in which times are told on a page, and the present."""

    zone: ZoneInfo
    now: datetime

    def say(self, at: datetime) -> Said:
        """``today 14:31``, ``yesterday 09:12``, ``Mon 16:02``, ``12 Nov 16:02``, ``12 Nov 2025``."""
        local, today = at.astimezone(self.zone), self.now.astimezone(self.zone).date()
        days = (today - local.date()).days
        if days == 0:
            text = f"today {local:%H:%M}"
        elif days == 1:
            text = f"yesterday {local:%H:%M}"
        elif 1 < days < 7:
            text = f"{local:%a %H:%M}"
        elif local.year == today.year:
            text = f"{local.day} {local:%b %H:%M}"
        else:
            text = f"{local.day} {local:%b %Y}"
        return Said(text, self.exactly(at), at.isoformat())

    def say_soon(self, at: datetime) -> str:
        """A moment to come: ``at 14:34``, ``at 14:34:20`` within two minutes, ``on Tue at 08:00`` on another day."""
        local, now = at.astimezone(self.zone), self.now.astimezone(self.zone)
        if local.date() != now.date():
            return f"on {local:%a} {local.day} {local:%b} at {local:%H:%M}"
        return f"at {local:%H:%M:%S}" if abs((local - now).total_seconds()) < 120 else f"at {local:%H:%M}"

    def exactly(self, at: datetime) -> str:
        return exactly(at, self.zone)


def size(count: int) -> str:
    """Bytes as people say them: ``640 bytes``, ``87 kB``, ``1.4 MB``."""
    if count < 1000:
        return f"{count} bytes"
    if count < 1_000_000:
        return f"{count / 1000:.0f} kB"
    return f"{count / 1_000_000:.1f} MB"
