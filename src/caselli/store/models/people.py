"""Users and extensions."""

from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models

from caselli.store.models.organization import Organization


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
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["organization_id", "number"]
        constraints = [models.UniqueConstraint(fields=["organization", "number"], name="extension_number_once")]

    @property
    def extended(self) -> str:
        return f"{self.organization.number}*{self.number}"

    @property
    def zone(self) -> str:
        return self.time_zone or self.organization.time_zone
