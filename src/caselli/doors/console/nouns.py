"""The table of what can be set: each noun with its forms, how one is named, and what a list shows of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from caselli.directory.forms import (
    BlockedDestinationForm,
    ExtensionFaxForm,
    ExtensionForm,
    MailboxForm,
    OrganizationForm,
    PreferencesForm,
    TrunkForm,
    UserForm,
)
from caselli.doors.console import naming
from caselli.doors.console.options import FormOptions
from caselli.notice.own_words import MailTemplateForm
from caselli.store.models import (
    BlockedDestination,
    Extension,
    MailSource,
    MailTemplate,
    Organization,
    Preferences,
    Trunk,
    User,
)


@dataclass(frozen=True, slots=True)
class Noun:
    """``forms``: the first one makes a new thing, the others set more of it. ``columns``: of the list, by option name.

    ``named``: what a person calls one of them. ``empty``: what a list without rows says.
    """

    model: type[Model]
    forms: tuple[FormOptions, ...]
    find: Callable[[str], Any]
    named: Callable[[Any], str]
    every: Callable[[], "QuerySet[Any]"]
    columns: tuple[str, ...] = ()
    empty: str = ""
    password: bool = False


def _only_preferences(_: str) -> Preferences:
    return Preferences.current()


NOUNS: Mapping[str, Noun] = {
    "organization": Noun(
        Organization,
        (FormOptions(OrganizationForm),),
        naming.organization,
        lambda one: one.number,
        lambda: Organization.objects.order_by("number"),
        ("number", "name", "country", "time_zone", "enabled"),
        "No organizations yet. Add one: caselli organization add --number 0003 --name 'Acme Clinic'",
    ),
    "user": Noun(
        User,
        (FormOptions(UserForm, {"username": "login", "is_active": "active"}),),
        naming.user,
        lambda one: one.username,
        lambda: User.objects.select_related("organization").order_by("organization__number", "username"),
        ("login", "email", "organization", "role", "active"),
        "No users yet. Add one: caselli user add --login admin --email admin@example.com --role administrator",
        password=True,
    ),
    "extension": Noun(
        Extension,
        (FormOptions(ExtensionForm), FormOptions(ExtensionFaxForm)),
        naming.extension,
        lambda one: one.extended,
        lambda: Extension.objects.select_related("organization", "owner").order_by("organization__number", "number"),
        ("number", "name", "organization", "owner", "fax_enabled"),
        "No extensions yet. Add one: caselli extension add --organization 0003 --number 210 --name Desk --owner alice",
    ),
    "trunk": Noun(
        Trunk,
        (FormOptions(TrunkForm, {"username": "login"}),),
        naming.trunk,
        lambda one: one.name,
        lambda: Trunk.objects.select_related("organization"),
        ("id", "name", "organization", "host", "port", "channels", "prefix", "position", "enabled"),
        "No trunks yet. Add one: caselli trunk add --name Provider --host sip.example.com",
        password=True,
    ),
    "blocked": Noun(
        BlockedDestination,
        (FormOptions(BlockedDestinationForm),),
        naming.blocked,
        lambda one: one.prefix,
        lambda: BlockedDestination.objects.select_related("organization"),
        ("prefix", "organization", "reason"),
        "Nothing is blocked. Block numbers: caselli blocked add --prefix +1900 --reason 'premium numbers'",
    ),
    "mailbox": Noun(
        MailSource,
        (FormOptions(MailboxForm, {"username": "login"}),),
        naming.mailbox,
        lambda one: one.name,
        MailSource.objects.all,
        ("name", "host", "port", "login", "enabled"),
        "No mailboxes. Add one: caselli mailbox add --name Provider --host imap.example.com --login fax@example.com "
        "--ask-password",
        password=True,
    ),
    "mail-text": Noun(
        MailTemplate,
        (FormOptions(MailTemplateForm, {"body": "text"}),),
        naming.mail_text,
        lambda one: f"{one.organization.number}/{one.happening}",
        lambda: MailTemplate.objects.select_related("organization").order_by("organization__number", "happening"),
        ("mail", "subject"),
        "All mails go out in Caselli's words. Write others: caselli mail-text change 0003/sent --subject 'Sent: {to}'",
    ),
    "preferences": Noun(
        Preferences,
        (FormOptions(PreferencesForm),),
        _only_preferences,
        lambda _: "",
        Preferences.objects.all,
    ),
}
