"""Mailboxes that faxes are fetched from: switched on and off, removed. Each is written into the audit list."""

from django.db import transaction

from caselli.directory import audit, change
from caselli.directory.audit import Actor, Change
from caselli.directory.forms import MailboxForm
from caselli.store.listen import MAILBOX_CHANNEL, tell
from caselli.store.models import AuditEntry, MailSource


def switch(source: MailSource, actor: Actor, *, enabled: bool) -> MailSource:
    """The mailbox as it then is. What is so already is not noted again."""
    with transaction.atomic():
        locked = MailSource.objects.select_for_update().get(pk=source.pk)
        if locked.enabled != enabled:
            old, new = ("off", "on") if enabled else ("on", "off")
            locked.enabled, locked.trouble = enabled, ""
            locked.save(update_fields=["enabled", "trouble"])
            audit.note(actor, AuditEntry.Deed.CHANGED, MailboxForm.kind, locked, None, [Change("In service", old, new)])
            tell(MAILBOX_CHANNEL)
    return locked


def remove(source: MailSource, actor: Actor) -> None:
    """Its mails stay where they are, and the faxes that came from it."""
    with transaction.atomic():
        change.remove(source, MailboxForm.kind, None, actor)
        tell(MAILBOX_CHANNEL)
