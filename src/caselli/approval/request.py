"""A fax asks for a yes: its sender's where it came by mail, then a second person's; by which policy, and for what."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from caselli.approval import rules
from caselli.directory.access import may_act, may_administer
from caselli.fax.refusals import Refusal, RefusalKind
from caselli.fax.status import FaxStatus
from caselli.store import journey
from caselli.store.models import Channel, Delivery, Extension, Fax, IncomingMail, Organization, Role, User

PROGRAM_ASKS = "the program that handed it in asks for a second person’s yes"
"""So says the note of the step by which a fax waits for a yes whatever the policy."""
_PROGRAM_ASKS_IN_WORDS = "The program that handed it in asks for a second person’s yes."


def ask(
    fax: Fax,
    at: datetime,
    note: str = "",
    *,
    before: Sequence[journey.Step] = (),
    deliveries: Sequence[Delivery] | None = None,
) -> None:
    """From now on the fax waits for a yes, in the caller's transaction; one that was given before is void.

    ``before``: steps that it takes first; ``deliveries``: all of it, where the caller has them.
    """
    journey.walk_fax(
        fax,
        [*before, journey.Step(FaxStatus.AWAITING_APPROVAL, journey.By(at, note=note))],
        deliveries,
        approved_at=None,
        approved_by=None,
        approved_ip=None,
        approved_how="",
        approved_content="",
    )


def mail_of(fax: Fax) -> IncomingMail | None:
    """The mail that the fax was; None where it came by another door."""
    return getattr(fax, "mail", None) if fax.channel == Channel.EMAIL else None


def unconfirmed(fax: Fax) -> bool:
    """Whether it waits for its sender's word first, and not yet for a second person's."""
    mail = mail_of(fax)
    return fax.status == FaxStatus.AWAITING_APPROVAL and mail is not None and mail.confirmed_at is None


def authors_of(fax: Fax) -> tuple[int | None, ...]:
    """Who made it what it is: nobody of them is a second person."""
    mail = mail_of(fax)
    return fax.added_by_id, fax.changed_by_id, mail.confirmed_by_id if mail else None


def policy_of(organization: Organization) -> rules.Policy:
    return rules.Policy(organization.approve_all, organization.approve_abroad, organization.approve_over_pages)


def reasons(extension: Extension, pages: int, destinations: Sequence[str]) -> tuple[rules.Reason, ...]:
    """Why a fax from this extension needs a second person's yes; empty where it does not."""
    organization = extension.organization
    return rules.needs_second_person(policy_of(organization), pages, destinations, organization.country)


def program_asks(fax: Fax) -> bool:
    """Whether who handed it in wished for a second person's yes, whatever the policy says."""
    asked = fax.channel == Channel.API
    return asked and fax.events.filter(new=FaxStatus.AWAITING_APPROVAL, note=PROGRAM_ASKS).exists()


def reasons_in_words(fax: Fax, destinations: Sequence[str]) -> tuple[str, ...]:
    """By the policy of now. It may have changed since the fax began to wait: then nothing is left to say."""
    return why_in_words(fax.extension, fax.pages, destinations, wished=program_asks(fax))


def why_in_words(
    extension: Extension, pages: int, destinations: Sequence[str], *, wished: bool = False
) -> tuple[str, ...]:
    """Why a fax from this extension waits for a second person; empty where it does not. ``wished``: by a program."""
    organization, policy = extension.organization, policy_of(extension.organization)
    found = reasons(extension, pages, destinations)
    words = rules.in_words(found, policy, pages, destinations, organization.country, organization.name)
    return (_PROGRAM_ASKS_IN_WORDS, *words) if wished else words


def content_of(fax: Fax) -> str:
    """The hash of what the fax is now: its documents, pages and recipients."""
    documents = list(fax.documents.order_by("position").values_list("blob", flat=True))
    return rules.content_hash(documents, fax.pages_blob, destinations_of(fax))


def destinations_of(fax: Fax) -> list[str]:
    return list(fax.deliveries.order_by("position").values_list("destination", flat=True))


def may_approve(person: User, fax: Fax) -> bool:
    """Whether this person may say yes or no to the fax, as long as it waits: now to the step at which it stands."""
    if unconfirmed(fax):
        return may_act(person, fax.extension)
    return rules.may_approve(_as_person(person, fax.extension), _asked(fax.extension, *authors_of(fax)))


def approvers(extension: Extension, *authors: int | None) -> list[User]:
    """Who is asked: the one whom the extension names, or else all who administer it; none of the authors."""
    asked = _asked(extension, *authors)
    named = extension.approver
    if named is not None and rules.may_approve(_as_person(named, extension), asked):
        return [named]
    return [one for one in _administrators(extension) if rules.may_approve(_as_person(one, extension), asked)]


def refuse_without_approver(extension: Extension, *authors: int | None, wished: bool = False) -> Refusal | None:
    """Where nobody but the authors could say yes, the fax would wait in vain. ``wished``: no policy asks for it."""
    if approvers(extension, *authors):
        return None
    return Refusal(
        RefusalKind.NO_APPROVER,
        "extension",
        f"{extension.organization.name} asks for a second person’s yes to this fax, and nobody but you may give it."
        if not wished
        else "You ask for a second person’s yes to this fax, and nobody but you may give it.",
        f"Name somebody else who approves in the fax settings of extension {extension.number}.",
    )


def _administrators(extension: Extension) -> QuerySet[User]:
    ours = Q(role=Role.ORGANIZATION_ADMINISTRATOR, organization_id=extension.organization_id)
    return User.objects.filter(ours | Q(role=Role.ADMINISTRATOR), is_active=True).order_by("-role", "id")


def _as_person(person: User, extension: Extension) -> rules.Person:
    administers = may_administer(person, extension.organization)
    return rules.Person(person.pk, person.is_active, person.organization_id, administers)


def _asked(extension: Extension, *authors: int | None) -> rules.Asked:
    own = frozenset(one for one in authors if one is not None)
    return rules.Asked(extension.organization_id, extension.approver_id, own)
