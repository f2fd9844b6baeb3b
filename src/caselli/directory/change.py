"""The deeds of those who administer: keep what a form says, remove a thing. Each is written into the audit list."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db import IntegrityError, models, transaction

from caselli.directory import audit
from caselli.directory.audit import Actor, Change
from caselli.directory.forms import Prose, Settings, TrunkForm
from caselli.store.models import AuditEntry, Organization, Trunk

NOTHING = "–"


class NotKept(ValueError):  # noqa: N818 - it names what happened
    """Somebody was quicker: the form now says so beside its field."""


def keep(form: Settings, actor: Actor) -> models.Model:
    """Keep a valid form, and note what changed. Raises NotKept where another one took the same name or number."""
    added = form.instance.pk is None
    changes = _changes(form, added=added)
    try:
        with transaction.atomic():
            kept: models.Model = form.save()
            if added or changes:
                deed = AuditEntry.Deed.ADDED if added else AuditEntry.Deed.CHANGED
                audit.note(actor, deed, form.kind, kept, form.organization_of(), changes)
    except IntegrityError as error:
        form.add_error(None, "Somebody else has just kept one with the same name or number.")
        raise NotKept from error
    return kept


def remove(
    thing: models.Model,
    kind: str,
    organization: Organization | None,
    actor: Actor,
    changes: Iterable[Change] = (),
) -> None:
    """Remove what nothing refers to. Raises django.db.models.ProtectedError where faxes still belong to it.
    ``changes``: what goes with it.
    """
    with transaction.atomic():
        subject = str(thing)
        removed, _ = thing.delete()
        if removed:  # otherwise somebody was quicker, and has noted it
            audit.note(actor, AuditEntry.Deed.REMOVED, kind, subject, organization, changes)


def switch_trunk(trunk: Trunk, actor: Actor, *, enabled: bool) -> Trunk:
    """Take it into service or out of it; the trunk as it then is. What is so already is not noted again."""
    with transaction.atomic():
        locked = Trunk.objects.select_for_update().get(pk=trunk.pk)
        if locked.enabled != enabled:
            old, new = ("off", "on") if enabled else ("on", "off")
            locked.enabled = enabled
            locked.down_until = None
            locked.save(update_fields=["enabled", "down_until"])
            change = Change("In service", old, new)
            audit.note(actor, AuditEntry.Deed.CHANGED, TrunkForm.kind, locked, locked.organization, [change])
    return locked


def _changes(form: Settings, *, added: bool) -> list[Change]:
    changed = []
    for name in form.changed_data:
        field = form.fields[name]
        label = str(field.label or name)
        if name in form.secrets:
            before = form.initial.get(name, "")
            if form.cleaned_data[name] != before:  # left empty, it stays as it was
                words = ("(secret)", "(another secret)") if before else (NOTHING, "(secret)")
                changed.append(Change(label, *words))
            continue
        old = NOTHING if added else in_words(field, form.initial.get(name))
        new = in_words(field, form.cleaned_data[name])
        if old != new:
            changed.append(Change(label, old, new))
    return changed


def in_words(field: forms.Field, value: Any) -> str:
    """What a person reads of a setting: the choice by its label, a thing by its name, on or off."""
    if isinstance(field, forms.ModelChoiceField):
        if value is not None and not isinstance(value, models.Model):
            queryset = field.queryset
            assert queryset is not None
            value = queryset.model._default_manager.filter(pk=value).first()  # noqa: SLF001 - its documented name
        return str(value) if value else str(field.empty_label or NOTHING)
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        value = ", ".join(map(str, value)) or getattr(field, "empty_label", NOTHING)
    if value is None or value == "":
        return NOTHING
    if isinstance(field, Prose):
        return " ".join(str(value).split())
    return str(value).replace("\n", ", ")
