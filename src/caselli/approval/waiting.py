"""What waits for a person's yes."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from caselli.directory.access import administers, administers_server, extensions_acted_on_by, is_unconfirmed
from caselli.fax.status import FaxStatus
from caselli.store.models import Extension, Fax, IncomingMail, Role, User


def may_be_asked(person: User) -> bool:
    """Whether there is anything that could ever wait for this person."""
    return administers(person) or Extension.objects.filter(approver=person).exists()


def open_to(person: User) -> QuerySet[Fax]:
    """The faxes to which this person may say yes or no; those that waited longest first.

    What a mail's sender has not confirmed may be confirmed by all who act on the extension; it waits for nobody else.
    """
    waiting = Fax.objects.filter(status=FaxStatus.AWAITING_APPROVAL)
    if not person.is_active:
        return waiting.none()
    confirms = Q(is_unconfirmed(), extension__in=extensions_acted_on_by(person))
    return waiting.filter(confirms | _as_second_person(person)).order_by("added_at", "id")


def _as_second_person(person: User) -> Q:
    confirmed_it = Exists(IncomingMail.objects.filter(fax=OuterRef("pk"), confirmed_by=person))
    own = Q(added_by=person) | Q(changed_by=person) | Q(confirmed_it)
    able = ~Q(is_unconfirmed()) & ~own
    if not administers_server(person):
        able &= Q(organization=person.organization)
        if person.role != Role.ORGANIZATION_ADMINISTRATOR:
            able &= Q(extension__approver=person)
    return able


def asked_of(person: User) -> QuerySet[Fax]:
    """Those of them for which nobody else was named: what the number in the navigation counts.

    What its sender has to confirm is asked of the extension's owner beside them.
    """
    able = Q(organization=OuterRef("organization")) | Q(role=Role.ADMINISTRATOR)
    named = User.objects.filter(able, pk=OuterRef("extension__approver"), is_active=True)
    approver = F("extension__approver")
    confirmed_it = Exists(IncomingMail.objects.filter(fax=OuterRef("pk"), confirmed_by=OuterRef("extension__approver")))
    own = Q(added_by=approver) | Q(changed_by=approver) | Q(confirmed_it)
    second = ~Q(is_unconfirmed()) & (Q(extension__approver=person) | ~Exists(named) | own)
    return open_to(person).filter(second | Q(is_unconfirmed(), extension__owner=person))


def how_many_asked_of(person: User) -> int:
    """Every page asks; so whether anything waits at all, which is seldom, is asked first: that is a short question."""
    any_at_all = Fax.objects.filter(status=FaxStatus.AWAITING_APPROVAL)
    if not administers_server(person):
        any_at_all = any_at_all.filter(organization=person.organization)
    return asked_of(person).count() if any_at_all.exists() else 0
