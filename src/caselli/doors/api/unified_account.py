"""From which extension, and on whose behalf: what stands in ``/uapi/faxes/{userId}/{extension}``."""

import re

from caselli.directory.access import extensions_seen_by, may_act, users_administered_by
from caselli.doors.api.caller import Caller
from caselli.doors.api.unified_errors import EXTENSION, NO_EXTENSION, NO_USER, NOT_ALLOWED, UnifiedError
from caselli.store.models import Extension, User

SIGNED_IN = frozenset({"@me", "@viewer"})
OWNER = "@owner"
_EXTENSION = re.compile(r"(?:(\d{1,6})\*)?(\d{1,10})", re.ASCII)
_USER = re.compile(r"\d{1,18}", re.ASCII)


def sender(caller: Caller, user_id: str, number: str) -> Extension:
    """The extension, if this user may send from it. Raises UnifiedError; what the caller may not see does not exist.

    ``@me`` and ``@viewer`` are the account whose token it is, ``@owner`` is the extension's owner; an id is that user,
    whom the account is or administers. Whoever it is: the account itself must be allowed to send from the extension,
    which ``submit`` asks, and the fax is noted as the account's.
    """
    named = None if user_id in SIGNED_IN or user_id == OWNER else _user(caller, user_id)
    extension = _extension(caller, named, number)
    if named is not None and not may_act(named, extension):
        raise UnifiedError(NOT_ALLOWED, f"User {user_id} may not send from extension {extension.number}.")
    return extension


def _user(caller: Caller, user_id: str) -> User:
    if _USER.fullmatch(user_id):
        if int(user_id) == caller.person.pk:
            return caller.person
        if found := users_administered_by(caller.person).filter(pk=int(user_id)).first():
            return found
    raise UnifiedError(NO_USER, "There is no such user. Use @me, @viewer, @owner, or the id of a user of yours.")


def _extension(caller: Caller, named: User | None, number: str) -> Extension:
    read = _EXTENSION.fullmatch(number)
    if read is None:
        raise UnifiedError(
            EXTENSION, "The extension must be a number, short (210) or extended (0003*210); @self cannot send."
        )
    organization, short = read.groups()
    found = extensions_seen_by(caller.person).filter(number=short)
    if organization is not None:
        found = found.filter(organization__number=organization)
    elif ours := (named or caller.person).organization_id or caller.person.organization_id:
        found = found.filter(organization_id=ours)
    several = list(found[:2])
    if not several:
        raise UnifiedError(NO_EXTENSION, f"There is no extension {number} that you may see.")
    if len(several) > 1:
        raise UnifiedError(EXTENSION, f"Several organizations have an extension {short}. Write it like 0003*{short}.")
    return several[0]
