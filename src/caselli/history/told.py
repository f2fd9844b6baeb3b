"""A fax, told: what the command line prints, wherever the fax lies. Pure.

The fields of the dataclasses are the fields of ``caselli show --json``; :func:`as_json` only writes times as text.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class AttemptTold:
    """One call. ``seconds`` on the line; ``rate``: bit/s, 0 where no page travelled; ``transport``: t38, g711 or None.

    ``reason`` is empty while the call is under way.
    """

    started_at: datetime
    trunk: str
    seconds: float
    pages_confirmed: int
    rate: int
    ecm: bool
    transport: str | None
    remote_id: str
    sip_code: int | None
    t30_code: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class DeliveryTold:
    """One recipient. ``to``: E.164 or an extended extension number; ``status``: one of ``timeline.DELIVERY_WORDS``."""

    to: str
    status: str
    reason: str
    remedy: str
    next_try_at: datetime | None
    attempts: tuple[AttemptTold, ...]


@dataclass(frozen=True, slots=True)
class FaxTold:
    """One fax. ``id``: its uid; ``extension``: extended; ``status``: one of the nine names people see."""

    id: str
    extension: str
    channel: str
    status: str
    added_at: datetime
    deliveries: tuple[DeliveryTold, ...]


def as_json(one: FaxTold) -> dict[str, object]:
    """Plain lists, dicts, text and numbers; times in ISO 8601, UTC, ending in Z."""
    plain = _plain(asdict(one))
    assert isinstance(plain, dict)
    return plain


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_plain(one) for one in value]
    return value
