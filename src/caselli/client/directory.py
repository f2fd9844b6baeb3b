"""Who there is, and how faxes go; for administrators, who may change it. A change says what shall be, and no more."""

from typing import Any, Unpack

from caselli.client import operations
from caselli.client.effects import Plan
from caselli.client.plans import every
from caselli.client.shapes_directory import (
    AdministeredExtension,
    BlockedDestination,
    Extension,
    ExtensionFields,
    FaxSettings,
    FaxSettingsFields,
    Organization,
    OrganizationFields,
    Preferences,
    PreferencesFields,
    Removed,
    Trunk,
    TrunkFields,
    User,
    UserFields,
)
from caselli.client.verbs import Group, S, listing, verb


class Extensions(Group[S]):
    """``extension``: like ``0003*210``, or ``210`` in the organization of the key's person."""

    @listing(Extension)
    def list(self, *, limit: int | None = None) -> Plan[None]:
        """Those whose faxes the key's person sees."""
        return every(operations.LIST_EXTENSIONS, self._patience, {"limit": limit})

    @verb
    def get(self, extension: str) -> Plan[Extension]:
        """One of them."""
        return self._ask(operations.GET_EXTENSION, extension=extension)

    @verb
    def add(self, **new: Unpack[ExtensionFields]) -> Plan[AdministeredExtension]:
        """A new one."""
        return self._say(operations.ADD_EXTENSION, new)

    @verb
    def change(self, extension: str, **changes: Unpack[ExtensionFields]) -> Plan[AdministeredExtension]:
        """What is said, and nothing else."""
        return self._say(operations.CHANGE_EXTENSION, changes, extension=extension)

    @verb
    def remove(self, extension: str) -> Plan[None]:
        """One that no fax refers to; others are switched off."""
        return self._ask(operations.REMOVE_EXTENSION, extension=extension)

    @verb
    def fax_settings(self, extension: str) -> Plan[FaxSettings]:
        """How it faxes."""
        return self._ask(operations.GET_FAX_SETTINGS, extension=extension)

    @verb
    def change_fax_settings(self, extension: str, **changes: Unpack[FaxSettingsFields]) -> Plan[FaxSettings]:
        """What is said, and nothing else."""
        return self._say(operations.CHANGE_FAX_SETTINGS, changes, extension=extension)


class Users(Group[S]):
    """``login`` names one."""

    @listing(User)
    def list(self, *, organization: str | None = None, limit: int | None = None) -> Plan[None]:
        """All, or those of one organization."""
        return every(operations.LIST_USERS, self._patience, {"organization": organization, "limit": limit})

    @verb
    def get(self, login: str) -> Plan[User]:
        """One person."""
        return self._ask(operations.GET_USER, login=login)

    @verb
    def add(self, **new: Unpack[UserFields]) -> Plan[User]:
        """Somebody new, without a password: :meth:`invite` lets them choose one."""
        return self._say(operations.ADD_USER, new)

    @verb
    def change(self, user: str, **changes: Unpack[UserFields]) -> Plan[User]:
        """What is said, and nothing else. ``user``: the login as it is; ``login`` among the changes is the new one."""
        return self._say(operations.CHANGE_USER, changes, login=user)

    @verb
    def remove(self, login: str) -> Plan[Removed]:
        """One to whom nothing refers; others are switched off. What goes with them, like their keys, is told."""
        return self._ask(operations.REMOVE_USER, login=login)

    @verb
    def invite(self, login: str) -> Plan[None]:
        """A mail with a link to choose a password."""
        return self._ask(operations.INVITE_USER, login=login)


class Organizations(Group[S]):
    """``number`` names one."""

    @listing(Organization)
    def list(self, *, limit: int | None = None) -> Plan[None]:
        """Those that the key's person administers."""
        return every(operations.LIST_ORGANIZATIONS, self._patience, {"limit": limit})

    @verb
    def get(self, number: str) -> Plan[Organization]:
        """One of them."""
        return self._ask(operations.GET_ORGANIZATION, number=number)

    @verb
    def add(self, **new: Unpack[OrganizationFields]) -> Plan[Organization]:
        """A new one."""
        return self._say(operations.ADD_ORGANIZATION, new)

    @verb
    def change(self, organization: str, **changes: Unpack[OrganizationFields]) -> Plan[Organization]:
        """What is said, and nothing else. ``organization``: its number as it is."""
        return self._say(operations.CHANGE_ORGANIZATION, changes, number=organization)

    @verb
    def remove(self, number: str) -> Plan[Removed]:
        """One to which nothing refers; others are switched off."""
        return self._ask(operations.REMOVE_ORGANIZATION, number=number)


class Trunks(Group[S]):
    """``id`` names one."""

    @listing(Trunk)
    def list(self, *, organization: str | None = None, limit: int | None = None) -> Plan[None]:
        """All, or those of one organization."""
        return every(operations.LIST_TRUNKS, self._patience, {"organization": organization, "limit": limit})

    @verb
    def get(self, trunk: int) -> Plan[Trunk]:
        """One of them."""
        return self._ask(operations.GET_TRUNK, id=trunk)

    @verb
    def add(self, **new: Unpack[TrunkFields]) -> Plan[Trunk]:
        """A new one."""
        return self._say(operations.ADD_TRUNK, new)

    @verb
    def change(self, trunk: int, **changes: Unpack[TrunkFields]) -> Plan[Trunk]:
        """What is said, and nothing else."""
        return self._say(operations.CHANGE_TRUNK, changes, id=trunk)

    @verb
    def remove(self, trunk: int) -> Plan[None]:
        """No more calls go by it."""
        return self._ask(operations.REMOVE_TRUNK, id=trunk)


class BlockedDestinations(Group[S]):
    @listing(BlockedDestination)
    def list(self, *, organization: str | None = None, limit: int | None = None) -> Plan[None]:
        """All, or those of one organization."""
        named: dict[str, Any] = {"organization": organization, "limit": limit}
        return every(operations.LIST_BLOCKED_DESTINATIONS, self._patience, named)

    @verb
    def add(self, prefix: str, *, reason: str, organization: str | None = None) -> Plan[BlockedDestination]:
        """Nobody may call numbers that begin so. ``organization``: None for all."""
        named = {"prefix": prefix, "reason": reason, "organization": organization}
        return self._ask(operations.BLOCK_DESTINATION, **named)

    @verb
    def remove(self, id: int) -> Plan[None]:  # noqa: A002 - its name in the API
        """They may be called again."""
        return self._ask(operations.UNBLOCK_DESTINATION, id=id)


class ServerPreferences(Group[S]):
    @verb
    def get(self) -> Plan[Preferences]:
        """The server's fax preferences."""
        return self._ask(operations.GET_PREFERENCES)

    @verb
    def change(self, **changes: Unpack[PreferencesFields]) -> Plan[Preferences]:
        """What is said, and nothing else."""
        return self._say(operations.CHANGE_PREFERENCES, changes)
