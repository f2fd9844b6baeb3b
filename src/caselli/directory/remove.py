"""Remove what was added by mistake. What faxes tell of stays: it is switched off instead."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, Q, QuerySet

from caselli.directory import change
from caselli.directory.audit import Actor
from caselli.directory.forms import ExtensionForm, OrganizationForm, UserForm
from caselli.directory.goes_with import Goes, goes_with
from caselli.store.models import (
    Delivery,
    Event,
    Extension,
    Fax,
    IncomingMail,
    Organization,
    ReceivedFax,
    Role,
    User,
)

Removable = User | Extension | Organization


@dataclass(frozen=True, slots=True)
class Hold:
    """What keeps it from being removed, and what to do instead."""

    sentence: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.sentence} {self.remedy}"


class Held(ValueError):  # noqa: N818 - it names what happened
    """It stays; the text says why, and what to do."""


def remove(thing: Removable, actor: Actor) -> tuple[Goes, ...]:
    """Remove it, unless something refers to it; what went with it. Raises Held."""
    if hold := held_by(thing):
        raise Held(str(hold))
    organization = None if isinstance(thing, Organization) else thing.organization
    key = thing.pk
    try:
        with transaction.atomic():
            if isinstance(thing, Extension):
                IncomingMail.objects.filter(extension=thing, state=IncomingMail.State.REFUSED).delete()
            with_it = goes_with(thing)
            change.remove(thing, _kind(thing), organization, actor, [one.change for one in with_it])
    except (ProtectedError, IntegrityError) as quicker:  # a fax that came in between
        thing.pk = key
        hold = held_by(thing) or Hold("Something has just come to refer to it.", "Look again.")
        raise Held(str(hold)) from quicker
    return with_it


def held_by(thing: Removable) -> Hold | None:
    """None: it can be removed."""
    if isinstance(thing, User):
        return _of_user(thing)
    return _of_extension(thing) if isinstance(thing, Extension) else _of_organization(thing)


def _kind(thing: Removable) -> str:
    if isinstance(thing, User):
        return UserForm.kind
    return ExtensionForm.kind if isinstance(thing, Extension) else OrganizationForm.kind


def _of_user(user: User) -> Hold | None:
    own_faxes = Fax.objects.filter(Q(added_by=user) | Q(approved_by=user) | Q(changed_by=user))
    if own_faxes.exists() or Event.objects.filter(person=user).exists():
        return Hold(
            "What happened to faxes is told with this name.",
            "Switch “May sign in” off instead: the name stays, and nobody signs in with it.",
        )
    if owned := _listed(user.extensions.all()):
        return Hold(f"This is the owner of {owned}.", "Give it to somebody else first, on the extension’s page.")
    if approved := _listed(Extension.objects.filter(approver=user)):
        return Hold(
            f"This is who approves the faxes of {approved}.",
            "Name somebody else first, in the extension’s fax settings.",
        )
    administrators = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True)
    if user.role == Role.ADMINISTRATOR and not administrators.exclude(pk=user.pk).exists():
        return Hold("Nobody else administers this server.", "Make somebody else an administrator first.")
    return None


def _listed(extensions: QuerySet[Extension]) -> str:
    few = [one.extended for one in extensions.select_related("organization")[:4]]
    return ", ".join(few[:3]) + (" and others" if few[3:] else "")


def _of_extension(extension: Extension) -> Hold | None:
    off = "Switch “Fax is on” off in its fax settings instead: nothing is sent from it then, and nothing arrives."
    if Fax.objects.filter(extension=extension).exists():
        return Hold("Faxes were sent from it, and their record stays.", off)
    received = ReceivedFax.objects.filter(extension=extension)
    if received.exists() or Delivery.objects.filter(Q(to_extension=extension) | Q(extension=extension)).exists():
        return Hold("Faxes were sent to it, and their record stays.", off)
    if IncomingMail.objects.filter(extension=extension, state=IncomingMail.State.WAITING).exists():
        return Hold("A mail that is to become a fax of it has just come.", off)
    return None


def _of_organization(organization: Organization) -> Hold | None:
    if Fax.objects.filter(organization=organization).exists():
        return Hold(
            "Its faxes are on record, and the record stays.",
            "Switch “In service” off instead: nobody of it can sign in or send then.",
        )
    counts = [(organization.users.count(), "user"), (organization.extensions.count(), "extension")]
    if left := " and ".join(f"{count:,} {noun}{'s' if count > 1 else ''}" for count, noun in counts if count):
        return Hold(f"It still has {left}.", "Remove them first: the extensions, then the users.")
    return None
