"""How the controls of a settings form are drawn."""

from dataclasses import dataclass

from django import forms, template
from django.forms import BoundField
from django.utils.safestring import SafeString

from caselli.directory import places
from caselli.history.event_kinds import GROUPS, MEANINGS, EventKind
from caselli.notice.webhook_form import ALL, Kinds

register = template.Library()
_LISTS = {"country": "countries", "time_zone": "zones"}


@register.filter
def control(bound: BoundField) -> SafeString:
    """The control alone. Numbers are typed into a text field: what is wrong in it must come back as it was typed."""
    attributes: dict[str, str | bool] = {"autocomplete": "off"}
    described = [
        f"{bound.id_for_label}-{part}" for part, there in (("hint", bound.help_text), ("errors", bound.errors)) if there
    ]
    if described:
        attributes["aria-describedby"] = " ".join(described)
    if isinstance(bound.field, forms.IntegerField):
        attributes["inputmode"] = "numeric"
        attributes["class"] = "figure"
        return bound.as_widget(forms.TextInput(), attributes)
    if isinstance(bound.field, forms.EmailField):
        attributes["inputmode"] = "email"
    if bound.name in _LISTS:
        attributes["list"] = _LISTS[bound.name]
    if isinstance(bound.field.widget, forms.PasswordInput):
        attributes["autocomplete"] = "new-password"
    return bound.as_widget(attrs=attributes)


@register.filter
def is_check(bound: BoundField) -> bool:
    return isinstance(bound.field.widget, forms.CheckboxInput)


@register.filter
def is_kinds(bound: BoundField) -> bool:
    return isinstance(bound.field, Kinds)


@dataclass(frozen=True, slots=True)
class OfferedKind:
    kind: EventKind
    means: str
    chosen: bool


@register.filter
def kinds_offered(bound: BoundField) -> list[tuple[str, list[OfferedKind]]]:
    """Kinds of events, group by group."""
    words = bound.value().replace(",", " ").split()
    return [
        (heading, [OfferedKind(one, MEANINGS[one], one.value in words) for one in kinds])
        for heading, kinds in GROUPS.items()
    ]


@register.filter
def all_kinds(bound: BoundField) -> bool:
    """Whether all of them are chosen, also those to come."""
    words = bound.value().split()
    return ALL in words or not words


@register.filter
def offers(parts: list, name: str) -> bool:  # type: ignore[type-arg]
    """Whether one of the fields shown has this name."""
    return any(bound.name == name for part in parts for bound in part.fields)


@register.simple_tag
def countries() -> dict[str, str]:
    return places.countries()


@register.simple_tag
def zones() -> tuple[str, ...]:
    return places.zones()
