"""OAuth 2.0 as Caselli offers it: the library's grants, with our rules about secrets, scopes and people."""

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import structlog
from oauth2_provider.models import Grant, RefreshToken
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request
from oauthlib.oauth2 import (
    AuthorizationCodeGrant,
    AuthorizationEndpoint,
    BearerToken,
    ClientCredentialsGrant,
    RefreshTokenGrant,
    TokenEndpoint,
)
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError

from caselli.directory import apps
from caselli.doors.api.oauth_tokens import may_serve
from caselli.store.models import App, User

log = structlog.get_logger()
HOUR = 3_600
_LONGEST_ID = 255


class Validator(OAuth2Validator):
    """Authorization codes are kept as digests too; of all tokens the toolkit keeps the checksum alone (settings)."""

    def _check_secret(self, provided_secret: str, stored_secret: str) -> bool:
        return apps.is_secret(provided_secret, App(client_secret=stored_secret))

    def _load_application(self, client_id: Any, request: Request) -> App | None:
        """None: unknown, or the account behind it is switched off."""
        if not isinstance(client_id, str) or not client_id.isprintable() or len(client_id) > _LONGEST_ID:
            return None
        app = request.client
        if not isinstance(app, App) or app.client_id != client_id:
            app = App.objects.select_related("user__organization").filter(client_id=client_id).first()
        good = app if app is not None and apps.is_good(app) else None
        request.client = good
        return good

    def is_pkce_required(self, client_id: str, request: Request) -> bool:
        del client_id
        return bool(request.client.client_type == App.CLIENT_PUBLIC)

    def get_default_scopes(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> list[str]:
        del client_id, args, kwargs
        return list(request.client.scopes)

    def validate_scopes(self, client_id: str, scopes: list[str], client: App, *args: Any, **kwargs: Any) -> bool:
        del client_id, args, kwargs
        return set(scopes) <= set(client.scopes)

    def validate_code(
        self, client_id: str, code: str, client: App, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        good = super().validate_code(client_id, code, client, request, *args, **kwargs)  # type: ignore[no-untyped-call]
        if not good and not Grant.objects.filter(code=code, application=client).exists():
            end_tokens_of(code, client)
        return bool(good) and _serves(request)

    def validate_refresh_token(
        self, refresh_token: str, client: App, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        good = super().validate_refresh_token(refresh_token, client, request, *args, **kwargs)  # type: ignore[no-untyped-call]
        return bool(good) and _serves(request)

    def _create_authorization_code(self, request: Request, code: dict[str, str], expires: Any = None) -> Any:
        return super()._create_authorization_code(request, code | {"code": code_as_kept(code["code"])}, expires)  # type: ignore[no-untyped-call]

    def _create_refresh_token(self, request: Request, *args: Any, **kwargs: Any) -> RefreshToken:
        made: RefreshToken = super()._create_refresh_token(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        if request.grant_type == "authorization_code":
            made.token_family = _family_of(request.code)
            made.save(update_fields=["token_family"])
        return made

    def _save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any) -> None:
        super()._save_bearer_token(token, request, *args, **kwargs)  # type: ignore[no-untyped-call]
        # Two requests with one refresh token at the same moment: the toolkit would repeat the first one's tokens to the
        # second, but they are not kept.
        if not token["access_token"]:
            raise InvalidGrantError(description="This refresh token has just been used.", request=request)


@dataclass(frozen=True, slots=True)
class Server:
    """Client credentials, authorization code, refresh; no others. (The library's own server would also take logins
    and passwords, past the second factor and the limits of the sign-in page.)
    """

    consents: AuthorizationEndpoint
    tokens: TokenEndpoint


@cache
def server() -> Server:
    validator = Validator()
    code, bearer = AuthorizationCodeGrant(validator), BearerToken(validator, expires_in=HOUR)
    grants = {
        "authorization_code": code,
        "client_credentials": ClientCredentialsGrant(validator),
        "refresh_token": RefreshTokenGrant(validator),
    }
    return Server(
        AuthorizationEndpoint(default_response_type="code", default_token_type=bearer, response_types={"code": code}),
        TokenEndpoint(default_grant_type="authorization_code", default_token_type=bearer, grant_types=grants),
    )


def code_as_kept(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "surrogateescape")).hexdigest()


def end_tokens_of(code: str, app: App) -> None:
    """A code that comes a second time was stolen, or its tokens were (RFC 6749, 4.1.2): all that it gave end, and what
    was got by refreshing them. ``code``: as kept.
    """
    family = _family_of(code)
    if RefreshToken.objects.filter(token_family=family, application=app).exists():
        RefreshToken.revoke_family(family)
        log.warning("a code was used twice", app=app.client_id)


def _family_of(code: str) -> UUID:
    """Tokens know the code that they are from: the code itself is gone, and of its digest half is kept with them."""
    return UUID(hex=code_as_kept(code)[:32])


def _serves(request: Request) -> bool:
    return isinstance(request.user, User) and may_serve(request.client, request.user)
