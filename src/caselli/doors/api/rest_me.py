"""``/me``: whose key this is, and what it may do."""

from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from caselli.doors.api.caller import who
from caselli.store.models import Role

router = Router(tags=["Caller"])


class MyOrganization(Schema):
    number: str = Field(examples=["0003"])
    name: str = Field(examples=["Acme Clinic"])
    time_zone: str = Field(examples=["America/New_York"])


class Me(Schema):
    """Whose key or token this is, and what it opens."""

    login: str = Field(examples=["alice"])
    name: str = Field(examples=["Alice Front"])
    role: Role
    organization: MyOrganization | None = Field(description="Null for an administrator of the whole server.")
    by: Literal["key", "app"]
    id: str = Field(description="Of the key, or of the app.", examples=[str(UUID(int=7))])
    scopes: list[str] = Field(examples=[["fax:read", "fax:send"]])
    sandbox: bool = Field(description="Reaches the built-in answering machine alone.")


@router.get("/me", response=Me, operation_id="get_me", summary="Whose key this is")
def get_me(request: HttpRequest) -> dict[str, object]:
    """The person, the organization and the scopes of the key or token that asks."""
    caller = who(request)
    by, _, called = caller.name.partition(":")
    return {
        "login": caller.person.username,
        "name": caller.person.called,
        "role": caller.person.role,
        "organization": caller.person.organization,
        "by": by,
        "id": called,
        "scopes": sorted(one.value for one in caller.scopes),
        "sandbox": caller.sandbox,
    }
