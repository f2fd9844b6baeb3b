"""Keep what a program sets, by the same forms as the pages; what is wrong is told field by field."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from django import forms
from django.db import models, transaction
from django.http import Http404
from ninja import Schema

from caselli.directory import remove
from caselli.directory.access import administers_server
from caselli.directory.change import NotKept, keep
from caselli.directory.forms import Settings
from caselli.directory.remove import Held, Removable
from caselli.doors.api.caller import Caller
from caselli.doors.api.problem_kinds import ProblemKind
from caselli.doors.api.problems import Fault, Problem
from caselli.doors.api.shapes_settings import Noun, is_list
from caselli.fax.refusals import Refusal, RefusalKind
from caselli.store.models import User

_Row = TypeVar("_Row", bound=models.Model)


def may_change(caller: Caller) -> None:
    """Raises Refusal, 403."""
    if caller.sandbox:
        raise Refusal(
            RefusalKind.NOT_ALLOWED,
            "",
            "A sandbox key changes no settings: they hold for real faxes too.",
            "Take a key that is not for the sandbox.",
        )


def of_the_server(caller: Caller) -> None:
    """Raises Refusal, 403: what only an administrator of the whole server may see and do."""
    if not administers_server(caller.person):
        raise Refusal(
            RefusalKind.NOT_ALLOWED,
            "",
            f"This is for administrators of the whole server, and {caller.person.called} is none.",
            "Ask one of them.",
        )


def set_up(noun: Noun, row: _Row, body: Schema, caller: Caller) -> _Row:
    """Keep it, and tell the audit. An existing row is locked first: two changes follow each other.

    Raises Problem with everything that is wrong.
    """
    may_change(caller)
    given = body.model_dump(exclude_unset=True)
    with transaction.atomic():
        fresh = row if row.pk is None else _locked(row)
        form = _filled(noun, fresh, given, caller.person)
        if not form.is_valid():
            raise _wrong(noun, form)
        try:
            kept = keep(form, caller.actor)
        except NotKept:
            raise _wrong(noun, form) from None
    assert isinstance(kept, type(row))
    return kept


def take_away(thing: Removable, caller: Caller) -> dict[str, object]:
    """What went with it. Raises Problem, 409, where something refers to it."""
    may_change(caller)
    try:
        with_it = remove.remove(thing, caller.actor)
    except Held as held:
        sentence, _, remedy = str(held).partition(". ")
        raise Problem(ProblemKind.CONFLICT, f"{sentence}.", remedy) from None
    return {"with_it": [{"what": one.many, "names": one.names} for one in with_it]}


def _locked(row: _Row) -> _Row:
    found = type(row)._default_manager.select_for_update().filter(pk=row.pk).first()  # noqa: SLF001 - its documented name
    if found is None:
        raise Http404
    return found


def _filled(noun: Noun, row: models.Model, given: Mapping[str, Any], person: User) -> Settings:
    shown = noun.form(instance=row, person=person)
    told, faults = {}, []
    for name, one in shown.fields.items():
        called = noun.called(name)
        if called not in given:
            continue
        value = _posted(one, given[called])
        if value is None:
            words = f"{called}: there is no “{str(given[called])[:60]}” that can be chosen here."
            faults.append(Fault(ProblemKind.FIELD_INVALID, words, _hint(one), called))
        elif one.disabled:
            if str(value) != str(shown[name].initial if shown[name].initial is not None else ""):
                words = f"{called} cannot be changed here, or not by {person.called}."
                faults.append(Fault(ProblemKind.FIELD_INVALID, words, "Leave it out.", called))
        else:
            told[name] = value
    if faults:
        raise Problem(ProblemKind.FIELD_INVALID, faults=tuple(faults))
    return noun.form.filled(told, row, person)


def _posted(one: forms.Field, value: Any) -> Any:
    """As a browser would send it; None: it names nothing that can be chosen."""
    if value is None:
        return ""
    if isinstance(one, forms.ModelChoiceField):
        assert one.queryset is not None
        by = "username" if one.queryset.model is User else "number"
        return one.queryset.filter(**{by: value}).values_list("pk", flat=True).first() if value else ""
    return "\n".join(value) if is_list(one) else value


def _wrong(noun: Noun, form: Settings) -> Problem:
    return Problem(ProblemKind.FIELD_INVALID, faults=tuple(_faults(noun, form)))


def _faults(noun: Noun, form: Settings) -> Iterator[Fault]:
    for name, errors in form.errors.as_data().items():
        one = form.fields.get(name)
        for error in errors:
            remedy = _hint(one) if one is not None and error.code == "required" else ""
            field = noun.called(name) if one is not None else ""
            yield Fault(ProblemKind.FIELD_INVALID, " ".join(error.messages), remedy, field)


def _hint(one: forms.Field) -> str:
    return str(one.help_text)
