"""A fax, its documents, its deliveries and their attempts, and everything that happened to it."""

import uuid
from collections.abc import Iterable

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from caselli.fax.status import DELIVERY_START, FAX_START, DeliveryStatus, FaxStatus, ShownStatus
from caselli.store.grams import grams_of_fax
from caselli.store.models.organization import Organization
from caselli.store.models.people import Extension, User
from caselli.store.models.trunk import Trunk


def _choices(names: type[FaxStatus] | type[DeliveryStatus] | type[ShownStatus]) -> list[tuple[str, str]]:
    return [(one.value, one.value) for one in names]


class Channel(models.TextChoices):
    WEB = "web", "Web"
    EMAIL = "email", "Email"
    API = "api", "API"
    CONSOLE = "console", "Command line"


class ApprovedHow(models.TextChoices):
    WEB = "web", "web"
    EMAIL = "email", "email link"
    TRUSTED = "trusted", "trusted sender"
    API = "api", "API pre-approval"
    PROGRAM = "program", "API"
    CONSOLE = "console", "command line"


class Fax(models.Model):
    """One submission. ``status`` and ``shown_status`` are written by ``store.journey`` alone.

    ``pages_blob`` names the fax as it goes down the line (TIFF class F) in ``store.blobs``; ``key`` makes a repeated
    submission the same fax. ``approved_content``: the hash of what was approved (``approval.rules.content_hash``).
    ``sent_to`` and ``names`` are what a search looks through, because a search over three tables at once cannot be
    quick: the destinations of the deliveries, and the documents' names in lower case, one a line (``searchable``).
    ``held``: also after the yes it is sent only when a person says so. ``changed_by``: who changed its recipients last.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="faxes")
    extension = models.ForeignKey(Extension, models.PROTECT, related_name="faxes")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    status = models.CharField(max_length=20, choices=_choices(FaxStatus), default=FAX_START.value)
    shown_status = models.CharField(
        max_length=24, choices=_choices(ShownStatus), default=ShownStatus.NOT_APPROVED.value
    )
    key = models.CharField(max_length=64, null=True, blank=True)
    priority = models.SmallIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    pages_blob = models.CharField(max_length=64, blank=True, default="")
    pages_size = models.PositiveBigIntegerField(default=0, db_default=0, help_text="bytes of pages_blob")
    seconds_on_line = models.FloatField(default=0.0)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="faxes")
    added_ip = models.GenericIPAddressField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="approved_faxes")
    approved_ip = models.GenericIPAddressField(null=True, blank=True)
    approved_how = models.CharField(max_length=10, blank=True, default="", choices=ApprovedHow.choices)
    approved_content = models.CharField(max_length=64, blank=True, default="")
    held = models.BooleanField(default=False, db_default=False)
    changed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    sent_to = models.TextField(blank=True, default="")
    names = models.TextField(blank=True, default="")
    # What a program may say of a fax beyond what a person can (docs/api.md).
    send_at = models.DateTimeField(null=True, blank=True, help_text="approved before, it is released then")
    header_line = models.CharField(max_length=60, blank=True, default="", db_default="")
    metadata = models.JSONField(default=dict, db_default={})
    callback_url = models.CharField(max_length=500, blank=True, default="", db_default="")
    sandbox = models.BooleanField(default=False, db_default=False, help_text="to the built-in answering machine alone")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["extension", "key"], name="fax_submitted_once")]
        indexes = [
            models.Index(
                fields=["organization", "added_at"],
                name="fax_awaits_yes",
                condition=models.Q(status=FaxStatus.AWAITING_APPROVAL.value),
            ),
            models.Index(
                fields=["extension", "ended_at"],
                name="fax_to_purge",
                condition=models.Q(status__in=["released", "canceled", "refused"], ended_at__isnull=False),
            ),
            models.Index(
                fields=["added_at"],
                name="fax_unconfirmed",
                condition=models.Q(status__in=["awaiting_approval", "approved"]),
            ),
            # Whether a file still belongs to anything is asked before it is erased.
            models.Index(fields=["pages_blob"], name="fax_pages", condition=models.Q(pages_blob__gt="")),
            models.Index(
                fields=["send_at"],
                name="fax_to_be_released",
                condition=models.Q(status__in=["pre_approved", "approved"], send_at__isnull=False),
            ),
            models.Index(fields=["organization", "-added_at", "-id"], name="fax_of_organization"),
            models.Index(fields=["extension", "-added_at", "-id"], name="fax_of_extension"),
            models.Index(
                fields=["extension", "-added_at", "-id"],
                name="fax_of_sandbox",
                condition=models.Q(sandbox=True),
            ),
            # The channel behind the key is compared inside the index, before the table is read.
            models.Index(fields=["extension", "shown_status", "-added_at", "-id", "channel"], name="fax_by_status"),
            models.Index(fields=["extension", "channel", "-added_at", "-id"], name="fax_by_channel"),
            # A reader would have to go through what is not in the index yet.
            GinIndex(grams_of_fax(), name="fax_grams", fastupdate=False),
        ]


def searchable(texts: Iterable[str]) -> str:
    """As ``Fax.sent_to`` and ``Fax.names`` keep them: in lower case, one a line."""
    return "\n".join(text.casefold() for text in texts)


class StagedFile(models.Model):
    """A file that a person uploaded for a fax that is not handed in yet: kept while the form is mended, for a day.

    ``blob`` is the file as it came; ``pages_blob`` and ``seconds`` are of its pages, empty until they were made.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    extension = models.ForeignKey(Extension, models.CASCADE, related_name="+")
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    name = models.CharField(max_length=255)
    blob = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    pages = models.PositiveIntegerField(default=0)
    pages_blob = models.CharField(max_length=64, blank=True, default="")
    seconds = models.FloatField(default=0.0)
    staged_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["staged_at"], name="staged_file_age")]


