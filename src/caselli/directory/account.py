"""What happens to accounts is written down: into the log, for the person, and changes into the audit list."""

import structlog
from django.db import transaction
from django.utils import timezone

from caselli.directory import audit
from caselli.directory.audit import Actor, Change
from caselli.store.models import AccountEvent, AuditEntry, User

KEPT = 20
"""Of each person, the newest."""
What = AccountEvent.What
_FAILURES = {What.WRONG_PASSWORD, What.WRONG_CODE}
_IN_THE_AUDIT_LIST = {
    What.PASSWORD_CHANGED: Change("Password", "(secret)", "(another secret)"),
    What.PASSWORD_RESET: Change("Password", "(secret)", "(another secret, by a link from a mail)"),
    What.APP_ADDED: Change("Authenticator app", "–", "added"),
    What.APP_REMOVED: Change("Authenticator app", "added", "–"),
    What.PASSKEY_ADDED: Change("Passkey", "–", "added"),
    What.PASSKEY_REMOVED: Change("Passkey", "added", "–"),
    What.CODES_MADE: Change("Recovery codes", "(secret)", "(other secrets)"),
}

log = structlog.get_logger()


def note(user: User, what: What, ip: str | None) -> None:
    (log.warning if what in _FAILURES else log.info)("account", what=str(what.label), login=user.username, ip=ip)
    with transaction.atomic():
        AccountEvent.objects.create(user=user, at=timezone.now(), ip=ip, what=what)
        newest = AccountEvent.objects.filter(user=user).values("pk")[:KEPT]
        AccountEvent.objects.filter(user=user).exclude(pk__in=newest).delete()
        if change := _IN_THE_AUDIT_LIST.get(what):
            actor = Actor(user, ip)
            audit.note(actor, AuditEntry.Deed.CHANGED, "user", user, user.organization, [change])


def note_unknown(ip: str | None) -> None:
    """A login that nobody has: it is not repeated, people type their password there by mistake."""
    log.warning("account", what="Unknown login", ip=ip)
