"""What waits for a person's yes."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from caselli.directory.access import administers, administers_server
from caselli.fax.status import FaxStatus
from caselli.store.models import Extension, Fax, Role, User


def may_be_asked(person: User) -> bool:
    """Whether there is anything that could ever wait for this person."""
    return administers(person) or Extension.objects.filter(approver=person).exists()


def open_to(person: User) -> QuerySet[Fax]:
    """The faxes to which this person may say yes or no; those that waited longest first."""
    waiting = Fax.objects.filter(status=FaxStatus.AWAITING_APPROVAL)
    if not person.is_active:
        return waiting.none()
    waiting = waiting.exclude(added_by=person).exclude(changed_by=person)
    if not administers_server(person):
        waiting = waiting.filter(organization=person.organization)
        if person.role != Role.ORGANIZATION_ADMINISTRATOR:
            waiting = waiting.filter(extension__approver=person)
    return waiting.order_by("added_at", "id")


def asked_of(person: User) -> QuerySet[Fax]:
    """Those of them for which nobody else was named: what the number in the navigation counts."""
    able = Q(organization=OuterRef("organization")) | Q(role=Role.ADMINISTRATOR)
    named = User.objects.filter(able, pk=OuterRef("extension__approver"), is_active=True)
    own = Q(added_by=F("extension__approver")) | Q(changed_by=F("extension__approver"))
    return open_to(person).filter(Q(extension__approver=person) | ~Exists(named) | own)
