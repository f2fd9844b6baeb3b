"""Messages to webhooks: made of events, handed out in order, tried again for three days, and forgotten."""

import base64
import hashlib
import hmac
import random
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from standardwebhooks import Webhook as Signer

from caselli.history import events
from caselli.notice import webhook_rules as rules
from caselli.notice.rules import one_line
from caselli.notice.webhook_off import switch_off
from caselli.notice.webhook_rules import Verdict
from caselli.store.listen import tell
from caselli.store.models import Event, User, Webhook, WebhookMessage

log = structlog.get_logger()
State = WebhookMessage.State

WEBHOOK_CHANNEL = "caselli_webhooks"
"""A webhook was added or changed, or there is a message that no event made. No payload."""
AT_ONCE = 8
"""Messages to one address that are taken in hand together; they go one after the other."""
LEASE = timedelta(minutes=3)
"""They take 15 seconds each at most (webhook_post.TOTAL). When a process dies, they are tried again after this."""
WINDOW = 1_000
KEPT_FOR = timedelta(days=30)
NOT_YET_TOLD = timedelta(days=1)
"""So far back, at most, lies a step whose own job has not made its message yet."""


def new_secret() -> str:
    """As Standard Webhooks writes it: 24 to 64 random bytes."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def callback_secret(person: User) -> str:
    """By which the messages about the faxes of this person's keys are signed, where a fax has an address of its own.

    Nothing is kept: it follows from the server's own secret.
    """
    derived = hmac.new(settings.SECRET_KEY.encode(), f"callback {person.pk}".encode(), hashlib.sha256).digest()
    return "whsec_" + base64.b64encode(derived).decode()


def check_url(url: str) -> rules.Target:
    """Whether it may be an address of messages, as far as it tells itself. Raises NotAllowed, in words for people."""
    return rules.target_of(url, private=bool(settings.CONFIGURATION.webhooks_private))


def hand_out(upto: int, organizations: Collection[int] | None = None) -> int:
    """Make messages of what happened, up to that step, which must be settled. None: in all organizations. How many."""
    due = Webhook.objects.filter(enabled=True, after__lt=upto)
    if organizations is not None:
        due = due.filter(organization__in=organizations)
    made = 0
    for key in due.values_list("pk", flat=True):
        more = True
        while more:
            count, more = _hand_out(key, upto)
            made += count
    return made


def _hand_out(key: int, upto: int) -> tuple[int, bool]:
    """One portion: how many messages, and whether there is more."""
    with transaction.atomic():
        due = Webhook.objects.select_for_update(skip_locked=True, no_key=True)
        webhook = due.filter(pk=key, enabled=True, after__lt=upto).first()
        if webhook is None:
            return 0, False
        steps = events.of_organization(webhook.organization_id, webhook.after, upto)
        if not steps:
            return 0, False
        now = timezone.now()
        messages = [
            WebhookMessage(
                webhook=webhook,
                organization_id=webhook.organization_id,
                event_id=one.step,
                kind=one.kind,
                body=one.body,
                added_at=now,
                next_try_at=now,
            )
            for one in events.told(steps, webhook.kinds)
        ]
        WebhookMessage.objects.bulk_create(messages, ignore_conflicts=True)
        Webhook.objects.filter(pk=key).update(after=steps[-1].pk)
    return len(messages), len(steps) == events.STEPS_AT_ONCE


def call_back(event_id: int) -> None:
    """Of a fax with an address of its own; promised in the transaction of the step. Once more does no harm.

    The jobs of quick steps run side by side: whichever comes first makes the messages of those before it too, so that
    all are in order.
    """
    step = Event.objects.select_related("fax").filter(pk=event_id).first()
    if step is None or not step.fax.callback_url or step.fax.added_by_id is None:
        return
    now, ours = timezone.now(), WebhookMessage.objects.filter(webhook=None, event__fax=step.fax_id)
    with transaction.atomic():
        first = Event.objects.filter(fax=step.fax_id).order_by("pk")[:1]
        list(first.select_for_update(no_key=True))  # nobody else writes there: one job of a fax at a time
        made = set(ours.values_list("event_id", "kind"))
        told = events.told(events.of_fax(step.fax_id, step.at - NOT_YET_TOLD, event_id))
        WebhookMessage.objects.bulk_create(
            WebhookMessage(
                organization_id=one.organization_id,
                url=step.fax.callback_url,
                event_id=one.step,
                kind=one.kind,
                body=one.body,
                added_at=now,
                next_try_at=now,
            )
            for one in told
            if (one.step, one.kind) not in made
        )
        tell(WEBHOOK_CHANNEL)


def listening() -> set[int]:
    """Organizations with a webhook in service."""
    return set(Webhook.objects.filter(enabled=True).values_list("organization_id", flat=True))


@dataclass(frozen=True, slots=True)
class Letter:
    """A message on its way. ``name``: the same at each try, so that whoever gets it twice knows it."""

    key: int
    name: str
    body: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages to one address, in order. ``place`` names the address among others; ``secrets``: the newest first."""

    place: str
    url: str
    secrets: tuple[str, ...]
    letters: tuple[Letter, ...]


