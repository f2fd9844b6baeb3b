"""Who there is and what is set, as the API tells of it: by the forms of the directory."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ninja import Schema
from pydantic import Field

from caselli.directory.forms import (
    BlockedDestinationForm,
    ExtensionFaxForm,
    ExtensionForm,
    OrganizationForm,
    PreferencesForm,
    TrunkForm,
    UserForm,
)
from caselli.doors.api.shapes import List
from caselli.doors.api.shapes_settings import Noun


class Extension(Schema):
    """A numbered phone terminal: faxes are sent from it, and received by it."""

    extension: str = Field(description="With its organization's number.", examples=["0003*210"])
    number: str = Field(description="As colleagues dial it.", examples=["210"])
    name: str = Field(examples=["Front desk"])
    organization: str = Field(description="Number.", examples=["0003"])
    owner: str = Field(description="Login.", examples=["alice"])
    fax_enabled: bool = Field(description="False: nothing is sent from it, and nothing arrives.")
    time_zone: str = Field(examples=["America/New_York"])
    may_act: bool = Field(description="This key's person may send from it, and act on its faxes.")
    unread: int = Field(description="Received faxes that nobody has read yet.", examples=[2])


class WentWithIt(Schema):
    """Things of one kind that were removed along with another."""

    what: str = Field(description="What they are called.", examples=["API keys"])
    names: list[str] = Field(description="Each of them.", examples=[["Orders (caselli_4f7aQ2…)"]])


class Removed(Schema):
    """What went with it."""

    with_it: list[WentWithIt] = Field(description="By kind; empty where nothing did.")


_OF = "An organization's number. Null: all of them."
_EXTENSION = "0003*210"

EXTENSION = Noun(
    ExtensionForm,
    "AdministeredExtension",
    "An extension, as who administers it sees it.",
    settled=frozenset({"organization"}),
    words={
        "organization": "Number; one's own, where one administers no other. It stays: the faxes belong to it.",
        "owner": "Login of the owner.",
    },
    examples={"organization": "0003", "number": "210", "name": "Front desk", "owner": "alice"},
    first={"extension": (str, "With its organization's number.", lambda one: one.extended)},
)
FAX_SETTINGS = Noun(
    ExtensionFaxForm,
    "FaxSettings",
    "Fax settings of an extension.",
    words={
        "authorized": "Mails from these addresses become faxes of this extension, also with a +tag.",
        "approver": "Login of who gives the second person's yes, where the organization asks for one. Null: its "
        "administrators.",
        "time_zone": "Like America/New_York. Empty: the organization's.",
    },
    examples={"authorized": ["alice@acme.example"], "station_id": "+1 202 555 0210", "approver": "olivia"},
    first={"extension": (str, "Whose settings.", lambda one: one.extended)},
)
USER = Noun(
    UserForm,
    "User",
    "A person who may sign in.",
    renamed={"username": "login", "is_active": "active"},
    needed=frozenset({"email"}),
    words={"organization": "Number. Null for an administrator of the whole server."},
    examples={"username": "alice", "email": "alice@acme.example", "organization": "0003", "first_name": "Alice"},
    first={
        "has_password": (bool, "False: the invitation was not followed yet.", lambda one: one.has_usable_password())
    },
)
ORGANIZATION = Noun(
    OrganizationForm,
    "Organization",
    "A tenant: its people, extensions and faxes are apart from all others.",
    words={"country": "ISO 3166, two letters: how numbers without a country code are read."},
    examples={"number": "0003", "name": "Acme Clinic", "country": "US", "time_zone": "America/New_York"},
)
TRUNK = Noun(
    TrunkForm,
    "Trunk",
    "A SIP peer that calls go through. Its password is never told.",
    renamed={"username": "login"},
    words={"organization": _OF, "password": "Left out or empty, it stays as it is."},
    examples={"name": "Provider", "host": "sip.provider.example"},
    first={
        "id": (int, "Of the trunk.", lambda one: one.pk),
        "sandbox": (bool, "It leads to the built-in answering machine, and nowhere else.", lambda one: one.sandbox),
        "down_until": (
            datetime | None,
            "It did not answer: until then other trunks that lead to a number are taken before it.",
            lambda one: one.down_until,
        ),
    },
)
BLOCKED = Noun(
    BlockedDestinationForm,
    "BlockedDestination",
    "Numbers that nobody may call.",
    words={"organization": _OF},
    examples={"prefix": "+1900", "reason": "premium numbers"},
    first={"id": (int, "Of the entry.", lambda one: one.pk)},
)
PREFERENCES = Noun(
    PreferencesForm,
    "Preferences",
    "Server fax preferences: they hold for every organization, and act as soon as they are saved.",
    examples={"fax_address": "fax@fax.example.com"},
)

if TYPE_CHECKING:  # they are made while this is read
    AdministeredExtension = Schema
    NewExtension = Schema
    ExtensionChange = Schema
    FaxSettings = Schema
    FaxSettingsChange = Schema
    User = Schema
    NewUser = Schema
    UserChange = Schema
    Organization = Schema
    NewOrganization = Schema
    OrganizationChange = Schema
    Trunk = Schema
    NewTrunk = Schema
    TrunkChange = Schema
    BlockedDestination = Schema
    NewBlockedDestination = Schema
    Preferences = Schema
    PreferencesChange = Schema
else:
    AdministeredExtension, NewExtension, ExtensionChange = EXTENSION.answer, EXTENSION.new, EXTENSION.change
    FaxSettings, FaxSettingsChange = FAX_SETTINGS.answer, FAX_SETTINGS.change
    User, NewUser, UserChange = USER.answer, USER.new, USER.change
    Organization, NewOrganization, OrganizationChange = ORGANIZATION.answer, ORGANIZATION.new, ORGANIZATION.change
    Trunk, NewTrunk, TrunkChange = TRUNK.answer, TRUNK.new, TRUNK.change
    BlockedDestination, NewBlockedDestination = BLOCKED.answer, BLOCKED.new
    Preferences, PreferencesChange = PREFERENCES.answer, PREFERENCES.change


class Extensions(List[Extension]):
    """In the order in which they were added."""


class Users(List[User]):
    """In the order in which they were added."""


class Organizations(List[Organization]):
    """In the order in which they were added."""


class Trunks(List[Trunk]):
    """In the order in which they were added; calls take them by their position."""


class BlockedDestinations(List[BlockedDestination]):
    """In the order in which they were added."""


Told = dict[str, Any]
"""A noun as it is answered: ninja checks it against the shape."""
