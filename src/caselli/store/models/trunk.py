"""SIP peers the calls go through."""

from django.db import models

from caselli.store.models.organization import Organization, between


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
    prefix = models.CharField(max_length=20, blank=True, default="", help_text="only numbers that begin so, E.164")
    position = models.PositiveIntegerField(default=10, help_text="lower ones are taken first")
    enabled = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "id"]
