"""What lies in the inboxes of extensions: the read side, and what its reader may do with it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from caselli.notice import outbox
from caselli.store.models import Extension, OutgoingMail, ReceivedFax
from caselli.store.references import erase_unreferred

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class InboxPage:
    """``older`` is the id behind which the next page begins; None on the last one."""

    faxes: list[ReceivedFax]
    older: int | None


def inbox(extension: Extension) -> QuerySet[ReceivedFax]:
    """What lies there and was not deleted."""
    return ReceivedFax.objects.filter(extension=extension, blob__gt="")


def turn(faxes: QuerySet[ReceivedFax], older_than: int | None = None, size: int = PAGE_SIZE) -> InboxPage:
    """A page, newest first; from the start where ``older_than`` is no fax. One that was deleted meanwhile will do."""
    anchor = ReceivedFax.objects.filter(pk=older_than).first() if older_than is not None else None
    if anchor is not None:
        faxes = faxes.filter(
            Q(received_at__lt=anchor.received_at) | Q(received_at=anchor.received_at, pk__lt=anchor.pk),
            received_at__lte=anchor.received_at,
        )
    told = faxes.select_related("extension__organization", "delivery__fax__extension")
    found = list(told.order_by("-received_at", "-id")[: size + 1])
    return InboxPage(found[:size], found[size - 1].pk if len(found) > size else None)


def count_unread(extensions: Iterable[Extension]) -> dict[int, int]:
    """How many unread faxes each extension has, by its id; those without any are left out."""
    unread = ReceivedFax.objects.filter(extension__in=list(extensions), blob__gt="", read_at__isnull=True)
    return dict(unread.values_list("extension_id").annotate(Count("pk")).order_by())


def mark_read(fax: ReceivedFax) -> None:
    """The moment of the first reading stays."""
    ReceivedFax.objects.filter(pk=fax.pk, read_at__isnull=True).update(read_at=timezone.now())


def mark_unread(fax: ReceivedFax) -> None:
    ReceivedFax.objects.filter(pk=fax.pk).update(read_at=None)


def delete(fax: ReceivedFax) -> None:
    """Take it out of the inbox, and off the disk. The sender's own copy of the pages is another matter, and stays."""
    ReceivedFax.objects.filter(pk=fax.pk).update(blob="", read_at=fax.read_at or timezone.now())
    if fax.blob:
        erase_unreferred(fax.blob)
    outbox.erase(OutgoingMail.objects.filter(received_id=fax.pk))
