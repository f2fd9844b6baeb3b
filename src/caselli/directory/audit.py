"""What an administrator changes is kept: who, when, from where, old and new. Secrets are named, never shown."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from django.utils import timezone

from caselli.store.models import AuditEntry, Organization, User


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes something. ``person`` is None at the command line, whose ``name`` then says who it was."""

    person: User | None = None
    ip: str | None = None
    name: str = ""

    @property
    def called(self) -> str:
        return str(self.person) if self.person else self.name or "unknown"


@dataclass(frozen=True, slots=True)
class Change:
    """Of one field, in words: ``old`` and ``new`` as a person reads them."""

    field: str
    old: str
    new: str


def note(
    actor: Actor,
    deed: AuditEntry.Deed,
    kind: str,
    subject: object,
    organization: Organization | None,
    changes: Iterable[Change] = (),
) -> None:
    """Write it down, in the transaction of the change itself."""
    AuditEntry.objects.create(
        at=timezone.now(),
        person=actor.person,
        person_name=actor.called[:300],
        ip=actor.ip,
        organization=organization,
        deed=deed,
        kind=kind,
        subject=str(subject)[:300],
        changes=[asdict(one) for one in changes],
    )
