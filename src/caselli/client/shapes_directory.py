"""The directory as Caselli answers it, and what can be changed of it. The OpenAPI document, and the pages of the
settings, say what each field means.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypedDict

Role = Literal["administrator", "organization_administrator", "user"]


@dataclass(frozen=True, slots=True)
class Extension:
    """As everybody sees it who may see its faxes. ``unread``: received faxes that nobody has read."""

    extension: str
    number: str
    name: str
    organization: str
    owner: str
    fax_enabled: bool
    time_zone: str
    may_act: bool
    unread: int


@dataclass(frozen=True, slots=True)
class AdministeredExtension:
    """As its administrator sees it."""

    extension: str
    organization: str
    number: str
    name: str
    owner: str


@dataclass(frozen=True, slots=True)
class WentWithIt:
    """Things of one kind that were removed along with another."""

    what: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Removed:
    """What went with it, by kind."""

    with_it: tuple[WentWithIt, ...]


@dataclass(frozen=True, slots=True)
class FaxSettings:
    """Of one extension."""

    extension: str
    fax_enabled: bool
    approver: str | None
    mail_content: Literal["attachments", "text", "both"]
    mail_cut: bool
    mail_cover: bool
    mail_trusted: bool
    station_id: str
    header_line: str
    caller_number: str
    time_zone: str
    storage_megabytes: int | None
    delete_after_days: int | None
    notify: Literal["off", "alert", "fax"]
    authorized: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class User:
    """A person. ``has_password``: they can sign in."""

    has_password: bool
    login: str
    first_name: str
    last_name: str
    email: str
    organization: str | None
    role: Role
    active: bool


@dataclass(frozen=True, slots=True)
class Organization:
    """A tenant. Waits are seconds."""

    number: str
    name: str
    country: str
    time_zone: str
    enabled: bool
    approve_all: bool
    approve_abroad: bool
    approve_over_pages: int | None
    mail_proof_required: bool
    second_factor_required: bool
    busy_wait: int
    no_answer_wait: int
    line_wait: int
    other_wait: int
    dials_limit: int
    answered_limit: int
    ring_limit: int
    queue_hours: int


@dataclass(frozen=True, slots=True)
class Trunk:
    """A SIP peer that calls go through; its password is never told."""

    id: int
    sandbox: bool
    down_until: datetime | None
    name: str
    organization: str | None
    host: str
    port: int
    login: str
    has_password: bool
    domain: str
    t38: bool
    channels: int
    calls_a_second: int
    prefix: str
    position: int
    enabled: bool


@dataclass(frozen=True, slots=True)
class BlockedDestination:
    """Numbers that nobody may call: of one organization, or of all where it is None."""

    id: int
    prefix: str
    organization: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Preferences:
    """Of the whole server."""

    email_accepted: bool
    approval_host: str
    fax_address: str
    front_server: str
    mail_megabytes: int
    files_limit: int
    recipients_limit: int
    confirmation_interval: int
    negotiation_limit: int
    unconfirmed_days: int
    sent_days: int | None


class ExtensionFields(TypedDict, total=False):
    """What can be said of an extension."""

    organization: str
    number: str
    name: str
    owner: str


class FaxSettingsFields(TypedDict, total=False):
    """What can be changed of the fax settings."""

    fax_enabled: bool
    approver: str | None
    mail_content: Literal["attachments", "text", "both"]
    mail_cut: bool
    mail_cover: bool
    mail_trusted: bool
    station_id: str
    header_line: str
    caller_number: str
    time_zone: str
    storage_megabytes: int | None
    delete_after_days: int | None
    notify: Literal["off", "alert", "fax"]
    authorized: Sequence[str]


class UserFields(TypedDict, total=False):
    """What can be said of a person."""

    login: str
    first_name: str
    last_name: str
    email: str
    organization: str | None
    role: Role
    active: bool


class OrganizationFields(TypedDict, total=False):
    """What can be said of an organization."""

    number: str
    name: str
    country: str
    time_zone: str
    enabled: bool
    approve_all: bool
    approve_abroad: bool
    approve_over_pages: int | None
    mail_proof_required: bool
    second_factor_required: bool
    busy_wait: int
    no_answer_wait: int
    line_wait: int
    other_wait: int
    dials_limit: int
    answered_limit: int
    ring_limit: int
    queue_hours: int


class TrunkFields(TypedDict, total=False):
    """What can be said of a trunk."""

    name: str
    organization: str | None
    host: str
    port: int
    login: str
    password: str
    domain: str
    t38: bool
    channels: int
    calls_a_second: int
    prefix: str
    position: int
    enabled: bool


class PreferencesFields(TypedDict, total=False):
    """What can be changed of the preferences."""

    email_accepted: bool
    approval_host: str
    fax_address: str
    front_server: str
    mail_megabytes: int
    files_limit: int
    recipients_limit: int
    confirmation_interval: int
    negotiation_limit: int
    unconfirmed_days: int
    sent_days: int | None
