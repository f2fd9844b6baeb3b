"""Settings of trunks, and of destinations that nobody may call."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from caselli.directory.forms.settings import Settings
from caselli.directory.sandbox import leads_there
from caselli.store.models import BlockedDestination, Trunk


class PrefixField(forms.CharField):
    """``+1 202`` is +1202."""

    def to_python(self, value: Any) -> str:
        written = super().to_python(value) or ""
        return written.replace(" ", "").replace("-", "")


class TrunkForm(Settings):
    kind = "trunk"
    secrets = frozenset({"password"})

    class Meta:
        model = Trunk
        fields = (
            "name",
            "organization",
            "host",
            "port",
            "username",
            "password",
            "domain",
            "t38",
            "channels",
            "calls_a_second",
            "prefix",
            "position",
            "enabled",
        )
        labels = {
            "name": "Name",
            "organization": "For",
            "host": "Host",
            "port": "Port",
            "username": "Login",
            "password": "Password",
            "domain": "Domain",
            "t38": "T.38",
            "channels": "Channels",
            "calls_a_second": "Calls a second",
            "prefix": "Only numbers that begin with",
            "position": "Position",
            "enabled": "In service",
        }
        help_texts = {
            "name": "Like the provider’s. It stands in Fax info, beside each call.",
            "organization": "One organization, or all of them.",
            "host": "Name or address of the provider’s or PBX’s SIP server, by UDP.",
            "port": "1 to 65,535; 5060 unless changed.",
            "username": "Empty: no login is asked for.",
            "password": "Left empty, the password stays as it is.",
            "domain": "Stands behind the @ of our numbers. Empty: the host.",
            "t38": "Off: faxes go as sound (G.711) on this trunk.",
            "channels": "1 to 2,000: calls at the same time.",
            "calls_a_second": "1 to 1,000: new calls at most; 5 unless changed.",
            "prefix": "With the plus, like +49. Empty: all numbers.",
            "enabled": "Off: no new call goes by it; those on the line end by themselves.",
            "position": "Lower ones are taken first; the next one when it is full or out of service.",
        }
        field_classes = {"prefix": PrefixField}
        widgets = {"password": forms.PasswordInput(attrs={"autocomplete": "new-password"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organization"]
        assert isinstance(field, forms.ModelChoiceField)
        field.empty_label = "all organizations"

    def save(self, commit: bool = True) -> Trunk:
        """A trunk whose host was changed may be a way out of the sandbox now, or none any more; it may answer now."""
        self.instance.sandbox = leads_there(self.instance)
        self.instance.down_until = None
        kept: Trunk = super().save(commit)
        return kept

    def clean_host(self) -> str:
        host: str = self.cleaned_data["host"].strip()
        if not host or any(one in host for one in " /@:;"):
            raise ValidationError(
                f"“{host}” is not a host. Write its name or address alone; the port has its own field."
            )
        return host

    def clean_prefix(self) -> str:
        prefix: str = self.cleaned_data["prefix"]
        if prefix and not (prefix[0] == "+" and prefix[1:].isdigit() and prefix.isascii()):
            raise ValidationError("Write it with the plus and digits alone, like +49 or +1202.")
        return prefix

    def clean_password(self) -> str:
        given: str = self.cleaned_data["password"]
        kept: str = self.initial.get("password", "")
        return given or kept


class BlockedDestinationForm(Settings):
    kind = "blocked destination"

    class Meta:
        model = BlockedDestination
        fields = ("prefix", "organization", "reason")
        field_classes = {"prefix": PrefixField}
        labels = {"prefix": "Numbers that begin with", "organization": "For", "reason": "Reason"}
        help_texts = {
            "prefix": "With the plus, like +1900 or +882.",
            "organization": "One organization, or all of them.",
            "reason": "People who try are told it. Like: premium numbers.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organization"]
        assert isinstance(field, forms.ModelChoiceField)
        field.empty_label = "all organizations"
        if not self.on_the_whole_server:
            self._settle_organization()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        same = BlockedDestination.objects.filter(prefix=cleaned.get("prefix"), organization=cleaned.get("organization"))
        if same.exclude(pk=self.instance.pk).exists():
            self.add_error("prefix", f"{cleaned['prefix']} is on the list already.")
        return cleaned
