"""A webhook that fails for long is switched off, and those who administer are told."""

from datetime import datetime
from urllib.parse import urlsplit

from django.db.models import Q
from django.utils import timezone

from caselli.directory import audit
from caselli.directory.audit import Actor, Change
from caselli.notice import letter, values
from caselli.notice.letter import To
from caselli.notice.outbox import About
from caselli.notice.rules import one_line
from caselli.store.models import AuditEntry, Role, User, Webhook

KIND = "webhook"
BY = "Caselli"
"""In the audit list: nobody switched it off but we."""


def switch_off(webhook: Webhook, why: str) -> None:
    """In the caller's transaction. Where it is off already, nobody is told again."""
    trouble = one_line(why, 300)
    if not Webhook.objects.filter(pk=webhook.pk, enabled=True).update(enabled=False, trouble=trouble):
        return
    audit.note(
        Actor(name=BY),
        AuditEntry.Deed.CHANGED,
        KIND,
        webhook,
        webhook.organization,
        [Change("In service", "on", "off")],
    )
    now = timezone.now()
    for person in _who_hears(webhook):
        letter.post(
            To(person.email, person.called),
            one_line(f"The webhook “{webhook.name}” is switched off", 180),
            _body(webhook, trouble),
            About(key=_key(webhook, person, now)),
        )


def _who_hears(webhook: Webhook) -> list[User]:
    administrators = Q(organization=webhook.organization, role=Role.ORGANIZATION_ADMINISTRATOR)
    people = User.objects.filter(administrators | Q(pk=webhook.created_by_id), is_active=True)
    return [one for one in people.order_by("pk") if one.email]


def _key(webhook: Webhook, person: User, now: datetime) -> str:
    return f"webhook {webhook.pk} off {now.isoformat()} {person.pk}"


def _body(webhook: Webhook, trouble: str) -> str:
    host = urlsplit(webhook.url).hostname or webhook.url
    return (
        f"Caselli sends no more messages to the webhook “{webhook.name}” at {host}.\n\n"
        f"{trouble}\n\n"
        "What happens from now on is not kept for it. Mend the address, then test it and switch it on again:\n"
        f"{values.address(f'/administration/webhooks/{webhook.uid}')}\n"
    )
