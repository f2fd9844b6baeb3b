"""Extensions, people and organizations: seen by the person's rights; set by who administers them."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from caselli.directory import access, invite
from caselli.directory.scopes import Scope
from caselli.doors.api import objects, settings
from caselli.doors.api import shapes_directory as shapes
from caselli.doors.api.asked import Asked, OfAnOrganization, in_order
from caselli.doors.api.caller import Caller, Needs, who
from caselli.doors.api.idempotency import repeatable
from caselli.doors.api.links import after
from caselli.doors.api.problem_kinds import ProblemKind
from caselli.doors.api.problems import Problem
from caselli.doors.api.rest_me import Me
from caselli.doors.api.shapes import Fax
from caselli.doors.api.shapes_directory import Told
from caselli.doors.api.shapes_received import ReceivedFax
from caselli.fax.refusals import Refusal, RefusalKind
from caselli.history import received
from caselli.store.models import Extension, Organization, User

router = Router(tags=["Directory"])
ADMIN = Needs(Scope.ADMIN)


@router.get(
    "/extensions", response=shapes.Extensions, operation_id="list_extensions", summary="The extensions one sees"
)
def list_extensions(request: HttpRequest, asked: Query[Asked]) -> Told:
    """One's own and those that are shared; those of the organization, or all of them, for who administers it."""
    caller = who(request)
    found, after = in_order(access.extensions_seen_by(caller.person), asked)
    return {"items": _extensions(found, caller), "next": after}


@router.get("/extensions/{extension}", response=shapes.Extension, operation_id="get_extension", summary="One extension")
@after(Fax, extension="/extension")
@after(ReceivedFax, extension="/extension")
def get_extension(request: HttpRequest, extension: str) -> shapes.Extension:
    """By its extended number, `0003*210`; or by `210` alone, in one's own organization."""
    caller = who(request)
    return _extensions([objects.extension(caller, extension)], caller)[0]


def _extensions(found: list[Extension], caller: Caller) -> list[shapes.Extension]:
    unread = received.count_unread(found)
    acts = access.extensions_acted_on_by(caller.person).filter(pk__in=[one.pk for one in found])
    acted_on = set(acts.values_list("pk", flat=True)) if found else set()
    return [
        shapes.Extension.model_construct(
            extension=one.extended,
            number=one.number,
            name=one.name,
            organization=one.organization.number,
            owner=one.owner.username,
            fax_enabled=one.fax_enabled,
            time_zone=one.zone,
            may_act=one.pk in acted_on,
            unread=unread.get(one.pk, 0),
        )
        for one in found
    ]


@router.post(
    "/extensions",
    response={201: shapes.AdministeredExtension},
    operation_id="add_extension",
    summary="Add an extension",
    auth=ADMIN,
)
@after(shapes.User, body={"organization": "/organization", "owner": "/login"})
@repeatable
def add_extension(request: HttpRequest, body: shapes.NewExtension) -> Status[Told]:
    """Its owner belongs to the same organization."""
    caller = who(request)
    new = Extension()
    if not access.administers_server(caller.person) and caller.person.organization is not None:
        new.organization = caller.person.organization
    return Status(201, shapes.EXTENSION.told(settings.set_up(shapes.EXTENSION, new, body, caller)))


@router.patch(
    "/extensions/{extension}",
    response=shapes.AdministeredExtension,
    operation_id="change_extension",
    summary="Change an extension",
    auth=ADMIN,
)
def change_extension(request: HttpRequest, extension: str, body: shapes.ExtensionChange) -> Told:
    """Another name, owner or number. How it faxes is set at `/extensions/{extension}/fax-settings`."""
    caller = who(request)
    found = _administered(objects.extension(caller, extension), caller)
    return shapes.EXTENSION.told(settings.set_up(shapes.EXTENSION, found, body, caller))


@router.delete(
    "/extensions/{extension}",
    response={204: None},
    operation_id="remove_extension",
    summary="Remove an extension",
    auth=ADMIN,
)
def remove_extension(request: HttpRequest, extension: str) -> Status[None]:
    """As long as no faxes belong to it: their record stays. Switch it off instead."""
    caller = who(request)
    settings.take_away(_administered(objects.extension(caller, extension), caller), caller)
    return Status(204, None)


@router.get(
    "/extensions/{extension}/fax-settings",
    response=shapes.FaxSettings,
    operation_id="get_fax_settings",
    summary="Fax settings of an extension",
    auth=ADMIN,
)
def get_fax_settings(request: HttpRequest, extension: str) -> Told:
    """How it sends and receives, and who hears of it."""
    caller = who(request)
    return shapes.FAX_SETTINGS.told(_administered(objects.extension(caller, extension), caller))


@router.patch(
    "/extensions/{extension}/fax-settings",
    response=shapes.FaxSettings,
    operation_id="change_fax_settings",
    summary="Change fax settings",
    auth=ADMIN,
)
def change_fax_settings(request: HttpRequest, extension: str, body: shapes.FaxSettingsChange) -> Told:
    """They act at once."""
    caller = who(request)
    found = _administered(objects.extension(caller, extension), caller)
    return shapes.FAX_SETTINGS.told(settings.set_up(shapes.FAX_SETTINGS, found, body, caller))


def _administered(extension: Extension, caller: Caller) -> Extension:
    """Raises Refusal: who sees an extension does not administer it by that."""
    if not access.may_administer(caller.person, extension.organization):
        raise Refusal(
            RefusalKind.NOT_ALLOWED,
            "",
            f"{caller.person.called} does not administer extension {extension.number}.",
            "Ask an administrator of its organization.",
        )
    return extension


