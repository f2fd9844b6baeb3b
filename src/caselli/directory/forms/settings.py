"""What all settings share: who sets, and what the audit list may tell of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from caselli.directory import places
from caselli.directory.access import administers_server
from caselli.directory.rules import wrong_with_name
from caselli.store.models import Organization, User

_UNBOUNDED = 2_147_483_647
"""The most a column of the database holds."""


class Settings(forms.ModelForm):  # type: ignore[type-arg]
    """``person``: who sets; None is the operator at the command line, who may set everything.

    ``kind`` names the noun in the audit list; of ``secrets`` it is only told that they were changed.
    """

    kind: ClassVar[str]
    secrets: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, *args: Any, person: User | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        for name, field in self.fields.items():
            choice = isinstance(field, forms.ChoiceField | forms.ModelChoiceField)
            field.error_messages["required"] = "Choose one." if choice else "Fill this in."
            field.error_messages["max_length"] = "Write at most %(limit_value)d characters; these are %(show_value)d."
            if isinstance(field, forms.CharField):
                self._can_be_seen(name, field)
            if isinstance(field, forms.EmailField):
                field.error_messages["invalid"] = "“%(value)s” is not a mail address. Write it like alice@example.com."
            if isinstance(field, forms.IntegerField):
                _say_bounds(field, self._meta.model._meta.get_field(name).validators)  # noqa: SLF001 - documented

    def _can_be_seen(self, name: str, field: forms.CharField) -> None:
        """One line, of what can be seen. Lists and prose have several, and what is kept secret may be anything."""
        field.error_messages["null_characters_not_allowed"] = f"{field.label} has a NUL in it. Take it out."
        if name not in self.secrets and not isinstance(field.widget, forms.Textarea):
            field.validators.insert(0, OneLine(str(field.label)))

    @classmethod
    def filled(cls, told: Mapping[str, Any], instance: models.Model, person: User | None) -> Self:
        """The form as it stands with what is told put in, as if a browser had sent it: all else stays as it is."""
        shown = cls(instance=instance, person=person)
        posted = {name: shown[name].initial for name in shown.fields if name not in cls.secrets}
        sent = {name: value for name, value in {**posted, **told}.items() if value is not None}
        return cls(data=sent, instance=instance, person=person)

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


@dataclass(frozen=True, slots=True)
class OneLine:
    """A validator; ``label``: of its field."""

    label: str

    def __call__(self, text: str) -> None:
        if wrong := wrong_with_name(text, self.label):
            raise ValidationError(wrong)


class Prose(forms.CharField):
    """A text of several paragraphs, where other fields of several lines hold a list."""

    widget = forms.Textarea


def _say_bounds(field: forms.IntegerField, validators: Iterable[Any]) -> None:
    """Whatever is wrong with a number, the answer is the same: what may stand here."""
    limits = {
        type(one): one.limit_value for one in validators if isinstance(one, MinValueValidator | MaxValueValidator)
    }
    least, most = limits.get(MinValueValidator, 0), limits.get(MaxValueValidator, _UNBOUNDED)
    upper = "or more" if most == _UNBOUNDED else f"to {most:,}"
    words = f"Write a whole number, {least:,} {upper}."
    field.error_messages["invalid"] = words
    field.validators = [MinValueValidator(least, words), MaxValueValidator(most, words)]


def read_zone(text: str) -> str:
    if not text:
        return ""
    zone = places.read_zone(text)
    if zone is None:
        raise ValidationError(f"There is no time zone “{text}”. Write it like Europe/Berlin.")
    return zone
