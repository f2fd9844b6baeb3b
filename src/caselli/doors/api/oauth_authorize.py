"""``/oauth/authorize.php``: what an app asks a person to allow, and where the browser goes after a yes or a no.

As long as the app and its address are not proven, whatever is wrong is shown and nothing is redirected. And nothing is
redirected before the person is signed in: else a link to us would lead anywhere (RFC 9700, 4.11.2).
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.db import transaction
from django.http import HttpRequest
from oauthlib.common import urlencode
from oauthlib.oauth2 import (
    AccessDeniedError,
    FatalClientError,
    InvalidClientIdError,
    InvalidRedirectURIError,
    InvalidRequestError,
    InvalidScopeError,
    MismatchingRedirectURIError,
    MissingClientIdError,
    MissingRedirectURIError,
    OAuth2Error,
)

from caselli.directory import apps
from caselli.directory.audit import Actor
from caselli.directory.scopes import Scope
from caselli.doors.api.oauth_provider import server
from caselli.store.models import App, User

SHORTEST_STATE = 16
_UNKNOWN = "No app has this client_id, or its account is switched off."
_ADDRESS = "The app did not say where to go back to, or said another address than it has registered."
_BROKEN = "The app’s request cannot be read."


class NotShown(ValueError):  # noqa: N818 - it names what happened
    """Neither app nor address are proven: the text says why, to the person alone."""


@dataclass(frozen=True, slots=True)
class SentBack:
    """To the app, with an error that it can read."""

    address: str


@dataclass(frozen=True, slots=True)
class Asked:
    """``scopes``: as far as the person has them to give. ``host``: where the browser goes afterwards."""

    app: App
    scopes: tuple[Scope, ...]
    redirect_uri: str
    state: str

    @property
    def host(self) -> str:
        return urlsplit(self.redirect_uri).netloc

    @property
    def origin(self) -> str:
        return f"{urlsplit(self.redirect_uri).scheme}://{self.host}"


def look(request: HttpRequest) -> Asked | SentBack:
    """What is asked, as far as it can be told without a person. Raises NotShown."""
    try:
        scopes, said = server().consents.validate_authorization_request(_uri(request), "GET")
    except FatalClientError as fatal:
        raise NotShown(_why(fatal)) from None
    except OAuth2Error as error:
        return SentBack(error.in_uri(error.redirect_uri))
    except ValueError:
        raise NotShown(_BROKEN) from None
    app, redirect_uri, state = said["request"].client, said["redirect_uri"], said["state"] or ""
    if len(state) < SHORTEST_STATE:
        wrong = InvalidRequestError(f"The state must have at least {SHORTEST_STATE} characters.", state=state)
        return SentBack(wrong.in_uri(redirect_uri))
    if said.get("code_challenge_method") == "plain":
        return SentBack(InvalidRequestError("Use the code_challenge_method S256.", state=state).in_uri(redirect_uri))
    return Asked(app, tuple(one for one in Scope if one.value in scopes), redirect_uri, state)


def look_for(request: HttpRequest, person: User) -> Asked | SentBack:
    """The same, as this person is asked. Raises NotShown."""
    asked = look(request)
    if isinstance(asked, SentBack):
        return asked
    if not apps.reaches(asked.app, person):
        raise NotShown(_UNKNOWN)
    given = tuple(one for one in apps.scopes_of(asked.app, person) if one in asked.scopes)
    if not given:
        nothing = InvalidScopeError("The person has none of these scopes to give.", state=asked.state)
        return SentBack(nothing.in_uri(asked.redirect_uri))
    return Asked(asked.app, given, asked.redirect_uri, asked.state)


def allow(request: HttpRequest, asked: Asked, person: User, actor: Actor) -> str:
    """The address to go to, with the code. Raises NotShown."""
    scopes = [one.value for one in asked.scopes]
    try:
        with transaction.atomic():
            headers, _, _ = server().consents.create_authorization_response(
                _uri(request), "GET", scopes=scopes, credentials={"user": person}
            )
            apps.note_granted(asked.app, person, " ".join(scopes), actor)
    except FatalClientError as fatal:
        raise NotShown(_why(fatal)) from None
    return str(headers["Location"])


def deny(asked: Asked) -> str:
    return str(AccessDeniedError(state=asked.state).in_uri(asked.redirect_uri))


def _why(fatal: FatalClientError) -> str:
    if isinstance(fatal, InvalidClientIdError | MissingClientIdError):
        return _UNKNOWN
    addresses = InvalidRedirectURIError | MismatchingRedirectURIError | MissingRedirectURIError
    return _ADDRESS if isinstance(fatal, addresses) else _BROKEN


def _uri(request: HttpRequest) -> str:
    said = [(name, one) for name, many in request.GET.lists() for one in many]
    return f"{request.path}?{urlencode(said)}"
