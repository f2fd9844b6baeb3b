"""Take away a lost second factor: the password alone opens until a new one is set up."""

from allauth.mfa.models import Authenticator
from django.db import transaction

from caselli.directory import audit
from caselli.directory.audit import Actor, Change
from caselli.directory.sign_out import sign_out_everywhere
from caselli.store.models import AuditEntry, User


def take_away(user: User, actor: Actor) -> bool:
    """App, passkeys and recovery codes; whether there were any. Who holds the lost device is signed out."""
    with transaction.atomic():
        taken, _ = Authenticator.objects.filter(user_id=user.pk).delete()
        if taken:
            change = Change("Second factor", "set up", "taken away")
            audit.note(actor, AuditEntry.Deed.CHANGED, "user", user, user.organization, [change])
            sign_out_everywhere(user)
    return bool(taken)
