"""Moments and durations as people write them down. The caller gives the zone. Pure."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

UTC_ZONE = ZoneInfo("UTC")


def zone_of(name: str) -> ZoneInfo:
    """The zone of that name; UTC where the system does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC_ZONE


def exactly(at: datetime, zone: ZoneInfo) -> str:
    """``2 July 2026, 00:05:09 CEST``."""
    local = at.astimezone(zone)
    return f"{local.day} {local:%B %Y, %H:%M:%S} {local.tzname()}"


def duration(seconds: float) -> str:
    """``0.4 s``, ``12 s``, ``1 min 05 s``, ``1 h 02 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"