def claim(busy: Collection[str], most: int) -> tuple[list[Batch], float | None]:
    """Take what is due in hand, of up to ``most`` addresses that are not ``busy``; and the seconds until something
    else is due, None when nothing waits.
    """
    now = timezone.now()
    open_ones = _sendable(busy)
    with transaction.atomic():
        due = open_ones.filter(next_try_at__lte=now).order_by("pk")[:WINDOW]
        chosen = _chosen(due.values_list("pk", *_PLACED), most)
        locked = (
            WebhookMessage.objects.filter(pk__in=chosen, state=State.WAITING, next_try_at__lte=now)
            .select_related("webhook", "event__fax__added_by")
            .select_for_update(of=("self",), skip_locked=True, no_key=True)
            .order_by("pk")
        )
        messages = list(locked)
        WebhookMessage.objects.filter(pk__in=[one.pk for one in messages]).update(next_try_at=now + LEASE)
    batches: dict[str, list[WebhookMessage]] = {}
    for one in messages:
        person = one.event.fax.added_by_id if one.event else None
        batches.setdefault(_place(one.webhook_id, person, one.url), []).append(one)
    following = open_ones.order_by("next_try_at").values_list("next_try_at", flat=True).first()
    wait = max(0.0, (following - now).total_seconds()) if following else None
    return [_batch(place, ours, now) for place, ours in batches.items()], wait


_PLACED = ("webhook_id", "event__fax__added_by_id", "url")


def _place(webhook_id: int | None, person_id: int | None, url: str) -> str:
    """A webhook; or what one person's faxes name: nobody else's secret signs what goes there."""
    return f"url {person_id} {url}" if webhook_id is None else f"hook {webhook_id}"


def _sendable(busy: Collection[str]) -> QuerySet[WebhookMessage]:
    """All that wait, but for those to a place that is ``busy``."""
    in_service = Q(webhook__enabled=True) | Q(webhook=None)
    waiting = WebhookMessage.objects.filter(in_service, state=State.WAITING, next_try_at__isnull=False)
    kinds = [one.split(" ", 2) for one in busy]
    hooks = [int(one[1]) for one in kinds if one[0] == "hook"]
    if hooks:
        waiting = waiting.filter(Q(webhook=None) | ~Q(webhook__in=hooks))
    for _, person, url in (one for one in kinds if one[0] == "url"):
        waiting = waiting.exclude(webhook=None, event__fax__added_by=int(person), url=url)
    return waiting


def _chosen(due: Iterable[tuple[int, int | None, int | None, str]], most: int) -> list[int]:
    places: dict[str, list[int]] = {}
    for key, webhook_id, person_id, url in due:
        place = _place(webhook_id, person_id, url)
        if place in places or len(places) < most:
            ours = places.setdefault(place, [])
            if len(ours) < AT_ONCE:
                ours.append(key)
    return [key for ours in places.values() for key in ours]


def _batch(place: str, messages: list[WebhookMessage], now: datetime) -> Batch:
    first = messages[0]
    letters = tuple(letter_of(one) for one in messages)
    if first.webhook is not None:
        return Batch(place, first.webhook.url, secrets_of(first.webhook, now), letters)
    assert first.event is not None
    assert first.event.fax.added_by is not None
    return Batch(place, first.url, (callback_secret(first.event.fax.added_by),), letters)


