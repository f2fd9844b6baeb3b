"""Keys of programs, what they asked before, files they promise, and where they want to hear of events."""

import uuid

from django.db import models

from caselli.store.models.fax import Event, Fax
from caselli.store.models.organization import Organization
from caselli.store.models.people import User


class ApiKey(models.Model):
    """A secret by which a program acts as ``person``. Of the secret only its digest is kept (SHA-256, hexadecimal), and
    ``shown``, its first characters. ``scopes``: values of ``directory.scopes.Scope``. A ``sandbox`` key reaches the
    built-in answering machine alone.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(User, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    shown = models.CharField(max_length=30)
    scopes = models.JSONField(default=list)
    sandbox = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_used_ip = models.GenericIPAddressField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="taken back by a person")

    class Meta:
        ordering = ["-id"]


class RepeatableRequest(models.Model):
    """A request with an Idempotency-Key, kept for a day. ``caller``: the key or the app that asked; ``status`` is empty
    while the first one is still at work.
    """

    caller = models.CharField(max_length=60)
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64, help_text="of what was asked: method, path and body")
    begun_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    headers = models.JSONField(default=dict)
    answer = models.BinaryField(default=b"")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="repeatable_request_once")]
        indexes = [models.Index(fields=["begun_at"], name="repeatable_request_age")]


class PromisedFile(models.Model):
    """A document that a program will put at an address of ours, once, before ``ends_at`` (UnifiedAPI, v5).

    ``digest``: of the secret in that address. ``blob`` is empty until it came. Its fax is *received* until then.
    """

    fax = models.ForeignKey(Fax, models.CASCADE, related_name="promised")
    position = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField(null=True, blank=True, help_text="bytes, where it was said")
    ends_at = models.DateTimeField()
    came_at = models.DateTimeField(null=True, blank=True)
    blob = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["fax", "position"], name="promised_file_once")]
        indexes = [
            models.Index(fields=["ends_at"], name="promised_file_due", condition=models.Q(came_at__isnull=True)),
            models.Index(fields=["blob"], name="promised_file_blob", condition=models.Q(blob__gt="")),
        ]


class Webhook(models.Model):
    """An address that hears of an organization's events. ``kinds``: which; empty for all. ``after``: the number of the
    last event that was handed out to it. ``secret`` as Standard Webhooks writes it (``whsec_...``); messages are signed
    with ``former_secret`` too until ``former_until``.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="webhooks")
    name = models.CharField(max_length=60)
    url = models.CharField(max_length=500)
    secret = models.CharField(max_length=120)
    former_secret = models.CharField(max_length=120, blank=True, default="", db_default="")
    former_until = models.DateTimeField(null=True, blank=True)
    kinds = models.JSONField(default=list)
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    tested_at = models.DateTimeField(null=True, blank=True)
    after = models.BigIntegerField(default=0)
    trouble = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class WebhookMessage(models.Model):
    """One event for one webhook: at least once, for three days. ``url``: of this fax alone (``callback_url``), where it
    belongs to no webhook.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Given up"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    webhook = models.ForeignKey(Webhook, models.CASCADE, null=True, blank=True, related_name="messages")
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    url = models.CharField(max_length=500, blank=True, default="")
    event = models.ForeignKey(Event, models.CASCADE, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=40)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    added_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="of the last answer (HTTP)")
    answer = models.CharField(max_length=300, blank=True, default="", help_text="its first words, or the trouble")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["webhook", "event", "kind"],
                name="webhook_message_once",
                condition=models.Q(event__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], name="webhook_message_waiting", condition=models.Q(state="waiting")),
            models.Index(fields=["webhook", "-id"], name="webhook_messages_of"),
            models.Index(fields=["added_at"], name="webhook_message_age"),
        ]


class RequestBucket(models.Model):
    """How much a caller may still ask: ``full_at`` is when the bucket will be full again, which is all there is to
    know of it (doors/api/limits.py). No index on it: each request writes it. The table is not logged: after a crash
    of the database every bucket is full.
    """

    caller = models.CharField(max_length=120, primary_key=True)
    full_at = models.DateTimeField()
