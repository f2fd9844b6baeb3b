"""Organizations and what they set; the server's own preferences."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models


def between(least: int, most: int) -> list[MinValueValidator | MaxValueValidator]:
    return [MinValueValidator(least), MaxValueValidator(most)]


class Organization(models.Model):
    """A tenant. ``number`` is the part before the star of an extended extension number (``0003*210``)."""

    number = models.CharField(max_length=6, unique=True, validators=[RegexValidator(r"\A\d{1,6}\Z")])
    name = models.CharField(max_length=100)
    country = models.CharField(max_length=2, default="US", help_text="ISO 3166: how national numbers are read")
    time_zone = models.CharField(max_length=64, default="UTC")
    enabled = models.BooleanField(default=True)
    # The pace of retries, seconds, by cause; and how often at all (queue/rules.py).
    busy_wait = models.PositiveIntegerField(default=180, validators=between(1, 86_400))
    no_answer_wait = models.PositiveIntegerField(default=300, validators=between(1, 86_400))
    line_wait = models.PositiveIntegerField(default=60, validators=between(1, 86_400))
    other_wait = models.PositiveIntegerField(default=300, validators=between(1, 86_400))
    dials_limit = models.PositiveIntegerField(default=12, validators=between(1, 100))
    answered_limit = models.PositiveIntegerField(default=3, validators=between(1, 100))
    ring_limit = models.PositiveIntegerField(default=60, validators=between(5, 300))
    queue_hours = models.PositiveIntegerField(default=48, validators=between(1, 720))
    # Whose faxes need a second person's yes; each alone suffices (approval/rules.py).
    approve_all = models.BooleanField(default=False)
    approve_abroad = models.BooleanField(default=False)
    approve_over_pages = models.PositiveIntegerField(
        null=True, blank=True, validators=between(1, 10_000), help_text="empty: however many pages"
    )
    second_factor_required = models.BooleanField(default=False)
    mail_proof_required = models.BooleanField(
        default=False, db_default=False, help_text="mails whose sender DMARC does not prove are refused"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class Preferences(models.Model):
    """Server fax preferences: one row (product.md, the table of that name)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    email_accepted = models.BooleanField(default=False)
    approval_host = models.CharField(max_length=253, blank=True, default="")
    fax_address = models.CharField(max_length=254, blank=True, default="")
    front_server = models.CharField(
        max_length=253,
        blank=True,
        default="",
        db_default="",
        help_text="the authserv-id (RFC 8601) whose Authentication-Results are believed",
    )
    mail_megabytes = models.PositiveIntegerField(default=10, validators=between(1, 100))
    files_limit = models.PositiveIntegerField(default=5, validators=between(1, 10))
    recipients_limit = models.PositiveIntegerField(default=5, validators=between(1, 999))
    confirmation_interval = models.PositiveIntegerField(default=300, validators=between(60, 36_000))
    negotiation_limit = models.PositiveIntegerField(default=45, validators=between(5, 300))
    unconfirmed_days = models.PositiveIntegerField(default=7, validators=between(1, 365))
    sent_days = models.PositiveIntegerField(
        null=True, blank=True, default=90, validators=between(1, 3_650), help_text="empty: kept for ever"
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="preferences_one_row")]

    def __str__(self) -> str:
        return "of the whole server"

    @classmethod
    def current(cls) -> "Preferences":
        """The row, made with the defaults at first use."""
        return cls.objects.get_or_create(id=1)[0]
