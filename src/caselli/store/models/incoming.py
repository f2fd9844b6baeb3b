"""Mails that come in, and the mailboxes they are fetched from."""

import uuid

from django.db import models
from django.db.models import Value

from caselli.store.models.fax import Fax
from caselli.store.models.organization import Organization, between
from caselli.store.models.people import Extension, User


class IncomingMail(models.Model):
    """A mail that was taken: written, with its content on the shelf, before its sender is told so.

    ``blob`` is the whole message (RFC 5322), empty as soon as it became a fax or was refused. ``fingerprint``: of the
    sender and the Message-ID, kept for a window of time, so that a mail sent again is no second one.
    ``sender``: the authorized address it came from, as ``AuthorizedAddress`` keeps it; ``reverse_path`` and ``helo``:
    what the dialogue said (RFC 5321), ``client_ip`` who spoke there.

    ``spf``, ``dkim``, ``dmarc``: results in the words of RFC 8601, empty until they are known; ``judged_by``: the name
    of the front server that found them, empty where it was us.

    ``confirmed_at``, ``confirmed_ip``: the sender's yes, by the link, or by ``confirmed_by`` who was signed in, or
    because the extension trusts its proven sender (then without IP); ``link_used_at``: when the link had an effect
    last; ``warned_at``: when it was told that the fax will be erased.
    """

    class Via(models.TextChoices):
        SMTP = "smtp", "SMTP"
        LMTP = "lmtp", "LMTP"
        IMAP = "imap", "IMAP"

    class State(models.TextChoices):
        WAITING = "waiting", "Waits to be read"
        FAXED = "faxed", "Became a fax"
        REFUSED = "refused", "Refused"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    via = models.CharField(max_length=4, choices=Via.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    fingerprint = models.CharField(max_length=64, null=True, blank=True, unique=True)
    message_id = models.CharField(max_length=300, blank=True, default="")
    sender = models.CharField(max_length=254)
    subject = models.CharField(max_length=300, blank=True, default="")
    extension = models.ForeignKey(Extension, models.PROTECT, related_name="+")
    automatic = models.BooleanField(default=False, help_text="nobody is to answer it (RFC 3834)")
    reverse_path = models.CharField(max_length=320, blank=True, default="")
    helo = models.CharField(max_length=255, blank=True, default="")
    client_ip = models.GenericIPAddressField(null=True, blank=True)
    blob = models.CharField(max_length=64, blank=True, default="")
    size = models.PositiveBigIntegerField(default=0)
    received_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    refusal = models.CharField(max_length=40, blank=True, default="", help_text="slug, fax/refusals.py")
    words = models.TextField(blank=True, default="", help_text="why it was refused, or what is the trouble")
    left_out = models.JSONField(default=list, help_text="sentences: what of it is not in the fax, and why")
    spf = models.CharField(max_length=10, blank=True, default="")
    dkim = models.CharField(max_length=10, blank=True, default="")
    dmarc = models.CharField(max_length=10, blank=True, default="")
    judged_by = models.CharField(max_length=253, blank=True, default="")
    fax = models.OneToOneField(Fax, models.CASCADE, null=True, blank=True, related_name="mail")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_ip = models.GenericIPAddressField(null=True, blank=True)
    link_used_at = models.DateTimeField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="incoming_mail_waits_with_its_content",
                condition=~models.Q(state="waiting") | (models.Q(blob__gt="") & models.Q(next_try_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], name="incoming_mail_waiting", condition=models.Q(state="waiting")),
            models.Index(fields=["received_at"], name="incoming_mail_age"),
            models.Index(fields=["blob"], name="incoming_mail_blob", condition=models.Q(blob__gt="")),
        ]


class MailSource(models.Model):
    """A mailbox that faxes are fetched from by IMAP. What was taken is moved to ``done_folder``, what was not to
    ``refused_folder``. With ``token_url`` the sign-in is OAuth 2.0, by the refresh token, or where there is none by
    the client's own credentials for ``token_scope``; without it by the password.

    ``refused``: of the last mails that were not taken, the newest first: ``at`` (ISO 8601), ``sender``, ``subject``,
    ``words`` and whether it was ``answered``.
    """

    class Security(models.TextChoices):
        TLS = "tls", "TLS from the first byte"
        STARTTLS = "starttls", "STARTTLS"

    name = models.CharField(max_length=60, unique=True)
    enabled = models.BooleanField(default=True)
    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField(default=993, validators=between(1, 65_535))
    security = models.CharField(max_length=8, choices=Security.choices, default=Security.TLS)
    username = models.CharField(max_length=254)
    password = models.CharField(max_length=500, blank=True, default="")
    token_url = models.CharField(max_length=500, blank=True, default="")
    client_id = models.CharField(max_length=500, blank=True, default="")
    client_secret = models.CharField(max_length=2000, blank=True, default="")
    refresh_token = models.TextField(blank=True, default="")
    token_scope = models.CharField(max_length=300, blank=True, default="", db_default="")
    folder = models.CharField(max_length=200, default="INBOX")
    done_folder = models.CharField(max_length=200, default="Faxed")
    refused_folder = models.CharField(max_length=200, default="Not faxed")
    looked_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=300, blank=True, default="")
    refused = models.JSONField(default=list, db_default=Value([], models.JSONField()))

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class MailTemplate(models.Model):
    """An organization's own words for a notice (``notice.rules.Happening``); where there is none, ours stand."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="mail_templates")
    happening = models.CharField(max_length=30)
    subject = models.CharField(max_length=300)
    body = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "happening"], name="mail_template_once")]

    def __str__(self) -> str:
        return self.happening.replace("_", " ")
