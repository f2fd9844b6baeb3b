"""The forms of the directory as shapes of the API, so that both have the same fields, bounds and words.

Each form gives three: what is answered, what a new thing needs, and what a change may hold, where all may be left out.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Literal

from django import forms
from django.core.exceptions import FieldDoesNotExist
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Model
from ninja import Schema
from pydantic import ConfigDict, Field, StrictBool, StrictInt, create_model

from caselli.directory.forms import Prose, Settings
from caselli.doors.api.shapes import WHOLE
from caselli.store.models import Organization, User

_MOST_ADDRESSES = 1_000


def left_out() -> Any:
    """The default of a field that may be left out, but not be null: never read, what was not given is told apart by
    name.
    """


class Taken(Schema):
    """What a program hands in: nothing in it is ignored silently."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Noun:
    """``name``: of the answer's shape. ``renamed``: what the API calls a field. ``needed``: beyond what the form's
    fields tell by themselves; ``settled``: not needed, because most people have but one. ``words``: descriptions that
    are other than the page's. ``first``: fields of the answer that nobody sets, each with its type, its description,
    and how it is read.
    """

    form: type[Settings]
    name: str
    doc: str
    renamed: Mapping[str, str] = field(default_factory=dict)
    needed: frozenset[str] = frozenset()
    settled: frozenset[str] = frozenset()
    words: Mapping[str, str] = field(default_factory=dict)
    examples: Mapping[str, Any] = field(default_factory=dict)
    first: Mapping[str, tuple[Any, str, Callable[[Any], Any]]] = field(default_factory=dict)

    def called(self, name: str) -> str:
        return self.renamed.get(name, name)

    def fields(self) -> Iterator[tuple[str, forms.Field]]:
        yield from self.form.base_fields.items()

    @cached_property
    def answer(self) -> type[Schema]:
        fields: dict[str, Any] = {
            name: (kind, Field(description=words)) for name, (kind, words, _) in self.first.items()
        }
        for name, one in self.fields():
            if name in self.form.secrets:
                fields[f"has_{name}"] = (bool, Field(description=f"{one.label}: whether there is one."))
            else:
                fields[self.called(name)] = (self._type(name, one, bounded=False), self._field(name, one))
        return create_model(self.name, __base__=Schema, __doc__=self.doc, **fields)

    @cached_property
    def new(self) -> type[Schema]:
        fields: dict[str, Any] = {
            self.called(name): (self._type(name, one), self._field(name, one, needed=self._is_needed(name, one)))
            for name, one in self.fields()
        }
        return create_model(f"New{self.name}", __base__=Taken, __doc__="What is left out is as usual.", **fields)

    @cached_property
    def change(self) -> type[Schema]:
        fields: dict[str, Any] = {
            self.called(name): (self._type(name, one), self._field(name, one, needed=False))
            for name, one in self.fields()
        }
        return create_model(f"{self.name}Change", __base__=Taken, __doc__="What is left out stays.", **fields)

    def told(self, thing: Any) -> dict[str, Any]:
        """For ``answer``."""
        told = {name: read(thing) for name, (_, __, read) in self.first.items()}
        for name, one in self.fields():
            # What is no column is put together by the form.
            value = getattr(thing, name) if hasattr(thing, name) else self._shown(thing).initial[name]
            if name in self.form.secrets:
                told[f"has_{name}"] = bool(value)
            else:
                told[self.called(name)] = _as_value(one, value)
        return told

    def _shown(self, thing: Any) -> Settings:
        return self.form(instance=thing, person=None)

    def _is_needed(self, name: str, one: forms.Field) -> bool:
        by_itself = one.required and one.initial is None and not isinstance(one, forms.BooleanField)
        return (by_itself and name not in self.settled) or name in self.needed

    def _field(self, name: str, one: forms.Field, *, needed: bool = True) -> Any:
        label = f"{one.label}. " if isinstance(one, forms.BooleanField) else ""
        words = self.words.get(name) or f"{label}{one.help_text or one.label}"
        told: dict[str, Any] = {"description": str(words)}
        if name in self.examples:
            told["examples"] = [self.examples[name]]
        if not needed:
            told["default_factory"] = left_out
        return Field(**told)

    def _type(self, name: str, one: forms.Field, *, bounded: bool = True) -> Any:
        if isinstance(one, forms.BooleanField):
            return StrictBool if bounded else bool
        if isinstance(one, forms.ModelChoiceField):
            return str if one.required else str | None
        if isinstance(one, forms.ChoiceField):
            return Literal[tuple(value for value in dict(one.choices) if value)]  # type: ignore[arg-type]
        if isinstance(one, forms.IntegerField):
            kind: Any = Annotated[StrictInt, Field(**self._bounds(name)), WHOLE] if bounded else int
            return kind if one.required else kind | None
        if is_list(one):
            return Annotated[list[str], Field(max_length=_MOST_ADDRESSES)] if bounded else list[str]
        length = getattr(one, "max_length", None)
        return Annotated[str, Field(max_length=length)] if bounded and length else str

    def _bounds(self, name: str) -> dict[str, Any]:
        try:
            validators = self.form._meta.model._meta.get_field(name).validators  # noqa: SLF001 - documented
        except FieldDoesNotExist:
            return {}
        limits = {type(one): one.limit_value for one in validators}
        return {"ge": limits.get(MinValueValidator, 0), "le": limits.get(MaxValueValidator, 2_147_483_647)}


def is_list(one: forms.Field) -> bool:
    """Lines of a text on the page."""
    return isinstance(one.widget, forms.Textarea) and not isinstance(one, Prose)


def _as_value(one: forms.Field, value: Any) -> Any:
    if isinstance(value, Organization):
        return value.number
    if isinstance(value, User):
        return value.username
    if is_list(one):
        return str(value).split("\n") if value else []
    assert not isinstance(value, Model)
    return value
