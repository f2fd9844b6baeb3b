"""Reading the folder of the built-in answering machine: one TIFF and one JSON a call (``caselli.line.machine``)."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Exists, Q

from caselli.doors.web.addresses import CallName
from caselli.doors.web.info import Fact
from caselli.doors.web.times import duration
from caselli.fax.number import spoken
from caselli.store.models import Organization, Role, Trunk, User

PAGE_SIZE = 50
_TRANSPORTS = {"t38": "T.38", "g711": "G.711 audio"}
_DASH = "–"


@dataclass(frozen=True, slots=True)
class Reception:
    """One call. ``tiff`` is None when no page came."""

    name: str
    called: str
    calling: str
    remote_id: str
    started_at: datetime
    seconds: float
    pages: int
    transport: str
    rate: int
    ecm: bool
    t30_code: int | None
    result: str
    tiff: Path | None

    @property
    def called_spoken(self) -> str:
        return spoken(self.called)

    @property
    def calling_spoken(self) -> str:
        return spoken(self.calling)

    def facts(self) -> list[Fact]:
        travelled = bool(self.transport)
        return [
            Fact("Called", self.called_spoken),
            Fact("Calling", self.calling_spoken or _DASH),
            Fact("Station", self.remote_id or _DASH),
            Fact("Pages", str(self.pages)),
            Fact("Duration", duration(self.seconds)),
            Fact("Speed", f"{self.rate:,} bit/s" if self.rate else _DASH),
            Fact("Error correction", ("on" if self.ecm else "off") if travelled else _DASH),
            Fact("Way", _TRANSPORTS.get(self.transport, _DASH)),
            Fact("T.30", _DASH if self.t30_code is None else str(self.t30_code)),
        ]


@dataclass(frozen=True, slots=True)
class ReceptionPage:
    calls: list[Reception]
    older: str


def may_see(user: User) -> bool:
    """Administrators; and everybody of an organization that has a trunk of its own to the machine, or is the only one.

    It is a sandbox: they see what came, from whichever extension.
    """
    if user.role == Role.ADMINISTRATOR:
        return True
    address = settings.CONFIGURATION.machine_sip
    leading = Trunk.objects.filter(host=address.host, port=address.port, enabled=True)
    if user.organization is None:
        return False
    others = Organization.objects.exclude(pk=user.organization.pk)
    for_all = Q(organization=None) & ~Q(Exists(others))
    return leading.filter(for_all | Q(organization=user.organization)).exists()


def folder() -> Path:
    return Path(settings.CONFIGURATION.machine_folder)


def receptions(older_than: str = "", size: int = PAGE_SIZE) -> ReceptionPage:
    """A page of calls, newest first."""
    files = sorted(folder().glob("*.json"), key=lambda file: (file.stat().st_mtime_ns, file.name), reverse=True)
    names = [file.stem for file in files]
    start = names.index(older_than) + 1 if older_than in names else 0
    chosen = names[start : start + size]
    calls = [call for name in chosen if (call := reception(name))]
    return ReceptionPage(calls, chosen[-1] if len(names) > start + size else "")


def reception(name: str) -> Reception | None:
    """The call of that name; None where there is none, or its file cannot be read."""
    if not re.fullmatch(CallName.regex, name):
        return None
    try:
        told: dict[str, Any] = json.loads((folder() / f"{name}.json").read_text())
        return _read(name, told)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _read(name: str, told: dict[str, Any]) -> Reception:
    started = datetime.fromisoformat(told["started_at"])
    tiff = folder() / f"{name}.tiff"
    return Reception(
        name=name,
        called=str(told["called"]),
        calling=str(told.get("calling") or ""),
        remote_id=str(told.get("remote_id") or ""),
        started_at=started if started.tzinfo else started.replace(tzinfo=UTC),
        seconds=float(told["seconds"]),
        pages=int(told["pages"]),
        transport=str(told.get("transport") or ""),
        rate=int(told.get("rate") or 0),
        ecm=bool(told.get("ecm")),
        t30_code=told.get("t30_code"),
        result=str(told.get("result") or ""),
        tiff=tiff if tiff.exists() else None,
    )
