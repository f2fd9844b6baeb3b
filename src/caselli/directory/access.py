"""Who may see what, and who may act. Every door asks here; what one may not see does not exist (404)."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from caselli.fax.status import FaxStatus
from caselli.store.models import (
    SAID_NO,
    AuditEntry,
    BlockedDestination,
    Event,
    Extension,
    Fax,
    IncomingMail,
    Organization,
    Role,
    Share,
    Trunk,
    User,
)


def extensions_seen_by(user: User) -> QuerySet[Extension]:
    """An administrator sees all, an organization administrator those of the organization, a user their own and those
    whose faxes are shared with them.
    """
    everything = Extension.objects.select_related("organization", "owner")
    if not user.is_active:
        return everything.none()
    if user.role == Role.ADMINISTRATOR:
        return everything
    if user.organization_id is None:
        return everything.none()
    ours = everything.filter(organization_id=user.organization_id)
    if user.role == Role.ORGANIZATION_ADMINISTRATOR:
        return ours
    return ours.filter(Q(owner_id=user.pk) | Q(pk__in=_shared_with(user).values("extension")))


def _shared_with(user: User) -> QuerySet[Share]:
    """Only inside the organization: who moved to another one has left the share behind."""
    return Share.objects.filter(Q(user_id=user.pk) | Q(user=None), extension__organization=user.organization)


def shared_with(user: User) -> dict[int, bool]:
    """The extensions that a user sees by a share alone, by their id: whether they may act from there too."""
    if not user.is_active or user.role != Role.USER or user.organization_id is None:
        return {}
    shares = _shared_with(user).exclude(extension__owner=user)
    acts: dict[int, bool] = {}
    for extension_id, may_act in shares.values_list("extension", "may_act"):
        acts[extension_id] = may_act or acts.get(extension_id, False)
    return acts


def faxes_of(extension: Extension) -> QuerySet[Fax]:
    """All of them: who sees the extension sees its faxes. They know it already: nothing of it is read for each."""
    return extension.faxes.all()


def faxes_seen_by(user: User) -> QuerySet[Fax]:
    """Those of the extensions that the user sees; and of other extensions those to which the user is asked to say yes,
    as long as they wait, and those on which the user has decided.
    """
    faxes = _with_names()
    if not user.is_active:
        return faxes.none()
    if user.role == Role.ADMINISTRATOR:
        return faxes
    if user.organization_id is None:
        return faxes.none()
    return faxes.filter(Q(extension__in=extensions_seen_by(user)) | _as_second_person(user))


def _with_names() -> QuerySet[Fax]:
    return Fax.objects.select_related("organization", "extension__organization", "approved_by", "added_by")


def _as_second_person(user: User) -> Q:
    asked = Q(status=FaxStatus.AWAITING_APPROVAL, extension__approver=user) & ~Q(is_unconfirmed())
    said_yes = Q(approved_by=user)
    said_no = Q(Exists(Event.objects.filter(fax=OuterRef("pk"), delivery=None, person=user, note__startswith=SAID_NO)))
    # An own fax is none to decide on: it may have come by a share that is over.
    confirmed = Exists(IncomingMail.objects.filter(fax=OuterRef("pk"), confirmed_by=user))
    own = Q(added_by=user) | Q(changed_by=user) | Q(confirmed)
    return Q(organization=user.organization) & (asked | said_yes | said_no) & ~own


def is_unconfirmed() -> Exists:
    """Of a fax in a query: it came by mail, and its sender has not confirmed it. No second person is asked before."""
    return Exists(IncomingMail.objects.filter(fax=OuterRef("pk"), confirmed_at=None))


def extensions_acted_on_by(user: User) -> QuerySet[Extension]:
    """All of which :func:`may_act` says so."""
    seen = extensions_seen_by(user)
    if user.role != Role.USER:
        return seen
    return seen.filter(Q(owner_id=user.pk) | Q(pk__in=_shared_with(user).filter(may_act=True).values("extension")))


def may_act(user: User, extension: Extension) -> bool:
    """Whether the user may send from the extension, cancel and resend its faxes, delete what it received."""
    if may_set_up(user, extension):
        return True
    if not user.is_active or user.organization_id != extension.organization_id:
        return False
    return _shared_with(user).filter(extension=extension, may_act=True).exists()


def may_set_up(user: User, extension: Extension) -> bool:
    """Whether the user may change the extension's fax settings and share its faxes: its owner, who administers it."""
    if may_administer(user, extension.organization):
        return True
    return user.is_active and extension.owner_id == user.pk and extension.organization_id == user.organization_id


def may_administer(user: User, organization: Organization | None) -> bool:
    """Whether the user administers this organization; None: what belongs to the whole server."""
    if not user.is_active:
        return False
    if user.role == Role.ADMINISTRATOR:
        return True
    ours = organization is not None and organization.pk == user.organization_id
    return ours and user.role == Role.ORGANIZATION_ADMINISTRATOR


def administers(user: User) -> bool:
    """Whether there is anything at all that the user administers."""
    if not user.is_active:
        return False
    if user.role == Role.ADMINISTRATOR:
        return True
    return user.role == Role.ORGANIZATION_ADMINISTRATOR and user.organization_id is not None


def administers_server(user: User) -> bool:
    """The server's preferences, its organizations and all trunks are an administrator's."""
    return user.is_active and user.role == Role.ADMINISTRATOR


def organizations_administered_by(user: User) -> QuerySet[Organization]:
    if administers_server(user):
        return Organization.objects.all()
    if not administers(user):
        return Organization.objects.none()
    return Organization.objects.filter(users=user)


def users_administered_by(user: User) -> QuerySet[User]:
    if administers_server(user):
        return User.objects.select_related("organization")
    return (
        User.objects.select_related("organization")
        .filter(organization__in=organizations_administered_by(user))
        .exclude(role=Role.ADMINISTRATOR)
    )


def extensions_administered_by(user: User) -> QuerySet[Extension]:
    return Extension.objects.select_related("organization", "owner").filter(
        organization__in=organizations_administered_by(user)
    )


def trunks_seen_by(user: User) -> QuerySet[Trunk]:
    """Only an administrator changes trunks (they reach into the network); an organization's may look and test."""
    trunks = Trunk.objects.select_related("organization")
    if administers_server(user):
        return trunks
    return trunks.filter(organization__in=organizations_administered_by(user))


def blocked_seen_by(user: User) -> QuerySet[BlockedDestination]:
    """Those of the whole server too: they hold for everybody, and only an administrator changes them."""
    blocked = BlockedDestination.objects.select_related("organization")
    if administers_server(user):
        return blocked
    if not administers(user):
        return blocked.none()
    return blocked.filter(Q(organization_id=user.organization_id) | Q(organization=None))


def audit_seen_by(user: User) -> QuerySet[AuditEntry]:
    entries = AuditEntry.objects.select_related("organization")
    if administers_server(user):
        return entries
    return entries.filter(organization__in=organizations_administered_by(user))


def incoming_mails_seen_by(user: User) -> QuerySet[IncomingMail]:
    """Those that came for the extensions that the user administers; an administrator sees all."""
    mails = IncomingMail.objects.select_related("extension__organization", "fax")
    if administers_server(user):
        return mails
    return mails.filter(extension__in=extensions_administered_by(user).values("pk"))
