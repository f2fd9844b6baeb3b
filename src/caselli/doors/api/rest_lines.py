"""Trunks, destinations that nobody may call, and the server's preferences."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from caselli.directory import access, change
from caselli.directory.scopes import Scope
from caselli.doors.api import settings
from caselli.doors.api import shapes_directory as shapes
from caselli.doors.api.asked import OfAnOrganization, in_order
from caselli.doors.api.caller import Needs, who
from caselli.doors.api.idempotency import repeatable
from caselli.doors.api.links import after
from caselli.doors.api.rest_received import Key
from caselli.doors.api.shapes_directory import Told
from caselli.store.models import BlockedDestination, Preferences, Trunk

router = Router(tags=["Directory"], auth=Needs(Scope.ADMIN))


@router.get("/trunks", response=shapes.Trunks, operation_id="list_trunks", summary="The trunks one sees")
@after(shapes.Organization, organization="/number")
def list_trunks(request: HttpRequest, asked: Query[OfAnOrganization]) -> Told:
    """All of them for an administrator of the whole server, otherwise those of one's organization alone."""
    found, after = in_order(asked.only(access.trunks_seen_by(who(request).person)), asked)
    return {"items": [shapes.TRUNK.told(one) for one in found], "next": after}


@router.get("/trunks/{id}", response=shapes.Trunk, operation_id="get_trunk", summary="One trunk")
def get_trunk(request: HttpRequest, id: Key) -> Told:  # noqa: A002 - in the address
    """Where it leads, and when it is taken."""
    return shapes.TRUNK.told(_trunk(request, id))


@router.post("/trunks", response={201: shapes.Trunk}, operation_id="add_trunk", summary="Add a trunk")
@after(shapes.Organization, body={"organization": "/number"})
@repeatable
def add_trunk(request: HttpRequest, body: shapes.NewTrunk) -> Status[Told]:
    """For administrators of the whole server, because trunks reach into the network."""
    caller = who(request)
    settings.of_the_server(caller)
    return Status(201, shapes.TRUNK.told(settings.set_up(shapes.TRUNK, Trunk(), body, caller)))


@router.patch("/trunks/{id}", response=shapes.Trunk, operation_id="change_trunk", summary="Change a trunk")
def change_trunk(request: HttpRequest, id: Key, body: shapes.TrunkChange) -> Told:  # noqa: A002
    """The next call goes by it as it is then. `enabled` takes it into service and out of it."""
    caller, found = who(request), _trunk(request, id)
    settings.of_the_server(caller)
    return shapes.TRUNK.told(settings.set_up(shapes.TRUNK, found, body, caller))


@router.delete("/trunks/{id}", response={204: None}, operation_id="remove_trunk", summary="Remove a trunk")
def remove_trunk(request: HttpRequest, id: Key) -> Status[None]:  # noqa: A002
    """Calls that are on the line end by themselves. What was sent keeps its name."""
    caller, found = who(request), _trunk(request, id)
    settings.of_the_server(caller)
    settings.may_change(caller)
    change.remove(found, shapes.TRUNK.form.kind, found.organization, caller.actor)
    return Status(204, None)


def _trunk(request: HttpRequest, key: int) -> Trunk:
    return get_object_or_404(access.trunks_seen_by(who(request).person), pk=key)


@router.get(
    "/blocked-destinations",
    response=shapes.BlockedDestinations,
    operation_id="list_blocked_destinations",
    summary="Numbers that nobody may call",
)
@after(shapes.Organization, organization="/number")
def list_blocked_destinations(request: HttpRequest, asked: Query[OfAnOrganization]) -> Told:
    """Those of the whole server too: they hold for everybody."""
    found, after = in_order(asked.only(access.blocked_seen_by(who(request).person)), asked)
    return {"items": [shapes.BLOCKED.told(one) for one in found], "next": after}


@router.post(
    "/blocked-destinations",
    response={201: shapes.BlockedDestination},
    operation_id="block_destination",
    summary="Block a destination",
)
@after(shapes.Organization, body={"organization": "/number"})
@repeatable
def block_destination(request: HttpRequest, body: shapes.NewBlockedDestination) -> Status[Told]:
    """Faxes to these numbers are refused at once, with the reason."""
    caller = who(request)
    return Status(201, shapes.BLOCKED.told(settings.set_up(shapes.BLOCKED, BlockedDestination(), body, caller)))


@router.delete(
    "/blocked-destinations/{id}",
    response={204: None},
    operation_id="unblock_destination",
    summary="Unblock a destination",
)
def unblock_destination(request: HttpRequest, id: Key) -> Status[None]:  # noqa: A002
    """What holds for the whole server is unblocked by its administrators alone."""
    caller = who(request)
    found = get_object_or_404(access.blocked_seen_by(caller.person), pk=id)
    if found.organization is None:
        settings.of_the_server(caller)
    settings.may_change(caller)
    change.remove(found, shapes.BLOCKED.form.kind, found.organization, caller.actor)
    return Status(204, None)


@router.get(
    "/preferences", response=shapes.Preferences, operation_id="get_preferences", summary="Server fax preferences"
)
def get_preferences(request: HttpRequest) -> Told:
    """For administrators of the whole server."""
    settings.of_the_server(who(request))
    return shapes.PREFERENCES.told(Preferences.current())


@router.patch(
    "/preferences",
    response=shapes.Preferences,
    operation_id="change_preferences",
    summary="Change server fax preferences",
)
def change_preferences(request: HttpRequest, body: shapes.PreferencesChange) -> Told:
    """For administrators of the whole server."""
    caller = who(request)
    settings.of_the_server(caller)
    return shapes.PREFERENCES.told(settings.set_up(shapes.PREFERENCES, Preferences.current(), body, caller))
