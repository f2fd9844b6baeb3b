"""Countries and time zones, by the names people know them by."""

import zoneinfo
from functools import cache
from importlib.resources import files
from pathlib import Path

import phonenumbers

_TABLE = "iso3166.tab"
_AREAS = frozenset(
    {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)


@cache
def countries() -> dict[str, str]:
    """The countries whose numbers we can read: ISO 3166 code -> English name, by name."""
    names = dict(line.split("\t") for line in _table().splitlines() if line and not line.startswith("#"))
    known = {code: names.get(code, code) for code in phonenumbers.SUPPORTED_REGIONS}
    return dict(sorted(known.items(), key=lambda one: one[1]))


@cache
def zones() -> tuple[str, ...]:
    """Those one would choose: ``America/New_York``, not ``EST5EDT``; ``UTC`` first."""
    return ("UTC", *sorted(one for one in zoneinfo.available_timezones() if one.partition("/")[0] in _AREAS))


def read_country(text: str) -> str | None:
    """Its code, from the code or from the whole name in any case; None where there is none."""
    wanted = _plain(text)
    return next((code for code, name in countries().items() if wanted in {_plain(code), _plain(name)}), None)


def _plain(text: str) -> str:
    """Newer tables write Côte d’Ivoire with a typographic apostrophe, older ones and keyboards with a straight one."""
    return text.strip().casefold().replace("’", "'")


def read_zone(text: str) -> str | None:
    """Its name as the system writes it, from any case and with blanks for underscores; None where there is none."""
    wanted = text.strip().replace(" ", "_").casefold()
    return next((name for name in zoneinfo.available_timezones() if name.casefold() == wanted), None)


def _table() -> str:
    """From the system's time zones, or from the package that stands in for them."""
    for folder in zoneinfo.TZPATH:
        if (file := Path(folder, _TABLE)).is_file():
            return file.read_text(encoding="utf-8")
    try:
        return files("tzdata").joinpath("zoneinfo", _TABLE).read_text(encoding="utf-8")
    except (ModuleNotFoundError, FileNotFoundError):
        return ""