class Document(models.Model):
    """A file as it was handed in. ``blob`` is empty once it is purged."""

    fax = models.ForeignKey(Fax, models.CASCADE, related_name="documents")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=10)
    blob = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    pages = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["fax", "position"], name="document_position_once")]
        indexes = [models.Index(fields=["blob"], name="document_blob", condition=models.Q(blob__gt=""))]


class Delivery(models.Model):
    """One recipient. ``destination``: E.164, or the extended number of ``to_extension``; ``given``: as it was written.

    ``phase`` and ``phase_page`` say what happens on the line now; ``pages_confirmed`` counts over all attempts.
    ``cancel_wished``: a person wants the call under way ended. ``organization``, ``extension`` and ``sandbox`` are the
    fax's: the claim shares the lines out by them. ``name``: what a program calls the recipient, for people only.
    """

    fax = models.ForeignKey(Fax, models.CASCADE, related_name="deliveries")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    extension = models.ForeignKey(Extension, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    given = models.CharField(max_length=60)
    destination = models.CharField(max_length=32, db_collation="C")
    to_extension = models.ForeignKey(Extension, models.PROTECT, null=True, blank=True, related_name="+")
    status = models.CharField(max_length=12, choices=_choices(DeliveryStatus), default=DELIVERY_START.value)
    cause = models.CharField(max_length=30, blank=True, default="")
    priority = models.SmallIntegerField(default=0)
    queued_at = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    dials = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)
    gear = models.PositiveSmallIntegerField(default=0)
    pages_confirmed = models.PositiveIntegerField(default=0)
    phase = models.CharField(max_length=16, blank=True, default="")
    phase_page = models.PositiveIntegerField(default=0)
    cancel_wished = models.BooleanField(default=False)
    trunk = models.ForeignKey(Trunk, models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=100, blank=True, default="", db_default="")
    sandbox = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["fax", "destination"], name="delivery_once_a_number"),
            # The race between two dialers for one number ends here.
            models.UniqueConstraint(
                fields=["destination"],
                name="delivery_one_call_a_number",
                condition=models.Q(status=DeliveryStatus.SENDING.value, to_extension__isnull=True),
            ),
            # Nothing waits without the time at which its waiting ends.
            models.CheckConstraint(
                name="delivery_waits_with_a_deadline",
                condition=(
                    (~models.Q(status=DeliveryStatus.QUEUED.value) | models.Q(queued_at__isnull=False))
                    & (~models.Q(status=DeliveryStatus.RETRY_WAIT.value) | models.Q(next_try_at__isnull=False))
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "extension", "-priority", "queued_at", "id"],
                name="delivery_queued",
                condition=models.Q(status=DeliveryStatus.QUEUED.value),
            ),
            models.Index(
                fields=["next_try_at"],
                name="delivery_retry_due",
                condition=models.Q(status=DeliveryStatus.RETRY_WAIT.value),
            ),
            models.Index(
                fields=["trunk"],
                name="delivery_on_trunk",
                condition=models.Q(status=DeliveryStatus.SENDING.value),
            ),
        ]


