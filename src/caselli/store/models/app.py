"""Apps: programs that get access tokens by OAuth 2.0. Their tokens, codes and consents are the toolkit's tables."""

from django.db import models
from oauth2_provider.models import AbstractApplication


class App(AbstractApplication):
    """``user``: who registered it, and as whom it acts where it asks nobody. Of the secret only its digest is kept, in
    ``client_secret`` (SHA-256, hexadecimal); empty where the app has none. ``scopes``: values of
    ``directory.scopes.Scope``, the most it gets. ``redirect_uris``: with blanks between them.
    """

    scopes = models.JSONField(default=list)
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_used_ip = models.GenericIPAddressField(null=True, blank=True)

    class Meta(AbstractApplication.Meta):
        ordering = ["name", "id"]
