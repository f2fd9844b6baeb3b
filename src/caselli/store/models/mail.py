"""Mails that we send."""

import uuid

from django.db import models

from caselli.store.models.fax import Fax, ReceivedFax


class OutgoingMail(models.Model):
    """A mail that is to go out, written in the transaction of what it tells. ``notice.outbox`` sends it.

    ``content`` is the whole message (RFC 5322), empty as soon as it went out. ``key`` makes a repeated notice the same
    mail. ``recipients``: the addresses of the envelope, in lower case. ``fax`` and ``received``: what it speaks of, and
    may have attached; what is erased there is erased here.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        KEPT = "kept", "Kept as a file"
        FAILED = "failed", "Refused"
        ERASED = "erased", "Erased"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(max_length=160, unique=True, null=True, blank=True)
    sender = models.CharField(max_length=320)
    recipients = models.JSONField(default=list)
    subject = models.CharField(max_length=300)
    content = models.BinaryField(default=b"")
    fax = models.ForeignKey(Fax, models.SET_NULL, null=True, blank=True, related_name="+")
    received = models.ForeignKey(ReceivedFax, models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    added_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["next_try_at"], name="mail_waiting", condition=models.Q(state="waiting")),
            models.Index(fields=["added_at"], name="mail_age"),
        ]