class Attempt(models.Model):
    """One call made for one delivery. Open while ``ended_at`` is empty; then its lease says whether it still lives.

    The ``..._at`` steps are written as they happen, so that after a crash they tell what is true.
    """

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempts")
    number = models.PositiveIntegerField()
    trunk = models.ForeignKey(Trunk, models.SET_NULL, null=True, blank=True, related_name="+")
    trunk_name = models.CharField(max_length=60, blank=True, default="")
    dialer = models.CharField(max_length=100, blank=True, default="")
    lease_until = models.DateTimeField(null=True, blank=True)
    gear = models.PositiveSmallIntegerField(default=0)
    first_page = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField()
    dialled_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    final_page_out_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    pages_confirmed = models.PositiveIntegerField(default=0)
    end = models.CharField(max_length=24, blank=True, default="")
    cause = models.CharField(max_length=30, blank=True, default="")
    seconds = models.FloatField(default=0.0)
    transport = models.CharField(max_length=5, blank=True, default="")
    rate = models.PositiveIntegerField(default=0)
    ecm = models.BooleanField(default=False)
    remote_id = models.CharField(max_length=40, blank=True, default="")
    sip_code = models.PositiveIntegerField(null=True, blank=True)
    sip_phrase = models.CharField(max_length=200, blank=True, default="")
    q850 = models.PositiveIntegerField(null=True, blank=True)
    t30_code = models.IntegerField(null=True, blank=True)
    pages = models.JSONField(default=list, help_text="PageReport, one a page")

    class Meta:
        ordering = ["started_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["delivery", "number"], name="attempt_number_once"),
            models.UniqueConstraint(
                fields=["delivery"], name="attempt_one_open", condition=models.Q(ended_at__isnull=True)
            ),
        ]
        indexes = [
            models.Index(fields=["lease_until"], name="attempt_open", condition=models.Q(ended_at__isnull=True)),
        ]


class Ladder(models.Model):
    """The messages of one call, apart from the attempt because lists of attempts never need them."""

    attempt = models.OneToOneField(Attempt, models.CASCADE, primary_key=True, related_name="ladder")
    entries = models.JSONField(default=list, help_text="LadderEntry, in order")


SAID_NO = "declined: "
"""So the note of the step begins by which a second person said no; the reason follows."""
SENDER_SAID_NO = "declined by its sender"
"""So the note of the step begins by which the sender of a mail said no, by its link."""


class Event(models.Model):
    """A step of a journey, written in the transaction that took it. ``delivery`` is empty for the fax's own steps.

    ``shown``: the name that people see the fax by after it, where the step changed that name.

    Where ``old`` and ``new`` are the same, something happened without a step, and ``note`` tells what.
    """

    fax = models.ForeignKey(Fax, models.CASCADE, related_name="events")
    delivery = models.ForeignKey(Delivery, models.CASCADE, null=True, blank=True, related_name="events")
    at = models.DateTimeField()
    old = models.CharField(max_length=20)
    new = models.CharField(max_length=20)
    mover = models.CharField(max_length=8)
    person = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=200, blank=True, default="")
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    extension = models.ForeignKey(Extension, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    shown = models.CharField(max_length=24, blank=True, default="", db_default="")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["organization", "id"], name="event_of_organization")]


class ReceivedFax(models.Model):
    """A fax in an extension's inbox. ``blob`` is empty once it is deleted."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    extension = models.ForeignKey(Extension, models.PROTECT, related_name="received_faxes")
    delivery = models.OneToOneField(Delivery, models.SET_NULL, null=True, blank=True, related_name="received")
    sender = models.CharField(max_length=60)
    pages = models.PositiveIntegerField()
    blob = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["extension", "-received_at", "-id"], name="received_of_extension"),
            models.Index(
                fields=["extension", "received_at"], name="received_to_purge", condition=models.Q(blob__gt="")
            ),
            models.Index(fields=["blob"], name="received_blob", condition=models.Q(blob__gt="")),
        ]
