"""Organizations, and many deliveries at once in any state, for the benchmarks of the queue."""

from datetime import timedelta

AT_ONCE = 5_000


def organization(number: int) -> int:
    """A new organization with one extension; returns the extension's id."""
    from caselli.store.models import Extension, Organization, User

    made = Organization.objects.create(number=str(number), name=f"Organization {number}", dials_limit=1)
    owner = User.objects.create(username=f"owner-{number}", organization=made)
    return Extension.objects.create(organization=made, number="1", name="one", owner=owner).pk


def fill(extension_id: int, count: int, first_number: int, *, for_later: bool = False) -> None:
    """So many released faxes of one page, each to a number of its own: waiting for a line, or for a try tomorrow."""
    from django.db import connection
    from django.utils import timezone

    from caselli.store.models import Delivery, Extension, Fax

    extension = Extension.objects.get(pk=extension_id)
    now = timezone.now()
    for start in range(0, count, AT_ONCE):
        numbers = range(first_number + start, first_number + min(start + AT_ONCE, count))
        faxes = Fax.objects.bulk_create(
            Fax(
                organization_id=extension.organization_id,
                extension=extension,
                channel="web",
                status="released",
                shown_status="Scheduled For Sending",
                pages=1,
                added_at=now,
            )
            for _ in numbers
        )
        Delivery.objects.bulk_create(
            Delivery(
                fax=fax,
                organization_id=extension.organization_id,
                extension=extension,
                position=1,
                given=f"+{number}",
                destination=f"+{number}",
                status="retry_wait" if for_later else "queued",
                cause="busy" if for_later else "",
                queued_at=now,
                next_try_at=now + timedelta(days=1) if for_later else None,
            )
            for fax, number in zip(faxes, numbers, strict=True)
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE store_delivery, store_fax")
