"""What people do with webhooks: test, switch, change the secret, remove. Each stands in the audit list."""

import asyncio
import json
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from caselli.directory import audit, change
from caselli.directory.access import administers_server, organizations_administered_by
from caselli.directory.audit import Actor, Change
from caselli.history import events
from caselli.notice import webhook_rules as rules
from caselli.notice.rules import one_line
from caselli.notice.webhook_off import KIND
from caselli.notice.webhooks import WEBHOOK_CHANNEL, State, letter_of, new_secret, secrets_of
from caselli.store.listen import tell
from caselli.store.models import AuditEntry, User, Webhook, WebhookMessage

OVERLAP = timedelta(days=1)
"""For which messages are signed with the former secret too."""
MOST = 50
"""Webhooks of one organization."""


@dataclass(frozen=True, slots=True)
class Tested:
    """What an address said to a test: ``words`` for people."""

    passed: bool
    words: str


def seen_by(user: User) -> QuerySet[Webhook]:
    """Those of the organizations that the user administers."""
    every = Webhook.objects.select_related("organization", "created_by")
    if administers_server(user):
        return every
    return every.filter(organization__in=organizations_administered_by(user))


def test(webhook: Webhook) -> Tested:
    """Send a test message, and wait for the answer: 15 seconds at most. It goes into service when it is taken, and a
    new one stays off when it is not. What is in service already stays so.
    """
    from caselli.notice.webhook_post import Post, send_one  # the library, when somebody asks

    now = timezone.now()
    body = {"type": rules.TEST, "timestamp": events.moment(now), "data": {"webhook": str(webhook.uid)}}
    message = WebhookMessage.objects.create(
        webhook=webhook,
        organization_id=webhook.organization_id,
        kind=rules.TEST,
        body=json.dumps(body),
        added_at=now,
    )
    post = Post(settings.CONFIGURATION.webhooks_private)
    try:
        answer = asyncio.run(send_one(post, webhook.url, secrets_of(webhook, now), letter_of(message)))
    finally:
        post.close()
    _note_test(webhook, message, answer.status, one_line(answer.text, 300))
    if answer.taken:
        return Tested(True, f"The address answered {answer.status}. The webhook is in service.")
    return Tested(False, rules.words_of(answer.status, message.answer))


def _note_test(webhook: Webhook, message: WebhookMessage, status: int | None, answer: str) -> None:
    now, passed = timezone.now(), rules.verdict_of(status) is rules.Verdict.TAKEN
    message.tries, message.status, message.answer, message.ended_at = 1, status, answer, now
    message.state = State.DELIVERED if passed else State.FAILED
    with transaction.atomic():
        message.save()
        locked = Webhook.objects.select_for_update(no_key=True).filter(pk=webhook.pk).first()
        if locked is None:
            return
        if passed and not locked.enabled:
            locked.after = events.newest()
        locked.enabled = locked.enabled or passed
        locked.trouble = "" if passed else one_line(rules.words_of(status, answer), 300)
        locked.tested_at = now
        locked.save(update_fields=["enabled", "trouble", "tested_at", "after"])
        tell(WEBHOOK_CHANNEL)
    webhook.enabled, webhook.trouble, webhook.tested_at = locked.enabled, locked.trouble, now


def switch(webhook: Webhook, actor: Actor, *, enabled: bool) -> Webhook:
    """As it then is. What happened while it was off is not sent later; what waited before, is."""
    with transaction.atomic():
        locked = Webhook.objects.select_for_update(no_key=True, of=("self",)).select_related("organization")
        found = locked.get(pk=webhook.pk)
        if found.enabled != enabled:
            found.enabled = enabled
            if enabled:
                found.after, found.trouble = events.newest(), ""
            found.save(update_fields=["enabled", "after", "trouble"])
            old, new = ("off", "on") if enabled else ("on", "off")
            _note(found, actor, Change("In service", old, new))
            tell(WEBHOOK_CHANNEL)
    return found


def change_secret(webhook: Webhook, actor: Actor) -> str:
    """The new secret, which nobody can read again; for a day messages carry a signature with the former one too."""
    fresh = new_secret()
    with transaction.atomic():
        found = Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk)
        found.former_secret, found.former_until = found.secret, timezone.now() + OVERLAP
        found.secret = fresh
        found.save(update_fields=["secret", "former_secret", "former_until"])
        _note(found, actor, Change("Secret", "(secret)", "(another secret)"))
    return fresh


def remove(webhook: Webhook, actor: Actor) -> None:
    """With its log."""
    with transaction.atomic():
        change.remove(webhook, KIND, webhook.organization, actor)
        tell(WEBHOOK_CHANNEL)


def _note(webhook: Webhook, actor: Actor, *changes: Change) -> None:
    audit.note(actor, AuditEntry.Deed.CHANGED, KIND, webhook, webhook.organization, changes)
