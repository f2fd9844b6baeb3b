"""Whose turn it is: when each extension last got a line."""

from django.db import models

from caselli.store.models.organization import Organization
from caselli.store.models.people import Extension


class Turn(models.Model):
    """Written by the claim alone. A table of its own, so that no claim waits for somebody who edits the extension."""

    extension = models.OneToOneField(Extension, models.CASCADE, primary_key=True, related_name="+")
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organization", "at"], name="turn_of_organization")]
