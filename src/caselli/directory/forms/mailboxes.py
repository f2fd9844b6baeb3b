"""Settings of the mailboxes that faxes are fetched from."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError

from caselli.directory.forms.settings import Settings
from caselli.store.listen import MAILBOX_CHANNEL, tell
from caselli.store.models import MailSource, Organization

_FOLDERS = ("folder", "done_folder", "refused_folder")


class Unshown(forms.TextInput):
    """What is kept is never shown. No password field: browsers take several of them in one form for a mistake."""

    def get_context(self, name: str, value: object, attrs: dict[str, object] | None) -> dict[str, object]:
        del value
        return super().get_context(name, None, attrs)


class MailboxForm(Settings):
    kind = "mailbox"
    secrets = frozenset({"password", "client_secret", "refresh_token"})

    class Meta:
        model = MailSource
        fields = (
            "name",
            "host",
            "port",
            "security",
            "username",
            "password",
            "token_url",
            "client_id",
            "client_secret",
            "refresh_token",
            "token_scope",
            "folder",
            "done_folder",
            "refused_folder",
            "enabled",
        )
        labels = {
            "name": "Name",
            "host": "Host",
            "port": "Port",
            "security": "Encryption",
            "username": "Login",
            "password": "Password",
            "token_url": "Token address",
            "client_id": "Client ID",
            "client_secret": "Client secret",
            "refresh_token": "Refresh token",
            "token_scope": "Scope",
            "folder": "Fetch from",
            "done_folder": "Move what is taken to",
            "refused_folder": "Move what is refused to",
            "enabled": "In service",
        }
        help_texts = {
            "name": "What people call it. It stands in the log.",
            "host": "The IMAP server, by the name that stands in its certificate.",
            "port": "993 for TLS from the first byte, 143 for STARTTLS.",
            "security": "Nothing is ever sent unencrypted, and the certificate is always checked.",
            "username": "Mostly the mail address.",
            "password": "Left empty, it stays as it is. Not needed with OAuth 2.0.",
            "token_url": "Begins with https://. Empty: the password is used.",
            "client_id": "As it was given when Caselli was registered there.",
            "client_secret": "Left empty, it stays as it is.",
            "refresh_token": "Left empty, it stays as it is. None is needed where the client has a mailbox of its own.",
            "token_scope": "Empty: as it was granted. Needed without a refresh token.",
            "folder": "INBOX unless changed. Every mail that lies there is taken or refused, and then moved.",
            "done_folder": "Faxed unless changed. It is made where it is missing.",
            "refused_folder": "Not faxed unless changed. Nothing is deleted: what is no fax lies there.",
            "enabled": "Off: nothing is fetched, and the mails stay where they are.",
        }
        widgets = {
            "password": forms.PasswordInput(attrs={"autocomplete": "new-password"}),
            "client_secret": Unshown(attrs={"autocomplete": "off", "spellcheck": "false"}),
            "refresh_token": Unshown(attrs={"autocomplete": "off", "spellcheck": "false"}),
        }
        error_messages = {"name": {"unique": "Another mailbox has this name already. Choose another one."}}

    def organization_of(self) -> Organization | None:
        """It serves all of them."""
        return None

    def clean_host(self) -> str:
        host: str = self.cleaned_data["host"].strip().lower()
        if not host or any(one in host for one in " /@:"):
            raise ValidationError(
                f"“{host}” is not a host. Write its name or address alone; the port has its own field."
            )
        return host

    def clean_token_url(self) -> str:
        address: str = self.cleaned_data["token_url"].strip()
        try:
            parts = urlsplit(address)
            good = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if address and not (good and address.isascii() and address.isprintable() and " " not in address):
            raise ValidationError(f"“{address}” is not such an address. Write it like https://login.example.com/token.")
        return address

    def clean_password(self) -> str:
        return self._given_or_kept("password")

    def clean_client_secret(self) -> str:
        return self._given_or_kept("client_secret")

    def clean_refresh_token(self) -> str:
        return self._given_or_kept("refresh_token")

    def _given_or_kept(self, name: str) -> str:
        given: str = self.cleaned_data[name]
        kept: str = self.initial.get(name, "")
        return given or kept

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self._check_sign_in(cleaned)
        self._check_folders(cleaned)
        return cleaned

    def _check_sign_in(self, cleaned: dict[str, Any]) -> None:
        if "token_url" not in cleaned or self.errors.keys() & self.secrets:
            return
        if not cleaned["token_url"]:
            if not cleaned.get("password"):
                self.add_error("password", "Fill this in, or the token address for OAuth 2.0.")
            return
        if not cleaned.get("client_id"):
            self.add_error("client_id", "OAuth 2.0 needs it: fill this in.")
        if not cleaned.get("refresh_token") and not (cleaned.get("client_secret") and cleaned.get("token_scope")):
            self.add_error("refresh_token", "Fill this in, or both the client secret and the scope.")

    def _check_folders(self, cleaned: dict[str, Any]) -> None:
        """What is moved must not come back."""
        seen: dict[str, str] = {}
        for name in _FOLDERS:
            folder = str(cleaned.get(name, ""))
            if folder and not folder.isprintable():
                self.add_error(name, "Write a folder’s name in letters that can be seen.")
            called = "INBOX" if folder.upper() == "INBOX" else folder
            if folder and called in seen:
                label = self.fields[seen[called]].label
                self.add_error(name, f"This is the folder of “{label}” already. Choose another one.")
            seen.setdefault(called, name)

    def save(self, commit: bool = True) -> Any:
        """And the process that fetches hears of it. What was told of the mailbox as it was is over."""
        self.instance.trouble = ""
        kept = super().save(commit)
        tell(MAILBOX_CHANNEL)
        return kept
