"""Who may see what, and who may act. Every door asks here; what one may not see does not exist (404)."""

from django.db.models import QuerySet

from caselli.store.models import Extension, Fax, Role, User


def extensions_seen_by(user: User) -> QuerySet[Extension]:
    """An administrator sees all, an organization administrator those of the organization, a user their own."""
    everything = Extension.objects.select_related("organization", "owner")
    if not user.is_active:
        return everything.none()
    if user.role == Role.ADMINISTRATOR:
        return everything
    if user.role == Role.ORGANIZATION_ADMINISTRATOR and user.organization_id is not None:
        return everything.filter(organization_id=user.organization_id)
    if user.organization_id is None:
        return everything.none()
    return everything.filter(owner_id=user.pk, organization_id=user.organization_id)


def faxes_seen_by(user: User) -> QuerySet[Fax]:
    faxes = Fax.objects.select_related("organization", "extension__organization", "approved_by", "added_by")
    if user.is_active and user.role == Role.ADMINISTRATOR:
        return faxes
    return faxes.filter(extension__in=extensions_seen_by(user))


def may_act(user: User, extension: Extension) -> bool:
    """Whether the user may send from the extension, and cancel and resend its faxes."""
    return extensions_seen_by(user).filter(pk=extension.pk).exists()
