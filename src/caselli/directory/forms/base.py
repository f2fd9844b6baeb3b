"""What all settings share: who sets, and what the audit list may tell of it."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from caselli.directory import places
from caselli.directory.access import administers_server
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

    def _settle_organization(self) -> None:
        """An organization's administrator is not asked which one: it is theirs, whatever is sent."""
        assert self.person is not None
        self.fields["organization"].disabled = True
        if self.instance.pk is None:
            self.initial["organization"] = self.person.organization_id


def read_zone(text: str) -> str:
    if not text:
        return ""
    zone = places.read_zone(text)
    if zone is None:
        raise ValidationError(f"There is no time zone “{text}”. Write it like Europe/Berlin.")
    return zone
