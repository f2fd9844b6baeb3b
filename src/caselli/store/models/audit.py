"""What administrators changed: who, when, from where, old and new."""

from django.db import models

from caselli.store.models.organization import Organization
from caselli.store.models.people import User


class AuditEntry(models.Model):
    """One change. ``kind`` and ``subject`` tell what was changed, also when it is gone; secrets are never in it.

    ``changes``: a list of ``{"field", "old", "new"}``, in words. ``organization``: whose administrators may read it.
    """

    class Deed(models.TextChoices):
        ADDED = "added", "added"
        CHANGED = "changed", "changed"
        REMOVED = "removed", "removed"

    at = models.DateTimeField()
    person = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    person_name = models.CharField(max_length=300)
    ip = models.GenericIPAddressField(null=True, blank=True)
    organization = models.ForeignKey(Organization, models.SET_NULL, null=True, blank=True, related_name="+")
    deed = models.CharField(max_length=10, choices=Deed.choices)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=300)
    changes = models.JSONField(default=list)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["organization", "-id"], name="audit_of_organization")]
