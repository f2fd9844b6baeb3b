"""What happened to a person's account: signing in, and what guards it."""

from django.db import models

from caselli.store.models.people import User


class AccountEvent(models.Model):
    """One happening, told to the person on their own page. Only the newest of each person are kept."""

    class What(models.TextChoices):
        SIGNED_IN = "signed_in", "Signed in"
        WRONG_PASSWORD = "wrong_password", "Wrong password"
        WRONG_CODE = "wrong_code", "Wrong second factor"
        PASSWORD_CHANGED = "password_changed", "Password changed"
        PASSWORD_RESET = "password_reset", "Password chosen by a link from a mail"
        APP_ADDED = "app_added", "Authenticator app added"
        APP_REMOVED = "app_removed", "Authenticator app removed"
        PASSKEY_ADDED = "passkey_added", "Passkey added"
        PASSKEY_REMOVED = "passkey_removed", "Passkey removed"
        CODES_MADE = "codes_made", "New recovery codes made"

    user = models.ForeignKey(User, models.CASCADE, related_name="account_events")
    at = models.DateTimeField()
    ip = models.GenericIPAddressField(null=True, blank=True)
    what = models.CharField(max_length=30, choices=What.choices)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["user", "-id"], name="account_event_of_user")]
