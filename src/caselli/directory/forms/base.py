"""What all settings share: who sets, and what the audit list may tell of it."""

import zoneinfo
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from caselli.directory.access import administers_server, organizations_administered_by
from caselli.store.models import Organization, User


class Settings(forms.ModelForm):  # type: ignore[type-arg]
    """``person``: who sets; None is the operator at the command line, who may set everything.

    ``kind`` names the noun in the audit list; of ``secrets`` it is only told that they were changed.
    """

    kind: ClassVar[str]
    secrets: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, *args: Any, person: User | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    @property
    def on_the_whole_server(self) -> bool:
        return self.person is None or administers_server(self.person)

    def organization_of(self) -> Organization | None:
        """Whose administrators may read of the change."""
        return getattr(self.instance, "organization", None)

    def _choose_organization(self) -> None:
        """An organization's administrator is not asked which one."""
        assert self.person is not None
        field = self.fields["organization"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = organizations_administered_by(self.person)
        field.empty_label = None
        field.required = True
        field.initial = self.person.organization_id


def read_zone(text: str) -> str:
    if text and text not in zoneinfo.available_timezones():
        raise ValidationError(f"There is no time zone “{text}”. Write it like Europe/Berlin.")
    return text