@router.get(
    "/users", response=shapes.Users, operation_id="list_users", summary="The people one administers", auth=ADMIN
)
@after(shapes.Organization, organization="/number")
def list_users(request: HttpRequest, asked: Query[OfAnOrganization]) -> Told:
    """With those who are switched off."""
    found, after = in_order(asked.only(access.users_administered_by(who(request).person)), asked)
    return {"items": [shapes.USER.told(one) for one in found], "next": after}


@router.get("/users/{login}", response=shapes.User, operation_id="get_user", summary="One person", auth=ADMIN)
@after(shapes.Extension, login="/owner")
@after(shapes.AdministeredExtension, login="/owner")
def get_user(request: HttpRequest, login: str) -> Told:
    """By the login."""
    return shapes.USER.told(_user(request, login))


@router.post("/users", response={201: shapes.User}, operation_id="add_user", summary="Add a person", auth=ADMIN)
@after(shapes.Organization, body={"organization": "/number"})
@repeatable
def add_user(request: HttpRequest, body: shapes.NewUser) -> Status[Told]:
    """Nobody can sign in with it before the invitation: `POST /users/{login}/invite`."""
    caller = who(request)
    return Status(201, shapes.USER.told(settings.set_up(shapes.USER, User(), body, caller)))


@router.patch("/users/{login}", response=shapes.User, operation_id="change_user", summary="Change a person", auth=ADMIN)
def change_user(request: HttpRequest, login: str, body: shapes.UserChange) -> Told:
    """Who is switched off is signed out at once, and their keys open nothing any more."""
    return shapes.USER.told(settings.set_up(shapes.USER, _user(request, login), body, who(request)))


@router.delete(
    "/users/{login}", response=shapes.Removed, operation_id="remove_user", summary="Remove a person", auth=ADMIN
)
def remove_user(request: HttpRequest, login: str) -> Told:
    """As long as no fax tells of them: their name stays then. Switch them off instead. Their keys, apps and tokens go
    with them; the answer names them.
    """
    return settings.take_away(_user(request, login), who(request))


@router.post(
    "/users/{login}/invite", response={204: None}, operation_id="invite_user", summary="Invite a person", auth=ADMIN
)
@repeatable
def invite_user(request: HttpRequest, login: str) -> Status[None]:
    """A mail with a link by which they choose a password; or another one, where they have one."""
    caller, user = who(request), _user(request, login)
    settings.may_change(caller)
    try:
        (invite.reset if user.has_usable_password() else invite.invite)(user, caller.actor)
    except invite.NotSent as not_sent:
        raise Problem(ProblemKind.CONFLICT, str(not_sent)) from None
    return Status(204, None)


def _user(request: HttpRequest, login: str) -> User:
    return get_object_or_404(access.users_administered_by(who(request).person), username=login)


@router.get(
    "/organizations",
    response=shapes.Organizations,
    operation_id="list_organizations",
    summary="The organizations one administers",
    auth=ADMIN,
)
def list_organizations(request: HttpRequest, asked: Query[Asked]) -> Told:
    """All of them for an administrator of the whole server, otherwise one's own."""
    found, after = in_order(access.organizations_administered_by(who(request).person), asked)
    return {"items": [shapes.ORGANIZATION.told(one) for one in found], "next": after}


@router.get(
    "/organizations/{number}",
    response=shapes.Organization,
    operation_id="get_organization",
    summary="One organization",
    auth=ADMIN,
)
@after(Me, number="/organization/number")
def get_organization(request: HttpRequest, number: str) -> Told:
    """With the pace of its retries, and whose faxes need a second person's yes."""
    return shapes.ORGANIZATION.told(_organization(request, number))


@router.post(
    "/organizations",
    response={201: shapes.Organization},
    operation_id="add_organization",
    summary="Add an organization",
    auth=ADMIN,
)
@repeatable
def add_organization(request: HttpRequest, body: shapes.NewOrganization) -> Status[Told]:
    """For administrators of the whole server."""
    caller = who(request)
    settings.of_the_server(caller)
    return Status(201, shapes.ORGANIZATION.told(settings.set_up(shapes.ORGANIZATION, Organization(), body, caller)))


@router.patch(
    "/organizations/{number}",
    response=shapes.Organization,
    operation_id="change_organization",
    summary="Change an organization",
    auth=ADMIN,
)
def change_organization(request: HttpRequest, number: str, body: shapes.OrganizationChange) -> Told:
    """Its number, and whether it is in service, are changed by administrators of the whole server alone."""
    found = _organization(request, number)
    return shapes.ORGANIZATION.told(settings.set_up(shapes.ORGANIZATION, found, body, who(request)))


@router.delete(
    "/organizations/{number}",
    response=shapes.Removed,
    operation_id="remove_organization",
    summary="Remove an organization",
    auth=ADMIN,
)
def remove_organization(request: HttpRequest, number: str) -> Told:
    """An empty one alone: nobody and no extension belongs to it, and no fax ever did. Its webhooks and trunks go with
    it; the answer names them.
    """
    caller, found = who(request), _organization(request, number)
    settings.of_the_server(caller)
    return settings.take_away(found, caller)


def _organization(request: HttpRequest, number: str) -> Organization:
    return get_object_or_404(access.organizations_administered_by(who(request).person), number=number)
