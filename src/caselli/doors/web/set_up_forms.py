"""The forms of the set-up: those of the settings, with only what has to be asked at the beginning."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from caselli.directory import sandbox
from caselli.directory.forms import TrunkForm, UserForm
from caselli.store.models import Role, User

ADMINISTRATOR = ("username", "password", "again", "email", "first_name", "last_name")
ORGANIZATION = ("name", "number", "country", "time_zone")
EXTENSION = ("number", "name")
TRUNK = ("name", "host", "port", "username", "password")


class AdministratorForm(UserForm):
    """The first person, who has to be able to sign in without any mail."""

    secrets = frozenset({"password", "again"})
    password = forms.CharField(label="Password", widget=forms.PasswordInput, help_text="At least 10 characters.")
    again = forms.CharField(label="The same password once more", widget=forms.PasswordInput)
    hints: ClassVar[dict[str, str]] = {
        "email": "A link to choose another password goes there.",
        "first_name": "May stay empty, like the last name.",
    }
    given: ClassVar[dict[str, Any]] = {"role": Role.ADMINISTRATOR, "is_active": True}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, hint in self.hints.items():
            self.fields[name].help_text = hint

    @cached_property
    def changed_data(self) -> list[str]:
        """For the audit list: typing it twice sets one password."""
        return [name for name in super().changed_data if name != "again"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        password = cleaned.get("password")
        if password:
            if cleaned.get("again") not in {None, password}:
                self.add_error("again", "These are two different passwords. Type the same one twice.")
            try:
                validate_password(password, User(username=cleaned.get("username", ""), email=cleaned.get("email", "")))
            except ValidationError as weak:
                self.add_error("password", weak)
        return cleaned

    def save(self, commit: bool = True) -> User:  # Django's signature
        user: User = super().save(commit)
        user.set_password(self.cleaned_data["password"])
        if commit:
            user.save(update_fields=["password"])
        return user


class FirstTrunkForm(TrunkForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = "As you call it, like the provider’s name."
        self.fields["password"].help_text = "Empty with an empty login."


def answering_machine(host: str, port: int) -> dict[str, Any]:
    """A trunk to the built-in answering machine, for everybody."""
    return sandbox.told(host, port)
