"""A form of settings on a page: laid out in parts, and kept when it comes back."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import models, transaction
from django.forms import BoundField
from django.http import Http404, HttpRequest

from caselli.directory.audit import Actor
from caselli.directory.change import NotKept, in_words, keep
from caselli.directory.forms import Settings
from caselli.doors.web import meanwhile, seen

_Row = TypeVar("_Row", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Part:
    """Fields that belong together. Without a heading: the form's beginning."""

    heading: str
    names: tuple[str, ...]
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """What this person may read, but not set."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class ShownPart:
    part: Part
    facts: list[Fact]
    fields: list[BoundField]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A line of the summary above the form; ``to`` is the control it leads to, empty where it concerns all."""

    to: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A form as its template draws it (``web/fragments/settings.html``)."""

    parts: list[ShownPart]
    troubles: list[Trouble]
    seen: str


@dataclass(frozen=True, slots=True)
class Answered(Generic[_Row]):
    """``kept`` is None where the form has to be shown (again)."""

    form: Settings
    kept: _Row | None

    @property
    def status(self) -> int:
        return 422 if self.form.errors else 200


def actor(request: HttpRequest) -> Actor:
    return Actor(seen.person(request), seen.ip(request))


def answer(request: HttpRequest, form_class: type[Settings], row: _Row, **options: Any) -> Answered[_Row]:
    """Fill the form from the row; or keep what was sent. Locks an existing row first, so that two saves follow each
    other and the second one sees what the first has done.
    """
    person = seen.person(request)
    if request.method != "POST":
        return Answered(form_class(instance=row, person=person, **options), None)
    with transaction.atomic():
        new = row.pk is None
        form = form_class(request.POST, instance=row if new else _locked(row), person=person, **options)
        told = {} if new else meanwhile.changed_meanwhile(form, request.POST.get(meanwhile.FIELD, ""))
        for name, words in told.items():
            form.add_error(name, words)
        if not form.is_valid():
            _ask_again(form)
            return Answered(form, None)
        try:
            kept = keep(form, actor(request))
        except NotKept:
            return Answered(form, None)
    assert isinstance(kept, type(row))
    return Answered(form, kept)


def _ask_again(form: Settings) -> None:
    """A secret is never sent back to the page; who does not see that would save the form without it."""
    for name in form.secrets:
        if form[name].data and name not in form.errors:
            form.add_error(name, "Type it again: it is not kept in the page while something else has to be mended.")


def _locked(row: _Row) -> _Row:
    found = type(row)._default_manager.select_for_update().filter(pk=row.pk).first()  # noqa: SLF001 - its documented name
    if found is None:
        raise Http404
    return found


def show(form: Settings, parts: Iterable[Part]) -> Shown:
    drawn = [ShownPart(part, *_divide(form, part.names)) for part in parts]
    return Shown([one for one in drawn if one.facts or one.fields], _troubles(form), meanwhile.sign(form))


def fact(bound: BoundField) -> Fact:
    value = bound.initial
    words = ("yes" if value else "no") if isinstance(value, bool) else in_words(bound.field, value)
    return Fact(str(bound.label), words)


def _divide(form: Settings, names: Iterable[str]) -> tuple[list[Fact], list[BoundField]]:
    facts, fields = [], []
    for name in names:
        bound = form[name]
        if bound.field.disabled:
            facts.append(fact(bound))
        else:
            fields.append(bound)
    return facts, fields


def _troubles(form: Settings) -> list[Trouble]:
    troubles = [Trouble("", "", str(text)) for text in form.non_field_errors()]
    for bound in form:
        to = "" if bound.field.disabled else bound.id_for_label
        troubles += [Trouble(to, str(bound.label), str(text)) for text in bound.errors]
    return troubles
