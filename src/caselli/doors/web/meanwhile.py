"""Two people with the same form open: the later save must not silently undo the earlier one.

A form carries, signed, the values it was filled with. When it comes back, they are compared with those of now. What
the person did not touch takes the value of now; where both changed a field, both values are said. Either way the person
looks again before anything is kept.
"""

from typing import Any

from django import forms
from django.core import signing
from django.http import QueryDict
from django.utils.crypto import salted_hmac

from caselli.directory.change import in_words
from caselli.directory.forms import Settings

FIELD = "seen"
_SALT = "caselli.meanwhile"


def sign(form: Settings) -> str:
    """What the form was filled with, for its hidden field."""
    return signing.dumps([_about(form), _values(form)], salt=_SALT, compress=True)


def changed_meanwhile(form: Settings, signed: str) -> dict[str | None, str]:
    """Field -> what somebody else did to it since the form was opened; empty where nobody did.

    Changes the form's data: what the person left as it was is filled with the value of now. Under None: what concerns
    the whole form.
    """
    try:
        about, were = signing.loads(signed, salt=_SALT)
    except signing.BadSignature:
        about, were = "", {}
    if about != _about(form):
        return {None: "Nothing is kept yet: this form did not say what it was filled with. Look at it and save again."}
    now = _values(form)
    told: dict[str | None, str] = {}
    for name, value in now.items():
        if name in were and were[name] != value and (words := _compare(form, name, were[name])):
            told[name] = words
    return told


def _compare(form: Settings, name: str, was: Any) -> str:
    field = form.fields[name]
    current = form.get_initial_for_field(field, name)
    sent = _sent(form, name)
    if name in form.secrets:
        return "Somebody has changed this meanwhile. Type yours again to keep it, or leave theirs." if sent else ""
    if not field.has_changed(current, sent):
        return ""  # both wrote the same
    if field.has_changed(was, sent):
        theirs, yours = in_words(field, current), _yours(form, name)
        return (
            f"Somebody has changed this meanwhile: it is “{theirs}” now, you chose “{yours}”. Save again to keep yours."
        )
    _fill(form, name, current)
    return f"Somebody has changed this meanwhile, from “{in_words(field, was)}” to “{in_words(field, current)}”."


def _sent(form: Settings, name: str) -> Any:
    """Browsers send the lines of a text with carriage returns."""
    data = form[name].data
    return data.replace("\r\n", "\n") if isinstance(data, str) else data


def _yours(form: Settings, name: str) -> str:
    field, sent = form.fields[name], _sent(form, name)
    try:
        return in_words(field, field.clean(sent))
    except forms.ValidationError:
        return str(sent)


def _fill(form: Settings, name: str, value: Any) -> None:
    assert isinstance(form.data, QueryDict)
    data = form.data.copy()
    prepared = form.fields[name].prepare_value(value)
    data.pop(form.add_prefix(name), None)
    if prepared is not None and prepared is not False:
        data[form.add_prefix(name)] = str(prepared)
    form.data = data


def _values(form: Settings) -> dict[str, Any]:
    return {name: _value(form, name) for name, field in form.fields.items() if not field.disabled}


def _value(form: Settings, name: str) -> Any:
    value = form.fields[name].prepare_value(form.get_initial_for_field(form.fields[name], name))
    if name in form.secrets:
        return salted_hmac(_SALT, str(value)).hexdigest()
    return value if value is None or isinstance(value, bool | int) else str(value)


def _about(form: Settings) -> str:
    return f"{form.kind} {form.instance.pk}"
