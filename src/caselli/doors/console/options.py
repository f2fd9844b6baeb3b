"""A form as command-line options, and the options as the form again: what the pages refuse, a command refuses too."""

import argparse
import getpass
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django import forms

from caselli.directory.forms import Prose, Settings
from caselli.doors.console import naming
from caselli.store.models import User


@dataclass(frozen=True, slots=True)
class FormOptions:
    """``renamed``: what an option is called where the form's own name is not what people say (``is_active``)."""

    form: type[Settings]
    renamed: Mapping[str, str] = field(default_factory=dict)

    def called(self, name: str) -> str:
        return self.renamed.get(name, name)

    def option(self, name: str) -> str:
        return f"--{self.called(name).replace('_', '-')}"

    def plain(self) -> Iterator[tuple[str, forms.Field]]:
        """The fields that are no secrets; a secret is never given on the command line, where others could read it."""
        for name, one in self.form.base_fields.items():
            if name not in self.form.secrets:
                yield name, one

    def add_to(self, parser: argparse.ArgumentParser, *, adding: bool) -> None:
        for name, one in self.plain():
            told = _argument(one)
            if adding and one.required and one.initial is None and not isinstance(one, forms.BooleanField):
                told["help"] += " (needed)"
            parser.add_argument(self.option(name), dest=self.called(name), **told)
        for name in self._other_secrets():
            what = f"read it from a file’s first line: {self.form.base_fields[name].label}"
            parser.add_argument(
                f"{self.option(name)}-file", dest=self.called(name), type=Path, metavar="FILE", help=what
            )

    def _other_secrets(self) -> list[str]:
        """Besides the password, which has options of its own."""
        return [name for name in self.form.base_fields if name in self.form.secrets - {"password"}]

    def given(self, arguments: argparse.Namespace) -> dict[str, Any]:
        """What the command says, by the form's names, as a browser would post it. Raises Unclear, and OSError where a
        secret's file cannot be read.
        """
        told = {}
        for name, one in self.plain():
            value = getattr(arguments, self.called(name))
            if value is not None:
                told[name] = self._posted(name, one, value)
        for name in self._other_secrets():
            if file := getattr(arguments, self.called(name)):
                told[name] = first_line_of(file)
        return told

    def _posted(self, name: str, one: forms.Field, value: Any) -> Any:
        if isinstance(one, forms.ModelChoiceField):
            if not value:
                return ""
            try:
                return self._named(one, value).pk
            except naming.Unclear as unclear:
                raise naming.Unclear(f"{self.option(name)}: {unclear}") from None
        return "\n".join(value) if isinstance(value, list) else value

    @staticmethod
    def _named(one: "forms.ModelChoiceField[Any]", value: str) -> Any:
        assert one.queryset is not None
        return naming.user(value) if one.queryset.model is User else naming.organization(value)

    def fill(self, instance: Any, told: Mapping[str, Any]) -> Settings:
        """The form as it stands, with what is told put in: all else stays as it is. Raises Unclear."""
        shown = self.form(instance=instance, person=None)
        for name in told:
            if shown.fields[name].disabled:
                raise naming.Unclear(f"{self.option(name)}: This cannot be changed any more.")
        return self.form.filled(told, instance, None)

    def complaints(self, form: Settings) -> Iterator[str]:
        """A line an error: the option, what the page would say, and the page's hint."""
        for name, errors in form.errors.as_data().items():
            for error in errors:
                words = " ".join(error.messages)
                if name not in form.fields:
                    yield f"caselli: {words}"
                    continue
                # The others say themselves what to write.
                hint = form.fields[name].help_text if error.code == "required" else ""
                yield f"{self.option(name)}: {words}{f' ({hint})' if hint else ''}"


def _argument(one: forms.Field) -> dict[str, Any]:
    told: dict[str, Any] = {"default": None, "help": _help(one)}
    if isinstance(one, forms.BooleanField):
        return told | {"action": argparse.BooleanOptionalAction}
    if isinstance(one, forms.ModelChoiceField):
        assert one.queryset is not None
        return told | {"metavar": "LOGIN" if one.queryset.model is User else "NUMBER"}
    if isinstance(one, forms.ChoiceField):
        return told | {"choices": [value for value in dict(one.choices) if value]}  # type: ignore[arg-type]
    if isinstance(one.widget, forms.Textarea) and not isinstance(one, Prose):
        return told | {"metavar": "A,B", "action": "append"}
    return told | {"metavar": "N" if isinstance(one, forms.IntegerField) else "TEXT"}


def _help(one: forms.Field) -> str:
    """Label and hint of the page; the per cent sign is argparse's."""
    label, hint = str(one.label), str(one.help_text)
    if isinstance(one.widget, forms.Textarea):
        hint = hint.replace("One a line, as many as you like.", "As many as you like, with commas between them.")
    return (f"{label}. {hint}" if hint else label).replace("%", "%%")


def add_password_options(parser: argparse.ArgumentParser, *, invite: bool = False) -> None:
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--ask-password", action="store_true", help="type the password at the terminal")
    group.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    group.add_argument("--password-file", type=Path, metavar="FILE", help="read the password from a file's first line")
    if invite:
        group.add_argument("--invite", action="store_true", help="send a mail with a link to choose a password")


def password_given(arguments: argparse.Namespace) -> str | None:
    """None where the command names no source. Raises OSError where the file cannot be read, ValueError for nothing."""
    if arguments.ask_password:
        given = getpass.getpass("Password: ")
        if given != getpass.getpass("Once more: "):
            raise ValueError("These were two different passwords.")
    elif arguments.password_stdin:
        given = sys.stdin.readline().rstrip("\r\n")
    elif arguments.password_file:
        given = first_line_of(arguments.password_file)
    else:
        return None
    if not given:
        raise ValueError("The password is empty.")
    return given


def first_line_of(file: Path) -> str:
    """Raises OSError."""
    return file.read_text().partition("\n")[0].rstrip("\r")
