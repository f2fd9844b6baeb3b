"""Numbers that nobody may call from here: those of the organization, and those of the whole server."""

from django.db import connection

from caselli.fax.number import spoken
from caselli.fax.refusals import Refusal, RefusalKind
from caselli.store.models import BlockedDestination


def blocking(organization_id: int, number: str) -> BlockedDestination | None:
    """The longest blocked beginning of this number (E.164); an organization's own stands before the server's."""
    beginnings = [number[:length] for length in range(2, len(number) + 1)]
    with connection.cursor() as cursor:  # in plain SQL: many mails a second ask
        cursor.execute(
            "SELECT id FROM store_blockeddestination"
            " WHERE (organization_id IS NULL OR organization_id = %s) AND prefix = ANY(%s)"
            " ORDER BY length(prefix) DESC, organization_id LIMIT 1",
            [organization_id, beginnings],
        )
        found = cursor.fetchone()
    return BlockedDestination.objects.filter(pk=found[0]).first() if found else None


def prefixes(organization_id: int) -> tuple[str, ...]:
    """All blocked beginnings that hold for this organization."""
    with connection.cursor() as cursor:  # in plain SQL: each fax that goes into the queue asks
        cursor.execute(
            "SELECT prefix FROM store_blockeddestination WHERE organization_id IS NULL OR organization_id = %s",
            [organization_id],
        )
        return tuple(prefix for (prefix,) in cursor.fetchall())


def refuse_blocked(organization_id: int, number: str, given: str) -> Refusal | None:
    """Why this number may not be called, if so; ``given``: as it was written."""
    found = blocking(organization_id, number)
    if found is None:
        return None
    why = f": {found.reason.strip().rstrip('.')}" if found.reason.strip() else ""
    said = f"“{given}”" if given in {number, spoken(number)} else f"“{given}” ({spoken(number)})"
    return Refusal(
        RefusalKind.DESTINATION_BLOCKED,
        "recipients",
        f"{said} may not be called from here: numbers that begin with {found.prefix} are blocked{why}.",
        "Choose another number, or ask your administrator.",
        subject=given,
    )
