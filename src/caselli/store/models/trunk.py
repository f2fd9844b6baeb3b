"""SIP peers the calls go through."""

from django.core.validators import RegexValidator
from django.db import models

from caselli.store.models.organization import Organization, between
from caselli.store.models.people import User


class Trunk(models.Model):
    """A provider, a PBX, or the built-in answering machine. Without an organization it serves all of them."""

    organization = models.ForeignKey(Organization, models.CASCADE, null=True, blank=True, related_name="trunks")
    name = models.CharField(max_length=60)
    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField(default=5060, validators=between(1, 65_535))
    username = models.CharField(max_length=100, blank=True, default="")
    password = models.CharField(max_length=200, blank=True, default="")
    domain = models.CharField(max_length=253, blank=True, default="")
    t38 = models.BooleanField(default=True)
    channels = models.PositiveIntegerField(default=2, validators=between(1, 2_000))
    calls_a_second = models.PositiveIntegerField(default=5, validators=between(1, 1_000))
    next_call_at = models.DateTimeField(null=True, blank=True, help_text="its pace: no call begins before")
    down_until = models.DateTimeField(
        null=True, blank=True, help_text="it did not answer: until then others go before it"
    )
    prefix = models.CharField(max_length=20, blank=True, default="", help_text="only numbers that begin so, E.164")
    position = models.PositiveIntegerField(default=10, help_text="lower ones are taken first")
    enabled = models.BooleanField(default=True)
    sandbox = models.BooleanField(
        default=False, db_default=False, help_text="leads to the built-in answering machine, and nowhere else"
    )

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class TrunkTest(models.Model):
    """A question to a trunk, asked by a person and carried out by a dialer, from where the calls are made too.

    Open while ``ended_at`` is empty. ``words``: what was found and what to do; ``entries``: LadderEntry, in order.
    """

    class Kind(models.TextChoices):
        OPTIONS = "options", "Does it answer? (OPTIONS)"
        REGISTRATION = "registration", "Does it know us? (REGISTER)"
        CALL = "call", "Call a number"

    trunk = models.ForeignKey(Trunk, models.CASCADE, related_name="tests")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    number = models.CharField(max_length=32, blank=True, default="")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    taken_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    passed = models.BooleanField(default=False)
    words = models.TextField(blank=True, default="")
    entries = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["id"], name="trunk_test_open", condition=models.Q(ended_at__isnull=True))]


class BlockedDestination(models.Model):
    """Numbers that nobody may call: those that begin so. Without an organization it holds for all of them."""

    organization = models.ForeignKey(
        Organization, models.CASCADE, null=True, blank=True, related_name="blocked_destinations"
    )
    prefix = models.CharField(
        max_length=16, validators=[RegexValidator(r"\A\+\d{1,15}\Z", "Write it like +1900: a plus, then digits.")]
    )
    reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering = ["prefix"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "prefix"], name="blocked_destination_once", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return self.prefix
