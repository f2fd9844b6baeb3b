"""What a program may do: the scopes of keys and of OAuth tokens. A scope never gives more than its person may."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Scope(StrEnum):
    FAX_READ = "fax:read"
    FAX_SEND = "fax:send"
    FAX_APPROVE = "fax:approve"
    FAX_CANCEL = "fax:cancel"
    ADMIN = "admin"


WORDS: Mapping[Scope, str] = MappingProxyType(
    {
        Scope.FAX_READ: "See faxes, their pages and what became of them",
        Scope.FAX_SEND: "Send faxes, and send them again",
        Scope.FAX_APPROVE: "Approve faxes that wait for a yes",
        Scope.FAX_CANCEL: "Cancel faxes, and delete received ones",
        Scope.ADMIN: "See and change extensions, users, trunks and settings",
    }
)
