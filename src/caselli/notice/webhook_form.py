"""What is set of a webhook, for the pages, the command line and the API."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from caselli.directory.forms import Settings
from caselli.history import events
from caselli.history.event_kinds import EventKind
from caselli.notice import webhook_off
from caselli.notice.webhook_deeds import MOST
from caselli.notice.webhook_rules import NotAllowed
from caselli.notice.webhooks import WEBHOOK_CHANNEL, check_url, new_secret
from caselli.store.listen import tell
from caselli.store.models import Organization, Webhook

ALL, SOME = "all", "some"
"""What a browser sends before the kinds: all of them, also those to come; or those that follow."""


class KindsChosen(forms.Textarea):
    """Of what browsers send as several values, and programs as a list, one text: words separated by blanks."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:  # noqa: ARG002 - so Django calls it
        sent = data.getlist(name) if isinstance(data, MultiValueDict) else data.get(name)
        return _text(sent)


class Kinds(forms.Field):
    """Kinds of events, as words separated by blanks or commas; as a list, empty for all of them."""

    widget = KindsChosen
    empty_label = ALL

    def prepare_value(self, value: Any) -> str:
        return _text(value) or ALL

    def to_python(self, value: Any) -> list[str]:
        words = _text(value).replace(",", " ").split()
        if ALL in words:
            return []
        unknown = [one for one in words if one not in {SOME, *EventKind}]
        if unknown:
            raise ValidationError(
                f"There is no event {unknown[0]}. Write them like fax.sent, or leave it empty for all."
            )
        chosen: list[str] = [one.value for one in EventKind if one.value in words]
        if SOME in words and not chosen:
            raise ValidationError("Choose at least one kind of event, or all of them.")
        return chosen

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


def _text(value: Any) -> str:
    return "\n".join(value) if isinstance(value, list | tuple) else str(value or "")


class WebhookForm(Settings):
    kind = webhook_off.KIND

    kinds = Kinds(label="Events", required=False)

    class Meta:
        model = Webhook
        fields = ("name", "organization", "url", "kinds")
        labels = {"name": "Name", "organization": "Organization", "url": "Address"}
        help_texts = {
            "name": "What people call it, like: Order system.",
            "organization": "It hears of the faxes of this organization.",
            "url": "Messages are sent there by POST. Like https://example.com/faxes.",
        }
        widgets = {"url": forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organization"]
        assert isinstance(field, forms.ModelChoiceField)
        if self.instance.pk is not None:  # its events would be others
            field.disabled = True
        elif not self.on_the_whole_server:
            self._settle_organization()
        elif self.instance.organization_id is None and Organization.objects.count() == 1:
            self.initial["organization"] = Organization.objects.get().pk

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"].strip()
        try:
            check_url(url)
        except NotAllowed as error:
            raise ValidationError(str(error)) from error
        return url

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        organization: Organization | None = cleaned.get("organization")
        if (
            self.instance.pk is None
            and organization
            and Webhook.objects.filter(organization=organization).count() >= MOST
        ):
            self.add_error(None, f"There are {MOST} webhooks already. Remove those that nobody needs.")
        return cleaned

    def save(self, commit: bool = True) -> Any:
        """A new one gets its secret, and stays off until its address has passed the test."""
        if self.instance.pk is None:
            self.instance.secret, self.instance.enabled = new_secret(), False
            self.instance.created_at, self.instance.created_by = timezone.now(), self.person
            self.instance.after = events.newest()
        kept = super().save(commit)
        tell(WEBHOOK_CHANNEL)
        return kept
