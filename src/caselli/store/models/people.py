"""Users and extensions."""

from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models

from caselli.store.models.organization import Organization, between


class Role(models.TextChoices):
    ADMINISTRATOR = "administrator", "Administrator"
    ORGANIZATION_ADMINISTRATOR = "organization_administrator", "Organization administrator"
    USER = "user", "User"


class User(AbstractUser):
    """A person. An administrator belongs to no organization in particular: theirs may be empty."""

    organization = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="users")
    role = models.CharField(max_length=30, choices=Role.choices, default=Role.USER)

    @property
    def called(self) -> str:
        return self.get_full_name() or self.username

    def __str__(self) -> str:
        return f"{self.called} ({self.username})" if self.get_full_name() else self.username


class Notify(models.TextChoices):
    """What mail says of a fax that was sent or received."""

    OFF = "off", "no mail"
    ALERT = "alert", "an alert"
    FAX = "fax", "an alert with the fax attached"


class MailContent(models.TextChoices):
    """What of a mail becomes the fax."""

    ATTACHMENTS = "attachments", "the attachments; the text where there are none"
    TEXT = "text", "the text"
    BOTH = "both", "the text, then the attachments"


class Extension(models.Model):
    """A numbered phone terminal that belongs to a user: what faxes are sent from."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="extensions")
    number = models.CharField(max_length=10, validators=[RegexValidator(r"\A\d{1,10}\Z")])
    name = models.CharField(max_length=100)
    owner = models.ForeignKey(User, models.PROTECT, related_name="extensions")
    fax_enabled = models.BooleanField(default=True)
    station_id = models.CharField(max_length=20, blank=True, default="", validators=[RegexValidator(r"\A[0-9+ ]*\Z")])
    header_line = models.CharField(max_length=60, blank=True, default="")
    caller_number = models.CharField(max_length=20, blank=True, default="")
    time_zone = models.CharField(max_length=64, blank=True, default="", help_text="empty: the organization's")
    approver = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="empty: the organization's administrators",
    )
    storage_megabytes = models.PositiveIntegerField(
        null=True, blank=True, validators=between(1, 1_000_000), help_text="empty: no allowance"
    )
    delete_after_days = models.PositiveIntegerField(
        null=True, blank=True, validators=between(1, 3_650), help_text="empty: as the server's preferences say"
    )
    notify = models.CharField(max_length=8, choices=Notify.choices, default=Notify.ALERT)
    # What becomes of mails from the authorized addresses (doors/mail).
    mail_content = models.CharField(
        max_length=12, choices=MailContent.choices, default=MailContent.ATTACHMENTS, db_default="attachments"
    )
    mail_cut = models.BooleanField(default=False, db_default=False, help_text="signature and quoted text are left out")
    mail_cover = models.BooleanField(default=False, db_default=False, help_text="a cover page from subject and text")
    mail_trusted = models.BooleanField(
        default=False, db_default=False, help_text="no confirmation where DMARC proves the sender"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["organization_id", "number"]
        constraints = [models.UniqueConstraint(fields=["organization", "number"], name="extension_number_once")]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def extended(self) -> str:
        return f"{self.organization.number}*{self.number}"

    @property
    def zone(self) -> str:
        return self.time_zone or self.organization.time_zone


class AuthorizedAddress(models.Model):
    """A sender address from which mails become faxes of this extension; kept in lower case."""

    extension = models.ForeignKey(Extension, models.CASCADE, related_name="authorized_addresses")
    address = models.CharField(max_length=254)

    class Meta:
        ordering = ["address"]
        constraints = [models.UniqueConstraint(fields=["extension", "address"], name="authorized_address_once")]
        indexes = [models.Index(fields=["address"], name="authorized_address")]


class Share(models.Model):
    """The faxes of an extension, shown to a colleague too; without ``user`` to everybody of its organization."""

    extension = models.ForeignKey(Extension, models.CASCADE, related_name="shares")
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="shares")
    may_act = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["extension", "user"], name="share_once", nulls_distinct=False),
        ]
