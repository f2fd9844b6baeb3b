"""The faxes of an extension, shown to a colleague, or to everybody of its organization; and no longer."""

from django.db import transaction

from caselli.directory import audit
from caselli.directory.audit import Actor, Change
from caselli.store.models import AuditEntry, Extension, Share, User

READ, ACT = "may read", "may read and act"
EVERYBODY = "everybody of the organization"


class NotShared(ValueError):  # noqa: N818 - it names what happened
    """It cannot be shared so; the text says why."""


def share(extension: Extension, user: User | None, actor: Actor, *, may_act: bool) -> Share:
    """With ``user``, or with everybody (None); once more with the other right changes the right. Raises NotShared."""
    if user is not None and user.organization_id != extension.organization_id:
        raise NotShared(f"{user} does not belong to {extension.organization}. Share with somebody of it.")
    if user is not None and user.pk == extension.owner_id:
        raise NotShared(f"{user} is the owner of {extension} and sees its faxes already.")
    with transaction.atomic():
        before = Share.objects.select_for_update().filter(extension=extension, user=user).first()
        kept, _ = Share.objects.update_or_create(extension=extension, user=user, defaults={"may_act": may_act})
        old, new = words(before), words(kept)
        if old != new:
            _note(actor, extension, Change(_with(user), old, new))
    return kept


def unshare(shared: Share, actor: Actor) -> None:
    extension, user, old = shared.extension, shared.user, words(shared)
    with transaction.atomic():
        shared.delete()
        _note(actor, extension, Change(_with(user), old, words(None)))


def words(shared: Share | None) -> str:
    if shared is None:
        return "may not read"
    return ACT if shared.may_act else READ


def _with(user: User | None) -> str:
    return f"Shared with {user or EVERYBODY}"


def _note(actor: Actor, extension: Extension, change: Change) -> None:
    audit.note(actor, AuditEntry.Deed.CHANGED, "extension", extension, extension.organization, [change])