def letter_of(message: WebhookMessage) -> Letter:
    return Letter(message.pk, f"msg_{message.uid.hex}", message.body)


def secrets_of(webhook: Webhook, now: datetime) -> tuple[str, ...]:
    former = webhook.former_secret and webhook.former_until is not None and webhook.former_until > now
    return (webhook.secret, webhook.former_secret) if former else (webhook.secret,)


def signed(letter: Letter, keys: Iterable[str], now: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks. ``now``: in UTC."""
    signatures = [Signer(one).sign(letter.name, now, letter.body) for one in keys]
    return {
        "webhook-id": letter.name,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def note(key: int, status: int | None, answer: str, retry_after: str = "", behind: Collection[int] = ()) -> Verdict:
    """What came of one try. ``answer``: its first words, or the trouble; ``retry_after``: the header. ``behind``: the
    messages in hand that are not sent now where the address is away, or asks for time.
    """
    now = timezone.now()
    asked = rules.asked_pause(status, retry_after, now)
    verdict = rules.verdict_of(status, asked)
    with transaction.atomic():
        message = (
            WebhookMessage.objects.select_for_update(of=("self",), no_key=True)
            .select_related("webhook")
            .filter(pk=key, state=State.WAITING)
            .first()
        )
        if message is None:  # its webhook was removed meanwhile
            return verdict
        message.tries += 1
        message.status, message.answer = status, one_line(answer, 300)
        own = rules.pause(message.tries, random.random())  # noqa: S311 - spreads tries, guards nothing
        age = now - message.added_at
        wait = rules.granted(own, asked, age)
        if verdict is Verdict.TAKEN:
            _end(message, State.DELIVERED, now)
        elif verdict is Verdict.GONE or rules.gives_up(age, own):
            _end(message, State.FAILED, now)
            _look_at_webhook(message, verdict)
        else:
            message.next_try_at = now + wait
        message.save()
        if verdict in {Verdict.AWAY, Verdict.LATER}:
            _put_off_others(message, now + wait, behind)
    return verdict


def _end(message: WebhookMessage, state: WebhookMessage.State, now: datetime) -> None:
    message.state, message.ended_at, message.next_try_at = state, now, None


def _put_off_others(message: WebhookMessage, until: datetime, behind: Collection[int]) -> None:
    """One message in turn finds out when somebody answers, or has time, again."""
    same = Q(webhook=message.webhook_id) if message.webhook_id else Q(webhook=None, url=message.url)
    sooner = Q(next_try_at__lt=until) | Q(pk__in=behind)  # those behind are out of hand before their lease ends
    others = WebhookMessage.objects.filter(same, sooner, state=State.WAITING).exclude(pk=message.pk)
    others.update(next_try_at=until)


def _look_at_webhook(message: WebhookMessage, verdict: Verdict) -> None:
    """A webhook that took nothing for as long as this message waited is switched off."""
    webhook = message.webhook
    if webhook is None:
        return
    if verdict is Verdict.GONE:
        switch_off(webhook, "The address answered 410: nothing may be sent there any more.")
        return
    taken = WebhookMessage.objects.filter(webhook=webhook, state=State.DELIVERED, ended_at__gt=message.added_at)
    if not taken.exists():
        days = rules.GIVES_UP_AFTER.days
        switch_off(webhook, f"It took no message for {days} days. {rules.words_of(message.status, message.answer)}")


def redeliver(message: WebhookMessage) -> None:
    """Send it once more, now: also one that was taken. The address is asked as often as a new message would be, as
    long as the three days last.
    """
    with transaction.atomic():
        WebhookMessage.objects.filter(pk=message.pk).update(
            state=State.WAITING, next_try_at=timezone.now(), ended_at=None, tries=0
        )
        tell(WEBHOOK_CHANNEL)


def forget_old() -> int:
    """Messages whose days are over, and those that wait for a webhook that is switched off."""
    now = timezone.now()
    WebhookMessage.objects.filter(
        state=State.WAITING, webhook__enabled=False, added_at__lt=now - rules.GIVES_UP_AFTER
    ).update(state=State.FAILED, ended_at=now, next_try_at=None)
    return WebhookMessage.objects.filter(added_at__lt=now - KEPT_FOR).delete()[0]
